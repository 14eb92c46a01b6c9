package importer

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"taskport/importer/dates"
	"taskport/importer/file"
)

func TestMappingsThatCannotBeFollowed(t *testing.T) {
	t.Parallel()
	many := map[string]string{}
	for i := range maxValueWords + 1 {
		many[strings.Repeat("x", i%400)+strings.Repeat("y", i/400)] = "open"
	}
	for _, c := range []struct {
		kind  Kind
		r     Mapping
		field string
		says  string
	}{
		{Tasks, Mapping{Preset: "hubspott"}, "preset", "preset must be one of"},
		{Tasks, Mapping{ByColumn: map[string]string{"a": "headline"}}, "mapping", `"headline" is not a field of tasks`},
		{Tasks, Mapping{ByColumn: map[string]string{"a\x00": "title"}}, "mapping", "not a text that a file can have"},
		{Tasks, Mapping{Values: map[string]map[string]string{"headline": {"a": "b"}}}, "values",
			`"headline" is not a field of tasks`},
		{Tasks, Mapping{Values: map[string]map[string]string{"status": {"a": "done"}}}, "values",
			`"a" cannot become "done"; choose one of open, in_progress, completed`},
		{Tasks, Mapping{Values: map[string]map[string]string{"task_type": {"a": strings.Repeat("x", maxShort+1)}}},
			"values", "too long"},
		{Tasks, Mapping{Values: map[string]map[string]string{"status": many}}, "values", "at most 10000"},
		{Tasks, Mapping{Constants: map[string]string{"headline": "x"}}, "constants", "is not a field"},
		{Tasks, Mapping{Constants: map[string]string{"external_id": "x"}}, "constants", "must differ from row to row"},
		{Tasks, Mapping{Constants: map[string]string{"status": "done"}}, "constants", "status must be one of"},
		{Tasks, Mapping{Constants: map[string]string{"due_date": "tomorrow"}}, "constants", "due_date must be ISO 8601"},
		{Tasks, Mapping{Constants: map[string]string{"created_date": "03/04/2026"}}, "constants",
			"created_date must be ISO 8601"},
		{Tasks, Mapping{Constants: map[string]string{"deal_id": "7"}}, "constants", "must be the UUID"},
		{Tasks, Mapping{Constants: map[string]string{"contact_name": "A; B"}}, "constants", "names 2 contacts"},
		{Tasks, Mapping{Constants: map[string]string{"title": "a\x00"}}, "constants", "NUL"},
		{Tasks, Mapping{Compose: map[string][]string{"headline": {"a"}}}, "compose", "is not a field"},
		{Tasks, Mapping{Compose: map[string][]string{"title": {}}}, "compose", "from 1 to 10 columns"},
		{Tasks, Mapping{Compose: map[string][]string{"title": {"a", ""}}}, "compose", "not a text"},
		{Tasks, Mapping{ByColumn: map[string]string{"a": "title"}, Constants: map[string]string{"title": "x"}}, "constants",
			"title is also set by mapping"},
		{Tasks, Mapping{ByColumn: map[string]string{"a": "title"}, Compose: map[string][]string{"title": {"b"}}}, "compose",
			"title is also set by mapping"},
		{Tasks, Mapping{Constants: map[string]string{"title": "x"}, Compose: map[string][]string{"title": {"b"}}},
			"compose", "title is also set by constants"},
		{Tasks, Mapping{DateOrder: "ydm"}, "date_order", "date_order must be one of dmy, mdy, ymd"},
		{Tasks, Mapping{Timezone: "Berlin"}, "timezone", "IANA database such as Europe/Berlin"},
		{Tasks, Mapping{Timezone: "Local"}, "timezone", "IANA"},
		{Tasks, Mapping{Timezone: "../etc/passwd"}, "timezone", "IANA"},
		{Contacts, Mapping{DateOrder: "dmy"}, "date_order", "are for tasks"},
		{Contacts, Mapping{Constants: map[string]string{"title": "x"}}, "constants", `"title" is not a field of contacts`},
	} {
		var fault *Fault
		if err := c.r.Check(c.kind); !errors.As(err, &fault) || fault.Field != c.field || !strings.Contains(fault.Error(),
			c.says) {
			t.Errorf("%+v: %v, want one of %s that says %q", c.r, err, c.field, c.says)
		}
	}
}

