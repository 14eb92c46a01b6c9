package match

import (
	"encoding/binary"
	"sort"
	"sync"
)

// search is one lookup of a text in the indexes of a directory's segments. It proceeds in rounds.
// The first round examines the texts with the longest common prefix with the query, since they
// score highest. Later rounds examine shorter prefixes, then no prefix, then the texts that are too
// long for the index. The minimum score is constant within a round. So the set of compared texts
// depends on the texts alone, not on their order or segment. This makes the work countable.
type search struct {
	effort   *effort
	text     string
	segments [2]visitor
	used     int
	deepest  int // the longest possible common prefix with the query
	hits     []hit
	best     float64 // of the hits
	long     *longQuery
}

// searches are reused, since each is large and its notes need not be cleared.
var searches = sync.Pool{New: func() any { return new(search) }}

// newSearch prepares the search for a text.
func newSearch(text string, e *effort) *search {
	s := searches.Get().(*search) //nolint:forcetypeassert // the pool holds nothing else
	s.effort, s.text, s.deepest = e, text, min(prefixSize, len(text))
	return s
}

// done releases the search; its hits are no longer valid.
func (s *search) done() {
	for i := range s.used {
		s.segments[i].ix, s.segments[i].skip = nil, nil
	}
	s.effort, s.text, s.used, s.hits, s.best, s.long = nil, "", 0, s.hits[:0], 0, nil
	searches.Put(s)
}

// in adds an index to the search. Its entries are numbered from first; those in skip are ignored.
func (s *search) in(ix *index, first int32, skip map[int32]bool) {
	if len(ix.entries) == 0 && ix.long.len() == 0 {
		return
	}
	v := &s.segments[s.used]
	s.used++
	v.ix, v.first, v.skip, v.search = ix, first, skip, s
	v.begin(s.text)
}

// round examines the texts whose common prefix with the query has exactly so many bytes, and whose
// length is in a band.
func (s *search) round(prefix int, lengths band, least float64) {
	for i := range s.used {
		if s.effort.over() {
			return
		}
		v := &s.segments[i]
		v.least, v.prefix, v.lengths = least, prefix, lengths
		v.alike()
	}
}

// band is a range of differences in length from the query.
type band struct{ from, to int }

// maxBand is more than two texts can differ in length.
const maxBand = 1 << 30

// The bands of a round in which the first texts found raise the minimum score by much.
var (
	allLengths  = []band{{0, maxBand}}
	nearLengths = []band{{0, 1}, {2, 3}, {4, maxBand}}
)

// from examines all texts that share at most so many bytes with the query. raise returns the
// minimum score after a round, which may only rise.
func (s *search) from(prefix int, bands []band, least float64, raise func(least float64) float64) {
	for ; prefix >= 0; prefix-- {
		for _, b := range bands {
			s.round(prefix, b, least)
			least = raise(least)
		}
	}
	for i := range s.used {
		s.segments[i].amongLong(least)
	}
	raise(least)
}

// nearest examines the texts within a margin of the best, and some others that score at least
// least. It first looks for a promising text among those that begin as the query does. This is
// cheap, and nearly all other texts can then be excluded.
func (s *search) nearest(least, margin float64) {
	start, rest := max(least, promising), s.deepest
	for ; rest > 0 && s.best == 0; rest-- {
		s.round(rest, allLengths[0], start)
	}
	if least = max(least, s.best-margin); least < start { // texts that count now were left out
		rest = s.deepest
	}
	s.from(rest, allLengths, least, func(least float64) float64 { return max(least, s.best-margin) })
}

// promising is the score of a slip or two.
const promising = 0.94

// visitor is the state of a search in an index. It proceeds from heaps to blocks to texts in
// sweeps: candidates are noted, their memory is touched, and then they are examined. Touching is
// cheap, because the memory accesses do not wait for each other. Without it the search would mostly
// wait for memory.
type visitor struct {
	ix      *index
	search  *search
	first   int32          // number of the index's first entry
	skip    map[int32]bool // entries to ignore
	query   query
	least   float64
	prefix  int // the length of the common prefix of the examined texts
	lengths band
	needs   needs
	probe   probe
	starts  [prefixSize + 1]int // the heaps of the first order that share so many bytes with the query …
	ends    [prefixSize + 1]int // … and their ends
	heaps   notes
	blocks  notes
	texts   notes
	touched uint64 // so that touching is not optimized away
}

// begin prepares the search for a text.
func (v *visitor) begin(text string) {
	v.query.prepare(text)
	v.ends[0] = len(v.ix.prefixes)
	prefix := prefixOf(text)
	wanted := binary.BigEndian.Uint32(prefix[:])
	for p := 1; p <= v.search.deepest; p++ {
		from, other := v.starts[p-1], 32-8*p
		among := v.ix.prefixes[from:v.ends[p-1]]
		v.starts[p] = from + sort.Search(len(among), func(i int) bool { return among[i]>>other >= wanted>>other })
		v.ends[p] = from + sort.Search(len(among), func(i int) bool { return among[i]>>other > wanted>>other })
	}
}

