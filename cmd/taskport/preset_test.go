package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The exports of every CRM go in with no option at all, online as offline, and of each row becomes
// what its expectation says.
func TestExportsGoInWithNoOption(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	p.must("load", "companies", sample+"companies.csv", "--quiet")
	p.must("load", "contacts", sample+"contacts.csv", "--quiet")
	var all []struct {
		File   string `json:"file"`
		Preset string `json:"preset"`
		Rows   []struct {
			Rejected string `json:"rejected"`
		} `json:"rows"`
	}
	text, err := os.ReadFile(sample + "presets/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		file := sample + "presets/" + f.File
		offline := p.agree(file, nil, "--contacts", sample+"contacts.csv", "--companies", sample+"companies.csv")
		b := outcomeOf(t, offline.out)
		if b.Total != len(f.Rows) || b.File.Preset != f.Preset {
			t.Errorf("%s: %+v", f.File, b)
		}
		rejected := map[int]string{}
		for _, e := range b.Errors {
			rejected[e.Row] = e.Reason
		}
		for n, row := range f.Rows {
			if rejected[n+1] != row.Rejected {
				t.Errorf("%s, row %d: rejected %q, want %q", f.File, n+1, rejected[n+1], row.Rejected)
			}
		}
	}
}

// The summary says for whose export a file is taken; --preset none takes it for nobody's, and a
// wrong name is refused.
func TestPresetIsSaidAndOverridden(t *testing.T) {
	t.Parallel()
	p := &program{t: t, dir: t.TempDir()}
	check := func(args ...string) result {
		return p.run(append([]string{"check", sample + "presets/hubspot.csv", "--contacts", sample + "contacts.csv"},
			args...)...)
	}
	if r := check(); r.code != 2 || !strings.Contains(r.out, "preset hubspot") || !strings.Contains(r.out,
		`"Task title" feeds title`) {
		t.Errorf("%d %s %s", r.code, r.out, r.err)
	}
	if r := check("--preset", "none"); r.code != 2 || strings.Contains(r.out, "preset hubspot") ||
		!strings.Contains(r.out, `taken by name: "Task title" feeds title`) {
		t.Errorf("%d %s %s", r.code, r.out, r.err)
	}
	if r := check("--preset", "hubspott"); r.code != exitUsage || !strings.Contains(r.err,
		"preset must be one of hubspot, salesforce") {
		t.Errorf("%d %s %s", r.code, r.out, r.err)
	}
}
