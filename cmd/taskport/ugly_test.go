package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"taskport/importer"
)

// flagsOf are the flags for the options of an import.
var flagsOf = map[string]string{"encoding": "--encoding", "delimiter": "--delimiter", "sheet": "--sheet",
	"skip_lines": "--skip-lines", "keep_placeholders": "--keep-placeholders"}

// Every file of the corpus fares offline as it does in an import: the counts, the dead letters,
// what is said of the file, and the report byte for byte.
func TestCheckAndImportAgreeOnUglyFiles(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	p.must("load", "contacts", sample+"contacts.csv", "--quiet")
	var all []struct {
		File    string            `json:"file"`
		Options map[string]string `json:"options"`
		Mapping string            `json:"mapping"`
		Message string            `json:"message"`
		Rows    []string          `json:"rows"`
	}
	text, err := os.ReadFile(sample + "ugly/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, u := range all {
		file := sample + "ugly/" + u.File
		var flags []string
		for name, value := range u.Options {
			flags = append(flags, flagsOf[name]+"="+value)
		}
		if u.Mapping != "" {
			flags = append(flags, "--map-file="+p.file(u.File+".json", u.Mapping))
		}
		offline := p.agree(file, flags, "--contacts", sample+"contacts.csv")
		if !strings.Contains(offline.err, u.Message) || u.Message != "" && offline.code != exitFailed {
			t.Errorf("%s: %d %s", u.File, offline.code, offline.err)
			continue
		}
		if u.Message == "" && outcomeOf(t, offline.out).Total != len(u.Rows) {
			t.Errorf("%s: %s", u.File, offline.out)
		}
	}
}

// outcomeOf returns a job without what differs from run to run.
func outcomeOf(t *testing.T, out string) job {
	t.Helper()
	var answer struct{ Data job }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	j := answer.Data
	reword(&j)
	j.JobID, j.CreatedAt, j.raw, j.DryRun, j.Plan = "", time.Time{}, nil, false, ""
	if len(j.RejectedByReason) == 0 {
		j.RejectedByReason = nil
	}
	if len(j.Errors) == 0 {
		j.Errors = nil
	}
	// Which of two rows with one id is first depends on the workers, who share an import.
	j.SkippedRows = make([]importer.SkippedRow, len(j.SkippedRows))
	return j
}
