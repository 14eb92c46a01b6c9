package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
)

func TestJobsFilters(t *testing.T) {
	t.Parallel()
	a := newAPI(t)
	p := a.client(t)
	p.must("jobs", "--singles", "--kind", "tasks", "--status", "failed")
	if got := a.got()[0].query; got != "kind=tasks&page=1&per_page=25&singles=true&status=failed" {
		t.Errorf("asked %s", got)
	}
}

// The list is shown again only when it has changed, in place on a terminal, until the person has
// seen enough.
func TestWatchShowsChanges(t *testing.T) {
	t.Parallel()
	for _, terminal := range []bool{false, true} {
		ctx, cancel := context.WithCancel(t.Context())
		a := newAPI(t)
		asked := 0
		a.lists = func(w http.ResponseWriter, r *http.Request) {
			status := []string{"processing", "processing", "completed"}[min(asked, 2)]
			if asked++; asked > 3 {
				cancel()
			}
			says(http.StatusOK, `{"data":[{"job_id":"j1","kind":"tasks","status":"`+status+`"}],"meta":{}}`)(w, r)
		}
		r := a.client(t).within(ctx, terminal, "jobs", "--watch")
		cancel()
		if r.code != exitDone || strings.Count(r.out, "processing") != 1 || strings.Count(r.out, "completed") != 1 ||
			strings.Contains(r.out, "\x1b[2A\x1b[J") != terminal {
			t.Errorf("terminal %v: %+v", terminal, r)
		}
	}
}

// Watching a job follows it to its end, and ends as an import does.
func TestWatchOfAJobFollowsIt(t *testing.T) {
	t.Parallel()
	a := newAPI(t, jobJSON("queued", 0), jobJSON("processing", 0), jobJSON("completed", 1))
	r := a.client(t).run("jobs", jobID, "--watch")
	if r.code != exitRejected || !strings.HasPrefix(r.out, "import of tasks.csv: completed") ||
		!strings.Contains(r.err, "10 of 10 rows") {
		t.Errorf("%+v", r)
	}
}

func TestLinesOnATerminal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text        string
		width, want int
	}{{"", 10, 0}, {"a\nb\n", 0, 2}, {"äöüäö\n", 5, 1}, {"äöüäöü\n\n", 5, 3}, {strings.Repeat("x", 21) + "\n", 10, 3}} {
		if got := linesOn(c.text, c.width); got != c.want {
			t.Errorf("%q at %d: %d lines, want %d", c.text, c.width, got, c.want)
		}
	}
}
