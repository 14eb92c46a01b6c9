package importer

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer/dates"
)

// now is the time in these tests.
var now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

const contactID = "789e0123-e45b-67c8-a901-234567890abc"

// row returns the values of a task from pairs of field and value; title and contact_id are set by
// default.
func row(pairs ...string) Values {
	v := make(Values, len(fields[Tasks]))
	v[atTitle], v[position(Tasks, fieldContactID)] = "Call Hans", contactID
	for i := 0; i < len(pairs); i += 2 {
		for at, field := range fields[Tasks] {
			if field == pairs[i] {
				v[at] = pairs[i+1]
			}
		}
	}
	return v
}

func validateTask(v Values, now time.Time) (Draft, *Fault) {
	var d Draft
	fault := d.validate(v, false, now)
	return d, fault
}

func TestTaskFieldsAreRejected(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		values Values
		reason Reason
		field  string
		says   string
	}{
		{"no title", row("title", ""), MissingTitle, "title", "title is required"},
		{"blank title", row("title", " \t\u00a0"), MissingTitle, "title", "must not be blank"},
		{"title before parent", row("title", "", "contact_id", ""), MissingTitle, "title", "title is required"},
		{"status", row("status", "done"), InvalidValue, "status", "open, in_progress, completed"},
		{"status in capitals", row("status", "OPEN"), InvalidValue, "status", "open, in_progress, completed"},
		{"priority", row("priority", "urgent"), InvalidValue, "priority", "low, medium, high"},
		{"due date in words", row("due_date", "soon"), InvalidValue, "due_date", "YYYY-MM-DD"},
		{"due date that does not exist", row("due_date", "2026-02-30"), InvalidValue, "due_date",
			`"2026-02-30" is a day that its month does not have`},
		{"due date that does not exist in any order", row("due_date", "31.04.2026 10:00"), InvalidValue, "due_date",
			"YYYY-MM-DD"},
		{"due date that its month lacks in one order only", row("due_date", "11/31/2026"), InvalidValue, "due_date",
			"a day that its month does not have"},
		{"due date that exists in one order only", row("due_date", "31/12/2026"), InvalidValue, "due_date",
			"due_date must be ISO 8601"},
		{"due date beyond all months", row("due_date", "32.01.2026"), InvalidValue, "due_date", "due_date must be ISO 8601"},
		{"due date the other way round", row("due_date", "10.03.2026"), InvalidValue, "due_date", "YYYY-MM-DD"},
		{"contact id", row("contact_id", "42"), InvalidValue, "contact_id", "UUID"},
		{"contact id in braces", row("contact_id", "{"+contactID+"}"), InvalidValue, "contact_id", "UUID"},
		{"nil contact id", row("contact_id", uuid.Nil.String()), InvalidValue, "contact_id", "UUID"},
		{"company id", row("company_id", "x"), InvalidValue, "company_id", "UUID"},
		{"deal id", row("deal_id", "x"), InvalidValue, "deal_id", "UUID"},
		{"event id", row("event_id", "x"), InvalidValue, "event_id", "UUID"},
		{"no parent", row("contact_id", ""), Orphan, "", OrphanMessage},
		{"blank parent", row("contact_id", " ", "contact_name", "\t"), Orphan, "", OrphanMessage},
		{"NUL", row("description", "a\x00b"), InvalidValue, "description", "NUL"},
		{"not UTF-8", row("title", "M\xfcller"), InvalidValue, "title", "UTF-8"},
		{"long title", row("title", strings.Repeat("x", MaxText+1)), InvalidValue, "title", "shorten"},
		{"long name", row("contact_name", strings.Repeat("x", maxShort+1)), InvalidValue, "contact_name", "shorten"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, fault := validateTask(c.values, now)
			if fault == nil {
				t.Fatal("accepted")
			}
			if fault.Reason != c.reason || fault.Field != c.field || !strings.Contains(fault.Message, c.says) {
				t.Errorf("got %s of field %q: %s", fault.Reason, fault.Field, fault.Message)
			}
		})
	}
}

func TestTaskFieldsAreKept(t *testing.T) {
	t.Parallel()
	d, fault := validateTask(row("title", " Call ", "description", "two\nlines", "status", "in_progress", "priority",
		"high", "task_type", "call",
		"assignee_id", "u-7", "external_id", "E1", "contact_name", " Hans Müller ", "company_name", "Brandt GmbH"), now)
	if fault != nil {
		t.Fatal(fault)
	}
	got := []string{d.Title, d.Description, d.Status, d.Priority, d.TaskType, d.AssigneeID, d.ExternalID, d.ContactName,
		d.CompanyName, d.ContactID.String()}
	want := []string{" Call ", "two\nlines", "in_progress", "high", "call", "u-7", "E1", "Hans Müller", "Brandt GmbH",
		contactID}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("value %d is %q, want %q", i, got[i], want[i])
		}
	}
}

