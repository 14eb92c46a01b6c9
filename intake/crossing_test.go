package intake_test

import (
	"strings"
	"testing"
)

// A row of a report that is corrected with the API becomes the task of its first import, and the
// answer has its id.
func TestCorrectedRowOfAReportIsTiedToItsFirstImport(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	first := a.importTasks(lost, "")
	second := a.importTasks(a.report(first), "")
	a.do("GET", second, "").wantCounts(0, 0, 0, 3)
	corrected := a.do("POST", second+"/rejects/1", `{"contact_id": "`+a.contact("Hans Müller")+`"}`)
	if id := a.id(`SELECT id FROM tasks WHERE import_id = $1 AND workspace_id = $2 AND row_number = 1`,
		a.jobID(second)); corrected.get("data.mended.id") != id {
		t.Errorf("%s, the task is %s", corrected.raw, id)
	}
	// The same row is corrected in the first import too. There is still one task.
	a.do("POST", first+"/rejects/2", `{"contact_id": "`+a.contact("Hans Müller")+`"}`)
	a.await(a.jobID(first)).wantCounts(1, 0, 1, 2)
	if n := a.query(`SELECT count(*) FROM tasks`); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
}

// A row that repeats an earlier row stays rejected until it is corrected.
func TestRepeatedRowIsCorrected(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks("title,contact_name\nCall,Hans Müller\nCall,Hans Müller\nCall,Hans Müller\n",
		"?on_duplicate_row=reject")
	a.do("GET", job, "").wantCounts(1, 0, 0, 2)
	a.do("POST", job+"/retry", "").wantCounts(1, 0, 0, 2)
	corrected := a.do("POST", job+"/rejects/2", `{"fields": {"title": "Call once more"}}`)
	if !strings.Contains(corrected.raw, `"created"`) {
		t.Error(corrected.raw)
	}
	a.do("GET", job, "").wantCounts(2, 0, 0, 1)
	a.do("POST", job+"/retry", "").wantCounts(2, 0, 0, 1)
}
