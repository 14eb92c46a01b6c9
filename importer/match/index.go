package match

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// maxIndexed is the length of the longest text that the index filters: positions of a text are bits of a word. Longer ones are scanned.
const maxIndexed = 64

// index finds similar texts without comparing all of them: it proposes those that could reach the score, by upper bounds
// that are proved where they are computed (bound.go, search.go). Its answers are those of a scan of all texts with smetrics.
//
// Every text stands in two orders. In the first, texts with the same first four bytes and the same length are a cell: there the common prefix with
// a query is known, and with it how many matches the score needs. The second, by length alone, serves the texts that do not even share the first byte with a
// query: they are by far the most, and need the most matches. In both, texts of similar content stand together (order.go), in blocks.
// Beyond its bytes a text costs 30 bytes.
type index struct {
	arena      string   // all texts, one behind the other
	offsets    []uint32 // of each text in the arena, and the end of the last
	entries    []int32  // whose text it is
	signatures []uint64
	cells      []cell
	blocks     blocks // of the cells

	rows          []row
	rowPlaces     []int32 // the number of each text of the rows in the first order
	rowSignatures []uint64
	rowBlocks     blocks
	rowHeaps      []mask // of heapSize blocks each; a row's last may have fewer

	alphabet alphabet
	long     plainScan
}

// cell is a run of texts with the same first bytes and the same length.
type cell struct {
	prefix [prefixSize]byte
	length uint8
	block  int32 // its first block; the last is before the next cell's
	mask   mask
}

// row is the run of all texts of a length.
type row struct {
	length     int
	block, end int32 // its blocks
	heap       int32 // its first heap
}

// heapSize is the number of blocks of a heap.
const heapSize = 16

// text is one text of an entry.
type text struct {
	entry int32
	bytes string
}

// newIndex builds the index of texts in ASCII.
func newIndex(texts []text) *index {
	ix := &index{}
	short := make([]text, 0, len(texts))
	for _, t := range texts {
		if len(t.bytes) > maxIndexed {
			ix.long.add(t)
			continue
		}
		short = append(short, t)
	}
	ix.alphabet = newAlphabet(short)
	order := prefixOrder(short)
	ix.fillCells(short, order)
	ix.fillArena(short, order)
	ix.fillRows(short, order)
	return ix
}

// placed is a text on its way into the index.
type placed struct {
	key       uint64 // its first bytes, then its length
	at        uint32 // its number among the texts
	signature uint64
}

// prefixOrder gives the texts in the order of their first bytes, then of their length, then of their entry.
func prefixOrder(texts []text) []placed {
	order := make([]placed, len(texts))
	for i, t := range texts {
		p := prefixOf(t.bytes)
		order[i] = placed{key: uint64(binary.BigEndian.Uint32(p[:]))<<8 | uint64(len(t.bytes)), at: uint32(i)}
	}
	slices.SortFunc(order, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(texts[a.at].entry, texts[b.at].entry))
	})
	return order
}

// prefixOf gives the first four bytes of a text; a shorter text is filled with zeros, which no text contains.
func prefixOf(s string) (p [prefixSize]byte) {
	copy(p[:], s)
	return p
}

// fillCells finds the cells, and brings the texts of each into their final order.
func (ix *index) fillCells(texts []text, order []placed) {
	for i := range order {
		order[i].signature, _ = ix.alphabet.signature(texts[order[i].at].bytes)
	}
	for from, to := 0, 0; from < len(order); from = to {
		for to = from; to < len(order) && order[to].key == order[from].key; to++ {
		}
		first := texts[order[from].at].bytes
		ix.cells = append(ix.cells, cell{prefix: prefixOf(first), length: uint8(len(first)), block: ix.blocks.len(), mask: maskOf(order[from:to])})
		ix.blocks.add(order[from:to], int32(from))
	}
	ix.cells = append(slices.Clip(ix.cells), cell{block: ix.blocks.len()})
	ix.blocks.done(int32(len(order)))
}

func (ix *index) fillArena(texts []text, order []placed) {
	size := 0
	for i := range texts {
		size += len(texts[i].bytes)
	}
	var arena strings.Builder
	arena.Grow(size)
	ix.offsets = make([]uint32, 0, len(order)+1)
	ix.entries = make([]int32, len(order))
	ix.signatures = make([]uint64, len(order))
	for i, p := range order {
		ix.offsets = append(ix.offsets, uint32(arena.Len()))
		arena.WriteString(texts[p.at].bytes)
		ix.entries[i], ix.signatures[i] = texts[p.at].entry, p.signature
	}
	ix.offsets = append(ix.offsets, uint32(arena.Len()))
	ix.arena = arena.String()
}

// fillRows builds the second order.
func (ix *index) fillRows(texts []text, order []placed) {
	var starts [maxIndexed + 2]int32
	for i := range texts {
		starts[len(texts[i].bytes)+1]++
	}
	for l := range starts[1:] {
		starts[l+1] += starts[l]
	}
	next, all := starts, make([]placed, len(order))
	for i, p := range order {
		l := len(texts[p.at].bytes)
		all[next[l]] = placed{at: uint32(i), signature: p.signature}
		next[l]++
	}
	for l := 1; l <= maxIndexed; l++ {
		of := all[starts[l]:starts[l+1]]
		if len(of) == 0 {
			continue
		}
		r := row{length: l, block: ix.rowBlocks.len(), heap: int32(len(ix.rowHeaps))}
		ix.rowBlocks.add(of, starts[l])
		r.end = ix.rowBlocks.len()
		ix.rowHeaps = append(ix.rowHeaps, ix.rowBlocks.heaps(r.block)...)
		ix.rows = append(ix.rows, r)
	}
	ix.rowBlocks.done(int32(len(all)))
	ix.rowPlaces, ix.rowSignatures = make([]int32, len(all)), make([]uint64, len(all))
	for i, p := range all {
		ix.rowPlaces[i], ix.rowSignatures[i] = int32(p.at), p.signature
	}
}
