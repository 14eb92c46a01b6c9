package match

import (
	"bytes"
	"cmp"
	"slices"
)

// hit is an entry with its score.
type hit struct {
	entry int32
	score float64
}

// Candidate is a record that a name may refer to.
type Candidate struct {
	ID        ID
	Name      string
	CompanyID ID
	Score     float64
}

func (d *Directory) candidate(h hit) Candidate {
	s, at := d.place(h.entry)
	e := s.entry(at)
	return Candidate{ID: e.ID, Name: e.Name, CompanyID: e.Company, Score: h.score}
}

// Candidate returns an entry as a candidate for a name; ok is false without an entry of that id.
func (d *Directory) Candidate(id ID, name string) (c Candidate, ok bool) {
	at := d.find(id)
	if at < 0 {
		return Candidate{}, false
	}
	return d.candidate(hit{at, Score(d.kind, name, d.name(at))}), true
}

// candidates returns hits best first; equal scores are in the order of name and id.
func (d *Directory) candidates(hits []hit, most int) []Candidate {
	all := make([]Candidate, len(hits))
	for i, h := range hits {
		all[i] = d.candidate(h)
	}
	slices.SortFunc(all, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Name, b.Name), bytes.Compare(a.ID[:], b.ID[:]))
	})
	most = min(len(all), most)
	for 0 < most && most < min(len(all), crowd) && all[most].Score == all[most-1].Score &&
		all[most].Name == all[most-1].Name {
		most++
	}
	return slices.Clone(all[:most]) // a copy, because the memo may keep it
}

func (d *Directory) entryIDs(hits []hit) []ID {
	all := make([]ID, len(hits))
	for i, h := range hits {
		all[i] = d.id(h.entry)
	}
	return all
}

// bestOfEach keeps the best hit of each entry.
func bestOfEach(hits []hit) []hit {
	slices.SortFunc(hits, func(a, b hit) int {
		return cmp.Or(cmp.Compare(a.entry, b.entry), cmp.Compare(b.score,
			a.score))
	})
	return slices.CompactFunc(hits, func(a, b hit) bool { return a.entry == b.entry })
}

// sortHits puts the best first. Equal scores are in the order of ids, so that the order in which a
// directory is read has no effect.
func (d *Directory) sortHits(hits []hit) {
	slices.SortFunc(hits, func(a, b hit) int {
		if c := cmp.Compare(b.score, a.score); c != 0 {
			return c
		}
		x, y := d.id(a.entry), d.id(b.entry)
		return bytes.Compare(x[:], y[:])
	})
}
