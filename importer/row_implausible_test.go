package importer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
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
	if got := noted(all.Notes()); got != "due_date is before 1970 or after 2100 in 1 row (1); implausible_dates" {
		t.Errorf("the note is %q", got)
	}
}

// What happens to a due date that no task has is the choice of the client.
func TestChoiceForImplausibleDates(t *testing.T) {
	t.Parallel()
	columns := []string{"title", "contact_name", "due_date"}
	for choice, want := range map[ImplausibleDates]string{
		"":                "1753-01-01, map[due_date:1], map[], ",
		ImplausibleKeep:   "1753-01-01, map[due_date:1], map[], ",
		ImplausibleBlank:  `, map[], map[due_date:map[implausible_left_out:1]], {"due_date":"1753-01-01"}`,
		ImplausibleReject: "due_date 1753-01-01 is before 1970 or after 2100",
	} {
		b := readRow(t, columns, []string{"Call", "Hans", "1753-01-01"}, Mapping{ImplausibleDates: choice})
		got := ""
		if len(b.Dead) == 1 && b.Dead[0].Field == fieldDueDate && b.Dead[0].Remedy.Code == RemedyImplausible {
			got = b.Dead[0].Message
		} else if len(b.Tasks) == 1 {
			all, task := b.Adjusted(DuplicateSkip), b.Tasks[0]
			got = fmt.Sprintf("%s, %v, %v, %s", answeredDate(task.Due), all.Implausible(), all.Counts(), task.CustomFields)
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", choice, got, want)
		}
		b = readRow(t, columns, []string{"Call", "Hans", "2026-03-05"}, Mapping{ImplausibleDates: choice})
		if len(b.Dead) > 0 || answeredDate(b.Tasks[0].Due) != "2026-03-05" {
			t.Errorf("%q: a plausible date became %+v", choice, b)
		}
	}
	if err := (Mapping{ImplausibleDates: "drop"}).Check(Tasks); err == nil {
		t.Error("an unknown choice is accepted")
	}
	if err := (Mapping{ImplausibleDates: ImplausibleKeep}).Check(Contacts); err == nil {
		t.Error("contacts take a choice for due dates")
	}
}

// A column of seconds since 1970, or of their parts, is read; among other dates such a number is
// read if the client says so.
func TestColumnsOfEpochs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ cells, order, due, says string }{
		{"1776157200,1776243600", "", "2026-04-14T09:00:00Z 2026-04-15T09:00:00Z", "counts seconds since 1970: 1776157200"},
		{"1776157200000,1776157200.5", "", "2026-04-14T09:00:00Z 2026-04-14T09:00:00.5Z", "counts milliseconds since 1970"},
		{"1776157200000000,1776157200000000000", "", "2026-04-14T09:00:00Z 2026-04-14T09:00:00Z", "counts microseconds"},
		{"1776157200,2026-04-15", "", "! 2026-04-15", ""},
		{"1776157200,2026-04-15", "epoch", "2026-04-14T09:00:00Z 2026-04-15", "counts seconds since 1970"},
		{"2026041409,2026041510", "", "! !", ""},
		{"46126,2026-04-15", "", "! 2026-04-15", ""},
		{"46126,2026-04-15", "serial", "2026-04-14 2026-04-15", ""},
	} {
		text := "title,contact_name,due_date\n"
		cells := strings.Split(c.cells, ",")
		for _, cell := range cells {
			text += "a,b," + cell + "\n"
		}
		m := Mapping{DateOrder: dates.Order(c.order)}
		layout := decided(t, file.Options{Format: file.CSV}, m, text)
		p, err := NewRowReader(Tasks, layout, m)
		if err != nil {
			t.Fatal(err)
		}
		b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: len(cells), Data: []byte(text[strings.Index(text,
			"\n")+1:])}, time.Now())
		got := make([]string, len(cells))
		for i := range b.Tasks {
			got[b.Tasks[i].Row-1] = answeredDate(b.Tasks[i].Due)
		}
		for i := range b.Dead {
			got[b.Dead[i].Row-1] = "!"
		}
		if strings.Join(got, " ") != c.due || !strings.Contains(noted(layout.Notes), c.says) {
			t.Errorf("%s as %q: got %v, want %s; the notes are %s", c.cells, c.order, got, c.due, noted(layout.Notes))
		}
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
