package importer

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/google/uuid"
)

// Outcome says where a row ends.
type Outcome string

// The endings of a row.
const (
	Created  Outcome = "created"
	Updated  Outcome = "updated"
	Skipped  Outcome = "skipped"
	Rejected Outcome = "rejected"
)

var allEndings = []Outcome{Created, Updated, Skipped, Rejected}

// PlannedOutcome is what a dry run shows of a row: where it ends, why it is rejected, and what its
// names stand for where it is not.
type PlannedOutcome struct {
	Row       int
	Outcome   Outcome
	Reason    Reason
	ContactID uuid.UUID
	CompanyID uuid.UUID
	DealID    uuid.UUID
	EventID   uuid.UUID
}

// ids are the records that the row is linked to, in the order in which a packed fate has them.
func (f *PlannedOutcome) ids() [4]*uuid.UUID {
	return [...]*uuid.UUID{&f.ContactID, &f.CompanyID, &f.DealID, &f.EventID}
}

// PlannedOutcomes returns what becomes of the rows of a batch, by row, once Resolve has taken it.
func (b *Batch) PlannedOutcomes(on OnDuplicate) []PlannedOutcome {
	all := make([]PlannedOutcome, 0, len(b.Tasks)+len(b.Repeats)+len(b.Dead))
	add := func(tasks []Draft, e Outcome) {
		for i := range tasks {
			d := &tasks[i]
			all = append(all, PlannedOutcome{Row: d.Row, Outcome: e, ContactID: d.ContactID, CompanyID: d.CompanyID,
				DealID: d.DealID, EventID: d.EventID})
		}
	}
	add(b.Tasks, Created)
	if on == DuplicateUpdate {
		add(b.Repeats, Updated)
	} else {
		add(b.Repeats, Skipped)
	}
	for i := range b.Dead {
		all = append(all, PlannedOutcome{Row: b.Dead[i].Row, Outcome: Rejected, Reason: b.Dead[i].Reason})
	}
	slices.SortFunc(all, func(x, y PlannedOutcome) int { return cmp.Compare(x.Row, y.Row) })
	return all
}

// AsShown makes of a batch that was read what a dry run has shown of it: names are replaced by the
// ids that they stood for, and rows that were rejected are left out, since their dead letters are
// there. It gives the external_ids that other rows, or the workspace, had when it was shown.
func (b *Batch) AsShown(fates []PlannedOutcome) (taken map[string]bool) {
	of := make(map[int]PlannedOutcome, len(fates))
	for _, f := range fates {
		of[f.Row] = f
	}
	taken, made := map[string]bool{}, map[string]bool{}
	kept := b.Tasks[:0]
	for i := range b.Tasks {
		d, f := b.Tasks[i], of[b.Tasks[i].Row]
		if f.Outcome == Rejected {
			continue
		}
		d.Evidence = Evidence{}
		d.ContactID, d.CompanyID, d.DealID, d.EventID = f.ContactID, f.CompanyID, f.DealID, f.EventID
		for _, key := range [2]string{d.ExternalID, d.Origin.key()} {
			switch {
			case f.Outcome == Created:
				made[key] = true
			case !made[key]:
				taken[key] = true
			}
		}
		kept = append(kept, d)
	}
	b.Tasks = kept
	b.Dead = slices.DeleteFunc(b.Dead, func(d DeadLetter) bool { return of[d.Row].Outcome == Rejected })
	return taken
}

// RejectedOf counts the rejected rows among fates by reason.
func RejectedOf(fates []PlannedOutcome) map[Reason]int {
	n := map[Reason]int{}
	for _, f := range fates {
		if f.Outcome == Rejected {
			n[f.Reason]++
		}
	}
	return n
}

