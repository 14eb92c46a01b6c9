package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// Every decision can be undone from the page that follows it, and from the audit: what it has
// created is gone, in all imports, and the rows are rejected as before.
func TestUndo(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	first, second := s.imported("tasks", "first.csv", mixed), s.imported("tasks", "second.csv",
		"title,contact_name,status\nVisit,Zebulon Quark,\nMeet,Zebulon Quark,halted\n")
	rejected := query[int](s, `SELECT count(*) FROM dead_letters`)
	back := func(p page, texts ...string) {
		t.Helper()
		p.has(http.StatusOK, texts...)
		if n := query[int](s, `SELECT count(*) FROM dead_letters WHERE dismissed_at IS NULL`); n != rejected {
			t.Errorf("%d rows are rejected, want %d", n, rejected)
		}
		if n := query[int](s, `SELECT count(*) FROM contacts WHERE full_name = 'Zebulon Quark'`); n != 0 {
			t.Error("the created contact stays")
		}
	}
	p := s.get("/console/inbox")
	create := append(p.line("Zebulon Quark", ""), "do", "create", "new_name", "Zebulon Quark", "new_email", "z@q.example",
		"new_company", "Quark Works", "remember", "1")
	back(s.undo(s.send(p, "/console/inbox", create...).has(http.StatusOK, "2 rows of 2 imports decided")),
		"Undone: 2 rows are as they were, 2 tasks are deleted.")
	if n := query[int](s, `SELECT count(*) FROM companies WHERE name = 'Quark Works'`); n != 0 {
		t.Error("the company of the created contact stays")
	}
	back(s.undo(s.send(s.get(rowPath(second, 1)), rowPath(second, 1), "version", "1", "do", "save", "field_contact_name",
		"Hans Müller")),
		"Undone: 1 row is as it was, 1 task is deleted.")
	values := s.get(second + "/values")
	back(s.undo(s.send(values, second+"/values", "value status halted", "completed")), "Undone: 1 row is as it was")
	// In place, and refused in place once a row has a later decision.
	p = s.get("/console/inbox?import=" + idIn(first))
	line := append(p.line("Peter Fischer", ""), "choose", p.choice("South AG"))
	done := s.part(p, line...)
	if !strings.Contains(done.body, "data-undo") {
		t.Fatalf("no undo in %s", done.body)
	}
	decision := between(done.body, `name="undo" value="`, `"`)
	again := s.part(p, append(p.line("Peter Fischer", ""), "undo", decision)...).has(http.StatusOK, "data-choose")
	if n := again.header.Get("Taskport-Rows"); n != "-2" {
		t.Errorf("%s rows are back, want -2", n)
	}
	back(s.get("/console/inbox"))
	// The rows that name the same contact at other companies can follow.
	third := s.imported("tasks", "third.csv", "title,contact_name,company_name\nCall,Quirin Xylo,\n"+
		"Meet,Quirin Xylo,North Ltd\nAsk,Quirin Xylo,South AG\n")
	there := s.get("/console/inbox?import=" + idIn(third))
	named := append(there.line("Quirin Xylo", ""), "choose", query[string](s, `SELECT id::text FROM contacts
		WHERE full_name = 'Hans Müller' LIMIT 1`))
	others := s.part(there, named...).has(http.StatusOK, "2 more rows name Quirin Xylo at other companies: link them too")
	decided := s.part(there, append(named, "wide", "1")...).has(http.StatusOK, "2 rows decided")
	if strings.Contains(decided.body, "data-others") {
		t.Error("nothing is left to follow")
	}
	for _, d := range []page{decided, others} {
		s.part(there, append(there.line("Quirin Xylo", ""), "undo", between(d.body, `name="undo" value="`, `"`))...).has(
			http.StatusOK)
	}
	rejected += 3
	s.part(p, append(p.line("Peter Fischer", ""), "undo", decision)...).has(http.StatusConflict, "has undone it already")
	audit := s.get("/console/audit").has(http.StatusOK, "undid a decision", "undone")
	if strings.Contains(audit.body, "/console/decisions/") {
		t.Error("the audit offers to undo what was undone")
	}
	s.send(p, "/console/inbox", line...).has(http.StatusOK, "decided")
	back(s.undo(s.get("/console/audit").has(http.StatusOK, "/console/decisions/")), "Undone: ")
	// Nobody sends the operator elsewhere.
	s.send(p, "/console/inbox", line...)
	id, _, _ := strings.Cut(between(s.get("/console/audit").body, `action="/console/decisions/`, "</form>"), "/undo")
	to := s.send(p, "/console/decisions/"+id+"/undo", "back", "https://elsewhere.example/")
	if to.path != "/console/inbox" {
		t.Errorf("the undo leads to %s", to.path)
	}
	s.send(p, "/console/decisions/"+id+"/undo").has(http.StatusConflict, "undone it already")
}

// part sends a form of the inbox as the script of the page does.
func (o *operator) part(from page, form ...string) page {
	o.t.Helper()
	o.inPlace = true
	defer func() { o.inPlace = false }()
	return o.send(from, "/console/inbox", form...)
}
