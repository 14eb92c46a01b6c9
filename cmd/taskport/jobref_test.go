package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// listed answers the list of jobs with these ids, the newest first, in pages; singles are others.
func listed(ids, singles []string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		all := ids
		if q.Get("singles") == "true" {
			all = singles
		}
		page, _ := strconv.Atoi(q.Get("page"))
		size, _ := strconv.Atoi(q.Get("per_page"))
		from := min(max(page-1, 0)*size, len(all))
		var jobs []string
		for _, id := range all[from:min(from+size, len(all))] {
			jobs = append(jobs, fmt.Sprintf(`{"job_id":%q,"kind":"tasks","status":"completed","file_name":"f.csv"}`, id))
		}
		says(http.StatusOK, `{"data":[`+strings.Join(jobs, ",")+`],"meta":{}}`)(w, r)
	}
}

func TestJobsByTheBeginningOfTheirID(t *testing.T) {
	t.Parallel()
	var ids []string
	for n := 250; n > 0; n-- {
		ids = append(ids, fmt.Sprintf("0198c0de-%04d-7000-8000-000000000000", n))
	}
	a := newAPI(t)
	a.lists = listed(append(ids, jobID), []string{"0298c0de-0000-7000-8000-000000000009"})
	c := &client{server: a.URL, key: "wbk_test", http: &http.Client{}}
	for _, x := range []struct{ name, want, says string }{
		{"0198c0de-0001", "0198c0de-0001-7000-8000-000000000000", ""},
		{"0198C0DE-0250", "0198c0de-0250-7000-8000-000000000000", ""},
		{"02", "0298c0de-0000-7000-8000-000000000009", ""},
		{jobID, jobID, ""},
		{"not/an id", "not/an id", ""},
		{"0198c0de-025", "0198c0de-0250-7000-8000-000000000000", ""},
		{"01", "", "and 241 more"},
		{"ffff", "", `no job has an id that begins with "ffff"; ` + "`taskport jobs` lists them"},
	} {
		got, err := c.jobNamed(t.Context(), x.name)
		if got != x.want || (err == nil) != (x.says == "") || err != nil && !strings.Contains(err.Error(), x.says) {
			t.Errorf("%s: got %q, %v", x.name, got, err)
		}
	}
	_, err := c.jobNamed(t.Context(), "0198c0de-024")
	if err == nil || !strings.Contains(err.Error(), `is the beginning of 10 jobs`) || strings.Count(err.Error(),
		"\n  0198c0de-024") != 10 || !strings.Contains(err.Error(), "tasks, completed, f.csv") {
		t.Errorf("ambiguous: %v", err)
	}
}

// An id that is not the beginning of the newest jobs is not searched for in all pages.
func TestSearchOfABeginningEndsEarly(t *testing.T) {
	t.Parallel()
	var ids []string
	for n := 1000; n > 0; n-- {
		ids = append(ids, fmt.Sprintf("0198c0de-%04d-7000-8000-000000000000", n))
	}
	a := newAPI(t)
	a.lists = listed(ids, nil)
	c := &client{server: a.URL, key: "wbk_test", http: &http.Client{}}
	if _, err := c.jobNamed(t.Context(), "0198c0de-0995"); err != nil {
		t.Error(err)
	}
	if got := len(a.got()); got != 2 { // a page of each list
		t.Errorf("%d requests, want 2", got)
	}
}

// @last is the job that the user has started with this server and key, wherever others are newer;
// without one it is the newest of the workspace, and the command says so.
func TestLastJob(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("completed", 0))
	const newest = "0999c0de-0000-7000-8000-000000000009"
	a.lists = listed([]string{newest}, nil)
	p := a.client(t)
	p.env["XDG_STATE_HOME"] = filepath.Join(p.dir, "state")
	a.uploads = []http.HandlerFunc{says(http.StatusOK, jobJSON("cancelled", 0))}
	if r := p.run("cancel", "@last"); r.code != exitDone || !strings.Contains(r.err,
		"@last is job "+newest+", the newest of the workspace, f.csv") {
		t.Errorf("%+v", r)
	}
	p.must("import", "--quiet", p.file("tasks.csv", tasksFile))
	if r := p.run("jobs", "@last"); r.code != exitDone || r.err != "@last is job "+jobID+"\n" {
		t.Errorf("%+v", r)
	}
	p.env["TASKPORT_API_KEY"] = "wbk_of_another_workspace"
	if r := p.run("rejects", "@last"); !strings.Contains(r.err, newest) {
		t.Errorf("the job of another key: %+v", r)
	}
	kept, err := os.ReadDir(filepath.Join(p.dir, "state", "taskport"))
	if err != nil || len(kept) != 1 || strings.Contains(kept[0].Name(), "wbk") {
		t.Errorf("%v, %v", kept, err)
	}
	a.lists = listed(nil, nil)
	if r := p.run("undo", "@last"); r.code != exitFailed || !strings.Contains(r.err, "no job yet") {
		t.Errorf("%+v", r)
	}
}

