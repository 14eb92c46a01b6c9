package importer

import (
	"strings"
	"testing"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
)

func TestWordsOfClosedFields(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ field, words, want string }{
		{fieldStatus, "open|Open|Not Started|not_started|To do|TODO|Offen|Nicht begonnen|Zu erledigen|À faire|A FAIRE|" +
			"Non commencée|Ouvert|Pendiente|Por hacer|Sin empezar|Abierta", "open"},
		{fieldStatus, "in_progress|In Progress|IN-PROGRESS|Started|In Bearbeitung|in arbeit|En cours|Démarrée|En curso|" +
			"En progreso", "in_progress"},
		{fieldStatus, "completed|Completed|4. Completed|Done|Finished|Erledigt|ABGESCHLOSSEN|Fertig|Terminé|terminee|" +
			"Achevée|Completada|Hecho|Finalizado",
			"completed"},
		{fieldPriority, "high|High|Urgent|Hoch|Dringend|Haute|Élevée|elevee|Alta|Urgente|1 - High|1-High|3 – Hoch|" +
			"(1) High|1. Urgent", "high"},
		{fieldPriority, "medium|Medium|Normal|Mittel|Moyenne|Media", "medium"},
		{fieldPriority, "low|Low|Niedrig|Gering|Basse|Faible|Baja", "low"},
		{fieldPriority, "None|Keine|Aucune|Ninguna", ""},
		// Ambiguous words have no meaning.
		{fieldStatus, "Canceled|Deferred|Waiting|Wartet|Closed|Archived|On hold|New|1|2|yes|Abgebrochen|Annulé|Cancelado",
			"?"},
		{fieldPriority, "1|2|3|P1|A|Critical|!|Important|Wichtig|1 - |1 - Critical|1High|A - High|High - 1|- High -1|" +
			"1 - 2 - High", "?"},
	} {
		p, err := NewRowReader(Tasks, csvLayout("title"), Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range strings.Split(c.words, "|") {
			want := c.want
			if want == "?" {
				want = w
			}
			if got, ok := p.meaning(c.field, w); got != want || ok == (c.want == "?") {
				t.Errorf("%s %q: %q %t, want %q", c.field, w, got, ok, want)
			}
		}
	}
}

func TestValuesComeBeforeTheUsualWords(t *testing.T) {
	t.Parallel()
	p, err := NewRowReader(Tasks, csvLayout("title", "status", "task_type"), Mapping{Values: map[string]map[string]string{
		fieldStatus:   {"Done": "open", "Sur la glace": "in_progress", "": "completed", "x": "", "open": "completed"},
		fieldTaskType: {"Anruf": "call"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ field, text, want string }{
		{fieldStatus, "Done", "open"}, {fieldStatus, "DONE ", "open"}, {fieldStatus, "sur-la-glace", "in_progress"},
		{fieldStatus, "", "completed"}, {fieldStatus, "x", ""}, {fieldStatus, "open", "completed"},
		{fieldStatus, "Erledigt", "completed"}, {fieldTaskType, "anruf", "call"}, {fieldTaskType, "Mail", "Mail"},
		{fieldTaskType, "", ""},
	} {
		if got, _ := p.meaning(c.field, c.text); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.field, c.text, got, c.want)
		}
	}
}

// Rows are translated when they would be rejected, also in a file whose survey did not require it:
// a corrected dead letter is such a row.
func TestRowsOfAPlainFileAreTranslated(t *testing.T) {
	t.Parallel()
	layout := decided(t, file.Options{Format: file.CSV}, Mapping{},
		"title,contact_name,status,due_date\na,b,open,2026-03-10\n")
	p, err := NewRowReader(Tasks, layout, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	if p.translatesEveryRow() {
		t.Error("rows that need no translation are translated")
	}
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	b := p.Retry([]Retried{{Source: Source{Row: 1, Cells: []string{"a", "b", "Erledigt", "25.03.2026"}}},
		{Source: Source{Row: 2, Cells: []string{"a", "b", "", "03.04.2026"}}},
		{Source: Source{Row: 3, Cells: []string{"a", "b", "Wartet", ""}}}}, now)
	if len(b.Tasks) != 1 || b.Tasks[0].Status != "completed" || b.Tasks[0].Due.At.Format(time.DateOnly) != "2026-03-25" {
		t.Errorf("%+v", b.Tasks)
	}
	if len(b.Dead) != 2 || !strings.Contains(b.Dead[0].Message, "may be 2026-04-03 or 2026-03-04") ||
		b.Dead[0].Remedy != (file.Remedy{Code: RemedyDateOrder}) ||
		b.Dead[1].Remedy != (file.Remedy{Code: RemedyValue, Field: fieldStatus, Value: "Wartet", Meaning: "open"}) {
		t.Errorf("%+v", b.Dead)
	}
}

// A date with an unreadable time is not one with an uncertain order.
func TestDatesWithATimeThatCannotBeRead(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"March 10, 2026 9:00 AM (CET)": `has a time that cannot be read, "9:00 AM (CET)"`,
		"2026-01-31 13:30 PM":          `has a time that cannot be read, "13:30 PM"`,
		"2026-01-31T24:00:00Z":         "has a time that cannot be read",
		"03/04/2026 14:30 CET":         `has a time that cannot be read, "14:30 CET"`,
		"03/04/2026 14:30":             "may be 2026-04-03 or 2026-03-04",
		"31/02/2026 14:30 CET":         "a day that its month does not have",
		"soon":                         "must be ISO 8601",
	} {
		layout := decided(t, file.Options{Format: file.CSV}, Mapping{}, "title,contact_name,due_date\na,b,\""+text+"\"\n")
		p, err := NewRowReader(Tasks, layout, Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: 1, Data: []byte("a,b,\"" + text + "\"\n")}, time.Now())
		if len(b.Dead) != 1 || b.Dead[0].Field != fieldDueDate || !strings.Contains(b.Dead[0].Message, want) {
			t.Errorf("%s: %+v", text, b.Dead)
		}
		if !strings.Contains(noted(layout.Profile[2].Problems), "1 of 1 cannot be read as a date") {
			t.Errorf("%s: the survey says %q", text, layout.Profile[2].Problems)
		}
	}
}

