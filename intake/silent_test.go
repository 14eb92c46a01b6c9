package intake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/check"
	"taskport/importer/file"
	"taskport/store"
)

// randomTasks returns a file with odd cells; the column Nr numbers its rows.
func randomTasks(r *rand.Rand) string {
	odd := []string{"", "nan", "None", "N/A", `\N`, "0", "x\x01y", "line\r\nline", "\u00a0x ", "a \"b\"", "'00042",
		`="00042"`, "O&#039;Dwyer", "10023.0", "1.2E+15", "Ω дела", "e\u0301", "\u2028", "a\x00b", "=1+1", "{}",
		strings.Repeat("long ", 101)}
	columns := map[string][]string{
		"Subject": {"Call", "Send"}, "Contact": {"Hans Müller", "Nowak, Anna", "Nobody"}, "Notes": {"note"},
		"Status": {"open", "Erledigt", "Geparkt"}, "Prio": {"high", "Egal"}, "Type": {"call"},
		"Due Date":     {"2026-04-05", "13/04/2026", "04/05/2026", "1753-01-01", "5 May 2026 14:30"},
		"Due Time":     {"14:30", "9:05 PM"},
		"created_date": {"2026-01-02", "2001-01-02", "2027-05-05T10:00:00Z", "03/04/2026"},
		"external_id":  {"T-1", "T-2", "10023.0", "same"}, "contact_email": {"hans@example.com", "no@example.com"},
		"Related To Type": {"Account"}, "Budget": {"9"}, "Region": {"North"}, "": {"y"}, "Done": {"yes", "50%"},
	}
	headers := []string{"Nr", "Subject", "Contact"}
	for _, h := range slices.Sorted(maps.Keys(columns)) {
		if h != "Subject" && h != "Contact" && r.IntN(3) == 0 {
			headers = append(headers, h)
		}
	}
	var text strings.Builder
	delimiter := []string{",", ";", "\t"}[r.IntN(3)]
	text.WriteString(strings.Join(headers, delimiter))
	for row := range 12 {
		for i, h := range headers {
			cell := fmt.Sprint(row + 1)
			if i > 0 {
				if cell = odd[r.IntN(len(odd))]; r.IntN(6) > 0 {
					cell = columns[h][r.IntN(len(columns[h]))]
				}
				text.WriteString(delimiter)
			} else {
				text.WriteString("\n")
			}
			text.WriteString(`"` + strings.ReplaceAll(cell, `"`, `""`) + `"`)
		}
	}
	return text.String()
}

// checked takes a file through the same pipeline offline.
func checked(t *testing.T, text string) (tasks map[string]*importer.Draft, run *check.Run) {
	t.Helper()
	directory := check.NewOffline()
	read := func(kind importer.Kind, text string, begin func(*importer.RowReader) error,
		each func(*importer.Batch) error) {
		f := check.File{Kind: kind, Name: "rows.csv", Cut: file.Options{HasHeader: true}, Directory: directory,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
		if err := f.Read(clock, begin, each); err != nil {
			t.Fatal(err)
		}
	}
	any := func(*importer.RowReader) error { return nil }
	read(importer.Contacts, people, any, func(b *importer.Batch) error { directory.Add(importer.Contacts, b); return nil })
	tasks = map[string]*importer.Draft{}
	run = check.NewRun(directory, directory.Snapshot(), importer.Options{OnDuplicate: importer.DuplicateSkip})
	read(importer.Tasks, text, any, func(b *importer.Batch) error {
		_, err := run.Take(t.Context(), b)
		for i := range b.Tasks {
			tasks[b.Tasks[i].Cells[0]] = &b.Tasks[i]
		}
		return err
	})
	return tasks, run
}

// TestStoredValuesRowByRow imports random files: what Postgres holds of each row
// equals what the pipeline made of its cells, which TestNothingIsChangedInSilence compares with the
// cells.
func TestStoredValuesRowByRow(t *testing.T) {
	a := setup(t)
	stored := 0
	for seed := range 40 {
		text := randomTasks(rand.New(rand.NewPCG(uint64(seed), 22)))
		b := *a
		b.workspace, b.key = a.newWorkspace(fmt.Sprint("random", seed), store.Permissions()...)
		b.load("contacts", people)
		want, run := checked(t, text)
		job := b.importTasks(text, "")
		r := b.do("GET", job, "")
		r.wantCounts(run.Outcome.Created, 0, run.Outcome.Skipped, run.Outcome.Rejected)
		if got, wanted := jsonOf(t, r.get("data.adjusted")), jsonOf(t, run.Outcome.Adjusted.Counts()); got != wanted {
			t.Errorf("adjusted is %s, want %s", got, wanted)
		}
		list, _ := b.do("GET", "/v1/tasks?include=custom_fields&import_id="+b.jobID(job), "").get("data").([]any)
		for _, one := range list {
			task, _ := one.(map[string]any)
			kept, _ := task["custom_fields"].(map[string]any)
			d := want[fmt.Sprint(kept["Nr"])]
			if d == nil {
				t.Errorf("%v is stored, and the pipeline rejects it", task)
				continue
			}
			stored++
			for name, text := range d.Answer() {
				if strings.HasSuffix(name, "_id") {
					continue // the offline directory has other ids
				}
				got, _ := task[name].(string)
				if name == importer.FieldCustomFields {
					own := map[string]any{}
					if err := json.Unmarshal([]byte(text), &own); err != nil {
						t.Fatal(err)
					}
					got, text = jsonOf(t, kept), jsonOf(t, own)
				}
				if got != text {
					t.Errorf("row %v: %s is %q, want %q", kept["Nr"], name, got, text)
				}
			}
		}
		if t.Failed() {
			t.Fatalf("seed %d: %q", seed, text)
		}
	}
	if stored < 100 {
		t.Errorf("only %d tasks were stored", stored)
	}
}
