package match

import (
	"encoding/binary"
	"math/bits"
	"sort"
)

// leastScore is the lowest score that the index can be asked for: its bounds hold above the boost threshold.
const leastScore = 0.75

// visit calls found for each text that scores at least least; found gives the least score from then on, which may only rise.
// Texts that share the longest prefix with the query come first: they raise it soonest.
func (ix *index) visit(text string, least float64, found func(entry int32, text string, score, least float64) float64) {
	if len(text) > maxIndexed || least < leastScore {
		ix.scanAll(text, least, found)
		return
	}
	v := visitor{ix: ix, least: least, found: found}
	v.begin(text)
	v.everywhere()
	ix.long.visit(text, v.least, found)
}

// nearest calls found for the texts within a margin of the best, and for some others that score at least least; found reports whether the text
// counts. It looks for the best alone first, among those that begin as the query does, which costs little: nearly all that is then left need not be looked at.
func (ix *index) nearest(text string, least, margin float64, found func(entry int32, score float64) bool) {
	all := func(entry int32, _ string, score, least float64) float64 {
		if !found(entry, score) {
			return least
		}
		return max(least, score-margin)
	}
	if len(text) > maxIndexed || least < leastScore {
		ix.scanAll(text, least, all)
		return
	}
	start := max(least, promising)
	v := visitor{ix: ix, least: start, found: func(entry int32, _ string, score, least float64) float64 {
		if !found(entry, score) {
			return least
		}
		return score
	}}
	v.begin(text)
	for p := v.deepest; p > 0 && v.least == start; p-- {
		v.alike(p)
	}
	if v.least > start {
		least = max(least, v.least-margin)
	}
	v.least, v.found = least, all
	v.everywhere()
	ix.long.visit(text, v.least, all)
}

// promising is the score from which on the best is looked for alone: that of a slip or two.
const promising = 0.94

// visitor is one search on its way through the index. It goes from heaps to blocks to texts in sweeps: what passes is noted, what was noted is touched, and then
// looked at. Touching costs little, since its memory accesses do not wait for one another; without it the search would do nothing but wait.
type visitor struct {
	ix      *index
	query   query
	least   float64
	prefix  int // what the texts that are looked at have in common with the query
	needs   needs
	deepest int                 // the longest prefix that texts can have in common with the query
	starts  [prefixSize + 1]int // the heaps of the first order that share so many bytes with the query …
	ends    [prefixSize + 1]int // … and where they end
	found   func(entry int32, text string, score, least float64) float64
	heaps   [noted]int32
	blocks  [noted]int32
	texts   [noted]int32
	touched uint64 // so that touching is not optimized away
}

// noted is how much a sweep notes at most.
const noted = 256

// begin prepares the search for a text.
func (v *visitor) begin(text string) {
	v.ix.prepare(&v.query, text)
	v.deepest = min(prefixSize, len(text))
	v.ends[0] = len(v.ix.prefixes)
	prefix := prefixOf(text)
	wanted := binary.BigEndian.Uint32(prefix[:])
	for p := 1; p <= v.deepest; p++ {
		from, other := v.starts[p-1], 32-8*p
		among := v.ix.prefixes[from:v.ends[p-1]]
		v.starts[p] = from + sort.Search(len(among), func(i int) bool { return among[i]>>other >= wanted>>other })
		v.ends[p] = from + sort.Search(len(among), func(i int) bool { return among[i]>>other > wanted>>other })
	}
}

// everywhere looks at all texts, first at those that share the longest prefix with the query: they raise the score soonest.
func (v *visitor) everywhere() {
	for p := v.deepest; p > 0; p-- {
		v.alike(p)
	}
	shortest, longest := v.share(0)
	v.sweep(&v.ix.byLength, v.ix.lengths[shortest], v.ix.lengths[longest+1])
}

// alike looks at the texts that share just so many bytes with the query.
func (v *visitor) alike(prefix int) {
	if v.starts[prefix] == v.ends[prefix] {
		return
	}
	v.share(prefix)
	if prefix == v.deepest {
		v.sweep(&v.ix.byPrefix, v.starts[prefix], v.ends[prefix])
		return
	}
	v.sweep(&v.ix.byPrefix, v.starts[prefix], v.starts[prefix+1])
	v.sweep(&v.ix.byPrefix, v.ends[prefix+1], v.ends[prefix])
}

// share begins to look at texts with a common prefix of a length, and gives the lengths that can reach the score.
func (v *visitor) share(prefix int) (shortest, longest int) {
	v.prefix = prefix
	return v.needs.fill(v.least, prefix, &v.query)
}

