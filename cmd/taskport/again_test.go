package main

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"taskport/importer"
)

const sameFileAnswer = `{"error":{"code":"conflict","message":"2 rows of 3 were imported before","job_id":
	"0198c5a1-7b3e-7000-8000-000000000001","same_file":{"rows":3,"imported_count":2,"rejected_count":0,"new_count":1,
	"job_id":"0198c5a1-7b3e-7000-8000-000000000001","file_name":"a.csv","created_at":"2026-01-02T03:04:05Z"}}}`

// A file whose rows were mostly imported before is sent again only as the person says.
func TestTheSameFileIsAskedAboutInATerminal(t *testing.T) {
	t.Parallel()
	refusal := &apiFailure{Code: "conflict", SameFile: &importer.SameFile{Rows: 3, Imported: 2, New: 1}}
	for _, c := range []struct {
		answer   string
		terminal bool
		json     bool
		err      error
		want     string
		asked    bool
	}{
		{answer: "new\n", terminal: true, err: refusal, want: "new", asked: true},
		{answer: "A\n", terminal: true, err: refusal, want: "all", asked: true},
		{answer: "2", terminal: true, err: refusal, want: "all", asked: true},
		{answer: "\n", terminal: true, err: refusal, asked: true},
		{answer: "", terminal: true, err: refusal, asked: true},
		{answer: "yes\nnothing\n", terminal: true, err: refusal, asked: true},
		{answer: "all\n", err: refusal},
		{answer: "all\n", terminal: true, json: true, err: refusal},
		{answer: "all\n", terminal: true, err: errors.New("broken")},
		{answer: "all\n", terminal: true, err: &apiFailure{Code: "conflict", worded: worded{Message: "another"}}},
		{answer: "all\n", terminal: true},
	} {
		var said bytes.Buffer
		env := &environment{err: &said, in: strings.NewReader(c.answer), terminal: c.terminal, inIsTerminal: true}
		env.getenv = func(string) string { return "" }
		got, err := (&uploadFlags{asJSON: c.json}).sendAgain(t.Context(), env, c.err)
		asked := strings.Contains(said.String(), "2 rows of 3 were imported before, 1 new")
		if err != nil || got != c.want || asked != c.asked {
			t.Errorf("%+v: %v %v, said %q", c, got, err, said.String())
		}
	}
}

func TestTheSameFileWithoutATerminal(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusConflict, sameFileAnswer), says(http.StatusConflict, sameFileAnswer)}
	p := a.client(t)
	r := p.run("import", p.file("tasks.csv", "title\nCall\n"))
	if r.code != exitFailed || !strings.Contains(r.err, "--on-same-file new") || !strings.Contains(r.err, "2 rows of 3") ||
		len(a.got()) != 1 {
		t.Errorf("%+v, asked %d times", r, len(a.got()))
	}
	p.run("import", "--on-same-file", "new", p.file("tasks.csv", "title\nCall\n"))
	if got := a.got(); len(got) != 2 || !strings.Contains(got[1].query, "on_same_file=new") {
		t.Errorf("asked %+v", got)
	}
	if r := p.run("import", "--on-same-file", "perhaps", p.file("tasks.csv", "title\nCall\n")); r.code != exitUsage ||
		!strings.Contains(r.err, "refuse, new, all") {
		t.Errorf("%+v", r)
	}
}

// An outdated plan is reported row by row.
func TestCommitTellsTheDifference(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusConflict,
		`{"error":{"code":"conflict","message":"the plan is outdated","difference":{"rows":1200,
		"was":{"created_count":1000,"rejected_count":200},"now":{"created_count":2,"rejected_count":1198},
		"examples":[{"row_number":4,
			"was":{"ending":"created","contact_id":"0198c5a1-7b3e-7000-8000-000000000001"},
			"now":{"ending":"rejected","reason":"ambiguous_reference"}}]}}}`)}
	r := a.client(t).run("commit", "--quiet", jobID)
	for _, want := range []string{"the plan is outdated", "was: 1,000 created, 0 updated, 0 skipped, 200 rejected",
		"now: 2 created", "and 1,199 more",
		"row 4 was created for contact 0198c5a1-7b3e-7000-8000-000000000001, would be rejected (ambiguous_reference)"} {
		if !strings.Contains(r.err, want) {
			t.Errorf("does not say %q: %s", want, r.err)
		}
	}
	if r.code != exitFailed {
		t.Errorf("exit %d", r.code)
	}
}
