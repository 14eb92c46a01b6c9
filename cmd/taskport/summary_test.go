package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// The guide says that the last line of a dry run names the job to commit.
func TestLastLineOfADryRunSaysHowToCommit(t *testing.T) {
	t.Parallel()
	j := job{JobID: jobID, Kind: "tasks", Status: "completed", DryRun: true, Plan: "kept", Total: 1, Processed: 1,
		Rejected: 1}
	j.Errors = append(j.Errors, rowError{Row: 1, Reason: "orphan"})
	var b bytes.Buffer
	j.summary(&b, shownDeadLetters, 0)
	lines := strings.Split(strings.TrimSpace(b.String()), "\n")
	if lines[0] != "dry run: completed, 1 row" || !strings.Contains(lines[len(lines)-1], "`taskport commit "+jobID+"`") {
		t.Errorf("%s", b.String())
	}
}

// The report of a dry run is to be read: imported alone it would bring in the corrected rows and
// not the others.
func TestReportOfADryRunIsNotToBeImported(t *testing.T) {
	t.Parallel()
	dry := strings.Replace(jobJSON("completed", 1), `"dry_run":false`, `"dry_run":true`, 1)
	a := newAPI(t, dry, dry)
	a.lists = says(http.StatusOK, "title,_row\n,1\n")
	p := a.client(t)
	r := p.run("import", "--dry-run", "--report", p.file("preview.csv", ""), p.file("tasks.csv", tasksFile))
	if r.code != exitRejected || !strings.Contains(r.err, "would be rejected are in ") || strings.Contains(r.err,
		"import that file") {
		t.Errorf("%+v", r)
	}
}

// The notes of the API speak of its options; at a terminal it is the flag that is needed.
func TestNotesOfTheAPINameTheirFlag(t *testing.T) {
	t.Parallel()
	raw := `{"data": {"job_id": "j1", "status": "completed", "dry_run": true, "file": {"format": "csv",
		"notes": ["unknown; the option values", "as it is", "odd; see the page"],
		"remarks": [{"text": "unknown", "remedy":
			{"code": "values", "field": "priority", "value": "so\nwhat's", "meaning": "low"}},
			{"text": "as it is"}, {"text": "odd", "remedy": {"code": "of a newer server"}}],
		"columns": [{"name": "P", "feeds": "priority", "problems": ["unknown; the option values", "spoilt"]}]}}}`
	j, err := readJob([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	j.summary(&b, 0, 0)
	for _, want := range []string{
		`note: unknown; say what they mean, for instance with --value 'priority:so what'\''s=low'`,
		"note: as it is\n", "note: odd; see", "problem: spoilt\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("got %s, want %q in it", b.String(), want)
		}
	}
	if strings.Contains(b.String(), "option") || strings.Count(b.String(), "unknown") != 1 {
		t.Errorf("got %s, want no option of the API and the problem once", b.String())
	}
}