// sweep looks at heaps of an order.
func (v *visitor) sweep(o *order, from, to int) {
	for ; from < to; from += noted {
		heaps := v.sift(v.heaps[:0], &o.heaps, from, min(from+noted, to))
		sum := uint64(0)
		for _, heap := range heaps {
			sum += o.blocks.masks[o.heaps.starts[heap]].some + o.blocks.masks[o.heaps.starts[heap+1]-1].some
		}
		v.touched = sum
		blocks := v.blocks[:0]
		for _, heap := range heaps {
			if len(blocks) > noted-heapSize {
				v.look(o, blocks)
				blocks = v.blocks[:0]
			}
			blocks = v.siftBlocks(blocks, o, heap)
		}
		v.look(o, blocks)
	}
}

// sift appends the numbers of those runs some of whose texts may have as many matches with the query as they need. None have when too few characters of the query
// are in any of them (see look), or when all of them have characters that the query lacks: a bit that a text has and the query has not is a character of the
// text without a partner. It appends without a branch, so that the processor can read ahead; there is room for all.
func (v *visitor) sift(into []int32, of *runs, from, to int) []int32 {
	n := len(into)
	into = into[:n+to-from]
	signature, rest, needs := v.query.signature, v.query.rest, &v.needs
	masks, lengths := of.masks[from:to], of.lengths[from:to]
	for i := range masks {
		length := int(lengths[i])
		need := int(needs[length])
		spare := length - bits.OnesCount64(masks[i].all&^signature) - need
		shared := bits.OnesCount64(masks[i].some&signature) + rest - need
		into[n] = int32(from + i)
		n += 1 - int(uint64(spare|shared)>>63)
	}
	return into[:n]
}

// siftBlocks does the same with the blocks of a heap, all of whose texts are of one length.
func (v *visitor) siftBlocks(into []int32, o *order, heap int32) []int32 {
	first := o.heaps.starts[heap]
	masks := o.blocks.masks[first:o.heaps.starts[heap+1]]
	n := len(into)
	into = into[:n+len(masks)]
	signature, length := v.query.signature, int(o.heaps.lengths[heap])
	need := int(v.needs[length])
	spared, rest := length-need, v.query.rest-need
	for i := range masks {
		spare := spared - bits.OnesCount64(masks[i].all&^signature)
		shared := bits.OnesCount64(masks[i].some&signature) + rest
		into[n] = first + int32(i)
		n += 1 - int(uint64(spare|shared)>>63)
	}
	return into[:n]
}

// look looks at the texts of blocks. Two texts have at most as many matches as characters in common, and those are at most the bits that both signatures have
// and the characters of the query that have no bit.
func (v *visitor) look(o *order, blocks []int32) {
	sum := uint64(0)
	for _, block := range blocks {
		sum += o.signatures[o.blocks.starts[block]] + o.signatures[o.blocks.starts[block+1]-1]
	}
	v.touched = sum
	n := 0
	for _, block := range blocks {
		signature, least := v.query.signature, int(v.needs[o.blocks.lengths[block]])-v.query.rest
		first := o.blocks.starts[block]
		for i, s := range o.signatures[first:o.blocks.starts[block+1]] {
			if bits.OnesCount64(s&signature) < least {
				continue
			}
			if n == noted {
				v.compareAll(o, v.texts[:n])
				n = 0
			}
			v.texts[n] = first + int32(i)
			n++
		}
	}
	v.compareAll(o, v.texts[:n])
}

// compareAll compares with texts of an order. Of the second order, those that begin as the query does have had their turn.
func (v *visitor) compareAll(o *order, texts []int32) {
	if o.places != nil {
		texts = v.others(o, texts)
	}
	sum := uint64(0)
	for _, i := range texts {
		sum += uint64(v.ix.arena[v.ix.offsets[i]])
	}
	v.touched = sum
	for _, i := range texts {
		v.compare(i)
	}
}

// others gives the places of those texts that do not begin as the query does.
func (v *visitor) others(o *order, texts []int32) []int32 {
	first := &v.ix.byPrefix
	from, to := first.firstText(v.starts[1]), first.firstText(v.ends[1])
	kept := texts[:0]
	for _, i := range texts {
		if place := o.places[i]; place < from || place >= to {
			kept = append(kept, place)
		}
	}
	return kept
}

// compare compares with a text.
func (v *visitor) compare(i int32) {
	ix := v.ix
	other := ix.arena[ix.offsets[i]:ix.offsets[i+1]]
	m, mine, theirs := v.query.matches(other)
	if m < int(v.needs[len(other)]) {
		return
	}
	score := v.query.score(other, m, mine, theirs, v.prefix)
	if score < v.least {
		return
	}
	if least := v.found(ix.entries[i], other, score, v.least); least > v.least {
		v.least = least
		v.needs.fill(least, v.prefix, &v.query)
	}
}

// scanAll compares with every text.
func (ix *index) scanAll(query string, least float64, found func(entry int32, text string, score, least float64) float64) {
	for i, entry := range ix.entries {
		text := ix.arena[ix.offsets[i]:ix.offsets[i+1]]
		if score := jaroWinkler(query, text); score >= least {
			least = found(entry, text, score, least)
		}
	}
	ix.long.visit(query, least, found)
}
