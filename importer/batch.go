package importer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"taskport/importer/file"
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
	Users     []User
	Dead      []DeadLetter
	Known     []Source // rows that an earlier import has taken in; they are skipped
	changes   []change
	reader    *RowReader // of the rows; nil for single tasks
	read      int        // the number of changes before the rows were linked
	memory    []Draft
	isText    bool // the cells of all rows are storable
}

// draftMemory has the memory of batches that were released, as *[]Draft: a chunk has megabytes of
// drafts.
var draftMemory sync.Pool

// Release hands the memory of a batch of tasks to the next one. Nothing that the batch had may be
// used afterwards.
func (b *Batch) Release() {
	if cap(b.memory) > 0 {
		memory := b.memory[:0]
		*b = Batch{}
		draftMemory.Put(&memory)
	}
}

// change is a value of a row that was changed beyond the documented normal forms, or that is odd.
type change struct {
	row   int
	field string
	how   How
}

// How is how a value was changed, or what is odd about it.
type How string

// The ways in which values are changed; Implausible values are kept.
const (
	TooOld      How = "too_old"
	InFuture    How = "in_future"
	Unreadable  How = "unreadable"
	Ambiguous   How = "ambiguous"
	CleanedID   How = "cleaned"
	NotAnID     How = "not_an_id"
	NotText     How = "not_text"
	FirstOnly   How = "first_only"
	LeftOut     How = "several_left_out"
	Unknown     How = "unknown"
	Shared      How = "shared"
	Implausible How = "implausible"
	Blanked     How = "implausible_left_out"
	Unused      How = "unused"
)

// Adjusted counts changed values by field and way.
type Adjusted map[string]map[How]ChangedRows

// ChangedRows counts rows, with the first of them.
type ChangedRows struct {
	Count int   `json:"n"`
	First []int `json:"first"`
}

// maxChangedRows bounds the rows in ChangedRows.
const maxChangedRows = 5

// Add adds rows that were changed in one way.
func (a Adjusted) Add(field string, how How, rows ChangedRows) {
	if a[field] == nil {
		a[field] = map[How]ChangedRows{}
	}
	all := a[field][how]
	all.Count += rows.Count
	all.First = append(all.First, rows.First[:min(len(rows.First), maxChangedRows-len(all.First))]...)
	a[field][how] = all
}

// Merge adds the counts of later rows.
func (a Adjusted) Merge(later Adjusted) {
	for field, ways := range later {
		for how, rows := range ways {
			a.Add(field, how, rows)
		}
	}
}

// Adjusted counts the changed values of the rows that are stored: those that are neither rejected
// nor skipped.
func (b *Batch) Adjusted(on OnDuplicate) Adjusted {
	all := Adjusted{}
	if len(b.changes) == 0 {
		return all
	}
	out := map[int]bool{}
	for i := range b.Dead {
		out[b.Dead[i].Row] = true
	}
	for i := range b.Repeats {
		out[b.Repeats[i].Row] = on != DuplicateUpdate
	}
	for _, c := range b.changes {
		if !out[c.row] {
			all.Add(c.field, c.how, ChangedRows{1, []int{c.row}})
		}
	}
	return all
}

// Share notes that the address of a row is also that of another person.
func (b *Batch) Share(src Source) {
	b.changes = append(b.changes, change{src.Row, fieldEmail, Shared})
}

// Counts returns the numbers of changed values by field and way; those that are merely odd are left
// out.
func (a Adjusted) Counts() map[string]map[How]int {
	all := map[string]map[How]int{}
	for field, ways := range a {
		for how, rows := range ways {
			if how == Implausible {
				continue
			}
			if all[field] == nil {
				all[field] = map[How]int{}
			}
			all[field][how] = rows.Count
		}
	}
	return all
}

// Implausible returns the numbers of implausible values by field.
func (a Adjusted) Implausible() map[string]int {
	all := map[string]int{}
	for field, ways := range a {
		if n := ways[Implausible].Count; n > 0 {
			all[field] = n
		}
	}
	return all
}

