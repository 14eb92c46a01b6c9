package match

import "math/bits"

// probe is what signatures are compared with. Two texts have at most as many matches as characters
// in common, and those are at most the bits that both signatures have and the characters of the
// query that have no bit. And a bit that a text has and the query has not is a character of the
// text without a partner, so that it has no more matches than its length less those.
type probe struct {
	signature uint64
	shared    [lengthClasses]uint8 // by length: so many bits must be shared
	foreign   [lengthClasses]uint8 // by length: of bits that the query lacks there must be fewer than so many
}

// lengthClasses are the lengths from 1 to maxIndexed, the last of which stands at 0.
const lengthClasses = maxIndexed

// fill sets the probe for a query and the matches that texts need with it.
func (p *probe) fill(n *needs, q *query) {
	p.signature = q.signature
	for length := 1; length <= maxIndexed; length++ {
		at, need := length%lengthClasses, int(n[length])
		p.shared[at] = uint8(max(0, need-q.rest))
		p.foreign[at] = uint8(max(0, length-need+1))
	}
}

// may reports whether texts of a length may have the matches that they need, of which some have the
// bits of one signature, and all those of another.
func (p *probe) may(length uint8, some, all uint64) bool {
	at := length % lengthClasses
	return bits.OnesCount64(some&p.signature) >= int(p.shared[at]) &&
		bits.OnesCount64(all&^p.signature) < int(p.foreign[at])
}

// noted is how much a sweep notes at most; a vector is written as a whole, and may reach beyond
// that.
const noted = 256

type notes [noted + 8]int32

// filterRunsPlain notes those of the runs some of whose texts may have as many matches as they
// need, and returns their number. There are at most as many runs as can be noted.
func filterRunsPlain(into *notes, of *runs, from, to int, p *probe) (n int) {
	some, all, lengths := of.some[from:to], of.all[from:to], of.lengths[from:to]
	for i := range some {
		if p.may(lengths[i], some[i], all[i]) {
			into[n] = int32(from + i)
			n++
		}
	}
	return n
}

// filterBlocksPlain does the same with the blocks of heaps. It gives the number of blocks, and of
// the heaps that it came to before there was no more room.
func filterBlocksPlain(into *notes, heaps []int32, o *order, p *probe) (n, used int) {
	for used < len(heaps) && n <= noted-heapSize {
		heap := heaps[used]
		for block := o.heaps.starts[heap]; block < o.heaps.starts[heap+1]; block++ {
			if p.may(o.heaps.lengths[heap], o.blocks.some[block], o.blocks.all[block]) {
				into[n] = block
				n++
			}
		}
		used++
	}
	return n, used
}

// filterTextsPlain notes those texts of blocks that may have as many matches as they need. It gives
// their number, and that of the blocks that it came to before there was no more room.
func filterTextsPlain(into *notes, blocks []int32, o *order, p *probe) (n, used int) {
	for ; used < len(blocks); used++ {
		from, to := o.blocks.starts[blocks[used]], o.blocks.starts[blocks[used]+1]
		if n+int(to-from) > noted {
			break
		}
		length := o.blocks.lengths[blocks[used]]
		for i, s := range o.signatures[from:to] {
			if p.may(length, s, s) {
				into[n] = from + int32(i)
				n++
			}
		}
	}
	return n, used
}
