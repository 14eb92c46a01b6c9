package main

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const tasksFile = "title,contact_name\nCall,Hans Müller\n"

// posted returns the one upload that the server got.
func (a *api) posted(t *testing.T) request {
	t.Helper()
	var posts []request
	for _, r := range a.got() {
		if r.method == http.MethodPost {
			posts = append(posts, r)
		}
	}
	if len(posts) != 1 {
		t.Fatalf("%d uploads", len(posts))
	}
	return posts[0]
}

func TestImportPrintsTheOutcomeAlone(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("processing", 0), jobJSON("completed", 0))
	p := a.client(t)
	r := p.run("import", p.file("tasks.csv", tasksFile))
	want := `import of tasks.csv: completed, 10 rows
  created          10
  updated           0
  skipped           0
  rejected          0
`
	if r.code != exitDone || r.out != want {
		t.Errorf("exit %d, got\n%swant\n%s", r.code, r.out, want)
	}
	if strings.Contains(r.err, "rejects") {
		t.Errorf("a report without dead letters: %s", r.err)
	}
	post := a.posted(t)
	if post.path != "/v1/import/tasks" || post.body != tasksFile {
		t.Errorf("%+v", post)
	}
	for name, want := range map[string]string{"Authorization": "Bearer wbk_test", "Content-Type": "text/csv",
		"Prefer": "respond-async"} {
		if got := post.header.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func TestImportShowsAndSavesDeadLetters(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 7))
	a.lists = says(http.StatusOK, "title,_row\n,1\n")
	p := a.client(t)
	report := p.file("kept.csv", "of an earlier import")
	r := p.run("import", "--report", report, p.file("tasks.csv", tasksFile))
	want := `import of tasks.csv: completed, 10 rows
  created           3
  updated           0
  skipped           0
  rejected          7
    orphan                      7
  row 1: orphan: needs a parent
  row 2: orphan: needs a parent
  row 3: orphan: needs a parent
  row 4: orphan: needs a parent
  row 5: orphan: needs a parent
`
	if r.code != exitRejected || r.out != want {
		t.Errorf("exit %d, got\n%swant\n%s", r.code, r.out, want)
	}
	if text, err := os.ReadFile(report); err != nil || string(text) != "title,_row\n,1\n" {
		t.Errorf("%v: %s", err, text)
	}
	if !strings.Contains(r.err, report) {
		t.Errorf("the report is not named: %s", r.err)
	}
}

func TestReportIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 1))
	a.lists = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		says(http.StatusOK, "title,_row\n")(w, nil)
		panic(http.ErrAbortHandler)
	}
	p := a.client(t)
	p.env["TASKPORT_RETRY_FOR"] = "0s"
	report := p.file("kept.csv", "of an earlier import")
	r := p.run("import", "--report", report, p.file("tasks.csv", tasksFile))
	if r.code != exitFailed || !strings.Contains(r.out, "rejected          1") || !strings.Contains(r.err,
		"taskport rejects "+jobID) {
		t.Errorf("%+v", r)
	}
	if text, err := os.ReadFile(report); err != nil || string(text) != "of an earlier import" {
		t.Errorf("%v: %s", err, text)
	}
	if left, err := filepath.Glob(filepath.Join(p.dir, "*kept*")); err != nil || len(left) != 1 {
		t.Errorf("%v: left are %v", err, left)
	}
}

// A report whose name is that of a workbook is one.
func TestReportAsAWorkbook(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 1))
	a.lists = says(http.StatusOK, "PK")
	p := a.client(t)
	for name, want := range map[string]string{"mend.xlsx": "format=xlsx", "mend.XLSX": "format=xlsx",
		"mend.csv": "format=csv", "mend": "format=csv"} {
		before := len(a.got())
		p.run("import", "--report", filepath.Join(p.dir, name), p.file("tasks.csv", tasksFile))
		asked := a.got()[before:]
		if last := asked[len(asked)-1]; !strings.HasSuffix(last.path, "/rejects") || last.query != want {
			t.Errorf("%s: asked %s?%s", name, last.path, last.query)
		}
	}
	p = offline(t)
	contacts, report := p.file("contacts.csv", "full_name,external_id\nPetra Vogelsang,1\n"), filepath.Join(p.dir,
		"mend.xlsx")
	if r := p.run("check", p.file("tasks.csv", "title,contact_name,external_id\nCall,Nobody,007\n"), "--contacts",
		contacts, "--report", report); r.code != exitRejected {
		t.Errorf("%+v", r)
	}
	if r := p.run("check", report, "--contacts", contacts); r.code != exitRejected || !strings.Contains(r.out,
		"read as a workbook") || !strings.Contains(r.out, "007") {
		t.Errorf("%+v", r)
	}
}

