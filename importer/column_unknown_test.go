package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"taskport/importer/file"
)

// The unknown words of a column that is read as it was surveyed are those of the whole file; of any
// other, those of the chunk. An answer removes a word and its note.
func TestUnknownWords(t *testing.T) {
	const text = "title,contact_name,status,Zustand\nA,Hans,waiting,x\nB,Hans,Waiting,open\nC,Hans,frozen,x\n"
	cutter, err := file.NewCutter(strings.NewReader(text), file.Options{Format: file.CSV, HasHeader: true,
		Encoding: "utf-8"})
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := cutter.Next()
	if err != nil || chunk.Rows != 3 {
		t.Fatal(chunk, err)
	}
	surveyed, _, err := Decide(Tasks, Layout{Layout: cutter.Layout()}, Mapping{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	surveyed.Unknown = map[string][]UnknownValue{fieldStatus: {{"waiting", 2000}, {"frozen", 1}, {"rare", 1}}}
	tasks := emptyReader(Tasks, Layout{}, Mapping{})
	another := file.Note{Text: "another"}
	surveyed.Notes = []file.Note{tasks.unknownNote(fieldStatus, surveyed.Unknown[fieldStatus], false), another}
	surveyed.Profile = []ColumnProfile{{Name: "status", Feeds: fieldStatus, Problems: surveyed.Notes[:1]}}
	as := func(of []string, values map[string]string) *RowReader {
		fed, err := surveyed.Fed(Tasks, of, "")
		if err != nil {
			t.Fatal(err)
		}
		p, err := NewRowReader(Tasks, fed, Mapping{Values: map[string]map[string]string{fieldStatus: values}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	asSurveyed, byHand := []string{"title", "contact_name", "status", ""}, []string{"title", "contact_name", "", "status"}
	if got := as(asSurveyed, nil).UnknownWords(surveyed, chunk); !slices.Equal(got[fieldStatus],
		surveyed.Unknown[fieldStatus]) {
		t.Errorf("of the whole file: %v", got)
	}
	if got := as(byHand, nil).UnknownWords(surveyed, chunk); !maps.EqualFunc(got,
		map[string][]UnknownValue{fieldStatus: {{"x", 2}}}, slices.Equal[[]UnknownValue]) {
		t.Errorf("of the chunk: %v", got)
	}
	l := as(asSurveyed, map[string]string{"Waiting": "open", "rare": ""}).Answered(surveyed.Unknown)
	if want := []UnknownValue{{"frozen", 1}}; !slices.Equal(l.Unknown[fieldStatus], want) {
		t.Errorf("the unknown words are %v", l.Unknown)
	}
	note := tasks.unknownNote(fieldStatus, []UnknownValue{{"frozen", 1}}, false)
	if !slices.Equal(l.Notes, []file.Note{another, note}) || !slices.Equal(l.Profile[0].Problems, []file.Note{note}) {
		t.Errorf("the notes are %q, the problems %q", l.Notes, l.Profile[0].Problems)
	}
	l = as(asSurveyed, map[string]string{"waiting": "open", "rare": "", "frozen": "open"}).Answered(surveyed.Unknown)
	if len(l.Unknown) != 0 || !slices.Equal(l.Notes, []file.Note{another}) || len(l.Profile[0].Problems) != 0 {
		t.Errorf("once all is answered: %v %q %q", l.Unknown, l.Notes, l.Profile[0].Problems)
	}
}

// TestLongValuesAreNotListed has values that are too long to be words of a closed field.
func TestLongValuesAreNotListed(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("long ", 101)
	l := decided(t, file.Options{Format: file.CSV}, Mapping{}, "title,contact_name,priority,status\nA,Hans,"+long+","+long+
		"\nB,Hans,high,waiting\n")
	if got, listed := l.Unknown[fieldPriority]; listed {
		t.Errorf("priority lists %v", got)
	}
	if got, want := l.Unknown[fieldStatus], []UnknownValue{{"waiting", 1}}; !slices.Equal(got, want) {
		t.Errorf("status lists %v, want %v", got, want)
	}
	notes := fmt.Sprint(l.Notes)
	for _, want := range []string{"priority has values in 1 row that are too long or too many to list",
		`status has unknown values such as "waiting" (1 row), …`} {
		if !strings.Contains(notes, want) {
			t.Errorf("the notes %s lack %s", notes, want)
		}
	}
}
