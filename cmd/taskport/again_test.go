package main

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"
)

const sameFileAnswer = `{"error":{"code":"conflict","message":"these rows were imported before: job j1","job_id":"j1"}}`

// A file that was imported before is sent again only when the person says so.
func TestTheSameFileIsAskedAboutInATerminal(t *testing.T) {
	t.Parallel()
	refusal := &apiFailure{Code: "conflict", worded: worded{Message: "these rows were imported before: job j1"},
		JobID: "j1"}
	for _, c := range []struct {
		answer   string
		terminal bool
		json     bool
		err      error
		want     bool
		asked    bool
	}{
		{answer: "y\n", terminal: true, err: refusal, want: true, asked: true},
		{answer: "Yes\n", terminal: true, err: refusal, want: true, asked: true},
		{answer: "yes", terminal: true, err: refusal, want: true, asked: true},
		{answer: "\n", terminal: true, err: refusal, asked: true},
		{answer: "", terminal: true, err: refusal, asked: true},
		{answer: "never\n", terminal: true, err: refusal, asked: true},
		{answer: "y\n", err: refusal},
		{answer: "y\n", terminal: true, json: true, err: refusal},
		{answer: "y\n", terminal: true, err: errors.New("broken")},
		{answer: "y\n", terminal: true, err: &apiFailure{Code: "conflict", worded: worded{Message: "another"}}},
		{answer: "y\n", terminal: true},
	} {
		var said bytes.Buffer
		env := &environment{err: &said, in: strings.NewReader(c.answer), terminal: c.terminal, inIsTerminal: true}
		env.getenv = func(string) string { return "" }
		got, err := (&uploadFlags{asJSON: c.json}).sendAgain(t.Context(), env, c.err)
		if err != nil || got != c.want || strings.Contains(said.String(), "[y/N]") != c.asked {
			t.Errorf("%+v: %v %v, said %q", c, got, err, said.String())
		}
	}
}

func TestAgainWithoutATerminal(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	a.uploads = []http.HandlerFunc{says(http.StatusConflict, sameFileAnswer), says(http.StatusConflict, sameFileAnswer)}
	p := a.client(t)
	r := p.run("import", p.file("tasks.csv", "title\nCall\n"))
	if r.code != exitFailed || !strings.Contains(r.err, "add --again") || !strings.Contains(r.err, "job j1") ||
		len(a.got()) != 1 {
		t.Errorf("%+v, asked %d times", r, len(a.got()))
	}
	p.run("import", "--again", p.file("tasks.csv", "title\nCall\n"))
	if got := a.got(); len(got) != 2 || !strings.Contains(got[1].query, "allow_duplicate=true") {
		t.Errorf("asked %+v", got)
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
