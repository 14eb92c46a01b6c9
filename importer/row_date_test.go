package importer

import (
	"strings"
	"testing"

	"taskport/importer/dates"
)

// An answered date is the stored one, and can be sent again.
func TestInstantsAreKeptAsTheyAreShown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-03-10T10:00:00.123456789+02:00": "2026-03-10T08:00:00.123456Z",
		"2026-03-10T10:00:00.9999999Z":        "2026-03-10T10:00:00.999999Z",
		"0000-01-01T00:00:00Z":                "0000-01-01T00:00:00Z",
		"9999-12-31T23:59:59.999999999Z":      "9999-12-31T23:59:59.999999Z",
		"9999-12-31T23:59:59-00:01":           "",
		"0000-01-01T00:00:00+00:01":           "",
	} {
		when, fault := dateOf(fieldDueDate, text)
		if want == "" {
			if fault == nil || !strings.Contains(fault.Message, "no year from 0000 to 9999") || when.Given {
				t.Errorf("%s: %v %v", text, when, fault)
			}
			continue
		}
		if fault != nil || dates.Format(when.At) != want {
			t.Errorf("%s: %s %v, want %s", text, dates.Format(when.At), fault, want)
		}
		if again, fault := dateOf(fieldDueDate, want); fault != nil || again != when {
			t.Errorf("%s is read as %v %v", want, again, fault)
		}
	}
}

func TestTimestampsInAZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, text, want string }{
		{"Europe/Berlin", "2026-07-05T09:00:00", "2026-07-05T09:00:00+02:00"},
		{"Europe/Berlin", "2026-01-05T09:00", "2026-01-05T09:00:00+01:00"},
		{"Europe/Berlin", "2026-01-05 09:00", "2026-01-05T09:00:00+01:00"},
		{"Europe/Berlin", "2026-07-05T09:00:00Z", "2026-07-05T09:00:00Z"},
		{"Europe/Berlin", "2026-07-05T09:00:00-03:00", "2026-07-05T09:00:00-03:00"},
		{"Europe/Berlin", "2026-07-05", "2026-07-05"},
		{"America/New_York", "20260705T090000", "2026-07-05T09:00:00-04:00"},
		{"Asia/Kolkata", "2026-07-05T09:00:00.25", "2026-07-05T09:00:00.25+05:30"},
		{"UTC", "2026-07-05T09:00:00", "2026-07-05T09:00:00Z"},
		{"", "2026-07-05T09:00:00", "2026-07-05T09:00:00"},
		{"Europe/Berlin", "next week", "next week"},
	} {
		p, err := NewRowReader(Tasks, csvLayout("title", "due_date"), Mapping{Timezone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		if got := p.date(fieldDueDate, c.text); got != c.want {
			t.Errorf("%s in %s: %s, want %s", c.text, c.zone, got, c.want)
		}
	}
}
