package console_test

import (
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
