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
// that are proved where they are computed (bound.go), and smetrics gives the score. Its answers are those of a scan of all texts.
//
// Texts stand in the order of their first four bytes, then of their length. So the length of the common prefix with a query is known for a
// whole group of them, and so are the lengths that can reach the score. Within a group, texts of similar content stand together in blocks.
// Beyond its bytes a text costs 17 bytes: offset, entry, signature, and its part of the signature of its block.
type index struct {
	arena      string   // all texts, one behind the other
	offsets    []uint32 // of each text in the arena, and the end of the last
	entries    []int32  // whose text it is
	signatures []uint64
	groups     []group
	blocks     []mask
	alphabet   alphabet
	long       plainScan
}

// group is a run of texts with the same first bytes and the same length.
type group struct {
	prefix [prefixSize]byte
	length uint8
	first  int32 // its first text; the last is before the next group's
	block  int32 // its first block
	mask   mask
}

// mask is what the signatures of several texts say together.
type mask struct {
	some uint64 // the bits that some of them have
	all  uint64 // the bits that all of them have
}

func (m *mask) join(signature uint64) {
	m.some |= signature
	m.all &= signature
}

// blockSize is the number of texts in a block; the last block of a group may have fewer.
const blockSize = 16

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
	ix.fill(ix.alphabet.sorted(short))
	return ix
}

// signed is a text on its way into the index.
type signed struct {
	text
	prefix    uint32 // the first four bytes, in their order
	likeness  uint64 // the signature, its most telling bits first
	signature uint64
}

// sorted puts texts in the order of the index.
func (a *alphabet) sorted(texts []text) []signed {
	out := make([]signed, len(texts))
	for i, t := range texts {
		p := prefixOf(t.bytes)
		out[i] = signed{text: t, prefix: binary.BigEndian.Uint32(p[:])}
		out[i].signature, _ = a.signature(t.bytes)
		out[i].likeness = a.likeness(out[i].signature)
	}
	slices.SortFunc(out, func(a, b signed) int {
		return cmp.Or(cmp.Compare(a.prefix, b.prefix), cmp.Compare(len(a.bytes), len(b.bytes)), cmp.Compare(a.likeness, b.likeness), cmp.Compare(a.entry, b.entry))
	})
	return out
}

func (ix *index) fill(texts []signed) {
	size := 0
	for i := range texts {
		size += len(texts[i].bytes)
	}
	var arena strings.Builder
	arena.Grow(size)
	ix.offsets = make([]uint32, 0, len(texts)+1)
	ix.entries = make([]int32, len(texts))
	ix.signatures = make([]uint64, len(texts))
	for i := range texts {
		t := &texts[i]
		ix.offsets = append(ix.offsets, uint32(arena.Len()))
		arena.WriteString(t.bytes)
		ix.entries[i], ix.signatures[i] = t.entry, t.signature
		ix.join(int32(i), t)
	}
	ix.offsets = append(ix.offsets, uint32(arena.Len()))
	ix.arena = arena.String()
	ix.groups = append(slices.Clip(ix.groups), group{first: int32(len(texts))})
}

// join adds the i-th text to the last group, or begins a new one.
func (ix *index) join(i int32, t *signed) {
	prefix, length := prefixOf(t.bytes), uint8(len(t.bytes))
	if n := len(ix.groups); n == 0 || ix.groups[n-1].prefix != prefix || ix.groups[n-1].length != length {
		ix.groups = append(ix.groups, group{prefix: prefix, length: length, first: i, block: int32(len(ix.blocks)), mask: mask{all: ^uint64(0)}})
	}
	last := &ix.groups[len(ix.groups)-1]
	last.mask.join(t.signature)
	if (i-last.first)%blockSize == 0 {
		ix.blocks = append(ix.blocks, mask{all: ^uint64(0)})
	}
	ix.blocks[len(ix.blocks)-1].join(t.signature)
}

// prefixOf gives the first four bytes of a text; a shorter text is filled with zeros, which no text contains.
func prefixOf(s string) (p [prefixSize]byte) {
	copy(p[:], s)
	return p
}

// alphabet chooses what a signature says. A signature has a bit for "contains c at least k times", for the 64 such pairs that most texts have.
type alphabet struct {
	// bits gives, for each character, the bits of its first, second, … occurrence, as far as they have one.
	bits [256][]uint8
	// telling lists the bits that part texts best first: those that come nearest to being in half of them.
	telling []uint8
}

func newAlphabet(texts []text) alphabet {
	const signatureBits, deepest = 64, maxIndexed
	var counts [256][deepest]int32
	for _, t := range texts {
		var seen [256]uint8
		for i := range len(t.bytes) {
			c := t.bytes[i]
			counts[c][seen[c]]++
			seen[c]++
		}
	}
	type pair struct {
		char  int
		times int
		count int32
	}
	var pairs []pair
	for c := range counts {
		for k, n := range counts[c] {
			if n > 0 {
				pairs = append(pairs, pair{c, k, n})
			}
		}
	}
	// The k-th occurrence is never more frequent than the one before it, so the pairs of a character are chosen without a gap.
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.times, b.times), cmp.Compare(a.char, b.char))
	})
	var a alphabet
	pairs = pairs[:min(len(pairs), signatureBits)]
	for i, p := range pairs {
		a.bits[p.char] = append(a.bits[p.char], uint8(i))
		a.telling = append(a.telling, uint8(i))
	}
	half := int32(len(texts) / 2)
	slices.SortStableFunc(a.telling, func(x, y uint8) int {
		return cmp.Compare(distance(pairs[x].count, half), distance(pairs[y].count, half))
	})
	return a
}

func distance(a, b int32) int32 { return max(a-b, b-a) }

// likeness gives the bits of a signature with the most telling ones first, so that sorting by it puts texts of similar content together.
func (a *alphabet) likeness(signature uint64) uint64 {
	var out uint64
	for i, bit := range a.telling {
		out |= signature >> bit & 1 << (63 - i)
	}
	return out
}

// signature gives the bits of a text, and how many of its characters have none.
func (a *alphabet) signature(s string) (sig uint64, rest int) {
	var seen [256]uint8
	for i := range len(s) {
		c := s[i]
		if k := int(seen[c]); k < len(a.bits[c]) {
			sig |= 1 << a.bits[c][k]
			seen[c]++
		} else {
			rest++
		}
	}
	return sig, rest
}
