package match

import (
	"math/bits"
	"sort"
)

// leastScore is the lowest score that the index can be asked for: its bounds hold above the boost threshold.
const leastScore = 0.75

// all is a search whose score does not rise: it calls found for each text that scores at least least against the query.
func (ix *index) all(text string, least float64, found func(entry int32, text string, score float64)) {
	ix.visit(text, least, func(entry int32, text string, score, least float64) float64 {
		found(entry, text, score)
		return least
	})
}

// visit calls found for each text that scores at least least; found gives the least score from then on, which may only rise.
// Texts that share the longest prefix with the query come first: they raise it soonest.
func (ix *index) visit(text string, least float64, found func(entry int32, text string, score, least float64) float64) {
	if len(text) > maxIndexed || least < leastScore {
		ix.scanAll(text, least, found)
		return
	}
	v := visitor{ix: ix, least: least, found: found}
	v.alike(text)
	v.rows()
	ix.long.visit(text, v.least, found)
}

// nearest calls found for the texts within a margin of the best, and for some others that score at least least; found reports whether the text
// counts. It looks for the best alone first, among those that begin as the query does, which costs little: nearly all that is then left need not be looked at.
func (ix *index) nearest(text string, least, margin float64, found func(entry int32, score float64) bool) {
	best := 0.0
	if len(text) <= maxIndexed {
		v := visitor{ix: ix, least: max(least, promising), found: func(entry int32, _ string, score, least float64) float64 {
			if !found(entry, score) {
				return least
			}
			best = score
			return score
		}}
		v.alike(text)
	}
	ix.visit(text, max(least, best-margin), func(entry int32, _ string, score, least float64) float64 {
		if !found(entry, score) {
			return least
		}
		return max(least, score-margin)
	})
}

// promising is the score from which on the best is looked for alone: that of a slip or two.
const promising = 0.94

// firstOf gives the first text of a cell.
func (ix *index) firstOf(cell int) int32 { return ix.blocks.starts[ix.cells[cell].block] }

// sharing narrows a range of cells to those that begin with the prefix.
func (ix *index) sharing(prefix string, from, to int) (first, end int) {
	at := len(prefix) - 1
	c := prefix[at]
	first = from + sort.Search(to-from, func(i int) bool { return ix.cells[from+i].prefix[at] >= c })
	end = from + sort.Search(to-from, func(i int) bool { return ix.cells[from+i].prefix[at] > c })
	return first, end
}

// visitor is one search on its way through the index. It goes from heaps to blocks to texts in sweeps: what passes is noted, what was noted is touched, and then
// looked at. Touching costs little, since its memory accesses do not wait for one another; without it the search would do nothing but wait.
type visitor struct {
	ix      *index
	query   query
	least   float64
	prefix  int // what the texts that are looked at have in common with the query
	needs   needs
	had     [2]int32 // the texts that begin as the query does, from the first to before the second
	found   func(entry int32, text string, score, least float64) float64
	heaps   [noted]int32
	blocks  [noted]int32
	texts   [noted]int32
	touched uint64 // so that touching is not optimized away
}

// noted is how much a sweep notes at most.
const noted = 256

// alike looks at the texts that begin as the query does, those that share most first.
func (v *visitor) alike(text string) {
	ix := v.ix
	ix.prepare(&v.query, text)
	var starts, ends [prefixSize + 1]int
	ends[0] = len(ix.cells) - 1
	deepest := min(prefixSize, len(text))
	for p := 1; p <= deepest; p++ {
		starts[p], ends[p] = ix.sharing(text[:p], starts[p-1], ends[p-1])
	}
	v.cells(starts[deepest], ends[deepest], deepest)
	for p := deepest - 1; p > 0; p-- {
		v.cells(starts[p], starts[p+1], p)
		v.cells(ends[p+1], ends[p], p)
	}
	v.had = [2]int32{ix.firstOf(starts[1]), ix.firstOf(ends[1])}
}

// share begins to look at texts with a common prefix of a length.
func (v *visitor) share(prefix int) {
	v.prefix = prefix
	v.needs.fill(v.least, prefix, len(v.query.text))
}

// cells looks at the cells of a range, all of which share a prefix of that length with the query.
func (v *visitor) cells(from, to, prefix int) {
	if from == to {
		return
	}
	v.share(prefix)
	for c := from; c < to; c++ {
		cell := &v.ix.cells[c]
		length := int(cell.length)
		need, possible := v.needs.of(length, len(v.query.text))
		if !possible || v.sieve(length, need).passing(&cell.mask) == 0 {
			continue
		}
		need = v.cell(cell.block, v.ix.cells[c+1].block, length, need)
	}
}

// cell looks at the blocks of a cell. It gives the matches that are needed from then on.
func (v *visitor) cell(from, to int32, length, need int) int {
	of := &v.ix.blocks
	for ; from < to; from += noted {
		passed := v.sieve(length, need).sift(v.blocks[:0], of.masks[from:min(from+noted, to)], from)
		v.touch(of, v.ix.signatures, passed)
		for _, block := range passed {
			first, s := of.starts[block], v.sieve(length, need)
			for i, signature := range v.ix.signatures[first:of.starts[block+1]] {
				if s.common(signature) {
					need = v.compare(first+int32(i), length, need)
					s.need = need
				}
			}
		}
	}
	return need
}

