package match

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// maxIndexed is the length of the longest text in the index: the positions of a text are bits of a
// word. Longer texts have bounds of their own (long.go).
const maxIndexed = 64

// index finds similar texts without comparing all of them. It proposes the texts that could reach
// the score, by upper bounds that are proved where they are computed (bound.go, search.go). Its
// results are those of a scan of all texts with smetrics.
//
// Every text is in two orders. The first order is by the first four bytes, then by length. There
// the length of the common prefix with a query is known, and with it the needed matches. The second
// order, by length alone, serves the texts that differ from the query in the first byte: most texts
// do, and they need the most matches. A text costs about 32 bytes beyond its own.
type index struct {
	arena    string   // all texts, concatenated in the first order
	offsets  []uint32 // of each text in the arena, and the end of the last
	entries  []int32  // the entry of each text
	byPrefix order
	prefixes []uint32 // of the texts of each heap of the first order
	byLength order
	lengths  [maxIndexed + 2]int // the first heap of the second order with texts of at least a length
	long     longTexts
}

// text is one text of an entry.
type text struct {
	entry int32
	bytes string
}

func (t text) isLong() bool { return len(t.bytes) > maxIndexed }

// newIndex builds the index of texts in ASCII.
func newIndex(texts []text) *index {
	ix := &index{}
	short := texts
	if slices.ContainsFunc(texts, text.isLong) {
		short = nil
		for _, t := range texts {
			if t.isLong() {
				ix.long.add(t)
			} else {
				short = append(short, t)
			}
		}
	}
	all := byPrefix(short)
	ix.fillByPrefix(short, all)
	ix.fillArena(short, all)
	ix.fillByLength(all)
	return ix
}

// placed is a text that is being added to the index.
type placed struct {
	key       uint64 // its first bytes, then its length
	at        uint32 // its number among the texts
	signature uint64
}

// byPrefix returns the texts in the order of their first bytes, then of their length, then of the
// input.
func byPrefix(texts []text) []placed {
	all := make([]placed, len(texts))
	for i, t := range texts {
		p := prefixOf(t.bytes)
		all[i] = placed{key: uint64(binary.BigEndian.Uint32(p[:]))<<8 | uint64(len(t.bytes)), at: uint32(i)}
	}
	slices.SortFunc(all, func(a, b placed) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.at, b.at)
	})
	return all
}

// prefixOf returns the first four bytes of a text. A shorter text is padded with zeros, which no
// text contains.
func prefixOf(s string) (p [prefixSize]byte) {
	copy(p[:], s)
	return p
}

// fillByPrefix builds the first order and moves the texts to their final places.
func (ix *index) fillByPrefix(texts []text, all []placed) {
	for i := range all {
		all[i].signature, _ = commonLetters.signature(texts[all[i].at].bytes)
	}
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].key == all[from].key {
			to++
		}
		ix.byPrefix.add(all[from:to], from, len(texts[all[from].at].bytes))
		for len(ix.prefixes) < ix.byPrefix.heaps.len() {
			ix.prefixes = append(ix.prefixes, uint32(all[from].key>>8))
		}
		from = to
	}
	ix.byPrefix.done(all)
}

// fillByLength builds the second order in the memory that the first one has left. It reads only
// what is already built, so that the input texts can be freed.
func (ix *index) fillByLength(all []placed) {
	length := func(at int) int { return int(ix.offsets[at+1] - ix.offsets[at]) }
	var starts [maxIndexed + 2]int
	for at := range all {
		starts[length(at)+1]++
	}
	for l := range starts[1:] {
		starts[l+1] += starts[l]
	}
	next := starts
	for at, signature := range ix.byPrefix.signatures {
		l := length(at)
		all[next[l]] = placed{at: uint32(at), signature: signature}
		next[l]++
	}
	for l := 1; l <= maxIndexed; l++ {
		ix.lengths[l] = ix.byLength.heaps.len()
		if from, to := starts[l], starts[l+1]; from < to {
			ix.byLength.add(all[from:to], from, l)
		}
	}
	ix.lengths[maxIndexed+1] = ix.byLength.heaps.len()
	ix.byLength.done(all)
	ix.byLength.places = make([]int32, len(all))
	for i, p := range all {
		ix.byLength.places[i] = int32(p.at)
	}
}

func (ix *index) fillArena(texts []text, all []placed) {
	size := 0
	for i := range texts {
		size += len(texts[i].bytes)
	}
	var arena strings.Builder
	arena.Grow(size)
	ix.offsets = make([]uint32, 0, len(all)+1)
	ix.entries = make([]int32, len(all))
	for i, p := range all {
		ix.offsets = append(ix.offsets, uint32(arena.Len()))
		arena.WriteString(texts[p.at].bytes)
		ix.entries[i] = texts[p.at].entry
	}
	ix.offsets = append(ix.offsets, uint32(arena.Len()))
	ix.arena = arena.String()
}
