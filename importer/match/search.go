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
	var q query
	ix.prepare(&q, text)
	v := visitor{ix: ix, query: &q, least: least, found: found}
	v.needs.fill(least, len(text))
	from, to := 0, len(ix.groups)-1
	var starts, ends [prefixSize + 1]int
	starts[0], ends[0] = from, to
	for p := 1; p <= min(prefixSize, len(text)); p++ {
		starts[p], ends[p] = ix.sharing(text[:p], starts[p-1], ends[p-1])
	}
	deepest := min(prefixSize, len(text))
	v.groups(starts[deepest], ends[deepest], deepest)
	for p := deepest - 1; p >= 0; p-- {
		v.groups(starts[p], starts[p+1], p)
		v.groups(ends[p+1], ends[p], p)
	}
	ix.long.visit(text, v.least, found)
}

// sharing narrows a range of groups to those that begin with the prefix.
func (ix *index) sharing(prefix string, from, to int) (first, end int) {
	at := len(prefix) - 1
	c := prefix[at]
	first = from + sort.Search(to-from, func(i int) bool { return ix.groups[from+i].prefix[at] >= c })
	end = from + sort.Search(to-from, func(i int) bool { return ix.groups[from+i].prefix[at] > c })
	return first, end
}

// visitor is one search on its way through the index.
type visitor struct {
	ix    *index
	query *query
	needs needs
	least float64
	found func(entry int32, text string, score, least float64) float64
}

// groups looks at the groups of a range, all of which share a prefix of that length with the query. It passes over a group whose length
// forbids the score, or none of whose texts can have the matches it needs.
func (v *visitor) groups(from, to, prefix int) {
	length := len(v.query.text)
	for g := from; g < to; g++ {
		group := &v.ix.groups[g]
		need := int(v.needs[prefix][group.length])
		if need > length || v.lacks(&group.mask, int(group.length), need) {
			continue
		}
		v.blocks(g, prefix, need)
	}
}

// lacks reports whether none of the texts of a mask can have so many matches: because too few characters of the query are in any of them (see
// texts), or because all of them have characters that the query lacks: a bit that a text has and the query has not is a character of the text
// without a partner.
func (v *visitor) lacks(m *mask, length, need int) bool {
	return need > length-bits.OnesCount64(m.all&^v.query.signature) || need > bits.OnesCount64(m.some&v.query.signature)+v.query.rest
}

// blocks looks at the blocks of a group.
func (v *visitor) blocks(g, prefix, need int) {
	group, end := &v.ix.groups[g], v.ix.groups[g+1].first
	for from, block := group.first, group.block; from < end; from, block = from+blockSize, block+1 {
		if !v.lacks(&v.ix.blocks[block], int(group.length), need) {
			need = v.texts(from, min(from+blockSize, end), prefix, int(group.length), need)
		}
	}
}

// texts looks at the texts of a block. Two texts have at most as many matches as characters in common, and those are at most the bits
// that both signatures have and the characters of the query that have no bit. It gives the matches that are needed from then on.
func (v *visitor) texts(from, to int32, prefix, length, need int) int {
	for i := from; i < to; i++ {
		if bits.OnesCount64(v.ix.signatures[i]&v.query.signature)+v.query.rest < need {
			continue
		}
		other := v.ix.arena[v.ix.offsets[i]:v.ix.offsets[i+1]]
		m, mine, theirs := v.query.matches(other)
		if m < need || v.query.score(other, m, mine, theirs, prefix) < v.least-slack {
			continue
		}
		score := jaroWinkler(v.query.text, other)
		if score < v.least {
			continue
		}
		if least := v.found(v.ix.entries[i], other, score, v.least); least > v.least {
			v.least = least
			v.needs.fill(least, len(v.query.text))
			need = int(v.needs[prefix][length])
		}
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
