package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// agree runs check, a dry run and an import on a file, which must agree: on the exit code, the
// counts, the dead letters, how the file was read, and the report byte for byte, but for ids. It
// returns the result of check. The import is undone.
func (p *program) agree(file string, flags []string, directory ...string) result {
	p.t.Helper()
	report := func(way string) string { return filepath.Join(p.dir, filepath.Base(file)+"."+way) }
	offline := p.run(append(append([]string{"check", file, "--json", "--report", report("check")}, directory...),
		flags...)...)
	for _, way := range [][]string{{"dry run", "--dry-run"}, {"import", "--on-same-file", "all"}} {
		online := p.run(append(append([]string{"import", file, "--json", "--quiet", "--report", report(way[0])},
			way[1:]...), flags...)...)
		if online.code != offline.code {
			p.t.Errorf("%s: check %d %s, %s %d %s", file, offline.code, offline.err, way[0], online.code, online.err)
			return offline
		}
		if online.code == exitFailed {
			continue
		}
		a, b := outcomeOf(p.t, offline.out), outcomeOf(p.t, online.out)
		if x, y := withoutIDs(fmt.Sprintf("%+v %+v", a, a.File)), withoutIDs(fmt.Sprintf("%+v %+v", b, b.File)); len(
			a.Errors) != len(b.Errors) || regexpPointer.ReplaceAllString(x, "") != regexpPointer.ReplaceAllString(y, "") ||
			!reflect.DeepEqual(a.DuplicateRows, b.DuplicateRows) {
			p.t.Errorf("%s: check\n%s\n%s\n%s", file, x, way[0], y)
		}
		if x, y := p.readReport(report("check")), p.readReport(report(way[0])); a.Rejected > 0 && x != y {
			p.t.Errorf("%s: the reports of check and %s differ: %s", file, way[0], firstDifference(x, y))
		}
		if way[0] == "import" {
			j, err := readJob([]byte(online.out))
			if err != nil {
				p.t.Fatal(err)
			}
			p.must("undo", j.JobID)
		}
	}
	return offline
}

var (
	regexpPointer = regexp.MustCompile(`0x[0-9a-f]+`)
	anyOrigin     = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9]+`)
	anyUUID       = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)
)

// withoutIDs takes away what depends on the database: a check ties its report to no import, and has
// ids of its own.
func withoutIDs(text string) string {
	return anyUUID.ReplaceAllString(anyOrigin.ReplaceAllString(text, ""), "ID")
}

// firstDifference returns the first lines in which two texts differ.
func firstDifference(x, y string) string {
	a, b := strings.Split(x, "\n"), strings.Split(y, "\n")
	for n := range min(len(a), len(b)) {
		if a[n] != b[n] {
			return fmt.Sprintf("line %d is\n%s\nand\n%s", n+1, a[n], b[n])
		}
	}
	return fmt.Sprintf("%d lines and %d", len(a), len(b))
}

func (p *program) readReport(path string) string {
	p.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		p.t.Fatal(err)
	}
	return withoutIDs(string(text))
}

// The sample, and files with repeated external ids and rows, under every option for them.
func TestCheckDryRunAndImportAgree(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	var directory []string
	for _, kind := range []string{"companies", "contacts", "deals", "events"} {
		p.must("load", kind, sample+kind+".csv", "--quiet")
		directory = append(directory, "--"+kind, sample+kind+".csv")
	}
	if r := p.agree(sample+"tasks.csv", nil, directory...); r.code != exitRejected {
		t.Errorf("the sample: %d %s", r.code, r.err)
	}
	var file strings.Builder
	file.WriteString("title,contact_name,external_id\n")
	for n := range 12_000 { // three chunks
		id := ""
		if n%3 > 0 {
			id = fmt.Sprint("x", n%4_001)
		}
		fmt.Fprintf(&file, "Task %d,%s,%s\n", n%5_500, []string{"Carmen Peñalver", "Nobody At All"}[n/7%2], id)
	}
	path := filepath.Join(p.dir, "twice.csv")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, flags := range [][]string{nil, {"--on-duplicate", "reject"}, {"--on-duplicate", "update",
		"--on-duplicate-row", "reject"}, {"--on-company-mismatch", "link"}} {
		if r := p.agree(path, flags, directory...); r.code != exitRejected {
			t.Errorf("%q: %d %s", flags, r.code, r.err)
		}
	}
}
