package console_test

import (
	"fmt"
	"net/http"
	"testing"
)

// The unknown values of an import are given their meanings on one page, and saved together.
func TestUnknownValuesAreSavedTogether(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "words.csv", "title,contact_name,company_name,status,priority\n"+
		"A,Hans Müller,,halted,\nB,Hans Müller,North Ltd,halted,\nC,Hans Müller,,,whenever\nD,Maria Rossi,,,soonish\n"+
		"E,Nobody Known,,,\n")
	s.get("/console/inbox?import="+idIn(path)).has(http.StatusOK, "Unknown values…")
	p := s.get(path+"/values").has(http.StatusOK, "halted", "whenever", "soonish")
	s.send(p, path+"/values").has(http.StatusBadRequest, "Choose the meaning of at least one value")
	s.send(p, path+"/values", "value status halted", "resting").has(http.StatusBadRequest, "halted: ", "status must be")
	s.send(p, path+"/values", "value status halted", "open", "value priority whenever", "none").has(http.StatusOK,
		"3 rows decided: 3 created. 1 left.", "soonish")
	p = s.get(path + "/values")
	s.send(p, path+"/values", "value priority soonish", "high").has(http.StatusOK, "1 row decided: 1 created",
		"Nobody Known")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE status = 'open' AND title IN ('A', 'B')`); n != 2 {
		t.Errorf("got %d tasks, want 2", n)
	}
	s.get(path+"/values").has(http.StatusOK, "No row is rejected because of an unknown value")
}

// Unknown assignees stand in the worksheet beside the other values, with the users of the
// workspace, are saved together with them, remembered, and undone together.
func TestUnknownAssigneesAreSavedTogether(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	s.load("users", "name,email,assignee_id\nJane Whitcombe,jane@ours.example,u-1\nOmar Haddad,,u-2\n")
	const file = "title,contact_name,status,assignee_name\nA,Hans Müller,,Jane W.\nB,Hans Müller,,Jane W.\n" +
		"C,Hans Müller,halted,\nD,Maria Rossi,,The Intern\n"
	path := s.imported("tasks", "owners.csv", file)
	p := s.get(path+"/values").has(http.StatusOK, "Jane W.", "halted", "The Intern",
		"Jane Whitcombe · jane@ours.example</option>", "nobody: leave unassigned")
	jane := query[string](s, `SELECT id::text FROM users WHERE name = 'Jane Whitcombe'`)
	s.send(p, path+"/values", "value assignee_name Jane W.", "Nobody Known").has(http.StatusBadRequest, "Jane W.: ")
	done := s.send(p, path+"/values", "value assignee_name Jane W.", jane, "value assignee_name The Intern", "none",
		"value status halted", "open", "remember", "1").has(http.StatusOK, "4 rows decided: 4 created")
	if n := query[int](s, `SELECT count(*) FROM tasks WHERE title IN ('A', 'B') AND assignee_id = 'u-1'
		OR title = 'D' AND assignee_id IS NULL OR title = 'C' AND status = 'open'`); n != 4 {
		t.Errorf("got %d tasks as they were decided, want 4", n)
	}
	if n := query[int](s, `SELECT count(*) FROM aliases WHERE kind = 'users'`); n != 2 {
		t.Errorf("%d assignees are remembered, want 2", n)
	}
	s.undo(done).has(http.StatusOK, "Undone: 4 rows are as they were, 4 tasks are deleted.")
	if n := query[int](s, `SELECT count(*) FROM aliases WHERE kind = 'users'`); n != 0 {
		t.Errorf("%d assignees are remembered after the undo", n)
	}
	// Where there are more users than a list holds, a text names one.
	many := "name,assignee_id\n"
	for n := range 250 {
		many += fmt.Sprintf("Person Number %d,x-%d\n", n, n)
	}
	s.load("users", many)
	p = s.get(path+"/values").has(http.StatusOK, `placeholder="name, address or id, or none"`)
	s.send(p, path+"/values", "value assignee_name Jane W.", "jane@ours.example").has(http.StatusOK,
		"2 rows decided: 2 created")
}
