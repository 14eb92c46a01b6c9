package importer

import (
	"strings"
	"testing"
	"time"

	"taskport/importer/dates"
)

// The column that says whether a task is completed makes its status, by its name or by the mapping.
func TestCompletionInAColumnOfItsOwn(t *testing.T) {
	t.Parallel()
	for header, cells := range map[string]map[string]string{
		"Completed At": {"2026-03-05T10:00:00Z": "completed", "05/03/2026": "completed", "": "open"},
		"Is Closed":    {"1": "completed", "0": "open", "TRUE": "completed", "false": "open", "maybe": "!"},
		"Done": {"Yes": "completed", "x": "completed", "No": "open", "Done": "completed",
			"In progress": "in_progress"},
		"% Complete": {"100": "completed", "100 %": "completed", "0": "open", "1 %": "in_progress",
			"0,5": "in_progress"},
		"Erledigt am":        {"5.3.2026": "completed", "45000": "completed"},
		"Terminée":           {"oui": "completed", "non": "open"},
		"Fecha finalización": {"2026-03-05": "completed", "1": "!"}, // only by the mapping
	} {
		m := Mapping{}
		if _, ok := isCompletion(header); !ok {
			m.ByColumn = map[string]string{header: fieldStatus}
		}
		for cell, want := range cells {
			b := readRow(t, []string{"title", "contact_name", header}, []string{"Call", "Hans", cell}, m)
			got := "!"
			if len(b.Tasks) == 1 {
				got = b.Tasks[0].Status
			}
			if got != want {
				t.Errorf("%s %q: got %s, want %s", header, cell, got, want)
			}
		}
	}
	b := readRow(t, []string{"title", "contact_name", "% Complete", "Status", "Completed"}, []string{"Call", "Hans", "50",
		"open", "yes"}, Mapping{})
	if len(b.Tasks) != 1 || b.Tasks[0].Status != "open" ||
		b.Tasks[0].CustomFields != `{"% Complete":"50","Completed":"yes"}` {
		t.Errorf("beside a status: got %+v", b)
	}
	b = readRow(t, []string{"title", "contact_name", "% Complete", "Completed On"}, []string{"Call", "Hans", "50",
		"2026-03-05"}, Mapping{})
	if len(b.Tasks) != 1 || b.Tasks[0].Status != "completed" {
		t.Errorf("of two: got %+v", b)
	}
}

func TestDateAndTimeInTwoColumns(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ date, clock, day, at, want string }{
		{"Due Date", "Due Time", "2026-03-05", "14:30", "2026-03-05T14:30:00Z"},
		{"Due Time", "Due Date", "2:30 PM", "2026-03-05", "2026-03-05T14:30:00Z"},
		{"Fälligkeitsdatum", "Fälligkeitsuhrzeit", "25.03.2026", "14:30", "2026-03-25T14:30:00Z"},
		{"Deadline", "Deadline Time", "2026-03-05", "", "2026-03-05"},
		{"Due Date", "Due Time", "", "14:30", ""},
		{"Due Date", "Due Time", "2026-03-05T09:00:00Z", "14:30", "2026-03-05T09:00:00Z"},
		{"Due Date", "Due Time", "2026-03-05", "1899-12-30T14:30:00", "2026-03-05T14:30:00Z"},
		{"Due Date", "Start Time", "2026-03-05", "14:30", "2026-03-05"},
		{"Due Date", "Due Time", "2026-03-05", "soon", "!"},
	} {
		b := readRow(t, []string{"title", "contact_name", c.date, c.clock}, []string{"Call", "Hans", c.day, c.at}, Mapping{})
		got := "!"
		if len(b.Tasks) == 1 {
			got = answeredDate(b.Tasks[0].Due)
		}
		if got != c.want {
			t.Errorf("%s %q, %s %q: got %q, want %q", c.date, c.day, c.clock, c.at, got, c.want)
		}
	}
	b := readRow(t, []string{"title", "contact_name", "Created Date", "Created Time"}, []string{"Call", "Hans",
		"2001-01-02", "09:00"}, Mapping{})
	if len(b.Tasks) != 1 || b.Tasks[0].CustomFields != `{"Created Date":"2001-01-02","Created Time":"09:00"}` ||
		!strings.HasPrefix(b.Tasks[0].CreatedDate, dates.Format(time.Now())[:4]) {
		t.Errorf("got %+v", b)
	}
}
