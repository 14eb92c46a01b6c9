package match

import (
	"slices"
	"strings"
)

// shortest is the length below which a word, or a name, is too short to be judged by likeness.
const shortest = 4

// holds reports whether every word of the query holds its own against a word of the entry. It is what keeps relatives, colleagues' namesakes and
// numbered plants apart, whose names as a whole are alike.
func (d *Directory) holds(query, entry []string, guard float64) bool {
	if d.kind == Person && len(query) < 2 || len(strings.Join(query, "")) < shortest {
		return false
	}
	if !slices.Equal(marks(query), marks(entry)) {
		return false
	}
	if d.kind == Person && len(query) != len(entry) {
		return d.holdsWithoutMiddle(query, entry, guard)
	}
	return len(query) == len(entry) && d.paired(query, entry, guard)
}

// marks are the words that must be equal, however alike the rest is: numbers, and what tells father and son apart.
func marks(words []string) []string {
	var found []string
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") || romans[w] || i > 0 && i == len(words)-1 && generations[w] != "" {
			found = append(found, w)
		}
	}
	slices.Sort(found)
	return found
}

var romans = set("ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii")

// holdsWithoutMiddle allows middle names that only one side has, between a given name and a surname that both have.
func (d *Directory) holdsWithoutMiddle(query, entry []string, guard float64) bool {
	q, e := len(query)-1, len(entry)-1
	if !d.alike(query[0], entry[0], guard) || !d.alike(query[q], entry[e], guard) {
		return false
	}
	short, long := query[1:q], entry[1:e]
	if len(short) > len(long) {
		short, long = long, short
	}
	for _, w := range short {
		if !slices.ContainsFunc(long, func(l string) bool { return w == l || w[0] == l[0] && (len(w) == 1 || len(l) == 1) }) {
			return false
		}
	}
	return true
}

// paired looks for a partner of each word: the word at the same place first, then any that is left.
func (d *Directory) paired(query, entry []string, guard float64) bool {
	free := slices.Clone(entry)
	var open []string
	for i, w := range query {
		if d.alike(w, entry[i], guard) {
			free[i] = ""
			continue
		}
		open = append(open, w)
	}
	for _, w := range open {
		at := slices.IndexFunc(free, func(f string) bool { return f != "" && d.alike(w, f, guard) })
		if at < 0 {
			return false
		}
		free[at] = ""
	}
	return true
}

// alike reports whether a word may be a slip of the pen for another. A word that the directory knows is no slip,
// and neither is a known given name for another one: Andrea is not a misspelt Andrew.
func (d *Directory) alike(query, entry string, guard float64) bool {
	if query == entry {
		return true
	}
	if len(query) < shortest || len(entry) < shortest || d.words[query] >= known {
		return false
	}
	if d.kind == Person && givenNames[query] && givenNames[entry] {
		return false
	}
	return jaroWinkler(query, entry) >= guard
}

// known is the number of entries from which on a word counts as known.
const known = 2
