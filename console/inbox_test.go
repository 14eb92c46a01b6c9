package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// line returns the form of the inbox about a value, at a company.
func (p page) line(name, company string) []string {
	p.t.Helper()
	for _, part := range strings.Split(p.body, `data-line data-draft=`)[1:] {
		form, _, _ := strings.Cut(part, "</form>")
		var values []string
		for _, field := range []string{"back", "kind", "field", "fault", "name", "company", "of", "row", "count"} {
			values = append(values, field, between(form, `name="`+field+`" value="`, `"`))
		}
		if values[9] == name && values[11] == company {
			return values
		}
	}
	p.t.Fatalf("%s has no line for %q at %q: %.6000s", p.path, name, company, p.body)
	return nil
}

// A decision in the inbox reaches all imports; candidates are those of the directory as it is now.
func TestInbox(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	first, second := s.imported("tasks", "first.csv", mixed), s.imported("tasks", "second.csv",
		"title,contact_name,company_name,status\nVisit,Zebulon Quark,,\nMeet,Zebulon Quark,North Ltd,\n"+
			"Ask,Peter Fischer,,\nSign,Hans Müller,,halted\n")
	p := s.get("/console/inbox").has(http.StatusOK, "<b data-left>9</b> of 9 left", "Zebulon Quark",
		"at <bdi>North Ltd</bdi>",
		"2 rows</a> of 2 imports", "peter@south.example", "unknown name 3", `<option value="in_progress">`)
	s.send(p, "/console/inbox", append(p.line("Peter Fischer", ""), "choose", p.choice("South AG"))...).has(http.StatusOK,
		"3 rows of 2 imports decided: 3 created", "<b data-left>6</b> of 9 left")
	if s.contactOf(first, 4) != "peter@south.example" || s.contactOf(second, 3) != "peter@south.example" {
		t.Error("the choice did not reach both imports")
	}
	// A contact that is created now is offered now.
	s.load("contacts", "full_name,email\nZebulon Quark,zeb@quark.example\n")
	p = s.get("/console/inbox").has(http.StatusOK, "zeb@quark.example", "same name")
	// Creating it once more asks first.
	again := append(p.line("Zebulon Quark", ""), "do", "create", "new_name", "zebulon quark", "new_email", "",
		"new_company", "")
	s.send(p, "/console/inbox", again...).has(http.StatusConflict, "is in the directory already",
		"Another one of this name")
	s.send(p, "/console/inbox", append(again, "sure", "1")...).has(http.StatusOK, "2 rows of 2 imports decided")
	if n := query[int](s, `SELECT count(*) FROM contacts WHERE lower(full_name) = 'zebulon quark'`); n != 2 {
		t.Errorf("got %d contacts, want 2", n)
	}
	// A value, a wrong one first, and a dismissal.
	p = s.get("/console/inbox?reason=invalid_value").has(http.StatusOK, "31/31/2026", "halted")
	if strings.Contains(p.body, "at <bdi>North Ltd") {
		t.Error("the filter lists other reasons")
	}
	s.send(p, "/console/inbox", append(p.line("halted", ""), "value", "resting")...).has(http.StatusBadRequest,
		"status must be")
	s.send(p, "/console/inbox", append(p.line("halted", ""), "value", "completed")...).has(http.StatusOK,
		"1 row decided: 1 created")
	s.send(p, "/console/inbox", append(p.line("halted", ""), "value", "completed")...).has(http.StatusConflict,
		"a colleague has decided")
	s.undo(s.send(p, "/console/inbox", append(p.line("31/31/2026", ""), "do", "dismiss", "why", "a test row")...).has(
		http.StatusOK, "1 row dismissed")).has(http.StatusOK, "Undone: 1 row is as it was.", "31/31/2026")
	s.get("/console/inbox/rows?field=due_date&name=31%2F31%2F2026").has(http.StatusOK, "Remind", "first.csv")
	s.get("/console/inbox?q=nothing+like+that").has(http.StatusOK, "No rejected row matches")
	s.get("/console/inbox?import="+idIn(second)).has(http.StatusOK, "second.csv", "at <bdi>North Ltd</bdi>")
}

// undo presses the button beside the message.
func (o *operator) undo(p page) page {
	o.t.Helper()
	id, form, _ := strings.Cut(between(p.body, `action="/console/decisions/`, "</form>"), "/undo")
	return o.send(p, "/console/decisions/"+id+"/undo", "back", between(form, `name="back" value="`, `"`))
}

// 20 imports that share five unknown names are five decisions, and then nothing is left.
func TestFiveNamesOfTwentyImports(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	names := []string{"Zebulon Quark", "Ottoline Vance", "Perpetua Oyelaran", "Lysander Brock", "Quirin Abendroth"}
	for n := range 20 {
		file := "title,contact_name\n"
		for _, name := range names {
			file += "Call " + strings.Repeat("x", n) + "," + name + "\n"
		}
		s.imported("tasks", "file.csv", file)
	}
	for n, name := range names {
		p := s.get("/console/inbox")
		s.send(p, "/console/inbox", append(p.line(name, ""), "do", "create", "new_name", name, "new_email", "",
			"new_company", "")...).has(http.StatusOK, "20 rows of 20 imports decided")
		// The page waits for the rows, but not for ever.
		want := 20 * (len(names) - n - 1)
		for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
			left := query[int](s, `SELECT count(*) FROM dead_letters`)
			if left == want {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("after %s got %d rows left, want %d", name, left, want)
			}
		}
		if made := query[int](s, `SELECT count(*) FROM tasks`); made != 20*(n+1) {
			t.Fatalf("after %s got %d tasks, want %d", name, made, 20*(n+1))
		}
	}
	s.get("/console/inbox").has(http.StatusOK, "Nothing is left to decide")
}

// A company that a row names is created in place; one that exists asks first, and the undo
// deletes it.
func TestCompanyIsCreated(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "firms.csv", "title,company_name\nCall,Quark Works\nMeet,Quark Works\n")
	p := s.get("/console/inbox").has(http.StatusOK, "Create the company")
	line := append(p.line("Quark Works", ""), "do", "create", "new_domain", "quark.example", "remember", "1")
	done := s.send(p, "/console/inbox", append(line, "new_company", "North Ltd")...).has(http.StatusConflict,
		"North Ltd", "is in the directory already")
	done = s.send(done, "/console/inbox", append(line, "new_company", "Quark Works GmbH")...).has(http.StatusOK,
		"2 rows decided: 2 created")
	if got := query[string](s, `SELECT string_agg(DISTINCT e.name || ' ' || e.domain, ',') FROM tasks t JOIN companies e
		ON e.id = t.company_id WHERE t.import_id = $1`, idIn(path)); got != "Quark Works GmbH quark.example" {
		t.Errorf("the tasks are of %s", got)
	}
	s.undo(done).has(http.StatusOK, "Undone: 2 rows are as they were, 2 tasks are deleted.")
	if n := query[int](s, `SELECT (SELECT count(*) FROM companies WHERE name LIKE 'Quark%') +
		(SELECT count(*) FROM aliases)`); n != 0 {
		t.Error("the company or its alias stays")
	}
	s.get("/console/audit").has(http.StatusOK, "created a company")
	reader := s.colleague("Bo", "activities:read", "activities:write").signIn()
	if p := reader.get("/console/inbox"); strings.Contains(p.body, "Create the company") {
		t.Error("a company is offered to a key that may not create one")
	}
	reader.send(p, "/console/inbox", append(line, "new_company", "Quark Works")...).has(http.StatusForbidden)
}