func TestImportExitCodes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status   string
		rejected int
		want     int
	}{{"completed", 0, exitDone}, {"completed", 1, exitRejected}, {"failed", 0, exitFailed}, {"failed", 1, exitFailed},
		{"cancelled", 0, exitFailed}} {
		a := newAPI(t, jobJSON(c.status, c.rejected))
		a.lists = says(http.StatusOK, "title,_row\n")
		p := a.client(t)
		r := p.run("import", "--report", filepath.Join(p.dir, "r.csv"), p.file("tasks.csv", tasksFile))
		if r.code != c.want || !strings.Contains(r.out, c.status) {
			t.Errorf("%s with %d rejected: %+v", c.status, c.rejected, r)
		}
		if c.want == exitFailed && !strings.Contains(r.err, "taskport: the import is "+c.status+"\n") {
			t.Errorf("%s: %s", c.status, r.err)
		}
	}
}

func TestImportFlagsBecomeOptions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		want url.Values
	}{
		{nil, url.Values{"on_company_mismatch": {"reject"}}},
		{[]string{"--no-header", "--delimiter", ";"}, url.Values{"has_header": {"false"}, "delimiter": {";"},
			"on_company_mismatch": {"reject"}}},
		{[]string{"--on-duplicate", "update", "--on-company-mismatch", "link"}, url.Values{"on_duplicate": {"update"},
			"on_company_mismatch": {"link"}}},
		{[]string{"--dry-run"}, url.Values{"dry_run": {"true"}, "on_company_mismatch": {"reject"}}},
		{[]string{"--mapping", "Subject=title", "--map", "a=b=contact_name", "--mapping", "Notes="},
			url.Values{"mapping": {`{"Notes":"","Subject":"title","a=b":"contact_name"}`}, "on_company_mismatch": {"reject"}}},
		{[]string{"--value", "status:Not Started=open", "--value", "status:a=b:c=completed", "--value", "priority:-=",
			"--set", "task_type=a=b", "--compose", "contact_name=First Name+Last Name", "--date-order", "dmy",
			"--timezone", "Europe/Berlin", "--mapping-name", "old", "--preset", "none"},
			url.Values{"values": {`{"priority":{"-":""},"status":{"Not Started":"open","a=b:c":"completed"}}`},
				"constants": {`{"task_type":"a=b"}`}, "compose": {`{"contact_name":["First Name","Last Name"]}`},
				"date_order": {"dmy"}, "timezone": {"Europe/Berlin"}, "mapping_name": {"old"}, "preset": {"none"},
				"on_company_mismatch": {"reject"}}},
	} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		if r := p.run(append([]string{"import", p.file("tasks.csv", tasksFile)}, c.args...)...); r.code != exitDone {
			t.Fatalf("%v: %+v", c.args, r)
		}
		c.want.Set("file_name", "tasks.csv")
		c.want.Set("on_several", "reject")
		if !c.want.Has("on_duplicate") {
			c.want.Set("on_duplicate", "skip")
		}
		if got := a.posted(t).query; got != c.want.Encode() {
			t.Errorf("%v: options are\n%s, want\n%s", c.args, got, c.want.Encode())
		}
	}
}

func TestMediaTypeFollowsTheEnding(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"a.csv": "text/csv", "a.TXT": "text/csv",
		"a.tsv":    "text/tab-separated-values",
		"a.ndjson": "application/x-ndjson", "a.jsonl": "application/x-ndjson", "a.json": "application/json",
		"a.xls": "application/octet-stream"} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		if r := p.run("import", p.file(name, tasksFile)); r.code != exitDone {
			t.Errorf("%s: %+v", name, r)
		}
		if got := a.posted(t).header.Get("Content-Type"); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestLoadSendsTheKind(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"contacts", "companies", "deals", "events", "users"} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		file := p.file(kind+".csv", contactsFile)
		if r := p.run("load", kind, "--map", "Name=external_id", "--no-header", "--on-duplicate", "update", "--delimiter",
			"tab", file); r.code != exitDone {
			t.Errorf("%s: %+v", kind, r)
		}
		want := url.Values{"file_name": {kind + ".csv"}, "mapping": {`{"Name":"external_id"}`}, "has_header": {"false"},
			"on_duplicate": {"update"}, "delimiter": {"tab"}}
		if post := a.posted(t); post.path != "/v1/import/"+kind || post.query != want.Encode() {
			t.Errorf("%s: %s?%s", kind, post.path, post.query)
		}
	}
}

