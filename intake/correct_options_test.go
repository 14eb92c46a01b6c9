package intake_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// optionsThatGive feed each field of a task by an option instead of a plain column.
var optionsThatGive = url.Values{"mapping": {`{"Was": "title"}`}, "constants": {`{"priority": "low"}`},
	"compose": {`{"contact_name": ["Vor", "Nach"]}`},
	"values":  {`{"status": {"open": "completed"}}`}, "date_order": {"dmy"}}

// Corrections override constants, composed columns and value mappings: in the import itself, and
// in a report that is sent again with the same options.
func TestNewValuesCountOverTheOptions(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	query := "?" + optionsThatGive.Encode()
	job := a.importTasks("Was,Vor,Nach,status,Due "+
		"Date\nCall,Frieda,Fremd,open,01.02.2026\nWrite,Frieda,Fremd,open,01.02.2026\n", query)
	a.do("GET", job, "").wantCounts(0, 0, 0, 2)
	if r := a.do("POST", job+"/rejects/1",
		`{"fields": {"contact_name": "Wolfgang Unbekannt", "priority": "high", "status": "open",
			"due_date": "03.04.2026", "task_type": "call"}}`); r.get("data.mended.outcome") != "rejected" ||
		r.get("data.mended.reject.mended.due_date") != "2026-04-03" {
		t.Fatal(r.raw)
	}
	report := a.report(job)
	if !strings.HasPrefix(report,
		"Was,Vor,Nach,status,Due Date,task_type,contact_id,company_id,_new_contact_name,_new_priority,_new_status,_row,") ||
		!strings.Contains(report, "\nCall,Frieda,Fremd,open,2026-04-03,call,,,Wolfgang Unbekannt,high,open,1,") ||
		!strings.Contains(report, "\nWrite,Frieda,Fremd,open,01.02.2026,,,,,,,2,") {
		t.Errorf("the report is\n%s", report)
	}
	again := a.importTasks(report, query)
	if twice := a.report(again); strings.ReplaceAll(twice, a.jobID(again), a.jobID(job)) != report {
		t.Errorf("the report of the report is\n%s\nwant\n%s", twice, report)
	}
	a.load("contacts", "full_name\nWolfgang Unbekannt\n")
	sent := a.importTasks(report, query+"&on_same_file=all")
	a.do("GET", sent, "").wantCounts(1, 0, 0, 1)
	a.wantTasks("the report", a.jobID(sent), "Call open high call 2026-04-03 "+clock.Format("2006-01-02T15:04:05Z"))
	a.do("POST", sent+"/undo", "")
	a.await(a.jobID(sent))
	a.do("POST", job+"/rejects/2", `{"fields": {"contact_name": "Hans Müller", "status": "Erledigt"}}`)
	a.do("POST", job+"/retry", "")
	a.await(a.jobID(job)).wantCounts(2, 0, 0, 0)
	a.wantTasks("mended where they stand", a.jobID(job), "Call open high call 2026-04-03 "+clock.Format(
		"2006-01-02T15:04:05Z"), "Write completed low <nil> 2026-02-01 "+clock.Format("2006-01-02T15:04:05Z"))
}

// A value that is valid neither in the API nor in the file is refused at once, and so is an
// ambiguous date.
func TestNewValuesThatMeanNothing(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks("title,contact_name\nCall,Frieda Fremd\n", "")
	for body, want := range map[string]string{`{"fields": {"status": "Wartet"}}`: "status must be one of",
		`{"fields": {"due_date": "03.04.2026"}}`: "due_date", `{"fields": {"due_date": "soon"}}`: "due_date"} {
		if r := a.do("POST", job+"/rejects/1", body); r.status != http.StatusBadRequest || !strings.Contains(r.raw, want) {
			t.Errorf("%s: %d %s", body, r.status, r.raw)
		}
	}
	if r := a.do("POST", job+"/rejects/1",
		`{"fields": {"due_date": "25.04.2026", "status": "In Bearbeitung", "contact_name": "Hans Müller"}}`); r.get(
		"data.mended.outcome") != "created" {
		t.Error(r.raw)
	}
}
