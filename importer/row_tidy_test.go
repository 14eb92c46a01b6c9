package importer

import (
	"testing"
	"time"

	"taskport/importer/file"
)

// Rows without text are not rows of a table; of objects they are reported as empty, not for the first
// missing field.
func TestEmptyRows(t *testing.T) {
	t.Parallel()
	for kind, columns := range map[Kind][]string{Tasks: {"title", "contact_name"}, Contacts: {"full_name", "email"},
		Companies: {"name", "domain"}, Deals: {"title", "external_id"}} {
		b := read(t, kind, time.Now(), columns, ",\n  ,\u00a0\n,x\n")
		if len(b.Dead) > 1 || len(b.Dead) == 1 && (b.Dead[0].Message == emptyRow || b.Dead[0].Row != 1) {
			t.Errorf("%s: got %+v, want no dead letter of an empty row", kind, b.Dead)
		}
	}

	reader, err := NewRowReader(Tasks, Layout{Layout: file.Layout{Format: file.NDJSON,
		Columns: []string{"title"}}}, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	b := reader.Read(file.Chunk{FirstRow: 1, FirstLine: 1, Rows: 1, Data: []byte("{\"title\":\" \"}\n")}, time.Now())
	if len(b.Dead) != 1 || b.Dead[0].Message != emptyRow || b.Dead[0].Reason != MissingTitle ||
		b.Dead[0].Field != fieldTitle {
		t.Errorf("got %+v, want an empty row", b.Dead)
	}
}
