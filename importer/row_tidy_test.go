package importer

import (
	"testing"
	"time"
)

// Rows without text are not rows, whatever they are rows of.
func TestEmptyRowsAreNoRows(t *testing.T) {
	t.Parallel()
	for kind, columns := range map[Kind][]string{Tasks: {"title", "contact_name"}, Contacts: {"full_name", "email"},
		Companies: {"name", "domain"}, Deals: {"title", "external_id"}} {
		b := read(t, kind, time.Now(), columns, ",\n  ,\u00a0\n\"\",\" \u200b\"\n,x\n")
		if got := len(b.Dead) + len(b.Tasks) + len(b.Contacts) + len(b.Companies) + len(b.Items); got != 1 {
			t.Errorf("%s: got %d rows, want 1: %+v", kind, got, b.Dead)
		}
	}
}
