package console_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// thousand returns a file of 1,000 rows with 25 causes of rejection: ambiguous names of the sample,
// unknown names, bad values, rows without a title and without a parent.
func thousand(t *testing.T, ambiguous []string) string {
	t.Helper()
	const causes, rows = 25, 1000
	if len(ambiguous) < 12 {
		t.Fatalf("the sample has only %d ambiguous names", len(ambiguous))
	}
	var b strings.Builder
	b.WriteString("title,contact_name,due_date,status,priority\n")
	for n := range rows {
		switch cause := n % causes; {
		case cause < 12:
			fmt.Fprintf(&b, "Task %d,%s,,,\n", n, quoted(ambiguous[cause]))
		case cause < 18:
			fmt.Fprintf(&b, "Task %d,Xq%c Zzyvkra,,,\n", n, 'a'+cause)
		case cause < 20:
			fmt.Fprintf(&b, "Task %d,Pascal Garnier,%d/%d/2026,,\n", n, cause, cause)
		case cause < 22:
			fmt.Fprintf(&b, "Task %d,Pascal Garnier,,state %d,\n", n, cause)
		case cause < 23:
			fmt.Fprintf(&b, "Task %d,Pascal Garnier,,,whenever\n", n)
		case cause < 24:
			b.WriteString(",Pascal Garnier,,,\n")
		default:
			fmt.Fprintf(&b, "Task %d,,,,\n", n)
		}
	}
	return b.String()
}

func quoted(cell string) string { return `"` + strings.ReplaceAll(cell, `"`, `""`) + `"` }

// ambiguousNames imports the tasks of the sample, and returns names that match several contacts.
func (s *site) ambiguousNames() []string {
	s.t.Helper()
	path := s.imported("tasks", "tasks.csv", sample(s.t, "tasks"))
	groups, _, err := s.store.DeadLetterGroupPage(s.t.Context(), s.workspace, s.ended(path).ID, store.Page{Number: 1,
		Size: 1000})
	if err != nil {
		s.t.Fatal(err)
	}
	var names []string
	for _, g := range groups {
		if g.Reason == importer.AmbiguousReference && g.Field == "contact_name" && g.Company == "" {
			names = append(names, g.Name)
		}
	}
	return names
}

// An operator corrects 1,000 rejected rows with 25 causes in at most 40 actions.
func TestFromAThousandToZero(t *testing.T) {
	const most = 40
	s := setup(t)
	s.signIn()
	s.load(importer.Companies, sample(t, "companies"))
	s.load(importer.Contacts, sample(t, "contacts"))
	path := s.imported("tasks", "thousand.csv", thousand(t, s.ambiguousNames()))
	if i := s.ended(path); i.Rejected != 1000 {
		t.Fatalf("got %d rejected rows, want 1,000: %v", i.Rejected, i.ByReason)
	}
	s.actions = 0
	page := s.get(path + "/groups")
	page = s.get(firstEntry(page))
	for strings.Contains(page.path, "/rows/") {
		if s.actions > most {
			t.Fatalf("%d actions, and %d rows are still rejected: %s", s.actions, s.ended(path).Rejected, page.path)
		}
		page = s.decideLikeAPerson(page)
	}
	page.has(http.StatusOK, "Nothing is left to decide")
	i := s.ended(path)
	if i.Rejected != 0 || i.Created != 1000 {
		t.Errorf("%d rows are still rejected, %d are in", i.Rejected, i.Created)
	}
	t.Logf("%d actions from 1,000 rejected rows to none", s.actions)
	if s.actions > most {
		t.Errorf("got %d actions, want at most %d", s.actions, most)
	}
}

// decideLikeAPerson decides about all rows of the group on the page.
func (s *site) decideLikeAPerson(p page) page {
	s.t.Helper()
	form := []string{"version", version(p), "all", "1"}
	switch {
	case strings.Contains(p.body, "no title</span>"):
		form = append(form, "do", "save", "field_title", "Untitled")
	case strings.Contains(p.body, "no parent</span>"):
		found := s.get(p.path + "&find=pascal+garnier")
		form = append(form, "choose", choices.FindStringSubmatch(found.body)[1])
	case strings.Contains(p.body, "unknown name</span>"):
		name := between(p.body, `name="new_name" value="`, `"`)
		form = append(form, "do", "create", "new_name", name, "new_email", "", "new_company", "")
	case strings.Contains(p.body, "ambiguous name</span>"):
		form = append(form, "choose", choices.FindStringSubmatch(p.body)[1], "remember", "1")
	case strings.Contains(p.body, `data-edit aria-invalid="true"`):
		field := between(p.tidy(), `<div class="f fault"><label for="field_`, `"`)
		form = append(form, "do", "save", "field_"+field, map[string]string{"due_date": "2026-06-30", "status": "open",
			"priority": "high"}[field])
	default:
		s.t.Fatalf("no decision for %s", p.body)
	}
	return s.send(p, p.path, form...).has(http.StatusOK)
}

func between(text, begin, end string) string {
	_, rest, _ := strings.Cut(text, begin)
	found, _, _ := strings.Cut(rest, end)
	return html(found)
}
