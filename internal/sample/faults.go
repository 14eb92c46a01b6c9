package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// invalid returns a function that makes a row with one bad value.
func invalid(reason string, spoil func(*task, *rand.Rand)) func(*maker, string) (row, bool) {
	return func(m *maker, kind string) (row, bool) {
		at := m.atHome()
		r := m.created(kind, at, m.contacts[at].written(), true)
		r.outcome, r.reason, r.contactID, r.companyID = "rejected", reason, "", ""
		spoil(&r.task, m.rng)
		return r, true
	}
}

// These values are invalid in any reading: none is a known word of another system.
var (
	badStatuses   = []string{"cancelled", "archived", "vielleicht", "on fire"}
	badPriorities = []string{"asap", "P17", "sehr wichtig?", "tbd"}
	badDates      = []string{"31.31.2026", "soon", "2026-02-30", "nächste Woche", "2026-13-01"}
)

func badStatus(t *task, rng *rand.Rand)   { t.status = pick(rng, badStatuses) }
func badPriority(t *task, rng *rand.Rand) { t.priority = pick(rng, badPriorities) }
func badDueDate(t *task, rng *rand.Rand)  { t.due = pick(rng, badDates) }
func blankTitle(t *task, rng *rand.Rand)  { t.title = pick(rng, []string{"", "", "   "}) }
func noParent(t *task, _ *rand.Rand)      { t.contact, t.company = "", "" }

// malformed returns a function that makes a row of the wrong shape; line makes it from a sound
// task.
func malformed(line func(*task) string) func(*maker, string) (row, bool) {
	sound := invalid("malformed_row", func(*task, *rand.Rand) {})
	return func(m *maker, kind string) (row, bool) {
		r, _ := sound(m, kind)
		r.line = line
		return r, !strings.ContainsAny(r.title+r.description+r.company, "\"\n\t;'")
	}
}

func tooManyFields(t *task) string { return csvLine(append(t.cells(), "Nachtrag", "siehe oben")) }
func tooFewFields(t *task) string  { return csvLine(t.cells()[:1]) }

func bareQuote(t *task) string {
	t.title = "call back soon"
	return strings.Replace(csvLine(t.cells()), "call back", `"call" back`, 1)
}

const repeatedRows = 17

// number shuffles and numbers the rows, and inserts the repeated ones.
func (m *maker) number(rows []row) []row {
	m.rng.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	for i := range rows {
		rows[i].record = fmt.Sprint(7000001 + 3*i)
		if m.rng.IntN(100) < 94 {
			rows[i].external = fmt.Sprintf("T-%05d", i+1)
		}
	}
	return m.repeat(rows)
}

// repeat repeats some external ids, at most 20 rows apart: the first row is created, the second
// skipped.
func (m *maker) repeat(rows []row) []row {
	step := len(rows) / (repeatedRows + 1)
	for n := repeatedRows; n >= 1; n-- {
		at := n * step
		for rows[at].kind != "exact" || rows[at].external == "" {
			at++
		}
		again := rows[at]
		again.outcome, again.kind, again.contactID, again.companyID = "skipped", "repeated", "", ""
		if n%2 == 0 {
			again.title += " (2)"
		}
		to := at + 1 + m.rng.IntN(15)
		rows = append(rows[:to], append([]row{again}, rows[to:]...)...)
	}
	return rows
}
