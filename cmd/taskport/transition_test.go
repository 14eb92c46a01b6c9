package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCancelPrintsWhatIsIn(t *testing.T) {
	t.Parallel()
	cancelled := strings.Replace(jobJSON("cancelled", 2), `"processed_count":10,"created_count":8`,
		`"processed_count":6,"created_count":4`, 1)
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusOK, cancelled), says(http.StatusOK, cancelled),
		fails(http.StatusConflict, "conflict", "")}
	p := a.client(t)
	r := p.run("cancel", jobID)
	want := `import of tasks.csv: cancelled, 10 rows
  created           4
  updated           0
  skipped           0
  rejected          2
    orphan                      2
  not done          4
  row 1: orphan: needs a parent
  row 2: orphan: needs a parent
`
	if r.code != exitDone || r.out != want || r.err != "" {
		t.Errorf("exit %d, %s, got\n%swant\n%s", r.code, r.err, r.out, want)
	}
	if r := p.run("cancel", "--json", jobID); r.code != exitDone || r.out != cancelled {
		t.Errorf("as JSON: %+v", r)
	}
	if r := p.run("cancel", jobID); r.code != exitFailed || r.out != "" ||
		r.err != "taskport: say it otherwise (conflict)\n" {
		t.Errorf("refused: %+v", r)
	}
	for _, got := range a.got() {
		if got.method != http.MethodPost || got.path != "/v1/import/jobs/"+jobID+"/cancel" ||
			got.header.Get("Idempotency-Key") == "" {
			t.Errorf("%+v", got)
		}
	}
}

func TestRetryFollowsAndSavesWhatIsLeft(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("processing", 7), jobJSON("completed", 1))
	a.lists = says(http.StatusOK, "title,_row\n,1\n")
	p := a.client(t)
	report := filepath.Join(p.dir, "left.csv")
	r := p.run("retry", "--report", report, jobID)
	if r.code != exitRejected || !strings.HasPrefix(r.out, "import of tasks.csv: completed, 10 rows\n") ||
		!strings.Contains(r.err, "left.csv") {
		t.Errorf("%+v", r)
	}
	if text, err := os.ReadFile(report); err != nil || string(text) != "title,_row\n,1\n" {
		t.Errorf("%s %v", text, err)
	}
	if got := a.got()[0]; got.path != "/v1/import/jobs/"+jobID+"/retry" || got.method != http.MethodPost {
		t.Errorf("%+v", got)
	}
}

func TestRetryWithNothingToDo(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusOK, jobJSON("completed", 0)), says(http.StatusOK,
		jobJSON("completed", 0))}
	p := a.client(t)
	if r := p.run("retry", "--quiet", jobID); r.code != exitDone || !strings.Contains(r.err, "nothing to retry") {
		t.Errorf("%+v", r)
	}
	if r := p.run("retry", "--json", "--quiet", jobID); r.code != exitDone || r.out != jobJSON("completed", 0) {
		t.Errorf("%+v", r)
	}
}

func TestUndoListsWhatItKept(t *testing.T) {
	t.Parallel()
	undone := strings.Replace(jobJSON("undone", 0), `"errors"`,
		`"undone_count":1234,"kept_count":3,"kept_ids":["k1","k2"],"errors"`, 1)
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusOK, undone), says(http.StatusOK, undone)}
	p := a.client(t)
	r := p.run("undo", jobID)
	want := "undone: 1,234 tasks taken back, 3 kept because they were changed since\n  k1\n  k2\n"
	if r.code != exitDone || r.out != want || !strings.Contains(r.err, "1 more") {
		t.Errorf("%+v, want %s", r, want)
	}
	if r := p.run("undo", "--json", jobID); r.code != exitDone || r.out != undone {
		t.Errorf("%+v", r)
	}
	if got := a.got()[0]; got.path != "/v1/import/jobs/"+jobID+"/undo" {
		t.Errorf("%+v", got)
	}
}
