package importer

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Source is where a row came from, and what it looked like there.
type Source struct {
	Row   int
	Line  int
	Cells []string
}

// Batch holds the rows of a chunk after validation. Every row is in exactly one of its lists.
type Batch struct {
	Tasks     []Draft // after Resolve: only the new ones
	Repeats   []Draft // tasks whose external_id exists already; they are skipped or updated
	Contacts  []Contact
	Companies []Company
	Items     []Item // deals or events
	Dead      []DeadLetter
}

// expect allocates the list of the kind for a number of rows.
func (b *Batch) expect(kind Kind, rows int) {
	switch kind {
	case Tasks:
		b.Tasks = make([]Draft, 0, rows)
	case Contacts:
		b.Contacts = make([]Contact, 0, rows)
	case Companies:
		b.Companies = make([]Company, 0, rows)
	case Deals, Events:
		b.Items = make([]Item, 0, rows)
	}
}

// add validates a row and appends it to the list of its kind. now replaces an absent created_date.
func (b *Batch) add(kind Kind, src Source, v Values, now time.Time) *Fault {
	switch kind {
	case Tasks:
		n := len(b.Tasks)
		b.Tasks = slices.Grow(b.Tasks, 1)[:n+1] // a draft is large, and the memory is empty already
		d := &b.Tasks[n]
		d.Source = src
		if fault := d.validate(v, now); fault != nil {
			*d = Draft{}
			b.Tasks = b.Tasks[:n]
			return fault
		}
	case Contacts:
		c, fault := validateContact(v)
		if fault != nil {
			return fault
		}
		c.Source = src
		b.Contacts = append(b.Contacts, c)
	case Companies:
		c, fault := validateCompany(v)
		if fault != nil {
			return fault
		}
		c.Source = src
		b.Companies = append(b.Companies, c)
	case Deals, Events:
		it, fault := validateItem(kind, v)
		if fault != nil {
			return fault
		}
		it.Source = src
		b.Items = append(b.Items, it)
	}
	return nil
}

// Reject adds a row to the dead letters. The caller removes it from its list.
func (b *Batch) Reject(src Source, fault *Fault) {
	b.Dead = append(b.Dead, DeadLetter{Source: src, Fault: *fault})
}

// References are the ids that tasks name explicitly, by kind, without repetition.
type References map[Kind][]uuid.UUID

// References returns the explicit ids of the batch. After Resolve these are all records that its
// tasks link to.
func (b *Batch) References() References {
	refs := References{}
	type reference struct {
		kind Kind // a row may put the id of a deal into contact_id
		id   uuid.UUID
	}
	seen := map[reference]bool{}
	for _, tasks := range [2][]Draft{b.Tasks, b.Repeats} {
		for i := range tasks {
			for _, f := range parentIDs {
				if id := *f.id(&tasks[i]); id != uuid.Nil && !seen[reference{f.refers.kind, id}] {
					seen[reference{f.refers.kind, id}] = true
					refs[f.refers.kind] = append(refs[f.refers.kind], id)
				}
			}
		}
	}
	return refs
}

// NeedsNames reports whether a task names a contact or company instead of its id.
func (b *Batch) NeedsNames() bool {
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactName != "" || d.CompanyName != "" {
			return true
		}
	}
	return false
}
