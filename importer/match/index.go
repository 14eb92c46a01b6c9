package match

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
)

// maxIndexed is the length of the longest text that the index filters: positions of a text are bits of a word. Longer ones are scanned.
const maxIndexed = 64

// index finds similar texts without comparing all of them: it proposes those that could reach the score, by upper bounds
// that are proved where they are computed (bound.go), and smetrics gives the score. Its answers are those of a scan of all texts.
//
// Texts stand in the order of their first four bytes, then of their length. So the length of the common prefix with a query is known for a
// whole group of them, and so are the lengths that can reach the score. Beyond its bytes a text costs 16 bytes: offset, entry and signature.
type index struct {
	arena      string   // all texts, one behind the other
	offsets    []uint32 // of each text in the arena, and the end of the last
	entries    []int32  // whose text it is
	signatures []uint64
	groups     []group
	alphabet   alphabet
	long       plainScan
}

// group is a run of texts with the same first bytes and the same length.
type group struct {
	prefix [prefixSize]byte
	length uint8
	first  int32  // its first text; the last is before the next group's
	some   uint64 // the bits that some of their signatures have
	all    uint64 // the bits that all of them have
}

// text is one text of an entry.
type text struct {
	entry int32
	bytes string
}

// newIndex builds the index of texts in ASCII.
func newIndex(texts []text) *index {
	ix := &index{}
	short := make([]text, 0, len(texts))
	size := 0
	for _, t := range texts {
		if len(t.bytes) > maxIndexed {
			ix.long.add(t)
			continue
		}
		size += len(t.bytes)
		short = append(short, t)
	}
	slices.SortStableFunc(short, func(a, b text) int {
		pa, pb := prefixOf(a.bytes), prefixOf(b.bytes)
		return cmp.Or(bytes.Compare(pa[:], pb[:]), cmp.Compare(len(a.bytes), len(b.bytes)))
	})
	ix.alphabet = newAlphabet(short)
	var arena strings.Builder
	arena.Grow(size)
	ix.offsets = make([]uint32, 0, len(short)+1)
	ix.entries = make([]int32, len(short))
	ix.signatures = make([]uint64, len(short))
	for i, t := range short {
		ix.offsets = append(ix.offsets, uint32(arena.Len()))
		arena.WriteString(t.bytes)
		ix.entries[i] = t.entry
		ix.signatures[i], _ = ix.alphabet.signature(t.bytes)
		ix.join(int32(i), t.bytes)
	}
	ix.offsets = append(ix.offsets, uint32(arena.Len()))
	ix.arena = arena.String()
	ix.groups = append(slices.Clip(ix.groups), group{first: int32(len(short))})
	return ix
}

// join adds the i-th text to the last group, or begins a new one.
func (ix *index) join(i int32, bytes string) {
	prefix, length := prefixOf(bytes), uint8(len(bytes))
	if n := len(ix.groups); n == 0 || ix.groups[n-1].prefix != prefix || ix.groups[n-1].length != length {
		ix.groups = append(ix.groups, group{prefix: prefix, length: length, first: i, all: ^uint64(0)})
	}
	last := &ix.groups[len(ix.groups)-1]
	last.some |= ix.signatures[i]
	last.all &= ix.signatures[i]
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
	for i, p := range pairs[:min(len(pairs), signatureBits)] {
		a.bits[p.char] = append(a.bits[p.char], uint8(i))
	}
	return a
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