// touch brings the signatures of blocks near to the processor.
func (v *visitor) touch(of *blocks, signatures []uint64, list []int32) {
	sum := uint64(0)
	for _, block := range list {
		sum += signatures[of.starts[block]] + signatures[of.starts[block+1]-1]
	}
	v.touched = sum
}

// rows looks at the texts that do not begin as the query does.
func (v *visitor) rows() {
	v.share(0)
	for i := range v.ix.rows {
		r := &v.ix.rows[i]
		need, possible := v.needs.of(r.length, len(v.query.text))
		if !possible {
			continue
		}
		for from, to := r.heap, r.heap+(r.end-r.block+heapSize-1)/heapSize; from < to; from += noted {
			passed := v.sieve(r.length, need).sift(v.heaps[:0], v.ix.rowHeaps[from:min(from+noted, to)], from-r.heap)
			need = v.rowHeaps(r, passed, need)
		}
	}
}

// rowHeaps looks at heaps of a row.
func (v *visitor) rowHeaps(r *row, list []int32, need int) int {
	masks := v.ix.rowBlocks.masks
	sum := uint64(0)
	for _, heap := range list {
		sum += masks[r.block+heap*heapSize].some + masks[min(r.block+heap*heapSize+heapSize/2, r.end-1)].some
	}
	v.touched = sum
	passed := v.blocks[:0]
	for _, heap := range list {
		if len(passed) > noted-heapSize {
			need = v.rowBlock(r, passed, need)
			passed = v.blocks[:0]
		}
		from := r.block + heap*heapSize
		passed = v.sieve(r.length, need).sift(passed, masks[from:min(from+heapSize, r.end)], from)
	}
	return v.rowBlock(r, passed, need)
}

// rowBlock looks at blocks of a row.
func (v *visitor) rowBlock(r *row, list []int32, need int) int {
	of := &v.ix.rowBlocks
	v.touch(of, v.ix.rowSignatures, list)
	n, s := 0, v.sieve(r.length, need)
	for _, block := range list {
		first := of.starts[block]
		for i, signature := range v.ix.rowSignatures[first:of.starts[block+1]] {
			if !s.common(signature) {
				continue
			}
			if n == noted {
				need = v.rowTexts(r.length, n, need)
				n, s.need = 0, need
			}
			v.texts[n] = first + int32(i)
			n++
		}
	}
	return v.rowTexts(r.length, n, need)
}

// rowTexts looks at the first n of the texts of a row that are noted; those that begin as the query does have had their turn.
func (v *visitor) rowTexts(length, n, need int) int {
	kept, sum := 0, uint64(0)
	for _, i := range v.texts[:n] {
		if place := v.ix.rowPlaces[i]; place < v.had[0] || place >= v.had[1] {
			v.texts[kept] = place
			sum += uint64(v.ix.arena[v.ix.offsets[place]])
			kept++
		}
	}
	v.touched = sum
	for _, place := range v.texts[:kept] {
		need = v.compare(place, length, need)
	}
	return need
}

// sieve tells which texts of a length cannot have as many matches with the query as they need.
type sieve struct {
	signature          uint64 // of the query
	rest, length, need int
}

func (v *visitor) sieve(length, need int) sieve {
	return sieve{signature: v.query.signature, rest: v.query.rest, length: length, need: need}
}

// passing gives 0 when none of the texts of a mask can have so many matches, else 1. They cannot when too few characters of the query are in any of them
// (see common), or when all of them have characters that the query lacks: a bit that a text has and the query has not is a character of the text without a partner.
func (s sieve) passing(m *mask) int {
	spare := s.length - bits.OnesCount64(m.all&^s.signature) - s.need
	shared := bits.OnesCount64(m.some&s.signature) + s.rest - s.need
	return 1 - int(uint64(spare|shared)>>63)
}

// sift appends the numbers of the masks that pass, the first of which has the number first. It does so without a branch, so that the processor can read
// ahead; there is room for all of them.
func (s sieve) sift(into []int32, masks []mask, first int32) []int32 {
	n := len(into)
	into = into[:n+len(masks)]
	for i := range masks {
		into[n] = first + int32(i)
		n += s.passing(&masks[i])
	}
	return into[:n]
}

// common reports whether a text can have so many matches. Two texts have at most as many as characters in common, and those are at most the bits
// that both signatures have and the characters of the query that have no bit.
func (s sieve) common(signature uint64) bool {
	return bits.OnesCount64(signature&s.signature)+s.rest >= s.need
}

// compare compares with a text. It gives the matches that are needed from then on.
func (v *visitor) compare(i int32, length, need int) int {
	ix := v.ix
	other := ix.arena[ix.offsets[i]:ix.offsets[i+1]]
	m, mine, theirs := v.query.matches(other)
	if m < need {
		return need
	}
	score := v.query.score(other, m, mine, theirs, v.prefix)
	if score < v.least {
		return need
	}
	if least := v.found(ix.entries[i], other, score, v.least); least > v.least {
		v.least = least
		v.needs.fill(least, v.prefix, len(v.query.text))
		if raised, possible := v.needs.of(length, len(v.query.text)); possible {
			return raised
		}
		return maxIndexed + 1
	}
	return need
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
