package match

import (
	"encoding/binary"
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
	v.from(v.deepest)
	ix.long.visit(text, v.least, found)
}

// nearest calls found for the texts within a margin of the best, and for some others that score at least least; found reports whether the text
// counts. It looks for a promising one first, among those that begin as the query does, which costs little: nearly all that is then left need not be looked at.
func (ix *index) nearest(text string, least, margin float64, found func(entry int32, score float64) bool) {
	best := 0.0
	all := func(entry int32, _ string, score, least float64) float64 {
		if !found(entry, score) {
			return least
		}
		best = max(best, score)
		return max(least, score-margin)
	}
	if len(text) > maxIndexed || least < leastScore {
		ix.scanAll(text, least, all)
		return
	}
	start := max(least, promising)
	v := visitor{ix: ix, least: start, found: all}
	v.begin(text)
	rest := v.deepest
	for ; rest > 0 && best == 0; rest-- {
		v.alike(rest)
	}
	if least = max(least, best-margin); least < start { // some that count now were left out
		v.least, rest = least, v.deepest
	}
	v.from(rest)
	ix.long.visit(text, v.least, all)
}

// promising is the score of a slip or two.
const promising = 0.94

// visitor is one search on its way through the index. It goes from heaps to blocks to texts in sweeps: what passes is noted, what was noted is touched, and then
// looked at. Touching costs little, since its memory accesses do not wait for one another; without it the search would do nothing but wait.
type visitor struct {
	ix      *index
	query   query
	least   float64
	prefix  int // what the texts that are looked at have in common with the query
	needs   needs
	probe   probe
	deepest int                 // the longest prefix that texts can have in common with the query
	starts  [prefixSize + 1]int // the heaps of the first order that share so many bytes with the query …
	ends    [prefixSize + 1]int // … and where they end
	found   func(entry int32, text string, score, least float64) float64
	heaps   notes
	blocks  notes
	texts   notes
	touched uint64 // so that touching is not optimized away
}

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

// from looks at all texts that share no more than so many bytes with the query, first at those that share the most: they raise the score soonest.
func (v *visitor) from(prefix int) {
	for ; prefix > 0; prefix-- {
		v.alike(prefix)
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
	return v.ask(v.least)
}

// ask sets what is needed to reach a score from now on.
func (v *visitor) ask(least float64) (shortest, longest int) {
	v.least = least
	shortest, longest = v.needs.fill(least, v.prefix, &v.query)
	v.probe.fill(&v.needs, &v.query)
	return shortest, longest
}

// sweep looks at heaps of an order.
func (v *visitor) sweep(o *order, from, to int) {
	for ; from < to; from += noted {
		heaps := v.heaps[:siftRuns(&v.heaps, &o.heaps, from, min(from+noted, to), &v.probe)]
		for len(heaps) > 0 {
			n, used := siftBlocks(&v.blocks, heaps, o, &v.probe)
			heaps = heaps[used:]
			v.look(o, v.blocks[:n])
		}
	}
}

// look looks at the texts of blocks.
func (v *visitor) look(o *order, blocks []int32) {
	for len(blocks) > 0 {
		n, used := siftTexts(&v.texts, blocks, o, &v.probe)
		if used == 0 { // a block of more texts than are noted at a time: they are all alike
			v.lookAtAll(o, blocks[0])
			used = 1
		}
		blocks = blocks[used:]
		v.compareAll(o, v.texts[:n])
	}
}

// lookAtAll compares with all texts of a block.
func (v *visitor) lookAtAll(o *order, block int32) {
	for from, to := o.blocks.starts[block], o.blocks.starts[block+1]; from < to; {
		n := 0
		for ; n < noted && from < to; n++ {
			v.texts[n] = from
			from++
		}
		v.compareAll(o, v.texts[:n])
	}
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
		v.ask(least)
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
