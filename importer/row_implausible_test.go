package importer

import (
	"fmt"
	"strings"
	"testing"
)

// A due date that no task has is kept and counted.
func TestImplausibleDueDate(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "due_date"}
	for due, want := range map[string]string{"1753-01-01": "map[due_date:1]", "1899-12-31T02:30:00Z": "map[due_date:1]",
		"2569-03-05": "map[due_date:1]", "2026-03-05": "map[]", "1970-01-01": "map[]", "": "map[]"} {
		b := readRow(t, columns, []string{"Call", "Hans", due}, Mapping{})
		all := b.Adjusted(DuplicateSkip)
		if len(b.Tasks) != 1 || fmt.Sprint(all.Implausible()) != want || len(all.Counts()) > 0 {
			t.Errorf("%s: got %+v, %v", due, b, all)
		}
		if b.Tasks[0].CustomFields != "" {
			t.Errorf("%s: custom_fields are %s", due, b.Tasks[0].CustomFields)
		}
	}
	all := readRow(t, columns, []string{"Call", "Hans", "1753-01-01"}, Mapping{}).Adjusted(DuplicateSkip)
	if got := noted(all.Notes()); got != "due_date is before 1970 or after 2100 in 1 row (1)" {
		t.Errorf("the note is %q", got)
	}
}

func TestEpochAsDueDate(t *testing.T) {
	t.Parallel()
	for due, says := range map[string]string{"1772703000": "2026-03-05T09:30:00Z, in seconds",
		"1772703000000": "2026-03-05T09:30:00Z, in milliseconds", "177270300000": "must be ISO 8601"} {
		b := readRow(t, []string{"title", "contact_name", "due_date"}, []string{"Call", "Hans", due}, Mapping{})
		if len(b.Dead) != 1 || !strings.Contains(b.Dead[0].Message, says) {
			t.Errorf("%s: got %+v, want it to say %q", due, b.Dead, says)
		}
	}
}
