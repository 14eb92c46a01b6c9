package console_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var references = regexp.MustCompile(`class="ref">([^<]+)<`)

// Records with the same name and without company and email are distinguished. A page that does not
// show all of them says so.
func TestChoicesCanBeToldApart(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", "full_name,external_id\nKim Lee,\nKim Lee,\nKim Lee,crm-7\n"+strings.Repeat("Robin Stone,\n", 12))
	path := s.imported("tasks", "tasks.csv", "title,contact_name\nCall,Kim Lee\nWrite,Robin Stone\n")
	for _, at := range []string{rowPath(path, 1), rowPath(path, 1) + "?find=kim"} {
		p := s.get(at).has(http.StatusOK, "crm-7")
		seen := map[string]bool{}
		for _, m := range references.FindAllStringSubmatch(p.body, -1) {
			seen[m[1]] = true
		}
		if len(seen) != 3 || strings.Contains(p.body, "are shown:") {
			t.Errorf("%s tells %d of three apart: %v", at, len(seen), seen)
		}
	}
	s.get(rowPath(path, 2)).has(http.StatusOK, "Only the 10 nearest are shown")
	s.get(rowPath(path, 2)+"?find=robin").has(http.StatusOK, "Only the first 9 are shown")
	s.get(rowPath(path, 1)+"?find=CRM-7").has(http.StatusOK, `class="ref">crm-7<`)
}

