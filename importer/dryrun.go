package importer

import (
	"cmp"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Outcome is where a row ended.
type Outcome string

// The outcomes of a row.
const (
	Created  Outcome = "created"
	Updated  Outcome = "updated"
	Skipped  Outcome = "skipped"
	Rejected Outcome = "rejected"
)

var allOutcomes = []Outcome{Created, Updated, Skipped, Rejected}

// PlannedOutcome is the outcome that a dry run shows for a row, with the reason of a rejected row
// and the resolved ids of any other.
type PlannedOutcome struct {
	Row       int
	Outcome   Outcome
	Reason    Reason
	ContactID uuid.UUID
	CompanyID uuid.UUID
	DealID    uuid.UUID
	EventID   uuid.UUID
	Assignee  string // what the task is assigned to
	// said is what linking the row has said besides: values that were left out or unknown, and what
	// cells have besides their first reference. It is packed by saidOf.
	said string
}

// restSaid and originalSaid mark the rest of a cell and an original among what linking has said.
const restSaid, originalSaid How = "rest", "original"

// saidOf packs what linking has said of the rows of a batch, by row.
func (b *Batch) saidOf() map[int]string {
	all := map[int]string{}
	add := func(row int, how How, field, text string) {
		all[row] += string(how) + "\x00" + field + "\x00" + text + "\x00"
	}
	for _, c := range b.changes[b.read:] {
		if c.how != FirstOnly { // what follows from the rest
			add(c.row, c.how, c.field, "")
		}
	}
	for _, tasks := range [2][]Draft{b.Tasks, b.Repeats} {
		for i := range tasks {
			for _, r := range tasks[i].rest {
				how := restSaid
				if r.original {
					how = originalSaid
				}
				add(tasks[i].Row, how, r.field, r.text)
			}
		}
	}
	return all
}

// say restores what saidOf has packed of a task.
func (b *Batch) say(d *Draft, said string) {
	d.rest = nil
	parts := strings.Split(said, "\x00")
	for ; len(parts) > 3; parts = parts[3:] {
		if how := How(parts[0]); how == restSaid || how == originalSaid {
			d.rest = append(d.rest, restOfCell{parts[1], parts[2], how == originalSaid})
		} else {
			b.changes = append(b.changes, change{d.Row, parts[1], How(parts[0])})
		}
	}
}

// ids are the records that the row is linked to, in the order in which a packed fate has them.
func (f *PlannedOutcome) ids() [4]*uuid.UUID {
	return [...]*uuid.UUID{&f.ContactID, &f.CompanyID, &f.DealID, &f.EventID}
}

// PlannedOutcomes returns the outcomes of a batch in the order of its rows. Resolve must have run.
func (b *Batch) PlannedOutcomes(on OnDuplicate) []PlannedOutcome {
	all, said := make([]PlannedOutcome, 0, len(b.Tasks)+len(b.Repeats)+len(b.Dead)), b.saidOf()
	add := func(tasks []Draft, e Outcome) {
		for i := range tasks {
			d := &tasks[i]
			all = append(all, PlannedOutcome{Row: d.Row, Outcome: e, ContactID: d.ContactID, CompanyID: d.CompanyID,
				DealID: d.DealID, EventID: d.EventID, Assignee: d.AssigneeID, said: said[d.Row]})
		}
	}
	add(b.Tasks, Created)
	if on == DuplicateUpdate {
		add(b.Repeats, Updated)
	} else {
		add(b.Repeats, Skipped)
	}
	for _, known := range b.Known {
		all = append(all, PlannedOutcome{Row: known.Row, Outcome: Skipped})
	}
	for i := range b.Dead {
		all = append(all, PlannedOutcome{Row: b.Dead[i].Row, Outcome: Rejected, Reason: b.Dead[i].Reason})
	}
	slices.SortFunc(all, func(x, y PlannedOutcome) int { return cmp.Compare(x.Row, y.Row) })
	return all
}

// AsShown reduces a batch to what a dry run has shown. Names are replaced by their resolved ids;
// rejected rows are removed, as their dead letters exist. It returns the external_ids that existed
// when the dry run ran, in other rows or in the workspace.
func (b *Batch) AsShown(outcomes []PlannedOutcome) (taken map[string]bool) {
	of := make(map[int]PlannedOutcome, len(outcomes))
	for _, f := range outcomes {
		of[f.Row] = f
	}
	taken, made := map[string]bool{}, map[string]bool{}
	kept := b.Tasks[:0]
	for i := range b.Tasks {
		d, f := b.Tasks[i], of[b.Tasks[i].Row]
		if f.Outcome == Rejected {
			continue
		}
		b.say(&d, f.said)
		d.Evidence = Evidence{}
		d.ContactID, d.CompanyID, d.DealID, d.EventID = f.ContactID, f.CompanyID, f.DealID, f.EventID
		d.AssigneeID = f.Assignee
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

// RejectedOf counts the rejected rows by reason.
func RejectedOf(outcomes []PlannedOutcome) map[Reason]int {
	n := map[Reason]int{}
	for _, f := range outcomes {
		if f.Outcome == Rejected {
			n[f.Reason]++
		}
	}
	return n
}

// PackPlannedOutcomes returns outcomes, in the order of their rows, as bytes.
func PackPlannedOutcomes(outcomes []PlannedOutcome) []byte {
	var to []byte
	last := 0
	for _, f := range outcomes {
		to = binary.AppendUvarint(to, uint64(f.Row-last))
		last = f.Row
		to = append(to, byte(slices.Index(allOutcomes, f.Outcome)))
		if f.Outcome == Rejected {
			to = append(append(to, byte(len(f.Reason))), f.Reason...)
			continue
		}
		for _, id := range f.ids() {
			to = append(to, id[:]...)
		}
		for _, text := range [...]string{f.Assignee, f.said} {
			to = append(binary.AppendUvarint(to, uint64(len(text))), text...)
		}
	}
	return to
}

var errOutcomes = errors.New("the stored plan is damaged")

// UnpackPlannedOutcomes parses what PackPlannedOutcomes wrote; anything else is an error.
func UnpackPlannedOutcomes(packed []byte) ([]PlannedOutcome, error) {
	var outcomes []PlannedOutcome
	const ids = 4 * len(uuid.UUID{})
	for row := 0; len(packed) > 0; {
		n, used := binary.Uvarint(packed)
		if used <= 0 || len(packed) < used+2 || int(packed[used]) >= len(allOutcomes) {
			return nil, errOutcomes
		}
		row += int(n)
		f := PlannedOutcome{Row: row, Outcome: allOutcomes[packed[used]]}
		packed = packed[used+1:]
		size := ids
		if f.Outcome == Rejected {
			size = 1 + int(packed[0])
		}
		if len(packed) < size {
			return nil, errOutcomes
		}
		if f.Outcome == Rejected {
			f.Reason = Reason(packed[1:size])
		} else {
			for i, id := range f.ids() {
				copy(id[:], packed[i*len(id):])
			}
			for _, text := range [...]*string{&f.Assignee, &f.said} {
				n, used := binary.Uvarint(packed[size:])
				if used <= 0 || n > uint64(len(packed)-size-used) {
					return nil, errOutcomes
				}
				*text = string(packed[size+used : size+used+int(n)])
				size += used + int(n)
			}
		}
		outcomes, packed = append(outcomes, f), packed[size:]
	}
	return outcomes, nil
}

// maxChanges bounds the examples of a Difference.
const maxChanges = 20

// Difference is how the outcome of a file differs from that of its dry run.
type Difference struct {
	Rows     int           `json:"rows"` // with another outcome
	Was      OutcomeCounts `json:"was"`
	Now      OutcomeCounts `json:"now"`
	Examples []Change      `json:"examples"` // the first of them
}

// OutcomeCounts counts rows by outcome.
type OutcomeCounts struct {
	Created  int `json:"created_count"`
	Updated  int `json:"updated_count"`
	Skipped  int `json:"skipped_count"`
	Rejected int `json:"rejected_count"`
}

// Change is a row with another outcome than in the dry run.
type Change struct {
	Row int   `json:"row_number"`
	Was Place `json:"was"`
	Now Place `json:"now"`
}

// Place is the outcome of a row as the API shows it.
type Place struct {
	Outcome   Outcome    `json:"ending"`
	Reason    Reason     `json:"reason,omitempty"`
	ContactID *uuid.UUID `json:"contact_id,omitempty"`
	CompanyID *uuid.UUID `json:"company_id,omitempty"`
	DealID    *uuid.UUID `json:"deal_id,omitempty"`
	EventID   *uuid.UUID `json:"event_id,omitempty"`
	Assignee  string     `json:"assigned_to_user_id,omitempty"`
}

func (f *PlannedOutcome) place() Place {
	p := Place{Outcome: f.Outcome, Reason: f.Reason, Assignee: f.Assignee}
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

// Compare adds the rows of a chunk: the outcomes of the dry run, and those that the rows would have
// now. Both are in the order of the rows.
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
			a, b := was[0], now[0]
			if a.said, b.said = "", ""; a != b {
				d.changed(a, b)
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
