package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const jobsAnswer = `{"data":[
 {"job_id":"j2","kind":"tasks","status":"processing","file_name":"big\u001b[2J\n.csv",
  "total_count":1200000,"created_count":34567,"updated_count":1000,"skipped_count":5,"rejected_count":12,
  "created_at":"2026-03-10T09:00:00Z"},
 {"job_id":"j1","kind":"contacts","status":"completed","file_name":"","dry_run":true,
  "total_count":3,"created_count":3,"rejected_count":0,"created_at":"2026-03-09T09:00:00Z"}],
 "meta":{"page":2,"per_page":2,"total":7}}
`

func TestJobsTable(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.lists = says(http.StatusOK, jobsAnswer)
	r := a.client(t).run("jobs", "--page", "2", "--per-page", "2")
	local := func(day int) string {
		return time.Date(2026, time.March, day, 9, 0, 0, 0, time.UTC).Local().Format(time.DateTime)
	}
	want := "ID  KIND      STATUS              FILE          TOTAL      CREATED  UPDATED  SKIPPED  REJECTED  STARTED\n" +
		"j2  tasks     processing          big [2J .csv  1,200,000  34,567   1,000    5        12        " + local(10) +
		"\n" +
		"j1  contacts  completed, dry run                3          3        0        0        0         " + local(9) + "\n"
	if r.code != exitDone || r.out != want {
		t.Errorf("exit %d, got\n%swant\n%s", r.code, r.out, want)
	}
	if !strings.Contains(r.err, "page 2 of 4") {
		t.Errorf("the other pages are not told of: %q", r.err)
	}
	if got := a.got()[0]; got.path != "/v1/import/jobs" || got.query != "page=2&per_page=2" {
		t.Errorf("asked %s?%s", got.path, got.query)
	}
}

func TestJobsAsJSONIsTheAnswerItself(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.lists = says(http.StatusOK, jobsAnswer)
	if r := a.client(t).run("jobs", "--json"); r.code != exitDone || r.out != jobsAnswer {
		t.Errorf("%+v", r)
	}
}

// A stream that is not whole is named, so that its rows do not pass for all of the file.
func TestStreamsAreNamed(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.lists = says(http.StatusOK, `{"data":[
		{"job_id":"j2","kind":"tasks","status":"processing","total_count":3,"receiving":true},
		{"job_id":"j1","kind":"tasks","status":"completed","total_count":3,"ended_early":true}]}`)
	r := a.client(t).run("jobs")
	if !strings.Contains(r.out, "processing, receiving") || !strings.Contains(r.out, "completed, ended early") {
		t.Errorf("got\n%s", r.out)
	}
	var b strings.Builder
	job{Status: "completed", Total: 3, EndedEarly: true}.summary(&b, 0, 0)
	if !strings.Contains(b.String(), "the stream ended early") {
		t.Errorf("got\n%s", b.String())
	}
}

func TestOneJob(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("processing", 0), jobJSON("completed", 1), jobJSON("completed", 1))
	p := a.client(t)
	if out := p.must("jobs", jobID); out != "processing: 10 of 10 rows" {
		t.Errorf("running: %s", out)
	}
	if out := p.must("jobs", jobID); !strings.HasSuffix(out, "  row 1: orphan: needs a parent") {
		t.Errorf("ended: %s", out)
	}
	if out := p.must("jobs", "--json", jobID); out != strings.TrimSpace(jobJSON("completed", 1)) {
		t.Errorf("as JSON: %s", out)
	}
}

const rejectsAnswer = `{"data":[{"row_number":17,"line":18,"code":"ambiguous_reference","reason":"ambiguous_reference",
  "field":"contact_name","message":"\"Hans\tMüller\" fits more than one contact",
  "candidates":[{"id":"c1","name":"Hans Müller","company":"Brandt GmbH","score":1}],
  "row":{"title":"Call"},"details":null},
 {"row_number":20,"line":21,"code":"validation_error","reason":"orphan","field":"",
  "message":"needs a parent","candidates":[],"row":{"title":"Call"},"details":null}],
 "meta":{"page":1,"per_page":100,"total":103}}
`

const rejectsTable = `ROW  REASON               FIELD         MESSAGE
17   ambiguous_reference  contact_name  "Hans Müller" fits more than one contact
20   orphan                             needs a parent
`

// rejectsAPI returns dead letters as JSON or CSV, as it is asked to.
func rejectsAPI(t *testing.T) *api {
	t.Helper()
	a := newAPI(t)
	a.lists = func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("format") {
		case "csv":
			says(http.StatusOK, "title,_row\nCall,17\n")(w, r)
			return
		case "xlsx":
			says(http.StatusOK, "a workbook")(w, r)
			return
		}
		says(http.StatusOK, rejectsAnswer)(w, r)
	}
	return a
}

