package importer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskport/importer/file"
)

// readRow takes one row of a file with these columns through the pipeline.
func readRow(t *testing.T, columns, cells []string, m Mapping) *Batch {
	t.Helper()
	_, p, err := Decide(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ",", Columns: columns}}, m, nil)
	if err != nil {
		t.Fatal(err)
	}
	return p.Retry([]Retried{{Source: Source{Row: 1, Cells: cells}}}, time.Now())
}

func TestKeptColumns(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "Budget", "", "Notes", "Notes", "Notes (2)", "_row"}
	cells := []string{"Call", "Hans", " 9 ", "x", "a\"b\\\n\x01", "n/a", " \u00a0", "7"}
	for name, c := range map[string]struct {
		keep   KeepColumns
		ignore string
		want   string
	}{
		"all by default": {want: `{"Budget":" 9 ","column_4":"x","Notes":"a\"b\\\n\u0001","Notes (2)":"n/a"}`},
		"all":            {keep: KeepAll, ignore: "Notes", want: `{"Budget":" 9 ","column_4":"x"}`},
		"none":           {keep: KeepNone},
		"a list":         {keep: KeepOnly([]string{"budget", "title"}), want: `{"title":"Call","Budget":" 9 "}`},
		"a list and an ignored column": {keep: KeepOnly([]string{"Budget"}), ignore: "Budget",
			want: `{"Budget":" 9 "}`},
	} {
		m := Mapping{KeepColumns: c.keep}
		if c.ignore != "" {
			m.ByColumn = map[string]string{c.ignore: ""}
		}
		b := readRow(t, columns, cells, m)
		if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != c.want {
			t.Errorf("%s: got %+v\nwant %s", name, b, c.want)
		}
	}
	_, _, err := Decide(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Columns: columns}},
		Mapping{KeepColumns: KeepOnly([]string{"Colour"})}, nil)
	if err == nil || !strings.Contains(err.Error(), `keep_columns: column "Colour" is not in the file`) {
		t.Errorf("a column that is not there: %v", err)
	}
}

// What the row has as custom_fields stays, and a column of the same name beside it.
func TestKeptBesideOwn(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "Budget", "custom_fields"}
	b := readRow(t, columns, []string{"Call", "Hans", "9", ` {"Budget": "8", "A": null, "B\u00fc": ""} `}, Mapping{})
	if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != `{"Budget (2)":"9","Budget":"8","Bü":""}` {
		t.Errorf("got %+v", b)
	}
	b = readRow(t, columns, []string{"Call", "Hans", "a\x00b\xff", ""}, Mapping{})
	if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != `{"Budget":"a�b�"}` {
		t.Errorf("got %+v", b)
	}
	for _, cell := range []string{"x", "[]", `{"a": 1}`, `{"a": "1", "a": "2"}`, `{"a": {}}`, `{"a`, `{"a": "\u0000"}`} {
		b := readRow(t, columns, []string{"Call", "Hans", "9", cell}, Mapping{})
		if len(b.Dead) != 1 || b.Dead[0].Field != FieldCustomFields || b.Dead[0].Reason != InvalidValue {
			t.Errorf("%s: got %+v", cell, b)
		}
	}
}

func TestTooMuchToKeep(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "Log"}
	const most = maxCustomFields - len(`{"Log":""}`)
	for size, want := range map[int]int{most: 1, most + 1: 0} {
		b := readRow(t, columns, []string{"Call", "Hans", strings.Repeat("x", size)}, Mapping{})
		if len(b.Tasks) != want || len(b.Dead) != 1-want {
			t.Fatalf("%d bytes: %d tasks, want %d", size, len(b.Tasks), want)
		}
		if want == 0 && (b.Dead[0].Field != FieldCustomFields || b.Dead[0].Remedy.Code != RemedyKeepColumns) {
			t.Errorf("got %+v", b.Dead[0].Fault)
		}
	}
}

// An operator's custom_fields replace those of the row, also where these are too long.
func TestCorrectedCustomFields(t *testing.T) {
	t.Parallel()
	_, p, err := Decide(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Columns: []string{"title", "contact_name",
		"Log"}}}, Mapping{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	cells := []string{"Call", "Hans", strings.Repeat("x", maxCustomFields)}
	for correction, want := range map[string]string{`{"Log": "short"}`: `{"Log":"short"}`, "": ""} {
		b := p.Retry([]Retried{{Source: Source{Row: 1, Cells: cells},
			Corrections: map[string]string{FieldCustomFields: correction}}}, time.Now())
		if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != want {
			t.Errorf("%s: got %+v, want %s", correction, b, want)
		}
	}
}

func TestReadKeepColumns(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"": "", "all": "all", "none": "none", `["A","all"]`: `["A","all"]`} {
		k, err := ReadKeepColumns(text)
		if err != nil || k.String() != want || k.IsZero() != (text == "") {
			t.Errorf("%s: got %v %v", text, k, err)
		}
	}
	for _, text := range []string{"some", "[]", `["A"`, `{"A": "B"}`, "[1]"} {
		if k, err := ReadKeepColumns(text); err == nil {
			t.Errorf("%s: got %v, want an error", text, k)
		}
	}
	for _, text := range []string{`{"keep_columns": "none"}`, `{"keep_columns": ["A", "B"]}`} {
		m, err := ReadSavedMapping([]byte(text), Tasks)
		if err != nil || m.KeepColumns.IsZero() {
			t.Errorf("%s: got %v %v", text, m, err)
		}
		if over := (Mapping{}).Over(m.Mapping); over.KeepColumns.String() != m.KeepColumns.String() {
			t.Errorf("%s: over it is %v", text, over.KeepColumns)
		}
	}
	for _, text := range []string{`{"keep_columns": 1}`, `{"keep_columns": "A"}`, `{"keep_columns": []}`,
		`{"kind": "contacts", "keep_columns": "all"}`} {
		if _, err := ReadSavedMapping([]byte(text), Tasks); err == nil || !strings.Contains(fmt.Sprint(err), keepColumns) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// What other evidence has decided keeps its cell, and so does a part that nothing uses; each once.
func TestOriginalsAreKept(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "Due Date", "Due Time", "related_type", "custom_fields"}
	for name, c := range map[string]struct {
		cells []string
		want  string
		how   map[string]How
	}{
		"a time without a day": {[]string{"Call", "Hans", "", "14:30", "", ""}, `{"Due Time":"14:30"}`,
			map[string]How{fieldDueDate: Unused}},
		"a kind without a record, beside a member of that name": {[]string{"Call", "Hans", "", "", "Deal",
			`{"related_type": "x"}`}, `{"related_type (2)":"Deal","related_type":"x"}`,
			map[string]How{fieldRelatedType: Unused}},
	} {
		b := readRow(t, columns, c.cells, Mapping{})
		if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != c.want {
			t.Errorf("%s: got %+v", name, b.Tasks)
		}
		for field, how := range c.how {
			if got := b.Adjusted(DuplicateSkip)[field][how].Count; got != 1 {
				t.Errorf("%s: %s is %s in %d rows, want 1", name, field, how, got)
			}
		}
	}
}
