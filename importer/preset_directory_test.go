package importer

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"taskport"
	"taskport/importer/file"
)

// recordRow is the expected outcome of a row in an export of contacts or companies: a reason, or
// the values of a record.
type recordRow struct {
	Rejected   string `json:"rejected"`
	ExternalID string `json:"external_id"`
	FullName   string `json:"full_name"`
	FirstName  string `json:"first_name"`
	LastName   string `json:"last_name"`
	Email      string `json:"email"`
	Company    string `json:"company"`
	Name       string `json:"name"`
	Domain     string `json:"domain"`
	CompanyID  string `json:"company_external_id"`
	Title      string `json:"title"`
}

type recordFile struct {
	File   string      `json:"file"`
	Kind   Kind        `json:"kind"`
	Preset string      `json:"preset"`
	Rows   []recordRow `json:"rows"`
}

func recordFiles(t *testing.T) []recordFile {
	t.Helper()
	text, err := taskport.Testdata.ReadFile("testdata/presets/directory.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recordFile
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestDirectoryExportsByTheirHeader(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range recordFiles(t) {
		seen[string(f.Kind)+f.Preset] = true
		reading, rows, err := readRecords(f.Kind, f.File)
		if err != nil {
			t.Errorf("%s: %v", f.File, err)
			continue
		}
		says := oneOfKind[f.Kind] + " export of " + presetNamed(f.Kind, f.Preset).product
		if reading.Preset != f.Preset || len(reading.Notes) == 0 || !strings.Contains(reading.Notes[0], says) {
			t.Errorf("%s: read as %q, notes %q", f.File, reading.Preset, reading.Notes)
		}
		if len(rows) != len(f.Rows) {
			t.Errorf("%s: %d rows, want %d", f.File, len(rows), len(f.Rows))
		}
		for n, want := range f.Rows {
			if rows[n+1] != want {
				t.Errorf("%s, row %d:\n%+v, want\n%+v", f.File, n+1, rows[n+1], want)
			}
		}
	}
	if all := slices.Concat(presetsOf(Contacts), presetsOf(Companies), presetsOf(Deals)); len(seen) != len(all) {
		t.Errorf("samples of %d presets, there are %d", len(seen), len(all))
	}
}

func readRecords(kind Kind, name string) (reading Reading, rows map[int]recordRow, err error) {
	rows = map[int]recordRow{}
	layout, b, err := imported(kind, name)
	if err != nil {
		return reading, nil, err
	}
	reading = layout.Reading(func(r file.Remedy) string { return r.Code })
	for _, c := range b.Contacts {
		rows[c.Row] = recordRow{ExternalID: c.ExternalID, FullName: c.FullName, FirstName: c.FirstName,
			LastName: c.LastName, Email: c.Email, Company: c.CompanyName, CompanyID: c.CompanyExternalID}
	}
	for _, c := range b.Companies {
		rows[c.Row] = recordRow{ExternalID: c.ExternalID, Name: c.Name, Domain: c.Domain}
	}
	for _, it := range b.Items {
		rows[it.Row] = recordRow{ExternalID: it.ExternalID, Title: it.Title}
	}
	for i := range b.Dead {
		rows[b.Dead[i].Row] = recordRow{Rejected: string(b.Dead[i].Reason)}
	}
	return reading, rows, nil
}

// Persons who own, made or lead a record, and ids of the other system, feed no name, address or
// employer; the same holds for the tables themselves.
func TestDirectoryPresetsTakeNoOwner(t *testing.T) {
	t.Parallel()
	for _, s := range slices.Concat(presetsOf(Contacts), presetsOf(Companies), presetsOf(Deals)) {
		for field, columns := range s.columns {
			if !slices.Contains(fields[s.kind], field) {
				t.Errorf("%s of %s: %s is not a field", s.name, s.kind, field)
			}
			for _, c := range columns {
				if slices.ContainsFunc(s.never, func(n string) bool { return nameFold(n) == nameFold(c) }) {
					t.Errorf("%s of %s: %s is both used and barred", s.name, s.kind, c)
				}
			}
		}
		columns := slices.Concat(s.signs[0], s.never, s.columns[fieldLastName],
			s.columns[fieldName][:min(1, len(s.columns[fieldName]))], s.columns[fieldTitle][:min(1, len(s.columns[fieldTitle]))])
		slices.Sort(columns)
		_, p, err := Decide(s.kind, Layout{Layout: file.Layout{Format: file.CSV, Columns: slices.Compact(columns)}},
			Mapping{Preset: s.name}, nil)
		if err != nil {
			t.Errorf("%s of %s: %v", s.name, s.kind, err)
			continue
		}
		for i, c := range p.source {
			if c >= 0 && slices.Contains(s.never, p.Layout.Columns[c]) {
				t.Errorf("%s of %s: %s feeds %s", s.name, s.kind, p.Layout.Columns[c], fields[s.kind][i])
			}
		}
	}
}

// No sign of one product is a sign of another.
func TestDirectorySignsAreOneProducts(t *testing.T) {
	t.Parallel()
	for _, s := range presets {
		for _, sign := range s.signs {
			if found := recognize(s.kind, sign); found == nil || found.name != s.name {
				t.Errorf("%s of %s: %q is not recognized", s.name, s.kind, sign)
			}
		}
	}
}
