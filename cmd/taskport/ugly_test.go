package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// flagsOf are the flags for the options of an import.
var flagsOf = map[string]string{"encoding": "--encoding", "delimiter": "--delimiter", "sheet": "--sheet", "skip_lines": "--skip-lines", "keep_placeholders": "--keep-placeholders"}

// Every file of the corpus fares offline as it does in an import: the counts, the dead letters, what is said of the file, and the report byte for byte.
func TestCheckAndImportAgreeOnUglyFiles(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	p.must("load", "contacts", sample+"contacts.csv", "--quiet")
	var all []struct {
		File    string            `json:"file"`
		Options map[string]string `json:"options"`
		Recipe  string            `json:"recipe"`
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
		offlineReport, onlineReport := filepath.Join(p.dir, u.File+".offline"), filepath.Join(p.dir, u.File+".online")
		var flags []string
		for name, value := range u.Options {
			flags = append(flags, flagsOf[name]+"="+value)
		}
		if u.Recipe != "" {
			flags = append(flags, "--map-file="+p.file(u.File+".json", u.Recipe))
		}
		offline := p.run(append([]string{"check", file, "--contacts", sample + "contacts.csv", "--json", "--report", offlineReport}, flags...)...)
		online := p.run(append([]string{"import", file, "--dry-run", "--json", "--quiet", "--report", onlineReport}, flags...)...)
		if offline.code != online.code || !strings.Contains(offline.err, u.Message) || !strings.Contains(online.err, u.Message) {
			t.Errorf("%s: offline %d %s, online %d %s", u.File, offline.code, offline.err, online.code, online.err)
			continue
		}
		if u.Message != "" {
			continue
		}
		a, b := outcomeOf(t, offline.out), outcomeOf(t, online.out)
		if !reflect.DeepEqual(a, b) || a.Total != len(u.Rows) {
			t.Errorf("%s: offline\n%+v\nonline\n%+v", u.File, a, b)
		}
		if a.Rejected > 0 && !sameBytes(t, offlineReport, onlineReport) {
			t.Errorf("%s: the reports differ", u.File)
		}
	}
}

// outcomeOf gives a job without what differs from run to run.
func outcomeOf(t *testing.T, out string) job {
	t.Helper()
	var answer struct{ Data job }
	if err := json.Unmarshal([]byte(out), &answer); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	j := answer.Data
	j.JobID, j.CreatedAt, j.raw = "", time.Time{}, nil
	if len(j.RejectedByReason) == 0 {
		j.RejectedByReason = nil
	}
	if len(j.Errors) == 0 {
		j.Errors = nil
	}
	return j
}

func sameBytes(t *testing.T, a, b string) bool {
	t.Helper()
	x, errX := os.ReadFile(a)
	y, errY := os.ReadFile(b)
	if errX != nil || errY != nil {
		t.Fatal(errX, errY)
	}
	return string(x) == string(y)
}