func TestImportRefusesWrongUse(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 0))
	p := a.client(t)
	file := p.file("tasks.csv", tasksFile)
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"import"}, "accepts 1 arg"},
		{[]string{"import", "--mapping", "Subject", file}, `--map takes COLUMN=field, not "Subject"`},
		{[]string{"import", "--mapping", "=title", file}, "--map takes COLUMN=field"},
		{[]string{"import", "--set", "task_type", file}, `--set takes field=VALUE, not "task_type"`},
		{[]string{"import", "--compose", "contact_name", file}, "--compose takes field=COLUMN+COLUMN"},
		{[]string{"import", "--value", "status=open", file}, "--value takes field:VALUE=ours"},
		{[]string{"import", "--map-file", p.file("bad.yaml", "maping: {}"), file}, `unknown field "maping"`},
		{[]string{"import", "--map-file", p.file("broken.yaml", "mapping: {"), file}, "not JSON or YAML"},
		{[]string{"import", "--map-file", p.file("contacts.yaml", "kind: contacts"), file},
			"the mapping is for contacts, but the file has tasks"},
		{[]string{"import", "--map-file", "nowhere.yaml", file}, "open the mapping"},
		{[]string{"import", "--retry-for", "soon", file}, `--retry-for must be a time such as 30s or 2m, not "soon"`},
		{[]string{"import", "--retry-for", "-1s", file}, "--retry-for must be"},
		{[]string{"import", "--server", "localhost:8080", file}, "--server must be an address"},
		{[]string{"import", "--loudly", file}, "unknown flag"},
		{[]string{"import", "--on-duplicate", "never", file}, "--on-duplicate must be one of"},
		{[]string{"import", "--preset", "nobody", file}, "--preset must be one of"},
		{[]string{"import", "--map", "Subject=nothing", file}, "nothing"},
		{[]string{"jobs", "--kind", "people"}, "--kind must be one of"},
		{[]string{"jobs", jobID, "--singles"}, "--singles is for the list"},
		{[]string{"retry"}, "name one job"},
		{[]string{"retry", jobID, "--all"}, "not both"},
		{[]string{"key", "creat"}, "did you mean create?"},
		{[]string{"load", "tasks", file}, "contacts, companies, deals, events"},
	} {
		want := exitUsage
		if slices.Contains(c.args, "--map-file") { // the file is wrong, not the command
			want = exitFailed
		}
		if r := p.run(c.args...); r.code != want || r.out != "" || !strings.Contains(r.err, c.want) ||
			strings.Contains(r.err, "usage: taskport "+c.args[0]+" ") != (want == exitUsage) {
			t.Errorf("%v: %+v", c.args, r)
		}
	}
	if got := a.got(); len(got) != 0 {
		t.Errorf("the server got %v", got)
	}
}

func TestImportAsJSONGivesTheAnswerItself(t *testing.T) {
	t.Parallel()
	ended := jobJSON("completed", 2)
	a := newAPI(t, jobJSON("processing", 0), ended)
	a.lists = says(http.StatusOK, "title,_row\n")
	p := a.client(t)
	r := p.run("import", "--json", "--quiet", "--report", filepath.Join(p.dir, "r.csv"), p.file("tasks.csv", tasksFile))
	if r.code != exitRejected || r.out != ended {
		t.Errorf("%+v, want %s", r, ended)
	}
	if strings.Contains(r.err, "rows") && strings.Contains(r.err, "of 10 rows") {
		t.Errorf("progress in spite of --quiet: %s", r.err)
	}
}

func TestFlagsWinOverTheEnvironment(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 0))
	p := a.client(t)
	p.env["TASKPORT_SERVER"], p.env["TASKPORT_API_KEY"] = "http://127.0.0.1:1", "wbk_other"
	r := p.within(t.Context(), false, "import", "--server", a.URL+"/", "--api-key", "wbk_flag", p.file("tasks.csv",
		tasksFile))
	if r.code != exitDone || a.posted(t).header.Get("Authorization") != "Bearer wbk_flag" {
		t.Errorf("%+v", r)
	}
	if help := p.run("import", "--help"); strings.Contains(help.out, "wbk_other") || !strings.Contains(help.out,
		"$TASKPORT_RETRY_FOR") {
		t.Errorf("help: %s", help.out)
	}
}

// --on-several goes to the server as the option of the API.
func TestImportSendsOnSeveral(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{"first": "first", "": "reject"} {
		a := newAPI(t, jobJSON("completed", 0))
		p := a.client(t)
		args := []string{"import", p.file("tasks.csv", tasksFile)}
		if value != "" {
			args = append(args, "--on-several", value)
		}
		r := p.run(args...)
		q, err := url.ParseQuery(a.posted(t).query)
		if got := q.Get("on_several"); err != nil || r.code != exitDone || got != want {
			t.Errorf("%q: exit %d, on_several is %q, want %q; %v", value, r.code, got, want, err)
		}
	}
	p := &program{t: t, dir: t.TempDir()}
	contacts := p.file("contacts.csv", "external_id,full_name\n551,Anna Schmidt\n552,Hans Vogt\n")
	file := p.file("several.csv", "title,contact_external_id\nCall,551;552\n")
	if r := p.run("check", file, "--contacts", contacts); r.code != exitRejected || !strings.Contains(r.out+r.err,
		"--on-several first") {
		t.Errorf("exit %d, want the row rejected and the flag named: %s", r.code, r.out+r.err)
	}
	if r := p.run("check", file, "--contacts", contacts, "--on-several", "first"); r.code != exitDone {
		t.Errorf("exit %d with --on-several first: %s", r.code, r.out+r.err)
	}
	if r := p.run("check", file, "--contacts", contacts, "--on-several", "second"); r.code == exitDone {
		t.Errorf("--on-several second is taken: %s", r.out+r.err)
	}
}
