package console_test

import (
	"cmp"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// benchRows is the number of rows of the timed import; a twentieth of them is rejected.
// TASKPORT_BENCH_ROWS overrides it.
const benchRows = 100_000

// large returns a file whose every twentieth row is rejected, in some hundreds of groups.
func large(rows int) string {
	var b strings.Builder
	b.WriteString("title,contact_name,due_date,description\n")
	for n := range rows {
		if n%20 > 0 {
			fmt.Fprintf(&b, "Call number %d,Hans Müller,2026-03-10,as agreed on the telephone\n", n)
			continue
		}
		switch k := n / 20; k % 10 {
		case 0:
			fmt.Fprintf(&b, "Call number %d,,2026-03-10,\n", n)
		case 1:
			fmt.Fprintf(&b, "Call number %d,Hans Müller,%d. March,\n", n, k%31)
		case 2, 3:
			fmt.Fprintf(&b, "Call number %d,Peter Fischer,,\n", n)
		default:
			fmt.Fprintf(&b, "Call number %d,Zy%cx%c Q%cuark,,as agreed on the telephone\n", n, 'a'+k%7, 'a'+k/7%9, 'a'+k/63%11)
		}
	}
	return b.String()
}

// Each page on a large import: the median of the time until its last byte.
func BenchmarkPages(b *testing.B) {
	usual := benchRows
	if testing.Short() {
		usual = 10_000
	}
	rows, err := strconv.Atoi(cmp.Or(os.Getenv("TASKPORT_BENCH_ROWS"), strconv.Itoa(usual)))
	if err != nil {
		b.Fatal(err)
	}
	s := newSite(b)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "large.csv", large(rows))
	i := s.ended(path)
	if i.Rejected != int64(rows/20) {
		b.Fatalf("%d rows are rejected", i.Rejected)
	}
	groups, _, err := s.store.DeadLetterGroupPage(b.Context(), s.workspace, i.ID, store.Page{Number: 1, Size: 1000})
	if err != nil {
		b.Fatal(err)
	}
	half := "?after=" + strconv.Itoa(rows/2)
	b.Logf("%d rows, %d dead letters, %d groups", i.Total, i.Rejected, len(groups))
	for _, p := range []struct{ name, path string }{{"imports", "/console/imports"}, {"import", path},
		{"import half through", path + half}, {"import by reason", path + "?reason=invalid_value"},
		{"import searched", path + "?q=qfuark"}, {"import searched in vain", path + "?q=nothing+like+that"},
		{"groups", path + "/groups"}, {"letter", rowPath(path, groups[0].FirstRow)},
		{"letter of a group", rowPath(path, groups[3].FirstRow) + "?by=group&at=3"}, {"letter with a search",
			rowPath(path, groups[3].FirstRow) + "?find=maria"}, {"undo", path + "/undo"},
		{"inbox", "/console/inbox"},
		{"inbox of an import", "/console/inbox?import=" + idIn(path)},
		{"inbox by reason", "/console/inbox?reason=unresolved_reference"}, {"inbox searched", "/console/inbox?q=qfuark"},
		{"inbox without doubt", "/console/inbox/sure"}, {"values", path + "/values"}, {"upload", "/console/upload"},
		{"aliases", "/console/aliases"}, {"queues", "/console/queues"},
		{"audit", "/console/audit"}} {
		b.Run(p.name, func(b *testing.B) { timed(b, func() { s.get(p.path).has(http.StatusOK) }) })
	}
	b.Run("groups, counted again", func(b *testing.B) {
		timed(b, func() {
			if _, _, err := s.store.DeadLetterGroupPage(b.Context(), s.workspace, i.ID, store.Page{Number: 1,
				Size: 1000}); err != nil {
				b.Fatal(err)
			}
		})
	})
	staged := s.upload("tasks", "staged.csv", large(20_000)).path
	b.Run("staged", func(b *testing.B) { timed(b, func() { s.get(staged).has(http.StatusOK) }) })
	// A decision removes the cached counts, and waits for the pipeline.
	dead, err := s.store.DeadLettersAfter(b.Context(), s.workspace, i.ID,
		store.DeadLetterFilter{Reason: importer.InvalidValue}, 0, 1000)
	if err != nil {
		b.Fatal(err)
	}
	decide := func(fields ...string) page {
		letter := s.get(rowPath(path, dead[0].Row))
		dead = dead[1:]
		return s.send(letter, letter.path, append(fields, "version", version(letter))...)
	}
	b.Run("letter after a decision", func(b *testing.B) {
		timed(b, func() {
			decide("do", "save", "field_due_date", "2026-03-10").has(http.StatusOK, "1 created")
		})
	})
	b.Run("letter after a dismissal", func(b *testing.B) {
		timed(b, func() {
			letter := s.get(rowPath(path, dead[0].Row))
			dead = dead[1:]
			s.send(letter, letter.path+"/dismiss", "why", "a test").has(http.StatusOK, "1 row dismissed")
		})
	})
	b.Run("inbox after a decision", func(b *testing.B) {
		timedAfter(b, func() { decide("do", "save", "field_due_date", "2026-03-10").has(http.StatusOK, "1 created") },
			func() { s.get("/console/inbox").has(http.StatusOK) })
	})
	day := 0
	var inbox page
	b.Run("group decided in place", func(b *testing.B) {
		s.inPlace = true
		timedAfter(b, func() { day++; inbox = s.get("/console/inbox?q=" + strconv.Itoa(day) + ".+March") }, func() {
			line := inbox.line(strconv.Itoa(day)+". March", "")
			s.send(inbox, "/console/inbox", append(line, "value", "2026-03-10")...).has(http.StatusOK, " created")
		})
	})
	b.Run("group dismissed in place", func(b *testing.B) {
		timedAfter(b, func() { day++; inbox = s.get("/console/inbox?q=" + strconv.Itoa(day) + ".+March") }, func() {
			line := inbox.line(strconv.Itoa(day)+". March", "")
			s.send(inbox, "/console/inbox", append(line, "do", "dismiss")...).has(http.StatusOK, "dismissed")
		})
	})
}

// timed runs an action until the median is stable, and reports the median.
func timed(b *testing.B, do func()) {
	b.Helper()
	timedAfter(b, func() {}, do)
}

// timedAfter is timed with something before each action, which does not count.
func timedAfter(b *testing.B, before, do func()) {
	b.Helper()
	const fewest = 5
	var took []time.Duration
	for len(took) < max(b.N, fewest) {
		before()
		began := time.Now()
		do()
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/median")
	b.ReportMetric(0, "ns/op")
}