// Edits beside a choice change the row, and all rows of the name only when confirmed.
func TestEditBesideAChoice(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(rowPath(path, 4))
	form := []string{"version", version(dead), "choose", dead.choice("South AG"), "field_contact_name",
		"Peter Fisher", "field_title", "Ask him", "all", "1"}
	s.send(dead, dead.path, form...).has(http.StatusBadRequest, "title would change in all 2 rows",
		"Change title of all 2 rows as well", `value="Ask him"`, "<details open><summary>All fields")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE row_number IN (4, 5)`); n != 0 {
		t.Fatalf("%d rows were decided", n)
	}
	s.send(dead, dead.path, form[:len(form)-2]...).has(http.StatusOK, "1 row decided: 1 created")
	if got := query[string](s, `SELECT title FROM tasks WHERE row_number = 4`); got != "Ask him" || s.contactOf(path,
		4) != "peter@south.example" {
		t.Errorf("row 4 became %s of %s", got, s.contactOf(path, 4))
	}
	dead = s.get(rowPath(path, 6))
	s.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", "Zebulon Quark", "new_email",
		"", "new_company", "", "field_title", "Meet him").has(http.StatusOK, "1 row decided: 1 created")
	if got := query[string](s, `SELECT title FROM tasks WHERE row_number = 6`); got != "Meet him" {
		t.Errorf("row 6 became %s", got)
	}
}

// A saved value at fault changes all rows of the group; other values only when confirmed.
func TestEditBesideTheFault(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "tasks.csv",
		"title,contact_name,due_date\nFirst,Hans Müller,soon\nSecond,Hans Müller,soon\nThird,Hans "+
			"Müller,never\nFourth,Hans Müller,never\n")
	dead := s.get(rowPath(path, 1))
	form := []string{"version", version(dead), "do", "save", "field_due_date", "2026-04-01", "field_title", "Other",
		"all", "1"}
	s.send(dead, dead.path, form...).has(http.StatusBadRequest, "title would change in all 2 rows")
	s.send(dead, dead.path, append(form, "wide", "1")...).has(http.StatusOK, "2 rows decided: 2 created")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title = 'Other'`); n != 2 {
		t.Errorf("%d rows took the title", n)
	}
	dead = s.get(rowPath(path, 3))
	s.send(dead, dead.path, "version", version(dead), "do", "save", "field_due_date", "2026-04-01", "all",
		"1").has(http.StatusOK, "2 rows decided: 2 created")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title IN ('Third', 'Fourth')`); n != 2 {
		t.Errorf("%d rows kept their titles", n)
	}
}

// Enter in a field of the new contact creates it. A decision that changes nothing is refused and
// keeps the typed values.
func TestEnterInTheContact(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(rowPath(path, 6))
	s.send(dead, dead.path, "version", version(dead), "do", "enter", "new_name", "Zebulon Quark", "new_email", "",
		"new_company", "").has(http.StatusBadRequest, "nothing was changed")
	s.send(dead, dead.path, "version", version(dead), "do", "save", "new_name", "Zebulon Quark", "new_email",
		"zeb@quark.example", "new_company", "").has(http.StatusBadRequest, "nothing was changed",
		`<details class="create" open>`, `value="zeb@quark.example"`)
	s.send(dead, dead.path, "version", version(dead), "do", "enter", "new_name", "Zebulon Quark", "new_email",
		"zeb@quark.example", "new_company", "").has(http.StatusOK, "1 row decided: 1 created")
	if got := s.contactOf(path, 6); got != "zeb@quark.example" {
		t.Errorf("row 6 is linked to %s", got)
	}
}

// The page of a row that is rejected again stays open with the new reason, and so does that of the
// first row of a group if all are rejected again.
func TestRejectedAgainStays(t *testing.T) {
	s := setup(t)
	path := s.open()
	dead := s.get(rowPath(path, 7) + "?reason=invalid_value")
	again := s.send(dead, dead.path, "version", version(dead), "do", "save", "field_due_date", "2026-04-01",
		"field_contact_name", "Peter Fischer").has(http.StatusOK, "1 rejected again", "peter@south.example")
	if again.path != dead.path {
		t.Errorf("the decision leads to %s", again.path)
	}
	dead = s.get(rowPath(path, 4) + "?at=0&by=group")
	again = s.send(dead, dead.path, "version", version(dead), "do", "save", "field_contact_name", "Nobody At All",
		"all", "1").has(http.StatusOK, "3 rows decided: 3 rejected again", "Nobody At All")
	if again.path != dead.path {
		t.Errorf("the decision about all leads to %s", again.path)
	}
}

// The counts of an import add up, and a dry run offers no decisions.
func TestSkippedRowsAreListed(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	rows := "title,contact_name,external_id\nCall,Hans Müller,e1\nMeet,Zebulon Quark,e2\n"
	s.imported("tasks", "once.csv", rows)
	s.imported("tasks", "twice.csv", rows)
	s.get("/console/imports").has(http.StatusOK, "+1 skipped")
	staged := s.upload("tasks", "dry.csv", rows)
	dry := s.send(staged, staged.path, "do", "check", "on_same_file", "all")
	s.ended(dry.path)
	if p := s.get(dry.path).has(http.StatusOK, "Rejected by cause"); strings.Contains(p.body, "1 decision") {
		t.Errorf("a dry run is to be decided: %s", p.body)
	}
	s.get(dry.path+"/groups").has(http.StatusOK, "This was a dry run")
}

// A long text is folded; the unfolded text is complete.
func TestLongTextsAreFolded(t *testing.T) {
	s := setup(t)
	s.signIn()
	long := strings.Repeat("many words ", 200) + "the end"
	path := s.imported("tasks", "tasks.csv", "title,description\nShort,"+long+"\n")
	if p := s.get(rowPath(path, 1)).has(http.StatusOK, "<details><summary><bdi>many words",
		long); strings.Contains(p.tidy(), "<details><summary><bdi>Short") {
		t.Error("a short text is folded")
	}
}

// An assignee at fault is picked from the users, remembered, or left out, on the page of the row.
func TestAssigneeIsPicked(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	s.load("users", "name,email,assignee_id\nJane Whitcombe,jane@ours.example,u-1\nOmar Haddad,,u-2\n")
	path := s.imported("tasks", "owners.csv", "title,contact_name,assignee_name\nA,Hans Müller,Jane W.\n"+
		"B,Hans Müller,Jane W.\nC,Maria Rossi,The Intern\nD,Maria Rossi,Somebody\n")
	p := s.get(rowPath(path, 1)).has(http.StatusOK, "Search the users", "Whitcombe", "jane@ours.example", "Haddad",
		"Leave unassigned", "Remember as an alias", "Apply to all 2 rows")
	s.get(rowPath(path, 1)+"?find=omar").has(http.StatusOK, "Haddad", "Found")
	s.get(rowPath(path, 1)+"?find=nobody").has(http.StatusOK, "No record in the directory matches")
	done := s.send(p, p.path, "version", version(p), "choose", p.choice("jane@ours.example"), "all", "1", "remember",
		"1").has(http.StatusOK, "2 rows decided: 2 created")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title IN ('A', 'B') AND assignee_id = 'u-1'`); n != 2 {
		t.Errorf("%d tasks are assigned as they were decided, want 2", n)
	}
	if n := query[int](s, `SELECT count(*) FROM aliases WHERE kind = 'users'`); n != 1 {
		t.Errorf("%d assignees are remembered, want 1", n)
	}
	s.undo(done).has(http.StatusOK, "Undone: 2 rows are as they were, 2 tasks are deleted.")
	if n := query[int](s, `SELECT count(*) FROM aliases WHERE kind = 'users'`); n != 0 {
		t.Error("the undo leaves the alias")
	}
	p = s.get(rowPath(path, 3))
	s.send(p, p.path, "version", version(p), "do", "unassign").has(http.StatusOK, "1 row decided: 1 created")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title = 'C' AND assignee_id IS NULL`); n != 1 {
		t.Error("the task is not left unassigned")
	}
	// Of many users those are found who are searched for.
	many := "name,assignee_id\n"
	for n := range 20 {
		many += fmt.Sprintf("Person Number %d,x-%d\n", n, n)
	}
	s.load("users", many)
	s.get(rowPath(path, 4)).has(http.StatusOK, "Nobody of this name is a user")
	p = s.get(rowPath(path, 4) + "?find=number+17")
	s.send(p, rowPath(path, 4), "version", version(p), "choose", p.choice("x-17")).has(http.StatusOK,
		"1 row decided: 1 created")
	if got := query[string](s, `SELECT assignee_id FROM tasks WHERE title = 'D'`); got != "x-17" {
		t.Errorf("the task is assigned to %s", got)
	}
}