// A number among dates is not read as a date; the message says which day it may be.
func TestANumberAmongDates(t *testing.T) {
	t.Parallel()
	text := "title,contact_name,due_date\na,b,46053\na,b,2026-03-10\n"
	p, err := NewRowReader(Tasks, decided(t, file.Options{Format: file.CSV}, Mapping{}, text), Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: 1, Data: []byte("a,b,46053\n")}, time.Now())
	if len(b.Dead) != 1 || !strings.Contains(b.Dead[0].Message,
		"a spreadsheet would mean 2026-01-31; write the day as YYYY-MM-DD") {
		t.Errorf("%+v", b.Dead)
	}
}

// A single task must use the words and dates of the API: nothing is translated.
func TestASingleTaskIsNotTranslated(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for field, text := range map[string]string{fieldStatus: "Erledigt", fieldPriority: "Hoch",
		fieldDueDate: "25.03.2026"} {
		v := make(Values, len(fields[Tasks]))
		v[atTitle], v[atContactName], v[position(Tasks, field)] = "a", "b", text
		if _, fault := ReadTask(v, now); fault == nil || fault.Reason != InvalidValue {
			t.Errorf("%s: %v", text, fault)
		}
	}
}

// The bounds of created_date also hold for translated dates.
func TestCreatedDatesOfAFile(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for cell, want := range map[string]string{
		"25.03.2026": "2026-03-25", "25.03.2026 14:30": "2026-03-25T14:30:00+01:00",
		"2026-03-25T14:30:00Z": "2026-03-25T14:30:00Z", "2026-03-25": "2026-03-25",
		"30.04.2021": dates.Format(now), "03.05.2026": dates.Format(now), "31.02.2026": dates.Format(now),
		"yesterday": dates.Format(now), "": dates.Format(now),
	} {
		text := "title,contact_name,Erstellt am\na,b,25.03.2026\na,b," + cell + "\n"
		layout := decided(t, file.Options{Format: file.CSV}, Mapping{Timezone: "Europe/Berlin"}, text)
		p, err := NewRowReader(Tasks, layout, Mapping{Timezone: "Europe/Berlin"})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Retry([]Retried{{Source: Source{Row: 1, Cells: []string{"a", "b", cell}}}}, now)
		if len(b.Tasks) != 1 || b.Tasks[0].CreatedDate != want {
			t.Errorf("%q: %+v %+v, want %s", cell, b.Tasks, b.Dead, want)
		}
	}
}
