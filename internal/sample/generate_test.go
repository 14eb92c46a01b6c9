package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

var generated = sync.OnceValues(generate)

func TestCommittedFilesAreTheGenerators(t *testing.T) {
	t.Parallel()
	files, err := generated()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range files {
		known[f.name] = true
		committed, err := os.ReadFile(filepath.Join("../../testdata", filepath.FromSlash(f.name)))
		if err != nil {
			t.Errorf("%v; run go run ./internal/sample", err)
		} else if !bytes.Equal(committed, f.data) {
			t.Errorf("%s differs from what the generator writes; run go run ./internal/sample", f.name)
		}
	}
	for _, pattern := range []string{"../../testdata/*.csv", "../../testdata/ugly/*"} {
		found, _ := filepath.Glob(pattern)
		for _, path := range found {
			if name := strings.TrimPrefix(filepath.ToSlash(path), "../../testdata/"); !known[name] {
				t.Errorf("%s is not written by the generator; remove it or generate it", name)
			}
		}
	}
}

func TestRunWritesIntoTheDirectory(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := run([]string{"-dir", dir}, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"tasks.csv", "ugly/bom.csv"} {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Error(err)
		}
	}
	if run([]string{"-nonsense"}, io.Discard) == nil {
		t.Error("an unknown flag is accepted")
	}
}

// committed reads a file of testdata; rows that are not records are nil.
func committed(t *testing.T, name string) [][]string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsRune(data, '\r') || !utf8.Valid(data) {
		t.Errorf("%s has a carriage return, or is not UTF-8", name)
	}
	r := csv.NewReader(bytes.NewReader(data))
	var rows [][]string
	for {
		record, err := r.Read()
		var fault *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return rows[1:]
		case errors.As(err, &fault):
			record = nil
		case err != nil:
			t.Fatal(err)
		}
		rows = append(rows, record)
	}
}

func TestRowsAndWhatIsExpectedOfThem(t *testing.T) {
	t.Parallel()
	tasks, expected := committed(t, "tasks.csv"), committed(t, "expected.csv")
	if len(tasks) != 5000 || len(expected) != 5000 {
		t.Fatalf("%d tasks, %d expected; want 5000 of each", len(tasks), len(expected))
	}
	ids := map[string]bool{}
	for _, file := range []string{"contacts.csv", "companies.csv"} {
		for _, r := range committed(t, file) {
			ids[r[0]] = true
		}
	}
	if len(ids) != 2300 {
		t.Errorf("%d external ids in the directory, want 2300", len(ids))
	}
	firstSeen := map[string]int{}
	for i, e := range expected {
		if e[0] != strconv.Itoa(i+1) {
			t.Fatalf("row %d of expected.csv has number %s", i+1, e[0])
		}
		if (tasks[i] == nil) != (e[2] == "malformed_row") {
			t.Errorf("row %d: malformed %v, but expected reason %q", i+1, tasks[i] == nil, e[2])
		}
		for _, id := range strings.Fields(e[3] + " " + e[4] + " " + e[6]) {
			if !ids[id] {
				t.Errorf("row %d expects %s, which is not in the directory", i+1, id)
			}
		}
		if tasks[i] != nil {
			checkRow(t, i, tasks[i], e, firstSeen)
		}
	}
}

// checkRow compares an expectation with the obvious content of a row.
func checkRow(t *testing.T, i int, task, e []string, firstSeen map[string]int) {
	t.Helper()
	linked := e[3] != "" || e[4] != ""
	if linked != (e[1] == "created") || (e[1] == "rejected") != (e[2] != "") {
		t.Errorf("row %d: outcome %s with reason %q and links %q %q", i+1, e[1], e[2], e[3], e[4])
	}
	if (e[2] == "missing_title") != (strings.TrimSpace(task[1]) == "") || (e[2] == "orphan") != (task[8]+task[9] == "") {
		t.Errorf("row %d: reason %q for title %q, contact %q, company %q", i+1, e[2], task[1], task[8], task[9])
	}
	external := task[11]
	if external == "" {
		return
	}
	first, again := firstSeen[external]
	firstSeen[external] = i
	if again != (e[1] == "skipped") || again && i-first > 20 {
		t.Errorf("row %d: %s seen before: %v, at row %d, outcome %s", i+1, external, again, first+1, e[1])
	}
}

func TestReadmeCountsEveryKind(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for _, e := range committed(t, "expected.csv") {
		counts[e[5]]++
	}
	readme, err := os.ReadFile("../../testdata/README.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(\\w+)` \\| ([\\d,]+) \\|").FindAllStringSubmatch(string(readme), -1) {
		told[m[1]] = strings.ReplaceAll(m[2], ",", "")
	}
	for kind, n := range counts {
		if told[kind] != fmt.Sprint(n) {
			t.Errorf("README.md counts %q rows of %s, expected.csv has %d", told[kind], kind, n)
		}
	}
	if len(told) != len(counts) {
		t.Errorf("README.md has %d kinds, expected.csv %d", len(told), len(counts))
	}
}

func TestEqualNamesAreDeliberate(t *testing.T) {
	t.Parallel()
	bearers := map[string]int{}
	for _, c := range committed(t, "contacts.csv") {
		bearers[c[1]]++
	}
	sizes := map[int]int{}
	for _, n := range bearers {
		sizes[n]++
	}
	if sizes[2] != 30 || sizes[3] != 11 || len(sizes) != 3 {
		t.Errorf("names by number of bearers: %v; want 30 borne by two, 11 by three, the rest by one", sizes)
	}
}