func TestTaskDefaults(t *testing.T) {
	t.Parallel()
	d, fault := validateTask(row(), now)
	if fault != nil {
		t.Fatal(fault)
	}
	if d.Status != "open" || d.StatusGiven || d.Priority != "" || d.Due.Given || d.CreatedDate != "2026-03-10T12:00:00Z" {
		t.Errorf("defaults are %+v", d.Task)
	}
}

func TestAnyParentIsEnough(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"contact_id", "company_id", "deal_id", "event_id"} {
		if _, fault := validateTask(row("contact_id", "", field, contactID), now); fault != nil {
			t.Errorf("%s alone: %v", field, fault)
		}
	}
	for _, field := range []string{"contact_name", "company_name"} {
		if _, fault := validateTask(row("contact_id", "", field, "Hans Müller"), now); fault != nil {
			t.Errorf("%s alone: %v", field, fault)
		}
	}
}

func TestCreatedDate(t *testing.T) {
	t.Parallel()
	const fallback = "2026-03-10T12:00:00Z"
	cases := []struct{ name, given, kept string }{
		{"absent", "", fallback},
		{"invalid", "yesterday", fallback},
		{"a day that does not exist", "2025-02-30T10:00:00Z", fallback},
		{"verbatim", "2025-06-01T08:30:00+02:00", "2025-06-01T08:30:00+02:00"},
		{"verbatim with fraction", "2025-06-01T08:30:00.123Z", "2025-06-01T08:30:00.123Z"},
		{"a day", "2025-06-01", "2025-06-01"},
		{"five years ago to the second", "2021-03-10T12:00:00Z", "2021-03-10T12:00:00Z"},
		{"a second more than five years ago", "2021-03-10T11:59:59Z", fallback},
		{"24 h ahead to the second", "2026-03-11T12:00:00Z", "2026-03-11T12:00:00Z"},
		{"a second more than 24 h ahead", "2026-03-11T12:00:01Z", fallback},
		{"24 h ahead in another zone", "2026-03-11T14:00:00+02:00", "2026-03-11T14:00:00+02:00"},
		{"over 24 h ahead in another zone", "2026-03-11T11:00:00-02:00", fallback},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, fault := validateTask(row("created_date", c.given), now)
			if fault != nil {
				t.Fatal(fault)
			}
			if d.CreatedDate != c.kept {
				t.Errorf("kept %q, want %q", d.CreatedDate, c.kept)
			}
			if at, ok := dates.Parse(d.CreatedDate); !ok || !at.At.Equal(d.CreatedAt) {
				t.Errorf("instant %v does not belong to %q", d.CreatedAt, d.CreatedDate)
			}
		})
	}
}

func TestParseWhen(t *testing.T) {
	t.Parallel()
	instant := time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC)
	day := time.Date(2026, 3, 10, 0, 0, 0, 0, time.UTC)
	cases := []struct {
		text string
		at   time.Time
		day  bool
	}{
		{"2026-03-10", day, true},
		{"20260310", day, true},
		{"2026-03-10T09:30:00Z", instant, false},
		{"2026-03-10T11:30:00+02:00", instant, false},
		{"2026-03-10T11:30:00+0200", instant, false},
		{"2026-03-10T11:30:00+02", instant, false},
		{"2026-03-10T09:30:00.5Z", instant.Add(500 * time.Millisecond), false},
		{"2026-03-10T09:30Z", instant, false},
		{"2026-03-10T09:30:00", instant, false},
		{"2026-03-10T09:30", instant, false},
		{"20260310T093000Z", instant, false},
	}
	for _, c := range cases {
		when, ok := dates.Parse(c.text)
		if !ok || !when.At.Equal(c.at) || when.DayOnly != c.day {
			t.Errorf("%q is %+v, %v", c.text, when, ok)
		}
	}
	for _, bad := range []string{"", "2026", "2026-3-1", "03/10/2026", "2026-13-01", "2026-03-10 later",
		"2026-03-10T25:00:00Z", "T09:30"} {
		if when, ok := dates.Parse(bad); ok {
			t.Errorf("%q was read as %v", bad, when)
		}
	}
}
