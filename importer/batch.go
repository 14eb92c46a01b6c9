package importer

import (
	"time"

	"github.com/google/uuid"
)

// Source is where a row came from, and what it looked like there.
type Source struct {
	Row   int
	Line  int
	Cells []string
}

// Batch is what the rows of a chunk have become. Every row stands in exactly one of its lists.
type Batch struct {
	Tasks     []Draft // once Resolve has taken them: those that are new
	Repeats   []Draft // tasks whose external id is taken, to be skipped or updated
	Contacts  []Contact
	Companies []Company
	Items     []Item // deals or events
	Dead      []DeadLetter
}

// expect makes room for so many rows.
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

// add validates a row and keeps it.
func (b *Batch) add(kind Kind, src Source, v Values, now time.Time) *Fault {
	switch kind {
	case Tasks:
		n := len(b.Tasks)
		b.Tasks = append(b.Tasks, Draft{Source: src})
		if fault := b.Tasks[n].validate(v, now); fault != nil {
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

// Reject turns a row into a dead letter; the caller takes it out of the list it stood in.
func (b *Batch) Reject(src Source, fault *Fault) {
	b.Dead = append(b.Dead, DeadLetter{Source: src, Fault: *fault})
}

// References are the ids that tasks name explicitly, by kind, each once.
type References map[Kind][]uuid.UUID

// References collects the ids of the batch: the explicit ones and, once Resolve has taken it, all
// that its tasks link to.
func (b *Batch) References() References {
	refs := References{}
	seen := map[uuid.UUID]bool{}
	for _, tasks := range [2][]Draft{b.Tasks, b.Repeats} {
		for i := range tasks {
			for _, f := range parentIDs {
				if id := *f.id(&tasks[i]); id != uuid.Nil && !seen[id] {
					seen[id] = true
					refs[f.refers.kind] = append(refs[f.refers.kind], id)
				}
			}
		}
	}
	return refs
}

// NeedsNames reports whether some task names a record instead of giving its id.
func (b *Batch) NeedsNames() bool {
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactName != "" || d.CompanyName != "" {
			return true
		}
	}
	return false
}
