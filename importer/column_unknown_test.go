package importer

import (
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
