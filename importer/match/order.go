package match

import (
	"math/bits"
	"slices"
)

// mask is what the signatures of several texts say together.
type mask struct {
	some uint64 // the bits that some of them have
	all  uint64 // the bits that all of them have
}

func maskOf(texts []placed) mask {
	m := mask{all: ^uint64(0)}
	for i := range texts {
		m.join(mask{texts[i].signature, texts[i].signature})
	}
	return m
}

func (m *mask) join(o mask) {
	m.some |= o.some
	m.all &= o.all
}

// blocks are runs of texts of similar content.
type blocks struct {
	masks  []mask
	starts []int32 // the first text of each, and the end of the last
}

// blockSize is the number of texts that a block has at most, unless their signatures are all the same.
const blockSize = 16

func (b *blocks) len() int32 { return int32(len(b.masks)) }

// add appends the blocks of some texts, the first of which has a number, and brings the texts into their order: those that lack a bit that half of them
// have come before those that have it, and so on within the halves.
func (b *blocks) add(texts []placed, first int32) {
	m := maskOf(texts)
	if len(texts) <= blockSize || m.some == m.all {
		b.masks, b.starts = append(b.masks, m), append(b.starts, first)
		return
	}
	middle := divide(texts, tellingBit(texts, m.some&^m.all))
	b.add(texts[:middle], first)
	b.add(texts[middle:], first+int32(middle))
}

func (b *blocks) done(texts int32) {
	b.masks, b.starts = slices.Clip(b.masks), append(slices.Clip(b.starts), texts)
}

// heaps gives the masks of runs of blocks, from one on.
func (b *blocks) heaps(from int32) []mask {
	var heaps []mask
	for run := range slices.Chunk(b.masks[from:], heapSize) {
		m := mask{all: ^uint64(0)}
		for _, o := range run {
			m.join(o)
		}
		heaps = append(heaps, m)
	}
	return heaps
}

// sampled bounds how many texts are asked which bit divides them best.
const sampled = 128

// tellingBit gives, of bits that some texts have and others have not, one that as near to half of them have as can be.
func tellingBit(texts []placed, among uint64) int {
	step := max(1, len(texts)/sampled)
	var counts [signatureBits]int
	asked := 0
	for i := 0; i < len(texts); i += step {
		asked++
		for s := texts[i].signature & among; s != 0; s &= s - 1 {
			counts[bits.TrailingZeros64(s)]++
		}
	}
	best, distance := bits.TrailingZeros64(among), asked
	for s := among; s != 0; s &= s - 1 {
		bit := bits.TrailingZeros64(s)
		if d := max(2*counts[bit]-asked, asked-2*counts[bit]); d < distance {
			best, distance = bit, d
		}
	}
	return best
}

// divide puts the texts that lack a bit before those that have it, and gives the number of the former. Texts of a side keep their order, so that
// the result depends on the texts alone.
func divide(texts []placed, bit int) int {
	var have []placed
	lack := 0
	for _, t := range texts {
		if t.signature>>bit&1 == 1 {
			have = append(have, t)
			continue
		}
		texts[lack] = t
		lack++
	}
	copy(texts[lack:], have)
	return lack
}
