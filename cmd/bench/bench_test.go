package main

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
)

// The file has the documented shares, and the same seed makes the same file.
func TestDataHasTheSharesOfTheProfile(t *testing.T) {
	t.Parallel()
	const rows = 20_000
	d, err := makeData(7, 5_000, 300, false)
	if err != nil {
		t.Fatal(err)
	}
	var file, again bytes.Buffer
	for _, out := range []*bytes.Buffer{&file, &again} {
		if err := d.writeTasks(out, rows, "T-"); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(file.Bytes(), again.Bytes()) {
		t.Error("the same seed made two different files")
	}
	records, err := csv.NewReader(&file).ReadAll()
	if err != nil || len(records) != rows+1 || len(records[0]) != 13 {
		t.Fatalf("%d records: %v", len(records), err)
	}
	bearers := map[string]int{}
	for _, p := range d.people {
		bearers[p.name]++
	}
	kinds := map[string]int{}
	for _, r := range records[1:] {
		switch contact := r[7]; {
		case contact == "":
			kinds["orphan"]++
		case bearers[contact] == 1:
			kinds["exact"]++
		case bearers[contact] > 1:
			kinds["ambiguous"]++
		case slices.Contains(d.strangers, contact):
			kinds["stranger"]++
		default:
			kinds["misspelt"]++
		}
	}
	for kind, want := range map[string]int{"exact": 70, "misspelt": 20, "ambiguous": 5, "stranger": 3, "orphan": 2} {
		if share := 100 * float64(kinds[kind]) / rows; share < 0.85*float64(want) || share > 1.15*float64(want) {
			t.Errorf("%.1f %% of the rows are %s, want about %d", share, kind, want)
		}
	}
}

func TestMediansAndRatios(t *testing.T) {
	t.Parallel()
	s := sample{3, 1, 2}
	if s.median() != 2 || s.spread() != 0.5 || (sample{4, 2}).median() != 3 {
		t.Errorf("median %v, spread %v", s.median(), s.spread())
	}
	if r := s.over(sample{1, 2, 4}); r.median() != 0.5 {
		t.Errorf("ratios %v", r)
	}
	if got := count(1_234_567.4); got != "1,234,567" {
		t.Errorf("got %s", got)
	}
}

func TestWrongOptionsAreNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ args, says string }{{"--parts imports", "imports"}, {"--rows 0", "--rows"},
		{"extra", "extra"}} {
		var out strings.Builder
		if _, err := readOptions(strings.Fields(c.args), &out, func(string) string { return "" }); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v", c.args, err)
		}
	}
}
