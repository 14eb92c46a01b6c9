package match

import (
	"bytes"
	"cmp"
	"slices"
)

// Entry is a record of a directory as names see it.
type Entry struct {
	ID          ID
	Name        string
	Company     ID // the company that a person belongs to; zero for none
	CompanyName string
}

// Directory is an immutable index of names. It is safe for concurrent use.
type Directory struct {
	kind    Kind
	entries []Entry
	byID    map[ID]int32
	byKey   map[string][]int32
	aliases map[string]ID
	words   map[string]int // in how many entries a word stands
	similar *index
	memo    memo
}

// hit is an entry with its score.
type hit struct {
	entry int32
	score float64
	text  string // of the entry, that scored
	query int    // the form of the query that scored
}

// NewDirectory builds an index. aliases gives the record that an operator has chosen for a name, by its Key.
func NewDirectory(k Kind, entries []Entry, aliases map[string]ID) *Directory {
	d := &Directory{kind: k, entries: slices.Clone(entries), byID: map[ID]int32{}, byKey: map[string][]int32{}, aliases: aliases, words: map[string]int{}}
	slices.SortFunc(d.entries, func(a, b Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	var texts []text
	for i := range d.entries {
		at := int32(i)
		d.byID[d.entries[i].ID] = at
		for _, f := range forms(k, d.entries[i].Name) {
			d.byKey[f.key] = appendOnce(d.byKey[f.key], at)
			if isASCII(f.text) {
				texts = append(texts, text{entry: at, bytes: f.text})
			}
			for _, w := range f.words {
				d.words[w]++
			}
		}
	}
	d.similar = newIndex(texts)
	return d
}

// Len gives the number of entries.
func (d *Directory) Len() int { return len(d.entries) }

// equal gives the entries whose key is one of the forms'.
func (d *Directory) equal(fs []form) []int32 {
	var found []int32
	for _, f := range fs {
		for _, at := range d.byKey[f.key] {
			found = appendOnce(found, at)
		}
	}
	return found
}

func (d *Directory) candidate(at int32, score float64) Candidate {
	e := d.entries[at]
	return Candidate{ID: e.ID, Name: e.Name, CompanyID: e.Company, Company: e.CompanyName, Score: score}
}

// candidates lists hits best first; ties stand in the order of name and id, so that the order of the directory does not show.
func (d *Directory) candidates(hits []hit, most int) []Candidate {
	all := make([]Candidate, len(hits))
	for i, h := range hits {
		all[i] = d.candidate(h.entry, h.score)
	}
	slices.SortFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	return all[:min(len(all), most)]
}

func (d *Directory) ids(hits []hit) []ID {
	all := make([]ID, len(hits))
	for i, h := range hits {
		all[i] = d.entries[h.entry].ID
	}
	return all
}

func appendOnce(list []int32, at int32) []int32 {
	if slices.Contains(list, at) {
		return list
	}
	return append(list, at)
}