func TestComposeOfMissingColumns(t *testing.T) {
	t.Parallel()
	r := Mapping{Compose: map[string][]string{"contact_name": {"A", "B"}}}
	for _, c := range []struct{ columns, says string }{{"title|A", `column "B" is not in the file`},
		{"title|A|B|B", `column "B" is in the file 2 times`}} {
		if _, err := NewRowReader(Tasks, csvLayout(strings.Split(c.columns, "|")...), r); err == nil ||
			!strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.columns, err)
		}
	}
	// A row of NDJSON may lack a column that another row has.
	p, err := NewRowReader(Tasks, Layout{Layout: file.Layout{Format: file.NDJSON, Columns: []string{"title", "B"}}}, r)
	if err != nil {
		t.Fatal(err)
	}
	if got := p.values([]string{"x", "Müller"}, nil)[atContactName]; got != "Müller" {
		t.Errorf("contact_name is %q", got)
	}
}

func TestMappingOverAnother(t *testing.T) {
	t.Parallel()
	saved := Mapping{Preset: "none", ByColumn: map[string]string{"a": "title", "b": "status"},
		Values:    map[string]map[string]string{"status": {"x": "open", "y": "open"}, "priority": {"z": "low"}},
		DateOrder: dates.DayFirst, Timezone: "UTC"}
	mine := Mapping{ByColumn: map[string]string{"b": ""},
		Values:    map[string]map[string]string{"status": {"y": "completed"}},
		Constants: map[string]string{"task_type": "call"}, DateOrder: dates.MonthFirst}
	want := Mapping{Preset: "none", ByColumn: map[string]string{"a": "title", "b": ""},
		Values:    map[string]map[string]string{"status": {"x": "open", "y": "completed"}, "priority": {"z": "low"}},
		Constants: map[string]string{"task_type": "call"}, DateOrder: dates.MonthFirst, Timezone: "UTC"}
	if got := mine.Over(saved); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want\n%+v", got, want)
	}
	if len(saved.ByColumn) != 2 || saved.Values["status"]["y"] != "open" || len(mine.ByColumn) != 1 {
		t.Errorf("the sources were changed: %+v, %+v", saved, mine)
	}
	if got := (Mapping{}).Over(saved); !reflect.DeepEqual(got, saved) {
		t.Errorf("%+v", got)
	}
	if got := saved.Over(Mapping{}); !reflect.DeepEqual(got, saved) {
		t.Errorf("%+v", got)
	}
}

func TestSavedMappingsAreReadStrictly(t *testing.T) {
	t.Parallel()
	if s, err := ReadSavedMapping([]byte("\ufeff"+`{"mapping": {"Subject": "title"}}`), Tasks); err != nil ||
		s.ByColumn["Subject"] != "title" {
		t.Errorf("behind a byte order mark: %v %v", s, err)
	}
	for text, says := range map[string]string{
		`{"maping": {}}`:              `unknown field "maping"; a mapping takes kind, preset, mapping`,
		`{"mapping": []}`:             "mapping must be an object, not a JSON array",
		`{"mapping": {"a": 1}}`:       "every value of mapping must be a string, not a JSON number",
		`{"Mapping": {"a": "title"}}`: `unknown field "Mapping"; a mapping takes kind`,
		`{"mapping": {"a": "title"}, "mapping": {"b": "title"}}`: "mapping\" is given twice",
		`{"kind": "people"}`:                 "kind must be one of tasks, contacts",
		`{"values": {"status": {"a": "b"}}}`: `cannot become "b"`,
		`[]`:                                 "must be a JSON object",
		`{"kind": "contacts", "mapping": {"a": "title"}}`: "is not a field of contacts",
		`{} {}`: "goes on after",
	} {
		if _, err := ReadSavedMapping([]byte(text), Tasks); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want one that says %q", text, err, says)
		}
	}
	s, err := ReadSavedMapping([]byte(`{"mapping": {"Name": "full_name"}}`), Contacts)
	if err != nil || s.Kind != Contacts || s.ByColumn["Name"] != "full_name" {
		t.Errorf("%+v, %v", s, err)
	}
}