// PackPlannedOutcomes writes fates, which are in the order of their rows, as bytes.
func PackPlannedOutcomes(fates []PlannedOutcome) []byte {
	var to []byte
	last := 0
	for _, f := range fates {
		to = binary.AppendUvarint(to, uint64(f.Row-last))
		last = f.Row
		to = append(to, byte(slices.Index(allEndings, f.Outcome)))
		if f.Outcome == Rejected {
			to = append(append(to, byte(len(f.Reason))), f.Reason...)
			continue
		}
		for _, id := range f.ids() {
			to = append(to, id[:]...)
		}
	}
	return to
}

var errFates = errors.New("the stored plan is damaged")

// UnpackPlannedOutcomes reads what PackPlannedOutcomes wrote; it fails on anything else.
func UnpackPlannedOutcomes(packed []byte) ([]PlannedOutcome, error) {
	var fates []PlannedOutcome
	const ids = 4 * len(uuid.UUID{})
	for row := 0; len(packed) > 0; {
		n, used := binary.Uvarint(packed)
		if used <= 0 || len(packed) < used+2 || int(packed[used]) >= len(allEndings) {
			return nil, errFates
		}
		row += int(n)
		f := PlannedOutcome{Row: row, Outcome: allEndings[packed[used]]}
		packed = packed[used+1:]
		size := ids
		if f.Outcome == Rejected {
			size = 1 + int(packed[0])
		}
		if len(packed) < size {
			return nil, errFates
		}
		if f.Outcome == Rejected {
			f.Reason = Reason(packed[1:size])
		} else {
			for i, id := range f.ids() {
				copy(id[:], packed[i*len(id):])
			}
		}
		fates, packed = append(fates, f), packed[size:]
	}
	return fates, nil
}

// maxChanges bounds the examples of a difference.
const maxChanges = 20

// Difference is how the outcome of a file would differ from what a dry run has shown.
type Difference struct {
	Rows     int           `json:"rows"` // that would end elsewhere
	Was      OutcomeCounts `json:"was"`
	Now      OutcomeCounts `json:"now"`
	Examples []Change      `json:"examples"` // the first of them
}

// OutcomeCounts counts rows by where they end.
type OutcomeCounts struct {
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
	Outcome   Outcome    `json:"ending"`
	Reason    Reason     `json:"reason,omitempty"`
	ContactID *uuid.UUID `json:"contact_id,omitempty"`
	CompanyID *uuid.UUID `json:"company_id,omitempty"`
	DealID    *uuid.UUID `json:"deal_id,omitempty"`
	EventID   *uuid.UUID `json:"event_id,omitempty"`
}

func (f PlannedOutcome) place() Place {
	p := Place{Outcome: f.Outcome, Reason: f.Reason}
	ids := f.ids()
	for i, to := range [...]**uuid.UUID{&p.ContactID, &p.CompanyID, &p.DealID, &p.EventID} {
		if *ids[i] != uuid.Nil {
			*to = ids[i]
		}
	}
	return p
}

func (e *OutcomeCounts) count(f PlannedOutcome) {
	switch f.Outcome {
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

// Compare adds the rows of a chunk: what was shown of them, and what would become of them now. Both
// are by row.
func (d *Difference) Compare(was, now []PlannedOutcome) {
	for _, f := range was {
		d.Was.count(f)
	}
	for _, f := range now {
		d.Now.count(f)
	}
	for len(was) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(was) > 0 && was[0].Row < now[0].Row:
			d.changed(was[0], PlannedOutcome{Row: was[0].Row})
			was = was[1:]
		case len(was) == 0 || now[0].Row < was[0].Row:
			d.changed(PlannedOutcome{Row: now[0].Row}, now[0])
			now = now[1:]
		default:
			if was[0] != now[0] {
				d.changed(was[0], now[0])
			}
			was, now = was[1:], now[1:]
		}
	}
}

func (d *Difference) changed(was, now PlannedOutcome) {
	d.Rows++
	if len(d.Examples) < maxChanges {
		d.Examples = append(d.Examples, Change{Row: was.Row, Was: was.place(), Now: now.place()})
	}
}
