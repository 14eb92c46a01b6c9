package importer

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"fmt"

	"taskport"
	"taskport/importer/dates"
	"taskport/importer/file"
)

// exportRow is the expected outcome of a row in an export: a reason, or the values of a task.
type exportRow struct {
	Rejected    string `json:"rejected"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Status      string `json:"status"`
	Priority    string `json:"priority"`
	TaskType    string `json:"task_type"`
	Due         string `json:"due"`
	Contact     string `json:"contact"`
	Company     string `json:"company"`
	Related     string `json:"related"`
	ExternalID  string `json:"external_id"`
}

type exportFile struct {
	File   string      `json:"file"`
	Preset string      `json:"preset"`
	Rows   []exportRow `json:"rows"`
}

func exportFiles(t *testing.T) []exportFile {
	t.Helper()
	text, err := taskport.Testdata.ReadFile("testdata/presets/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []exportFile
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// The values of every row are as expected. Unresolved names need a directory, and are not detected
// here.
func TestExportsByTheirHeader(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, f := range exportFiles(t) {
		seen[f.Preset] = true
		reading, rows, err := readExport(f.File)
		if err != nil {
			t.Errorf("%s: %v", f.File, err)
			continue
		}
		if reading.Preset != f.Preset || len(reading.Notes) == 0 || !strings.Contains(reading.Notes[0], presetNamed(Tasks,
			f.Preset).product) {
			t.Errorf("%s: read as %q, notes %q", f.File, reading.Preset, reading.Notes)
		}
		if len(rows) != len(f.Rows) {
			t.Errorf("%s: %d rows, want %d", f.File, len(rows), len(f.Rows))
		}
		for n, want := range f.Rows {
			if want.Rejected == string(UnresolvedReference) {
				want.Rejected = ""
				want = exportRow{Title: rows[n+1].Title, Status: rows[n+1].Status, Priority: rows[n+1].Priority,
					ExternalID: rows[n+1].ExternalID, Contact: rows[n+1].Contact}
			}
			if rows[n+1] != want {
				t.Errorf("%s, row %d:\n%+v, want\n%+v", f.File, n+1, rows[n+1], want)
			}
		}
	}
	if all := presetsOf(Tasks); len(seen) != len(all) {
		t.Errorf("samples of %d presets, there are %d", len(seen), len(all))
	}
}

// imported reads a file as an import does, in one batch.
func imported(kind Kind, name string) (Layout, *Batch, error) {
	data, err := taskport.Testdata.ReadFile("testdata/presets/" + name)
	if err != nil {
		return Layout{}, nil, err
	}
	c, err := Open(file.Input{Name: name, From: bytes.NewReader(data), Scratch: memoryScratch},
		file.Options{HasHeader: true}, Mapping{})
	if err != nil {
		return Layout{}, nil, err
	}
	defer c.Close()
	seen, err := Watch(c, kind, Mapping{})
	if err != nil {
		return Layout{}, nil, err
	}
	var chunks []file.Chunk
	layout, _, err := CutAll(c.Next, c.Layout, kind, Options{}, seen, func(c file.Chunk) error {
		chunks = append(chunks,
			c)
		return nil
	})
	if err != nil {
		return Layout{}, nil, err
	}
	p, err := NewRowReader(kind, layout, Mapping{})
	if err != nil || len(chunks) != 1 {
		return Layout{}, nil, fmt.Errorf("%d chunks, %w", len(chunks), err)
	}
	return layout, p.Read(chunks[0], time.Now()), nil
}

// Every column of an export feeds a field, is kept, or is named as not imported; and the cells of
// the kept columns are the members of custom_fields.
func TestNoColumnOfAnExportIsLost(t *testing.T) {
	t.Parallel()
	keeping := 0 // files with a kept column
	for _, f := range exportFiles(t) {
		layout, b, err := imported(Tasks, f.File)
		if err != nil {
			t.Fatal(err)
		}
		if len(layout.Kept) > 0 {
			keeping++
		}
		accounted(t, f.File, layout)
		for i := range b.Tasks {
			want := map[string]string{}
			for _, k := range layout.Kept {
				if cell := b.Tasks[i].Cells[k.Column]; strings.TrimSpace(cell) != "" {
					want[k.Name] = cell
				}
			}
			got := map[string]string{}
			if text := b.Tasks[i].CustomFields; text != "" {
				if err := json.Unmarshal([]byte(text), &got); err != nil {
					t.Fatal(err)
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s, row %d: custom_fields are %v, want %v", f.File, b.Tasks[i].Row, got, want)
			}
		}
	}
	if keeping < 5 {
		t.Errorf("of %d files a column is kept, want 5 at least", keeping)
	}
	for _, f := range recordFiles(t) {
		layout, _, err := imported(f.Kind, f.File)
		if err != nil {
			t.Fatal(err)
		}
		if len(layout.Kept) > 0 {
			t.Errorf("%s: %v are kept", f.File, layout.Kept)
		}
		accounted(t, f.File, layout)
	}
}

// accounted checks that each column is in one of the three lists.
func accounted(t *testing.T, name string, l Layout) {
	t.Helper()
	var all []string
	for _, columns := range l.Sources {
		for _, c := range columns {
			all = append(all, l.Columns[c])
		}
	}
	for _, k := range l.Kept {
		all = append(all, l.Columns[k.Column])
	}
	for _, c := range l.NotImported {
		all = append(all, c.Name)
	}
	want := slices.Clone(l.Columns)
	slices.Sort(all)
	slices.Sort(want)
	if !slices.Equal(all, want) {
		t.Errorf("%s: accounted for %q, want %q", name, all, want)
	}
}

func readExport(name string) (reading Reading, rows map[int]exportRow, err error) {
	rows = map[int]exportRow{}
	layout, b, err := imported(Tasks, name)
	if err != nil {
		return reading, nil, err
	}
	reading = layout.Reading(func(r file.Remedy) string { return r.Code })
	for i := range b.Tasks {
		d := &b.Tasks[i]
		r := exportRow{Title: d.Title, Description: d.Description, Status: d.Status, Priority: d.Priority,
			TaskType: d.TaskType, Contact: d.ContactName, Company: d.CompanyName, Related: d.RelatedName,
			ExternalID: d.ExternalID}
		if d.Due.Given {
			r.Due = dates.Format(d.Due.At)
		}
		if d.Due.DayOnly {
			r.Due = d.Due.At.Format(time.DateOnly)
		}
		rows[d.Row] = r
	}
	for i := range b.Dead {
		rows[b.Dead[i].Row] = exportRow{Rejected: string(b.Dead[i].Reason)}
	}
	return reading, rows, nil
}

// No column of a person who owns, made or changed a task feeds anything; one with ids of the other
// system feeds no id of this one.
func TestPresetsNeverTakeAnOwnerForAContact(t *testing.T) {
	t.Parallel()
	links := []string{fieldContactID, fieldContactName, fieldCompanyID, fieldCompanyName, fieldDealID, fieldEventID,
		fieldAssigneeID}
	for _, s := range presetsOf(Tasks) {
		own := slices.Concat(s.signs[0], s.columns[fieldTitle][:1])
		slices.Sort(own)
		own = slices.Compact(own)
		columns := slices.Concat(own, s.never, []string{"Contact ID", "Company ID", "Deal ID", "Event ID", "Assignee ID"})
		layout := Layout{Layout: file.Layout{Format: file.CSV, Columns: columns}}
		_, p, err := Decide(Tasks, layout, Mapping{}, nil)
		if err != nil {
			t.Errorf("%s: %v", s.name, err)
			continue
		}
		for i, f := range fields[Tasks] {
			if c := p.source[i]; c >= 0 && slices.Contains(links, f) && !slices.Contains(s.columns[f], columns[c]) {
				t.Errorf("%s: %s feeds %s", s.name, columns[c], f)
			}
			if c := p.source[i]; c >= len(own) && specOf(Tasks, f).refers.by != byExternalID {
				t.Errorf("%s: %s feeds %s", s.name, columns[c], f)
			}
		}
	}
}

func TestPresetChoice(t *testing.T) {
	t.Parallel()
	hubspot := []string{"Task title", "Task status", "Associated Contact"}
	for _, c := range []struct {
		columns []string
		kind    Kind
		choice  string
		preset  string
		fault   string
	}{
		{columns: hubspot, kind: Tasks, preset: "hubspot"},
		{columns: append([]string{"title"}, hubspot...), kind: Tasks, choice: "none"},
		{columns: hubspot, kind: Tasks, choice: "none"},
		{columns: []string{"hs_task_subject", "hs_task_status"}, kind: Tasks, choice: "none", fault: "no column feeds title"},
		{columns: []string{"Subject", "Contact Name"}, kind: Tasks, choice: "zoho", preset: "zoho"},
		{columns: []string{"Subject", "Contact Name"}, kind: Tasks},
		{columns: hubspot, kind: Tasks, choice: "hubspott", fault: "preset must be one of"},
		{columns: []string{"title"}, kind: Events, choice: "hubspot",
			fault: "presets are for tasks, contacts, companies, deals and users"},
		{columns: []string{"full_name"}, kind: Contacts, choice: "hubspott", fault: "preset must be one of"},
		{columns: []string{"full_name", "email", "company_name"}, kind: Contacts},
		{columns: []string{"Task title", "Task status", "Activity - Subject", "title"}, kind: Tasks}, // two products: neither
		{columns: []string{"Task title", "Task title", "Task status"}, kind: Tasks, fault: "both feed title"},
		{columns: []string{"title", "contact_name", "status", "priority", "due_date"}, kind: Tasks},
	} {
		layout, _, err := Decide(c.kind, Layout{Layout: file.Layout{Format: file.CSV, Columns: c.columns}},
			Mapping{Preset: c.choice}, nil)
		if c.fault != "" {
			if err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("%q %s: error %v, want one that says %q", c.columns, c.choice, err, c.fault)
			}
			continue
		}
		if err != nil || layout.Preset != c.preset {
			t.Errorf("%q %s: preset %q, error %v, want %q", c.columns, c.choice, layout.Preset, err, c.preset)
		}
	}
}

// The mapping of the client, and columns with the name of a field, override the preset.
func TestMappingComesBeforePreset(t *testing.T) {
	t.Parallel()
	columns := []string{"Task title", "Task status", "Associated Contact", "contact_name", "Assigned to"}
	mapping := map[string]string{"Assigned to": fieldAssigneeID, "Task title": "", "Task status": fieldTitle}
	_, p, err := Decide(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Columns: columns}},
		Mapping{ByColumn: mapping}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if p.source[atContactName] != 3 || p.source[position(Tasks, fieldAssigneeID)] != 4 || p.source[atTitle] != 1 ||
		p.source[position(Tasks, fieldStatus)] != -1 {
		t.Errorf("fed by %v", p.source)
	}
}
