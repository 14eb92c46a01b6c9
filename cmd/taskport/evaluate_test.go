package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name,company_name,external_id\nPetra Vogelsang,Brandhorst AG,1\nHans "+
		"Müller,Brandhorst AG,2\nHans Müller,Kaminski GmbH,3\nRobert Haverkamp,,4\n")
	queries := p.file("queries.csv",
		"kind,Name,company,expected_id\ntypo,Petra Vogelsnag,,1\nnamesake,Hans Müller,,2\nnamesake,Hans "+
			"Müller,Kaminski,3\nstranger,Wolfgang Unbekannt,,\nstranger,Petra Vogelsang,,\nnickname,Bob Haverkamp,Nowhere "+
			"Ltd,4\nveto,Petra Vogelsang,Kaminski GmbH,1\n")
	var got struct{ Data map[string]any }
	if err := json.Unmarshal([]byte(p.must("evaluate", queries, "--contacts", contacts, "--json")), &got); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]float64{"queries": 7, "linked": 4, "right": 3, "wrong": 1, "ambiguous": 1,
		"unresolved": 2, "precision": 0.75, "recall": 3.0 / 5, "wrong_rate": 0.25, "threshold": 0.92, "margin": 0.03,
		"certainty": 10} {
		if got.Data[key] != want {
			t.Errorf("%s is %v, want %v", key, got.Data[key], want)
		}
	}
	kinds, _ := got.Data["kinds"].(map[string]any)
	if stranger, _ := kinds["stranger"].(map[string]any); len(kinds) != 5 || stranger["wrong"] != 1.0 ||
		stranger["recall"] != nil || stranger["wrong_rate"] != 1.0 {
		t.Errorf("kinds are %v", kinds)
	}
	if out := p.must("evaluate", queries, "--contacts", contacts, "--show", "1", "--no-nicknames"); !strings.Contains(
		out, `wrong: "Petra Vogelsang", meant is ""`) || !strings.Contains(out, `missed: "Hans Müller", meant is "2"`) ||
		!strings.Contains(out, "all        7       3      2      1          1           3     0.6667  0.4000      0.3333") {
		t.Errorf("%s", out)
	}
	if out := p.must("evaluate", queries, "--contacts", contacts, "--threshold", "1", "--margin",
		"0.01"); !strings.Contains(out, "threshold 1, margin 0.01") || !strings.Contains(out, "typo        1       0") {
		t.Errorf("%s", out)
	}
}

func TestEvaluateCompanies(t *testing.T) {
	t.Parallel()
	p := offline(t)
	companies := p.file("companies.csv", "name,external_id\nBrandhorst Logistik GmbH,K1\nPlant 1 Services Ltd,K2\n")
	queries := p.file("queries.csv", "name,company,expected_id\nBrandhorst Logistik,,K1\nPlant 2 Services,,\n")
	if out := p.must("evaluate", queries, "--companies", companies); !strings.Contains(out,
		"all        2       1      1      0          0           1     1.0000  1.0000      0.0000") {
		t.Errorf("%s", out)
	}
}

func TestEvaluateSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	p := offline(t)
	contacts := p.file("contacts.csv", "full_name,external_id\nPetra Vogelsang,1\n")
	for _, c := range []struct {
		queries string
		args    []string
		says    string
	}{
		{"name,company\nPetra Vogelsang,\n", nil, "column expected_id is missing"},
		{"who,expected_id\nPetra Vogelsang,\n", nil, "column name is missing"},
		{"name,expected_id\nPetra Vogelsang,1\nPetra Vogelsang,7\n", nil, `row 2: expected_id "7"`},
		{"name,expected_id\n", nil, "no queries"},
		{"name,expected_id\nPetra Vogelsang,1\n", []string{"--threshold", "0.5"}, "contact_threshold must be from 0.8 to 1"},
	} {
		if r := p.run(append([]string{"evaluate", p.file("queries.csv", c.queries), "--contacts", contacts},
			c.args...)...); r.code != wrongUse(c.args) || !strings.Contains(r.err, c.says) {
			t.Errorf("%q: %+v", c.queries, r)
		}
	}
	if r := p.run("evaluate", p.file("queries.csv", "name,expected_id\nA B,\n")); r.code != exitUsage ||
		!strings.Contains(r.err, "--contacts") {
		t.Errorf("%+v", r)
	}
}

// wrongUse is the exit code of a command that fails: by its flags or, without any, by its file.
func wrongUse(flags []string) int {
	if len(flags) > 0 {
		return exitUsage
	}
	return exitFailed
}
