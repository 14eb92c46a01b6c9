package importer

import (
	"errors"
	"strings"
	"testing"

	"taskport/importer/file"
)

func csvLayout(columns ...string) Layout {
	return Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ",", Columns: columns}}
}

func TestMappingFeedsFields(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		columns []string
		mapping map[string]string
		cells   []string
		want    map[string]string
	}{
		{"by name", []string{"title", "contact_name"}, nil, []string{"A", "B"}, map[string]string{"title": "A",
			"contact_name": "B"}},
		{"case, space and dash do not matter", []string{"TITLE", "Contact Name", "due-date"}, nil, []string{"A", "B", "C"},
			map[string]string{"title": "A", "contact_name": "B", "due_date": "C"}},
		{"by mapping", []string{"Subject", "Who"}, map[string]string{"Subject": "title", "Who": "contact_name"},
			[]string{"A", "B"}, map[string]string{"title": "A", "contact_name": "B"}},
		{"mapping wins over the name", []string{"title", "Subject"}, map[string]string{"Subject": "title", "title": ""},
			[]string{"A", "B"}, map[string]string{"title": "B"}},
		{"a column can be ignored", []string{"title", "status"}, map[string]string{"status": ""}, []string{"A", "B"},
			map[string]string{"title": "A", "status": ""}},
		{"unknown columns are ignored", []string{"title", "Record ID"}, nil, []string{"A", "B"},
			map[string]string{"title": "A"}},
		{"columns with an underscore are ignored", []string{"title", "_status"}, nil, []string{"A", "B"},
			map[string]string{"title": "A", "status": ""}},
		{"the answer's name for the assignee", []string{"title", "assigned_to_user_id"}, nil, []string{"A", "B"},
			map[string]string{"assignee_id": "B"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			p, err := NewRowReader(Tasks, csvLayout(c.columns...), Mapping{ByColumn: c.mapping})
			if err != nil {
				t.Fatal(err)
			}
			values := p.values(c.cells, nil)
			for i, field := range fields[Tasks] {
				if want, ok := c.want[field]; ok && values[i] != want {
					t.Errorf("%s is %q, want %q", field, values[i], want)
				}
			}
		})
	}
}

func TestMappingIsRefused(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name    string
		columns []string
		mapping map[string]string
		field   string
		says    string
	}{
		{"unknown target", []string{"title"}, map[string]string{"title": "headline"}, "mapping",
			`"headline" is not a field of tasks`},
		{"unknown column", []string{"title"}, map[string]string{"Subject": "title"}, "mapping",
			`column "Subject" is not in the file`},
		{"two columns for one field", []string{"title", "Subject"}, map[string]string{"Subject": "title",
			"title": "title"}, "title", "both feed title"},
		{"a duplicate header", []string{"title", "contact_name", "Title"}, nil, "title", "columns 1"},
		{"a mapped column that is in the file twice", []string{"Subject", "Subject"}, map[string]string{"Subject": "title"},
			"title", "both feed title"},
		{"no title at all", []string{"Headline", "Who"}, nil, "mapping", "no column feeds title"},
		{"two that could be the title", []string{"Subject", "Betreff"}, nil, "mapping",
			`"Subject", "Betreff" could all feed title`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := NewRowReader(Tasks, csvLayout(c.columns...), Mapping{ByColumn: c.mapping})
			var fault *Fault
			if !errors.As(err, &fault) {
				t.Fatalf("got %v, want a fault", err)
			}
			if fault.Field != c.field || !strings.Contains(fault.Message, c.says) {
				t.Errorf("field %q: %s", fault.Field, fault.Message)
			}
		})
	}
}

func TestDuplicateHeaderThatFeedsNothingIsHarmless(t *testing.T) {
	t.Parallel()
	if _, err := NewRowReader(Tasks, csvLayout("title", "Notes", "Notes"), Mapping{}); err != nil {
		t.Error(err)
	}
}
