package importer

import (
	"testing"
	"time"
)

// Empty rows are reported as empty, not for the first missing field.
func TestEmptyRowsAreReportedAsEmpty(t *testing.T) {
	t.Parallel()
	for kind, columns := range map[Kind][]string{Tasks: {"title", "contact_name"}, Contacts: {"full_name", "email"},
		Companies: {"name", "domain"}, Deals: {"title", "external_id"}} {
		b := read(t, kind, time.Now(), columns, ",\n  ,\u00a0\n,x\n")
		if len(b.Dead) < 2 || b.Dead[0].Message != emptyRow || b.Dead[1].Message != emptyRow || len(b.Dead) > 2 &&
			b.Dead[2].Message == emptyRow {
			t.Errorf("%s: %+v", kind, b.Dead)
		}
	}
	if b := read(t, Tasks, time.Now(), []string{"title", "contact_name"}, ",\n"); b.Dead[0].Reason != MissingTitle ||
		b.Dead[0].Field != fieldTitle {
		t.Errorf("%+v", b.Dead)
	}
}
