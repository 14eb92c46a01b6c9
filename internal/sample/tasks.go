package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// header is that of tasks.csv; "Record ID" and "Tags" are not fields of a task.
var header = []string{"Record ID", "title", "description", "status", "priority", "task_type", "due_date",
	"assignee_id", "contact_name", "company_name",
	"created_date", "external_id", "Tags"}

// task is a row of tasks.csv.
type task struct {
	record, title, description, status, priority, kind, due, assignee, contact, company, created, external, tags string
}

func (t *task) cells() []string {
	return []string{t.record, t.title, t.description, t.status, t.priority, t.kind, t.due, t.assignee, t.contact,
		t.company, t.created, t.external, t.tags}
}

// row is a task with its expected outcome.
type row struct {
	task
	line       func(*task) string // returns the task as a line; nil for a sound row
	outcome    string
	reason     string
	contactID  string
	companyID  string
	kind       string // the kind of the row
	candidates []string
}

// maker writes rows about a directory.
type maker struct {
	*directory
	rng      *rand.Rand
	ordinary []int // contacts without namesakes
	firms    crowd // companies with their legal forms
	stems    crowd // without legal forms
	used     map[string]bool
}

func newMaker(rng *rand.Rand, d *directory) *maker {
	m := &maker{directory: d, rng: rng, used: map[string]bool{}}
	for i := range d.contacts {
		if !d.contacts[i].shared {
			m.ordinary = append(m.ordinary, i)
		}
	}
	for i := range d.companies {
		m.firms = append(m.firms, spell(d.companies[i].name()))
		m.stems = append(m.stems, spell(d.companies[i].stem))
	}
	return m
}

// fill sets all of a task but its names.
func (m *maker) fill(cu *culture) task {
	t := task{
		title: m.text(pick(m.rng, texts[cu.code].titles)), description: m.description(cu),
		status:   pick(m.rng, []string{"open", "open", "open", "", "in_progress", "completed"}),
		priority: pick(m.rng, []string{"", "low", "medium", "medium", "high"}),
		kind:     pick(m.rng, []string{"", "call", "call", "email", "meeting", "todo"}),
		tags:     pick(m.rng, []string{"", "", "vip", "renewal; vip", "messe", "été", "imported"}),
		due:      m.due(),
	}
	if m.rng.IntN(3) > 0 {
		t.assignee = fmt.Sprintf("5f0c1d2e-7a3b-4c4d-9e5f-%012d", 1+m.rng.IntN(12))
	}
	if m.rng.IntN(3) == 0 {
		t.created = m.day().Format("2006-01-02T15:04:05Z07:00")
	}
	return t
}

func (m *maker) text(pattern string) string {
	r := strings.NewReplacer("{n}", fmt.Sprint(1000+m.rng.IntN(9000)), "{q}", fmt.Sprintf("Q%d/2026", 1+m.rng.IntN(4)))
	return r.Replace(pattern)
}

func (m *maker) description(cu *culture) string {
	note := m.text(pick(m.rng, texts[cu.code].notes))
	switch at := m.rng.IntN(100); {
	case at < 35:
		return ""
	case at < 42:
		return note + "\n" + m.text(pick(m.rng, texts[cu.code].notes))
	case at < 44:
		return note + "\n\n" + pick(m.rng, traps) + "\n"
	case at < 50:
		return pick(m.rng, traps)
	}
	return note
}

func (m *maker) day() time.Time {
	return time.Date(2026, 1, 1, 8, 0, 0, 0, time.UTC).Add(time.Duration(m.rng.IntN(300*24*60)) * time.Minute)
}

// due returns a due date in one of the forms that are always accepted.
func (m *maker) due() string {
	day := m.day()
	switch m.rng.IntN(10) {
	case 0, 1:
		return ""
	case 2:
		return day.Format("2006-01-02T15:04:05Z07:00")
	case 3:
		return day.Format("2006-01-02T15:04:05") + "+02:00"
	}
	return day.Format(time.DateOnly)
}

// created returns a row that becomes a task of the contact. If it names a company too, that is
// linked as well.
func (m *maker) created(kind string, contact int, written string, named bool) row {
	c := &m.contacts[contact]
	r := row{task: m.fill(c.culture), outcome: "created", kind: kind, contactID: c.id}
	r.contact = written
	if named && c.company >= 0 {
		r.company, r.companyID = m.companies[c.company].name(), m.companies[c.company].id
	}
	return r
}

func (m *maker) rejected(kind, reason string, cu *culture) row {
	return row{task: m.fill(cu), outcome: "rejected", reason: reason, kind: kind}
}

// once reports whether the key is new, so that rows of one kind do not repeat each other.
func (m *maker) once(kind string, about any) bool {
	key := fmt.Sprint(kind, "\x00", about)
	if m.used[key] {
		return false
	}
	m.used[key] = true
	return true
}

// share is the number of rows of a kind and the function that makes one. The function reports false
// if a try has no certain outcome.
type share struct {
	kind  string
	count int
	make  func(m *maker, kind string) (row, bool)
}

// makeRows returns the rows of all shares except the repeated ones, in the order of the shares.
func (m *maker) makeRows(shares []share) ([]row, error) {
	var out []row
	for _, s := range shares {
		made := 0
		for tries := 0; made < s.count; tries++ {
			if tries > 2000*s.count {
				return nil, fmt.Errorf("only %d of %d rows of kind %s found; add names, or lower the share", made, s.count, s.kind)
			}
			if r, ok := s.make(m, s.kind); ok {
				out = append(out, r)
				made++
			}
		}
	}
	return out, nil
}
