package importer

import "github.com/google/uuid"

// maxChanges bounds the examples of a difference.
const maxChanges = 20

// Difference is how the outcome of a file would differ from what a dry run has shown.
type Difference struct {
	Rows     int      `json:"rows"` // that would end elsewhere
	Was      Endings  `json:"was"`
	Now      Endings  `json:"now"`
	Examples []Change `json:"examples"` // the first of them
}

// Endings counts rows by where they end.
type Endings struct {
	Created  int `json:"created_count"`
	Updated  int `json:"updated_count"`
	Skipped  int `json:"skipped_count"`
	Rejected int `json:"rejected_count"`
}

// Change is a row that would end elsewhere.
type Change struct {
	Row int   `json:"row_number"`
	Was Place `json:"was"`
	Now Place `json:"now"`
}

// Place is where a row ends, as people are told.
type Place struct {
	Ending    Ending     `json:"ending"`
	Reason    Reason     `json:"reason,omitempty"`
	ContactID *uuid.UUID `json:"contact_id,omitempty"`
	CompanyID *uuid.UUID `json:"company_id,omitempty"`
}

func (f Fate) place() Place {
	p := Place{Ending: f.Ending, Reason: f.Reason}
	if f.ContactID != uuid.Nil {
		p.ContactID = &f.ContactID
	}
	if f.CompanyID != uuid.Nil {
		p.CompanyID = &f.CompanyID
	}
	return p
}

func (e *Endings) count(f Fate) {
	switch f.Ending {
	case Created:
		e.Created++
	case Updated:
		e.Updated++
	case Skipped:
		e.Skipped++
	case Rejected:
		e.Rejected++
	}
}

// Compare adds the rows of a chunk: what was shown of them, and what would become of them now. Both are by row.
func (d *Difference) Compare(was, now []Fate) {
	for _, f := range was {
		d.Was.count(f)
	}
	for _, f := range now {
		d.Now.count(f)
	}
	for len(was) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(was) > 0 && was[0].Row < now[0].Row:
			d.changed(was[0], Fate{Row: was[0].Row})
			was = was[1:]
		case len(was) == 0 || now[0].Row < was[0].Row:
			d.changed(Fate{Row: now[0].Row}, now[0])
			now = now[1:]
		default:
			if was[0] != now[0] {
				d.changed(was[0], now[0])
			}
			was, now = was[1:], now[1:]
		}
	}
}

func (d *Difference) changed(was, now Fate) {
	d.Rows++
	if len(d.Examples) < maxChanges {
		d.Examples = append(d.Examples, Change{Row: was.Row, Was: was.place(), Now: now.place()})
	}
}
