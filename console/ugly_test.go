package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskport/importer"
)

const (
	mostActions = 60
	mostLoads   = 15
)

// ugly returns a file of 6,000 rows, half of them rejected, for every reason that a file of tasks
// can have, and the contacts that 250 of its names lack.
func ugly() (tasks, missing string) {
	var b, c strings.Builder
	b.WriteString("title,contact_name,company_name,contact_id,due_date,status,priority\n")
	c.WriteString("full_name,email\n")
	rows := 0
	add := func(n int, row func(n int) string) {
		for i := range n {
			rows++
			fmt.Fprintln(&b, strings.ReplaceAll(row(i), "#", fmt.Sprint(rows)))
		}
	}
	syllables := []string{"ba", "ke", "lo", "mu", "ni", "ra", "se", "to", "vu", "zi"}
	name := func(n int) string {
		s := func(k int) string { return syllables[n/k%10] }
		return "X" + s(1) + s(10) + s(100) + " Q" + s(10) + s(1) + s(100) + s(1) + "quist"
	}
	for n := range 250 {
		fmt.Fprintf(&c, "%s,p%d@missing.example\n", name(n), n)
	}
	add(1500, func(n int) string { return "Call #," + name(n%250) + ",,,,," })
	add(320, func(n int) string { return fmt.Sprintf("Ask #,Twin Person%c,,,,,", 'A'+n%8) })
	add(240, func(n int) string { return fmt.Sprintf("Meet #,Stranger Zzyw%cck,,,,,", 'a'+n%8) })
	add(240, func(n int) string { return fmt.Sprintf("Remind #,Hans Müller,,,%d/%d/2026,,", 31+n%6, 31+n%6) })
	add(200, func(n int) string { return fmt.Sprintf("State #,Hans Müller,,,,state %d,", n%4) })
	add(150, func(n int) string { return fmt.Sprintf("Haste #,Hans Müller,,,,,haste %d", n%3) })
	add(100, func(int) string { return ",Hans Müller,,,,," })
	add(100, func(int) string { return "Alone #,,,,,," })
	add(50, func(int) string { return "Wide #,Hans Müller,,,,,,and,further,cells" })
	add(60, func(int) string { return "Other #,Hans Müller,South AG,,,," })
	add(37, func(int) string { return "Id #,,,01900000-0000-7000-8000-00000000dead,,," })
	add(3, func(n int) string { return fmt.Sprintf("Total,%d,,,,,", n+2) })
	add(3000, func(int) string { return "Fine #,Maria Rossi,,,2026-03-10,open,high" })
	return b.String(), c.String()
}

// twins are contacts of equal names.
func twins() string {
	var b strings.Builder
	b.WriteString("full_name,email,company_name\n")
	for n := range 8 {
		for _, at := range []string{"one", "two"} {
			fmt.Fprintf(&b, "Twin Person%c,t%d@%s.example,Firm %s\n", 'A'+n, n, at, at)
		}
	}
	return b.String()
}

// An operator corrects a file with 3,000 rejected rows to none, in place and with plain forms. In
// place it takes at most 60 actions and 15 page loads.
func TestUglyFileToZero(t *testing.T) {
	for _, inPlace := range []bool{true, false} {
		t.Run(fmt.Sprintf("in place %v", inPlace), func(t *testing.T) {
			s := setup(t)
			s.signIn()
			s.load(importer.Contacts, people)
			s.load(importer.Contacts, twins())
			s.actions, s.loads, s.inPlace = 0, 0, inPlace
			tasks, missing := ugly()
			path := s.imported("tasks", "ugly.csv", tasks)
			if i := s.ended(path); i.Total != 6000 || i.Rejected != 3000 {
				t.Fatalf("got %d rows, %d rejected, want 6,000 and 3,000: %v", i.Total, i.Rejected, i.ByReason)
			}
			// The contacts that the file lacks, and a retry.
			s.imported("contacts", "missing.csv", missing)
			s.send(s.get(path), path+"/retry").has(http.StatusOK)
			s.ended(path)
			// The unknown values, on one page.
			p := s.get(path + "/values")
			var form []string
			for n := range 4 {
				form = append(form, fmt.Sprintf("value status state %d", n), "open")
			}
			for n := range 3 {
				form = append(form, fmt.Sprintf("value priority haste %d", n), "low")
			}
			p = s.send(p, path+"/values", form...).has(http.StatusOK, "350 rows decided: 350 created")
			for s.decideLines(p) {
				p = s.get("/console/inbox?import=" + idIn(path))
			}
			i := s.ended(path)
			if i.Rejected != i.Dismissed || i.Created+i.Rejected != 6000 || i.Dismissed != 190 {
				t.Errorf("got %d rejected, %d dismissed, %d created", i.Rejected, i.Dismissed, i.Created)
			}
			t.Logf("%d actions, %d page loads", s.actions, s.loads)
			if s.actions > mostActions || inPlace && s.loads > mostLoads {
				t.Errorf("got %d actions and %d page loads, want at most %d and %d", s.actions, s.loads, mostActions, mostLoads)
			}
		})
	}
}

// decideLines decides about the lines of a page of the inbox like a person, all in place or the
// first with a plain form. It reports whether there was one.
func (s *site) decideLines(p page) bool {
	s.t.Helper()
	lines := strings.Split(p.body, `data-line data-draft=`)[1:]
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "</form>")
		var form []string
		for _, field := range []string{"back", "kind", "field", "fault", "name", "company", "of", "row", "count"} {
			form = append(form, field, between(line, `name="`+field+`" value="`, `"`))
		}
		switch found := choices.FindStringSubmatch(line); {
		case found != nil && !strings.Contains(form[9], "Stranger"):
			form = append(form, "choose", found[1])
		case strings.Contains(line, `value="create"`):
			form = append(form, "do", "create", "new_name", form[9], "new_email", "", "new_company", "")
		case strings.Contains(line, `type="date"`):
			form = append(form, "do", "save", "value", "2026-06-30")
		case strings.Contains(line, `name="value"`):
			form = append(form, "do", "save", "value", "Untitled")
		default:
			form = append(form, "do", "dismiss", "why", "nobody needs this task")
		}
		if done := s.send(p, "/console/inbox", form...); done.status != http.StatusOK {
			s.t.Fatalf("%q: got %d: %.3000s", form, done.status, done.body)
		}
		if !s.inPlace {
			return true
		}
	}
	return len(lines) > 0
}
