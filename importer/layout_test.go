package importer

import (
	"encoding/json"
	"reflect"
	"testing"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// Stored imports must stay readable: neither the names nor the shape of the members may change.
func TestLayoutAsItIsStored(t *testing.T) {
	t.Parallel()
	const stored = `{"format": "csv", "delimiter": ";", "columns": ["Betreff", "Fällig", "Status"],
		"keep_placeholders": true,
		"preset": "hubspot", "sources": {"title": [0], "due_date": [1, 2]}, "dates": {"due_date": "dmy"}, "words": true,
		"encoding": "windows-1252", "packing": "gzip", "sheet": "Tasks", 
		"notes": [{"text": "a note", "remedy": {"code": "sheet"}}],
		"profile": [{"name": "Status", "feeds": "status", "filled": 0.5, "samples": ["Offen"], 
			"problems": [{"text": "a problem"}]}],
		"unknown_values": {"status": [{"value": "Wartet", "rows": 2}]},
		"repeated": {"count": 1, "first_rows": [3], "compared_rows": 9}}`
	want := Layout{
		Layout: file.Layout{Format: file.CSV, Delimiter: ";", Columns: []string{"Betreff", "Fällig", "Status"},
			KeepPlaceholders: true,
			Encoding:         "windows-1252", Packing: "gzip", Sheet: "Tasks", Notes: []file.Note{{Text: "a note",
				Remedy: file.Remedy{Code: file.RemedySheet}}}},
		Preset: "hubspot", Sources: map[string][]int{"title": {0}, "due_date": {1, 2}},
		Dates: map[string]dates.Form{"due_date": dates.Form(dates.DayFirst)}, Words: true,
		Profile: []ColumnProfile{{Name: "Status", Feeds: "status", Filled: 0.5, Samples: []string{"Offen"},
			Problems: []file.Note{{Text: "a problem"}}}},
		Unknown:  map[string][]UnknownValue{"status": {{Value: "Wartet", Rows: 2}}},
		Repeated: &RepeatedRows{Count: 1, First: []int{3}, Compared: 9},
	}
	var got Layout
	if err := json.Unmarshal([]byte(stored), &got); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read as\n%+v, want\n%+v, error %v", got, want, err)
	}
	for text, of := range map[string]Layout{stored: want, `{"format": "", "columns": null}`: {}} {
		written, err := json.Marshal(of)
		if err != nil {
			t.Fatal(err)
		}
		var a, b map[string]any
		if err := json.Unmarshal(written, &a); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(text), &b); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, b) {
			t.Errorf("written as\n%s, want\n%s", written, text)
		}
	}
}