// changeTexts say of rows what happened to the value of a field.
var changeTexts = map[How]string{
	TooOld:      "is more than 5 years old in %s, so it is the time of the import",
	InFuture:    "is in the future in %s, so it is the time of the import",
	Unreadable:  "cannot be read in %s, so it is the time of the import",
	Ambiguous:   "may be one of two days in %s, so it is the time of the import",
	CleanedID:   "ended in .0 in %s, which was cut off",
	NotAnID:     "is not an id in %s, and was left out",
	NotText:     "had bytes that are not text in %s; they became U+FFFD",
	FirstOnly:   "had several values in %s; the first is taken",
	LeftOut:     "had several values in %s, and was left out",
	Unknown:     "names no record in %s, so the rest of the row decided",
	Shared:      "is also that of another person in %s, by the names",
	Implausible: "is before 1970 or after 2100 in %s",
	Blanked:     "was before 1970 or after 2100 in %s, and was left out",
	Unused:      "had a part in %s that nothing uses: a time without a day, or the kind of no record",
}

// Notes describes the changed values, with the first rows of each kind.
func (a Adjusted) Notes() []file.Note {
	var notes []file.Note
	for _, field := range sortedKeys(a) {
		for _, how := range slices.Sorted(maps.Keys(a[field])) {
			rows := a[field][how]
			first := make([]string, 0, len(rows.First)+1)
			for _, row := range rows.First {
				first = append(first, strconv.Itoa(row))
			}
			if rows.Count > len(first) {
				first = append(first, "…")
			}
			note := file.Note{Text: field + " " + fmt.Sprintf(changeTexts[how], counted(rows.Count, "row")+" ("+
				strings.Join(first, ", ")+")")}
			if how == Ambiguous {
				note.Remedy.Code = RemedyDateOrder
			}
			if how == Implausible {
				note.Remedy.Code = RemedyImplausible
			}
			notes = append(notes, note)
		}
	}
	return notes
}

// expect allocates the list of the kind for a number of rows.
func (b *Batch) expect(kind Kind, rows int) {
	switch kind {
	case Tasks:
		if m, ok := draftMemory.Get().(*[]Draft); ok && cap(*m) >= rows {
			b.Tasks = (*m)[:0]
		} else {
			b.Tasks = make([]Draft, 0, rows)
		}
		b.memory = b.Tasks
	case Contacts:
		b.Contacts = make([]Contact, 0, rows)
	case Companies:
		b.Companies = make([]Company, 0, rows)
	case Deals, Events:
		b.Items = make([]Item, 0, rows)
	case Users:
		b.Users = make([]User, 0, rows)
	}
}

// add validates a row and appends it to the list of its kind. now replaces an absent created_date.
func (b *Batch) add(kind Kind, src Source, v Values, now time.Time) *Fault {
	switch kind {
	case Tasks:
		n := len(b.Tasks)
		b.Tasks = slices.Grow(b.Tasks, 1)[:n+1]
		d := &b.Tasks[n]
		*d = Draft{Source: src} // the memory may have the values of a row that was rejected
		if fault := d.validate(v, b.isText, now); fault != nil {
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
	case Users:
		u, fault := validateUser(v)
		if fault != nil {
			return fault
		}
		u.Source = src
		b.Users = append(b.Users, u)
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

// needsUsers reports whether a task says anything of its assignee.
func (b *Batch) needsUsers() bool {
	return slices.ContainsFunc(b.Tasks, func(d Draft) bool { return d.saysAssignee() })
}

// NeedsNames reports whether a task names a record instead of its id.
func (b *Batch) NeedsNames() bool {
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactName != "" || d.CompanyName != "" || d.RelatedName != "" || d.DealName != "" ||
			d.EventName != "" {
			return true
		}
	}
	return false
}
