package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"taskport/importer"
)

// The guide says that the last line of a dry run names the job to commit.
func TestLastLineOfADryRunSaysHowToCommit(t *testing.T) {
	t.Parallel()
	j := job{JobID: jobID, Kind: "tasks", Status: "completed", DryRun: true, Plan: "kept", Total: 1, Processed: 1,
		Rejected: 1}
	j.Errors = append(j.Errors, rowError{Row: 1, Reason: "orphan"})
	var b bytes.Buffer
	j.summary(&b, shownDeadLetters)
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

// The notes speak of the options of the API; at a terminal it is the flag that is needed.
func TestUnknownValuesNameTheirFlag(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		unknown map[string][]importer.UnknownValue
		want    string
	}{
		{nil, ""},
		{map[string][]importer.UnknownValue{"status": {{Value: "CANCELED", Rows: 1}}},
			"  note: a flag for the first of them is, for instance, --value 'status:CANCELED=open'\n"},
		{map[string][]importer.UnknownValue{"status": {{Value: "x", Rows: 1}},
			"priority": {{Value: "so\nwhat's", Rows: 1}}}, `--value 'priority:so what'\''s=low'`},
	} {
		var b bytes.Buffer
		job{Status: "completed", File: &importer.Reading{Format: "csv", Unknown: c.unknown}}.summary(&b, 0)
		if has := strings.Contains(b.String(), "--value"); !strings.Contains(b.String(), c.want) || has != (c.want != "") {
			t.Errorf("%s: want %q", b.String(), c.want)
		}
	}
}
