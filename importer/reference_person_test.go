package importer

import (
	"strings"
	"testing"
	"time"

	"taskport/importer/file"
)

// read takes lines of CSV without a header through decode → map → validate.
func read(t *testing.T, kind Kind, now time.Time, columns []string, lines string) *Batch {
	t.Helper()
	p, err := NewRowReader(kind, csvLayout(columns...), Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	return p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: strings.Count(lines, "\n"), Data: []byte(lines)}, now)
}

// A cell may hold the name and the email of a contact, as in a mail program.
func TestEmailOfAContact(t *testing.T) {
	t.Parallel()
	for cell, want := range map[string]string{
		"Hans@Example.com": "hans@example.com", "Hans Müller <hans@example.com>": "hans@example.com",
		"mailto:hans@example.com": "hans@example.com", "hans@example.com (work)": "hans@example.com",
		"(No value)": "", "(none)": "", "hans": "!", "Hans <hans>": "!", "a@example.com; b@example.com": "!",
		"Hans <a@example.com>; Eva <b@example.com>": "!",
	} {
		b := read(t, Contacts, time.Now(), []string{"full_name", "email"}, "Hans Müller,"+cell+"\n")
		switch {
		case want == "!" && (len(b.Dead) != 1 || b.Dead[0].Field != fieldEmail):
			t.Errorf("%s: %+v", cell, b)
		case want != "!" && (len(b.Contacts) != 1 || b.Contacts[0].Email != want):
			t.Errorf("%s: %+v", cell, b)
		}
	}
}