func TestRejectsFormats(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		terminal bool
		args     []string
		query    string
		want     string
	}{
		{true, nil, "page=1&per_page=100", rejectsTable},
		{false, nil, "format=csv", "title,_row\nCall,17\n"},
		{true, []string{"--format", "csv"}, "format=csv", "title,_row\nCall,17\n"},
		{false, []string{"--format", "table", "--page", "3", "--per-page", "50"}, "page=3&per_page=50", rejectsTable},
		{false, []string{"--format", "xlsx"}, "format=xlsx", "a workbook"},
		{true, []string{"--format", "json"}, "format=json&page=1&per_page=100", rejectsAnswer},
		{false, []string{"--json", "--page", "2"}, "format=json&page=2&per_page=100", rejectsAnswer},
	} {
		a := rejectsAPI(t)
		r := a.client(t).within(t.Context(), c.terminal, append([]string{"rejects", jobID}, c.args...)...)
		if r.code != exitDone || r.out != c.want {
			t.Errorf("%v: exit %d, %s, got\n%swant\n%s", c.args, r.code, r.err, r.out, c.want)
			continue
		}
		if got := a.got()[0]; got.path != "/v1/import/jobs/"+jobID+"/rejects" || got.query != c.query {
			t.Errorf("%v: asked %s?%s", c.args, got.path, got.query)
		}
		if more := strings.Contains(r.err, "101 more"); more != (c.want == rejectsTable && len(c.args) == 0) {
			t.Errorf("%v: note is %q", c.args, r.err)
		}
	}
}

func TestRejectsIntoAFile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want string
	}{{nil, "title,_row\nCall,17\n"}, {[]string{"--format", "csv"}, "title,_row\nCall,17\n"},
		{[]string{"--format", "json"}, rejectsAnswer},
		{[]string{"--format", "xlsx"}, "a workbook"}} {
		a := rejectsAPI(t)
		p := a.client(t)
		path := filepath.Join(p.dir, "out")
		r := p.within(t.Context(), true, append([]string{"rejects", jobID, "--output", path}, c.args...)...)
		text, err := os.ReadFile(path)
		if r.code != exitDone || r.out != "" || err != nil || string(text) != c.want {
			t.Errorf("%v: %v %+v\n%s", c.args, err, r, text)
		}
	}
}

func TestRejectsRefusesWrongUse(t *testing.T) {
	t.Parallel()
	a := rejectsAPI(t)
	p := a.client(t)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"--format", "xml"}, `--format must be csv, xlsx, json or table, not "xml"`},
		{[]string{"--format", "table", "--output", filepath.Join(p.dir, "out")}, "--output takes csv, xlsx or json"},
		{[]string{"--format", "csv", "--json"}, "format"},
	} {
		if r := p.run(append([]string{"rejects", jobID}, c.args...)...); r.code != exitUsage || r.out != "" ||
			!strings.Contains(r.err, c.want) {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	if r := p.within(t.Context(), true, "rejects", jobID, "--format", "xlsx"); r.code != exitUsage || r.out != "" ||
		!strings.Contains(r.err, "name a file with --output") {
		t.Errorf("a workbook on a terminal: %+v", r)
	}
	if got := a.got(); len(got) != 0 {
		t.Errorf("the server got %v", got)
	}
}

// A file whose name says that it is a workbook is one.
func TestRejectsIntoAWorkbook(t *testing.T) {
	t.Parallel()
	a := rejectsAPI(t)
	p := a.client(t)
	path := filepath.Join(p.dir, "out.XLSX")
	r := p.within(t.Context(), true, "rejects", jobID, "--output", path)
	if text, err := os.ReadFile(path); r.code != exitDone || err != nil || string(text) != "a workbook" {
		t.Errorf("%v %+v\n%s", err, r, text)
	}
}

func TestIDsAreEscaped(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.lists = fails(http.StatusNotFound, "not_found", "")
	p := a.client(t)
	if r := p.run("rejects", "../x?y"); r.code != exitFailed || r.out != "" ||
		r.err != "taskport: say it otherwise (not_found)\n" {
		t.Errorf("%+v", r)
	}
	if got := a.got()[0]; got.path != "/v1/import/jobs/../x?y/rejects" {
		t.Errorf("asked %s", got.path)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	command, flag := p.must("version"), p.must("--version")
	if command != flag || !strings.HasPrefix(command, "taskport version ") || len(command) == len("taskport version ") {
		t.Errorf("%q and %q", command, flag)
	}
}
