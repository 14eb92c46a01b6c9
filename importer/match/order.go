package match

import (
	"math/bits"
	"slices"
)

// mask combines the signatures of several texts.
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

// order is one order of all texts. Blocks are runs of texts of one length and similar content;
// heaps are runs of blocks.
type order struct {
	places     []int32 // the number of each text in the first order; nil for that order itself
	signatures []uint64
	blocks     runs     // of texts
	heaps      runs     // of blocks
	aside      []placed // scratch memory while the order is built
}

// runs are consecutive runs of items of one length.
type runs struct {
	some    []uint64 // of the mask of each run
	all     []uint64
	starts  []int32 // the first item of each run, and the end of the last
	lengths []uint8
}

// A block has at most so many texts, unless all their signatures are equal; a heap has at most so
// many blocks.
const (
	blockSize = 32
	heapSize  = 8
)

func (r *runs) len() int { return len(r.some) }

func (r *runs) mask(i int) mask { return mask{r.some[i], r.all[i]} }

func (r *runs) add(m mask, first, length int) {
	r.some, r.all = append(r.some, m.some), append(r.all, m.all)
	r.starts, r.lengths = append(r.starts, int32(first)), append(r.lengths, uint8(length))
}

func (r *runs) done(end int) {
	r.some, r.all = slices.Clip(r.some), slices.Clip(r.all)
	r.starts, r.lengths = slices.Clip(append(r.starts, int32(end))), slices.Clip(r.lengths)
}

// add appends texts of one length and sorts them into blocks. first is the number of the first
// text.
func (o *order) add(texts []placed, first, length int) {
	from := o.blocks.len()
	o.divide(texts, first, length)
	for ; from < o.blocks.len(); from += heapSize {
		m := mask{all: ^uint64(0)}
		for block := from; block < min(from+heapSize, o.blocks.len()); block++ {
			m.join(o.blocks.mask(block))
		}
		o.heaps.add(m, from, length)
	}
}

// firstText returns the first text of a heap.
func (o *order) firstText(heap int) int32 { return o.blocks.starts[o.heaps.starts[heap]] }

// divide makes blocks: texts without a bit that half of them have come before those with it. It
// does the same within the halves.
func (o *order) divide(texts []placed, first, length int) {
	m := maskOf(texts)
	if len(texts) <= blockSize || m.some == m.all {
		o.blocks.add(m, first, length)
		return
	}
	middle := o.part(texts, tellingBit(texts, m.some&^m.all))
	o.divide(texts[:middle], first, length)
	o.divide(texts[middle:], first+middle, length)
}

func (o *order) done(texts []placed) {
	o.heaps.done(o.blocks.len())
	o.blocks.done(len(texts))
	o.aside = nil
	o.signatures = make([]uint64, len(texts))
	for i := range texts {
		o.signatures[i] = texts[i].signature
	}
}

// sampled is how many texts are examined to choose the bit that divides them best.
const sampled = 128

// tellingBit returns a bit that some texts have and others do not: the one whose share is nearest
// to half.
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

// part puts the texts without a bit before those with it, and returns the number of the former.
// Texts of a side keep their order, so that the result depends on the texts alone.
func (o *order) part(texts []placed, bit int) int {
	have, lack := o.aside[:0], 0
	for _, t := range texts {
		if t.signature>>bit&1 == 1 {
			have = append(have, t)
			continue
		}
		texts[lack] = t
		lack++
	}
	copy(texts[lack:], have)
	o.aside = have
	return lack
}
