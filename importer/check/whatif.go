package check

import (
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/match"
)

// whatIfThresholds are the thresholds that a what-if shows besides the current one.
var whatIfThresholds = []float64{0.86, 0.88, 0.90, 0.92, 0.94, 0.96, 0.98, 1}

// WhatIf collects the names of a file, each with the number of its rows, to resolve them at other
// thresholds.
type WhatIf struct {
	contacts map[namedAt]int
	names    map[string]int // of companies
}

// namedAt is the name of a contact with the company of the row.
type namedAt struct {
	name, company string
	companyID     uuid.UUID
}

// NewWhatIf returns an empty collection.
func NewWhatIf() *WhatIf { return &WhatIf{contacts: map[namedAt]int{}, names: map[string]int{}} }

// Collect adds the names of a batch. Resolve must not have run.
func (w *WhatIf) Collect(b *importer.Batch) {
	for i := range b.Tasks {
		d := &b.Tasks[i]
		if d.ContactName != "" && d.ContactID == uuid.Nil {
			w.contacts[namedAt{d.ContactName, d.CompanyName, d.CompanyID}]++
		}
		if d.CompanyName != "" && d.CompanyID == uuid.Nil {
			w.names[d.CompanyName]++
		}
	}
}

// Prospect counts the findings for the names of a file at a threshold: for different names, and for
// their rows.
type Prospect struct {
	Threshold float64 `json:"threshold"`
	InForce   bool    `json:"in_force"`
	Tally
	Rows Tally `json:"rows"`
}

// Tally counts names by finding.
type Tally struct {
	Linked          int `json:"linked"`
	Ambiguous       int `json:"ambiguous"`
	Unresolved      int `json:"unresolved"`
	CompanyMismatch int `json:"company_mismatch"`
}

func (t *Tally) count(o match.Finding, n int) {
	switch o {
	case match.Linked:
		t.Linked += n
	case match.Ambiguous:
		t.Ambiguous += n
	case match.Unresolved:
		t.Unresolved += n
	case match.CompanyMismatch:
		t.CompanyMismatch += n
	}
}

// Contacts returns the prospects of the names of contacts, lowest threshold first. Companies are
// resolved at the current threshold.
func (w *WhatIf) Contacts(n *importer.Snapshot) []Prospect {
	return prospects(n.Settings.Params(match.Person), func(p match.Params, count func(match.Finding, int)) {
		for at, rows := range w.contacts {
			count(n.People.Resolve(at.name, n.CompaniesOf(at.companyID, at.company), p).Finding, rows)
		}
	})
}

// Companies returns the prospects of the names of companies, lowest threshold first.
func (w *WhatIf) Companies(n *importer.Snapshot) []Prospect {
	return prospects(n.Settings.Params(match.Company), func(p match.Params, count func(match.Finding, int)) {
		for name, rows := range w.names {
			count(n.Companies.Resolve(name, nil, p).Finding, rows)
		}
	})
}

func prospects(inForce match.Params, resolve func(p match.Params, count func(match.Finding, int))) []Prospect {
	thresholds := append(slices.Clone(whatIfThresholds), inForce.Threshold)
	slices.Sort(thresholds)
	var all []Prospect
	for _, threshold := range slices.Compact(thresholds) {
		one, p := Prospect{Threshold: threshold, InForce: threshold == inForce.Threshold}, inForce
		p.Threshold = threshold
		resolve(p, func(o match.Finding, rows int) {
			one.count(o, 1)
			one.Rows.count(o, rows)
		})
		all = append(all, one)
	}
	return all
}
