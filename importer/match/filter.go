package match

import "math/bits"

// probe is compared with signatures. Two texts have at most as many matches as common characters.
// Those are at most the bits that both signatures have, plus the characters of the query without a
// bit. A bit that only the text has is a character of the text without a partner, so the matches
// are at most its length less those bits.
type probe struct {
	signature uint64
	shared    [lengthClasses]uint8 // by length: at least so many bits must be shared
	foreign   [lengthClasses]uint8 // by length: fewer than so many bits may be foreign to the query
}

// lengthClasses are the lengths from 1 to maxIndexed. The last one is at index 0.
const lengthClasses = maxIndexed

// fill sets the probe for a query and the needed matches.
func (p *probe) fill(n *needs, q *query) {
	p.signature = q.signature
	for length := 1; length <= maxIndexed; length++ {
		at, need := length%lengthClasses, int(n[length])
		p.shared[at] = uint8(max(0, need-q.rest))
		p.foreign[at] = uint8(max(0, length-need+1))
	}
}

// may reports whether texts of a length may have the needed matches. Some of the texts have the
// bits of one signature, and all of them those of the other.
func (p *probe) may(length uint8, some, all uint64) bool {
	at := length % lengthClasses
	return bits.OnesCount64(some&p.signature) >= int(p.shared[at]) &&
		bits.OnesCount64(all&^p.signature) < int(p.foreign[at])
}

// noted is the most that a sweep notes. A vector is written as a whole and may reach beyond that.
const noted = 256

type notes [noted + 8]int32

// filterRunsPlain notes the runs with texts that may have the needed matches, and returns their
// number. There must be at most as many runs as can be noted.
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

// filterBlocksPlain does the same for the blocks of heaps. It returns the number of blocks, and the
// number of heaps that it processed before the notes were full.
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

// filterTextsPlain notes the texts of blocks that may have the needed matches. It returns their
// number, and the number of blocks that it processed before the notes were full.
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
