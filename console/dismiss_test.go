package console_test

import (
	"net/http"
	"strings"
	"testing"
)

// sums is a file with two unknown names, a line of totals, and a bad value.
const sums = "title,contact_name,due_date\nCall,Zebulon Quark,\nMeet,Zebulon Quark,\nTotal,2,\nAsk,Hans Müller,soon\n"

func (o *operator) dismiss(from page, form ...string) page {
	o.t.Helper()
	at, query, _ := strings.Cut(from.path, "?")
	return o.send(from, at+"/dismiss?"+query, form...)
}

// A row and a group are dismissed with a reason, counted, named by the audit, and opened again.
func TestDismiss(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "sums.csv", sums)
	totals := s.get(rowPath(path, 3)).has(http.StatusOK, `name="why" list="whys" value="a line of totals"`)
	s.dismiss(totals, "why", "a line of totals").has(http.StatusOK, "1 row dismissed")
	quark := s.get(rowPath(path, 1)+"?by=group&at=0").has(http.StatusOK, "All 2 rows")
	next := s.dismiss(quark, "why", "nobody needs this task", "all", "1").has(http.StatusOK, "2 rows dismissed")
	if next.path != rowPath(path, 4)+"?at=0&by=group" {
		t.Errorf("the dismissal leads to %s", next.path)
	}
	if i := s.ended(path); i.Rejected != 4 || i.Dismissed != 3 {
		t.Errorf("got %d rejected, %d dismissed", i.Rejected, i.Dismissed)
	}
	p := s.get(path).has(http.StatusOK, "· 3 dismissed", "1 decision<")
	if n := strings.Count(p.body, `<li id="row-`); n != 1 {
		t.Errorf("%d rows are listed as open", n)
	}
	p = s.get(path+"?dismissed=1").has(http.StatusOK, "Dismissed rows", "Zebulon Quark")
	if n := strings.Count(p.body, `<li id="row-`); n != 3 {
		t.Errorf("%d rows are listed as dismissed", n)
	}
	s.get("/console/imports").has(http.StatusOK, "3 dismissed")
	s.get("/console/audit").has(http.StatusOK, "dismissed rows", "a line of totals", "nobody needs this task")
	again := s.get(rowPath(path, 1)).has(http.StatusOK, "Ada dismissed this row", "All 2 rows", "Open again")
	s.dismiss(again, "restore", "1", "all", "1").has(http.StatusOK, "2 rows are open again")
	s.get(path).has(http.StatusOK, "· 1 dismissed", "2 decisions")
	s.get("/console/audit").has(http.StatusOK, "opened dismissed rows again")
	s.dismiss(again, "restore", "1").has(http.StatusOK, "Nothing was changed")
}