// alike examines the texts that share exactly as many bytes with the query as the prefix has. Those
// that share none are by far the most, and are in the order of length.
func (v *visitor) alike() {
	prefix, length := v.prefix, len(v.query.text)
	if v.starts[prefix] == v.ends[prefix] {
		return
	}
	shortest, longest := v.needs.fill(v.least, prefix, &v.query, v.lengths)
	if shortest > longest {
		return
	}
	v.probe.fill(&v.needs, &v.query)
	switch {
	case prefix == 0 && v.lengths.from > 0: // the lengths below and above those that are done
		below := min(max(shortest, length-v.lengths.from+1), longest+1)
		above := min(max(shortest, length+v.lengths.from), longest+1)
		v.sweep(&v.ix.byLength, v.ix.lengths[shortest], v.ix.lengths[below])
		v.sweep(&v.ix.byLength, v.ix.lengths[above], v.ix.lengths[longest+1])
	case prefix == 0:
		v.sweep(&v.ix.byLength, v.ix.lengths[shortest], v.ix.lengths[longest+1])
	case prefix == v.search.deepest:
		v.sweep(&v.ix.byPrefix, v.starts[prefix], v.ends[prefix])
	default:
		v.sweep(&v.ix.byPrefix, v.starts[prefix], v.starts[prefix+1])
		v.sweep(&v.ix.byPrefix, v.ends[prefix+1], v.ends[prefix])
	}
}

// sweep examines heaps of an order.
func (v *visitor) sweep(o *order, from, to int) {
	for ; from < to; from += noted {
		heaps := v.heaps[:filterRuns(&v.heaps, &o.heaps, from, min(from+noted, to), &v.probe)]
		for len(heaps) > 0 {
			n, used := filterBlocks(&v.blocks, heaps, o, &v.probe)
			heaps = heaps[used:]
			if !v.look(o, v.blocks[:n]) {
				return
			}
		}
	}
}

// look examines the texts of blocks. Like all functions that may spend the last of the effort, it
// reports false if the search must end.
func (v *visitor) look(o *order, blocks []int32) bool {
	for len(blocks) > 0 {
		n, used := filterTexts(&v.texts, blocks, o, &v.probe)
		// a block with more texts than can be noted: their signatures are all equal
		if used == 0 {
			if !v.lookAtAll(o, blocks[0]) {
				return false
			}
			used = 1
		}
		blocks = blocks[used:]
		if !v.compareAll(o, v.texts[:n]) {
			return false
		}
	}
	return true
}

// lookAtAll compares the query with all texts of a block.
func (v *visitor) lookAtAll(o *order, block int32) bool {
	for from, to := o.blocks.starts[block], o.blocks.starts[block+1]; from < to; {
		n := 0
		for ; n < noted && from < to; n++ {
			v.texts[n] = from
			from++
		}
		if !v.compareAll(o, v.texts[:n]) {
			return false
		}
	}
	return true
}

// compareAll compares the query with texts of an order. In the second order it skips those that
// begin as the query does, which are already done.
func (v *visitor) compareAll(o *order, texts []int32) bool {
	if o.places != nil {
		texts = v.others(o, texts)
	}
	if len(v.skip) > 0 {
		texts = v.kept(texts)
	}
	sum := uint64(0)
	for _, i := range texts {
		sum += uint64(v.ix.arena[v.ix.offsets[i]])
	}
	v.touched = sum
	if len(v.query.text) > maxIndexed {
		return v.compareLong(texts)
	}
	if !v.search.effort.spend(len(texts) * pairUnits(len(v.query.text), 0)) {
		return false
	}
	for _, i := range texts {
		v.compare(i)
	}
	return true
}

// others returns the places of the texts that do not begin as the query does.
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

// kept returns the texts without those of entries to skip.
func (v *visitor) kept(texts []int32) []int32 {
	kept := texts[:0]
	for _, i := range texts {
		if !v.skip[v.ix.entries[i]] {
			kept = append(kept, i)
		}
	}
	return kept
}

// compare compares the query with a text.
func (v *visitor) compare(i int32) {
	ix := v.ix
	other := ix.arena[ix.offsets[i]:ix.offsets[i+1]]
	m, mine, theirs := v.query.matches(other)
	if m < int(v.needs[len(other)]) {
		return
	}
	if score := v.query.score(other, m, mine, theirs, v.prefix); score >= v.least {
		v.report(ix.entries[i], score)
	}
}

// report keeps a text that was found.
func (v *visitor) report(entry int32, score float64) {
	s := v.search
	s.effort.spend(foundUnits)
	s.hits, s.best = append(s.hits, hit{v.first + entry, score}), max(s.best, score)
}

// compareLong compares a query that is too long for the index with texts of the index.
func (v *visitor) compareLong(texts []int32) bool {
	q := v.search.longQuery()
	for _, i := range texts {
		other := v.ix.arena[v.ix.offsets[i]:v.ix.offsets[i+1]]
		if !v.search.effort.spend(pairUnits(len(v.query.text), len(other))) {
			return false
		}
		if score := q.score(other, v.prefix, int(v.needs[len(other)])); score >= v.least {
			v.report(v.ix.entries[i], score)
		}
	}
	return true
}

// amongLong examines the texts that are too long for the index.
func (v *visitor) amongLong(least float64) {
	if v.ix.long.len() == 0 || v.search.effort.over() {
		return
	}
	v.least = least
	v.ix.long.visit(v)
}

// longQuery returns the query prepared for long texts, which is built at the first call.
func (s *search) longQuery() *longQuery {
	if s.long == nil {
		s.long = newLongQuery(s.text)
	}
	return s.long
}
