package importer

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"taskport/importer/file"
)

// FuzzSaved reads any text as a saved mapping. A refusal names the member. An accepted mapping is
// the same after it was written and read again, and over itself.
func FuzzSaved(f *testing.F) {
	for _, s := range []string{
		`{"mapping": {"Subject": "title"}, "values": {"status": {"Not Started": "open"}}}`,
		`{"kind": "contacts", "constants": {"company_name": "North"}, "compose": {"full_name": ["First", "Last"]}}`,
		`{"date_order": "dmy", "timezone": "Europe/Berlin", "preset": "none", "mapping": {"Due": "due_date", "x": ""}}`,
		`{"kind": "deals", "mapping": {"a": "title", "b": "title"}}`,
		`{"constants": {"status": "open", "due_date": "2026-02-30"}, "values": {"priority": {"": "high", "1": "none"}}}`,
		`{"compose": {"title": []}}`, `{"mapping": null, "values": {"status": null}}`, `{"Mapping": {}, "kind": ""}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		saved, err := ReadSavedMapping(text, Tasks)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Fatalf("refused by %v", err)
			}
			return
		}
		again, err := json.Marshal(saved)
		if err != nil {
			t.Fatal(err)
		}
		back, err := ReadSavedMapping(again, Tasks)
		if err != nil {
			t.Fatalf("%s was accepted, and is refused as it was saved, %s: %v", text, again, err)
		}
		if over := back.Over(saved.Mapping); over.Check(saved.Kind) != nil || !reflect.DeepEqual(over.Columns(),
			saved.Columns()) {
			t.Fatalf("%s over itself is %+v (%v)", text, over, over.Check(saved.Kind))
		}
		for _, field := range append(sortedKeys(saved.Constants), sortedKeys(saved.Compose)...) {
			if !slices.Contains(FieldsOf(saved.Kind), field) {
				t.Fatalf("%s feeds %q", text, field)
			}
		}
	})
}

// FuzzTaskObject reads any text as a single task. An accepted task can be stored and is the same as
// a row of an import; a refusal has a reason.
func FuzzTaskObject(f *testing.F) {
	for _, s := range []string{
		`{"title": "Call", "contact_name": "Hans", "due_date": "2026-03-10"}`, `{"title": "\u0000", "contact_id": null}`,
		`{"title": 1}`, `[]`, `{"title":"\ud800"}`, `{"title":"a","title":"b"} x`,
		`{"title": "Call", "contact_id": "` + contactID +
			`", "created_date": "2026-01-01T00:00:00+01:00", "priority": "high", "status": "completed"}`,
		`{"title": " ", "company_name": "N/A", "external_id": "=1"}`,
	} {
		f.Add([]byte(s))
	}
	at := time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, body []byte) {
		object, err := ReadObject(body)
		if err != nil {
			var fault *Fault
			if !errors.As(err, &fault) || fault.Message == "" {
				t.Fatalf("refused by %v", err)
			}
			return
		}
		values, fault := TaskValues(object)
		if fault != nil {
			if !slices.Contains(FieldsOf(Tasks), fault.Field) {
				t.Fatalf("refused for the field %q", fault.Field)
			}
			return
		}
		now, fault := ReadTask(slices.Clone(values), at)
		checkTask(t, now, fault)
		checkLater(t, values, now, fault, at)
	})
}

func checkTask(t *testing.T, b *Batch, fault *Fault) {
	t.Helper()
	if fault != nil {
		if fault.Message == "" || len(b.Tasks) > 0 {
			t.Fatalf("refused by %+v, with %d tasks", fault, len(b.Tasks))
		}
		return
	}
	if len(b.Tasks) != 1 {
		t.Fatalf("%d tasks", len(b.Tasks))
	}
	d := b.Tasks[0]
	if strings.TrimSpace(d.Title) == "" || d.CreatedDate == "" || !slices.Contains(statuses, d.Status) || !d.hasParent() {
		t.Fatalf("accepted was %+v", d)
	}
	for _, text := range []string{d.Title, d.Description, d.TaskType, d.AssigneeID, d.ExternalID, d.CreatedDate} {
		if !storable(text) {
			t.Fatalf("%q cannot be stored", text)
		}
	}
}

// checkLater imports the task as a row and expects the same outcome, but for the words and dates
// that only an import understands.
func checkLater(t *testing.T, values Values, now *Batch, refused *Fault, at time.Time) {
	t.Helper()
	line := TaskLine(values)
	cutter, err := file.NewCutter(strings.NewReader(string(line)), file.Options{Format: file.NDJSON, Encoding: "utf-8",
		KeepPlaceholders: true})
	if err != nil && refused != nil {
		return // without text it is not a row
	}
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	chunk, err := cutter.Next()
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	p, err := NewRowReader(Tasks, Layout{Layout: cutter.Layout()}, Mapping{})
	if err != nil {
		if refused == nil {
			t.Fatalf("%s is a task, but no row: %v", line, err)
		}
		return
	}
	later := p.Read(chunk, at)
	if refused != nil && refused.Reason == InvalidValue && len(later.Tasks) > 0 {
		checkTask(t, later, nil)
		return
	}
	if len(later.Tasks) != len(now.Tasks) {
		t.Fatalf("%s: at once %+v (%v), later %+v %+v", line, now.Tasks, refused, later.Tasks, later.Dead)
	}
	if refused != nil {
		return
	}
	a, b := now.Tasks[0], later.Tasks[0]
	a.Source, b.Source = Source{}, Source{}
	if a.replaced != "" {
		b.CustomFields = a.CustomFields // an import keeps the created_date that it replaces
	}
	if !reflect.DeepEqual(a, b) {
		t.Fatalf("%s: at once\n%+v, later\n%+v", line, a, b)
	}
}
