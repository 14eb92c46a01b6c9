package main

import (
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sample = "../../testdata/"

// offline is a program without any service.
func offline(t *testing.T) *program {
	t.Helper()
	return &program{t: t, dir: t.TempDir(), env: map[string]string{}}
}

// Every row of the sample fares offline as it does in an import.
func TestCheckGivesTheOutcomeOfAnImport(t *testing.T) {
	t.Parallel()
	p := offline(t)
	report := filepath.Join(p.dir, "rejects.csv")
	r := p.run("check", sample+"tasks.csv", "--contacts", sample+"contacts.csv", "--companies", sample+"companies.csv",
		"--deals", sample+"deals.csv", "--events", sample+"events.csv", "--report", report, "--json")
	if r.code != exitRejected {
		t.Fatalf("%+v", r)
	}
	var got struct{ Data job }
	if err := json.Unmarshal([]byte(r.out), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	outcomes := map[string]int{}
	for _, row := range readCSV(t, sample+"expected.csv")[1:] {
		outcomes[row[1]]++
		if row[1] == "rejected" {
			want[row[0]] = row[2]
		}
	}
	d := got.Data
	if d.Total != 5000 || d.Created != outcomes["created"] || d.Skipped != outcomes["skipped"] ||
		d.Rejected != outcomes["rejected"] || d.Updated != 0 || len(d.Errors) != maxErrors || !d.DryRun {
		t.Errorf("%+v, want %v", d, outcomes)
	}
	rows := readCSV(t, report)
	row, reason := slices.Index(rows[0], "_row"), slices.Index(rows[0], "_reason")
	for _, r := range rows[1:] {
		if want[r[row]] != r[reason] {
			t.Errorf("row %s is rejected as %s, want %q", r[row], r[reason], want[r[row]])
		}
		delete(want, r[row])
	}
	if len(want) > 0 {
		t.Errorf("rows %v are not in the report", want)
	}
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestCheckExits(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name,external_id\nPetra Vogelsang,1\n,2\n")
	for _, c := range []struct {
		name, tasks string
		args        []string
		code        int
		says        string
	}{
		{"in", "title,contact_name\nCall,Petra Vogelsang\n", nil, exitDone, "row 2: a contact needs"},
		{"rejected", "title,contact_name\nCall,Wolfgang Unbekannt\n", nil, exitRejected, ""},
		{"mapped", "Subject,Who\nCall,Petra Vogelsang\n", []string{"--map", "Subject=title", "--map", "Who=contact_name"},
			exitDone, ""},
		{"no title", "Thing,contact_name\nCall,Petra Vogelsang\n", nil, exitFailed, "no column feeds title"},
		{"no rows", "title,contact_name\n", nil, exitFailed, "no data rows"},
		{"open quote", "title,contact_name\nCall,\"Petra\n", nil, exitRejected, ""},
		{"bad option", "title\nCall\n", []string{"--on-duplicate", "never"}, exitUsage, "--on-duplicate must be one of"},
	} {
		r := p.run(append([]string{"check", p.file(strings.ReplaceAll(c.name, " ", "_")+".csv", c.tasks), "--contacts",
			contacts}, c.args...)...)
		if r.code != c.code || !strings.Contains(r.err, c.says) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	if r := p.run("check", p.file("tasks.csv", "title\nCall\n")); r.code != exitUsage || !strings.Contains(r.err,
		"--contacts") {
		t.Errorf("%+v", r)
	}
	if r := p.run("check", filepath.Join(p.dir, "nowhere.csv"), "--contacts", contacts); r.code != exitFailed ||
		!strings.Contains(r.err, "nowhere.csv") {
		t.Errorf("%+v", r)
	}
}

// Systems call what they export .xls whatever it is; what it is, its bytes tell.
func TestCheckJudgesAFileByItsBytes(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name,external_id\nPetra Vogelsang,1\n")
	for name, c := range map[string]struct {
		data string
		code int
		says string
	}{
		"tabs.xls": {"title\tcontact_name\nCall\tPetra Vogelsang\n", exitDone, ""},
		"page.xls": {"<html><table><tr><td>title</td></tr></table></html>", exitFailed,
			"page.xls: line 1: the file is a web page or XML"},
		"old.xls": {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + strings.Repeat("\x00", 512), exitFailed,
			"an old workbook (.xls), or one with a password; save it as .xlsx or CSV"},
		"printed.pdf": {"%PDF-1.7\n", exitFailed, "a PDF"},
	} {
		if r := p.run("check", p.file(name, c.data), "--contacts", contacts); r.code != c.code || !strings.Contains(r.err,
			c.says) {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestCheckWhatIf(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name,company_name,external_id\nPetra Vogelsang,Brandhorst AG,1\nLudwig "+
		"Haverkamp,,2\n")
	tasks := p.file("tasks.csv",
		"title,contact_name,company_name\nA,Petra Vogelsang,Brandhorst\nB,Petra Vogelsnag,\nC,Petra "+
			"Vogelsnag,\nD,Ludwig Haverkmap,\nE,Wolfgang Unbekannt,\n")
	var got struct {
		Data struct {
			WhatIf whatIfJSON `json:"what_if"`
		}
	}
	if err := json.Unmarshal([]byte(p.run("check", tasks, "--contacts", contacts, "--what-if", "--json").out),
		&got); err != nil {
		t.Fatal(err)
	}
	linked := map[float64][2]int{}
	for _, w := range got.Data.WhatIf.Contacts {
		linked[w.Threshold] = [2]int{w.Linked, w.Rows.Linked}
		if w.Linked+w.Ambiguous+w.Unresolved+w.CompanyMismatch != 4 ||
			w.Rows.Linked+w.Rows.Ambiguous+w.Rows.Unresolved+w.Rows.CompanyMismatch != 5 {
			t.Errorf("%+v", w)
		}
		if w.InForce != (w.Threshold == 0.92) {
			t.Errorf("%+v", w)
		}
	}
	if linked[0.92] != [2]int{3, 4} || linked[1] != [2]int{1, 1} {
		t.Errorf("linked are %v", linked)
	}
	if c := got.Data.WhatIf.Companies; len(c) != len(linked) || c[0].Linked != 1 || c[0].Rows.Linked != 1 {
		t.Errorf("%+v", c)
	}
	if r := p.run("check", tasks, "--contacts", contacts, "--what-if"); !strings.Contains(r.out,
		"0.92   3 (4)      0 (0)       1 (1)          0 (0)  in force") {
		t.Errorf("%s", r.out)
	}
}

// A check that fails keeps the earlier report, and never replaces the checked file.
func TestCheckKeepsWhatStandsWhereItFails(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name\nPetra Vogelsang\n")
	old, empty, tasks := p.file("old.csv", "an older report\n"), p.file("empty.csv", "title\n"), p.file("tasks.csv",
		"title\nCall\n")
	for _, c := range []struct {
		file, report, kept string
		code               int
	}{{empty, old, "an older report\n", exitFailed}, {tasks, tasks, "title\nCall\n", exitUsage}} {
		if r := p.run("check", c.file, "--contacts", contacts, "--report", c.report); r.code != c.code {
			t.Errorf("%+v", r)
		}
		if kept, err := os.ReadFile(c.report); err != nil || string(kept) != c.kept {
			t.Errorf("%q, %v", kept, err)
		}
	}
}

// What was detected about a file is said.
func TestCheckSaysHowItReadTheFile(t *testing.T) {
	t.Parallel()
	p := offline(t)
	r := p.run("check", sample+"ugly/title_lines_with_commas.csv", "--contacts", sample+"contacts.csv")
	if r.code != exitDone || !strings.Contains(r.out, "  read as CSV, utf-8, delimiter semicolon\n") ||
		!strings.Contains(r.out, "  note: 1 line above the header skipped: ") {
		t.Errorf("%+v", r)
	}
	if r := p.run("check", sample+"ugly/zip.zip", "--contacts", sample+"contacts.csv"); !strings.Contains(r.out,
		"  read as CSV, windows-1252, delimiter comma, packed with zip\n") {
		t.Errorf("%+v", r)
	}
}