func TestCompletionOfJobsMappingsAndValues(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.lists = func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/mappings") {
			says(http.StatusOK, `{"data":[{"name":"nightly","kind":"tasks"},{"name":"weekly","kind":"deals"}]}`)(w, r)
			return
		}
		listed([]string{jobID}, nil)(w, r)
	}
	p := a.client(t)
	for _, c := range []struct {
		args  []string
		want  []string
		other string
	}{
		{[]string{"jobs", ""}, []string{"@last\t", jobID + "\ttasks, completed, f.csv"}, "x"},
		{[]string{"rejects", "0198"}, []string{jobID}, "@last"},
		{[]string{"retry", "@"}, []string{"@last"}, jobID}, {[]string{"undo", ""}, []string{jobID}, "x"},
		{[]string{"mapping", "show", ""}, []string{"nightly\ttasks", "weekly"}, "x"},
		{[]string{"import", "--mapping-name", "n"}, []string{"nightly"}, "weekly"},
		{[]string{"import", "--preset", ""}, []string{"hubspot", "salesforce", "none"}, "x,"},
		{[]string{"import", "--on-duplicate", ""}, []string{"skip", "update", "reject"}, "link"},
		{[]string{"import", "--date-order", ""}, []string{"dmy", "mdy", "ymd"}, "skip"},
		{[]string{"key", "create", "--permission", ""}, []string{"activities:write", "webhooks:write"}, "skip"},
		{[]string{"jobs", "--status", ""}, []string{"queued", "undone"}, "skip"},
		{[]string{"jobs", "--kind", ""}, []string{"tasks", "events"}, "skip"},
		{[]string{"dismiss", "--reason", ""}, []string{"orphan", "malformed_row"}, "skip"},
		{[]string{"load", ""}, []string{"contacts", "events"}, "skip"},
	} {
		said := p.must(append([]string{"__complete"}, c.args...)...)
		for _, want := range c.want {
			if !strings.Contains("\n"+said, "\n"+want) {
				t.Errorf("%v: %q lacks %q", c.args, said, want)
			}
		}
		if strings.Contains("\n"+said, "\n"+c.other) {
			t.Errorf("%v: %q has %q", c.args, said, c.other)
		}
	}
	p.env["TASKPORT_SERVER"] = "http://127.0.0.1:1"
	if said := p.must("__complete", "jobs", ""); strings.Contains(said, jobID) {
		t.Errorf("without a server: %q", said)
	}
}

// A table on a terminal has beginnings of ids, which the commands take; a pipe gets whole ones.
func TestIDsAreShortOnATerminal(t *testing.T) {
	t.Parallel()
	all := []string{"0198c0de-0001-7000-8000-000000000001", "0198c0de-0002-7000-8000-000000000001",
		"0198c0de-0002-7001-8000-000000000001", "0198c0de-0001-7000-8000-000000000001", "j1"}
	ids := slices.Clone(all)
	(&environment{}).shorten(ids)
	if !slices.Equal(ids, all) {
		t.Errorf("in a pipe: %q", ids)
	}
	(&environment{outIsTerminal: true}).shorten(ids)
	if want := []string{"0198c0de-0001-7000", "0198c0de-0002-7000", "0198c0de-0002-7001", "0198c0de-0001-7000",
		"j1"}; !slices.Equal(ids, want) {
		t.Errorf("got %q, want %q", ids, want)
	}
	a := newAPI(t)
	a.lists = listed([]string{jobID}, nil)
	p := a.client(t)
	for _, terminal := range []bool{true, false} {
		if r := p.within(t.Context(), terminal, "jobs"); strings.Contains(r.out, jobID) == terminal ||
			!strings.Contains(r.out, "\n"+jobID[:13]) {
			t.Errorf("terminal %v: %s", terminal, r.out)
		}
	}
}
