package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

var (
	planOf      = regexp.MustCompile("taskport commit ([0-9a-f-]{36})")
	wantsExit   = regexp.MustCompile(`\s+# exit ([0-9])$`)
	mendingRow  = regexp.MustCompile(`^\| ([0-9]+) \| ([^|]+) \| ([^|]+) \|`)
	inMigrating = "../../docs/migrating.md"
)

// The guide leads to zero rejects: its commands are run in order, and its table corrections the
// report.
func TestMigratingAsDescribed(t *testing.T) {
	t.Parallel()
	p := installed(t, up)
	for _, name := range []string{"companies", "contacts", "late-contacts", "tasks"} {
		text, err := os.ReadFile(sample + "migrating/" + name + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		p.file(name+".csv", string(text))
	}
	text, err := os.ReadFile(inMigrating)
	if err != nil {
		t.Fatal(err)
	}
	var last result
	job, ran, within := "", 0, false
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "```") {
			within = line == "```sh"
			continue
		}
		if m := mendingRow.FindStringSubmatch(line); m != nil {
			correctReport(t, filepath.Join(p.dir, "tasks.rejects.csv"), m[1], m[2], m[3])
		}
		if !within {
			continue
		}
		last = p.described(line, job)
		if m := planOf.FindStringSubmatch(last.out); m != nil {
			job = m[1]
		}
		ran++
	}
	if ran < 11 || job == "" {
		t.Errorf("%d commands were run, on the plan %q", ran, job)
	}
	if !strings.Contains(last.out, "3 tasks taken back, 0 kept") {
		t.Errorf("at the end: %s", last.out)
	}
	for _, want := range []string{"created           3", "skipped           3"} {
		if !strings.Contains(p.said, want) {
			t.Errorf("no command said %q: %s", want, p.said)
		}
	}
}

// described runs a command of a document, its files in the directory of the test, and makes sure
// that it ends as the document says.
func (p *program) described(line, job string) result {
	p.t.Helper()
	want := exitDone
	if m := wantsExit.FindStringSubmatch(line); m != nil {
		want, _ = strconv.Atoi(m[1])
		line = strings.TrimSuffix(line, m[0])
	}
	words := strings.Fields(line)
	if len(words) < 2 || words[0] != "taskport" {
		p.t.Fatalf("%q is no command that this test can run", line)
	}
	args := words[1:]
	for n, word := range args {
		switch {
		case strings.HasSuffix(word, ".csv"):
			args[n] = filepath.Join(p.dir, word)
		case word == "JOB":
			args[n] = job
		}
	}
	r := p.run(args...)
	if r.code != want {
		p.t.Errorf("%s: exit %d, want %d: %s%s", line, r.code, want, r.out, r.err)
	}
	p.said += r.out
	return r
}

// correctReport writes a value into a cell of the row that has the id.
func correctReport(t *testing.T, path, id, column, value string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	corrected := false
	for at, name := range rows[0] {
		for _, row := range rows[1:] {
			if name == column && row[0] == id {
				row[at], corrected = value, true
			}
		}
	}
	if !corrected {
		t.Errorf("the report has no row %s with a column %s: %s", id, column, text)
	}
	var out strings.Builder
	if err := csv.NewWriter(&out).WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
}
