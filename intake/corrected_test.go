package intake_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// report returns the dead-letter report of a job.
func (a *api) report(job string) string {
	a.t.Helper()
	r := a.do("GET", job+"/rejects?format=csv", "")
	if r.status != http.StatusOK {
		a.t.Fatal(r.raw)
	}
	return r.raw
}

// lost are tasks without external ids; the contact of the first is in people.
const lost = "title,contact_name\nCall,Hans Müller\nCall,Wolfgang Unbekannt\nCall,Frieda Fremd\nWrite,Frieda Fremd\n"

// A corrected report that is sent twice, or whose rows were corrected otherwise in the meantime,
// creates no second task, even without external ids.
func TestCorrectedReportMakesNoSecondTask(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	first := a.importTasks(lost, "")
	report := a.report(first)
	a.load("contacts", "full_name\nWolfgang Unbekannt\n")
	a.do("POST", first+"/retry", "")
	a.await(a.jobID(first)).wantCounts(2, 0, 0, 2) // Wolfgang's row was imported without the report
	corrected := strings.ReplaceAll(report, "Frieda Fremd", "Hans Müller")
	second := a.importTasks(corrected, "")
	a.do("GET", second, "").wantCounts(2, 0, 1, 0)
	third := a.importTasks(strings.ReplaceAll(corrected, "Write", "Write a letter"), "")
	a.do("GET", third, "").wantCounts(0, 0, 3, 0)
	a.do("GET", a.importTasks(strings.ReplaceAll(corrected, "Write", "Write to her"), "?on_duplicate=update"),
		"").wantCounts(0, 3, 0, 0)
	if n := a.query(`SELECT count(*) FROM tasks WHERE title = 'Write to her'`); n != 1 {
		t.Errorf("%d tasks were brought up to date, want 1", n)
	}
	refused := a.importTasks(strings.ReplaceAll(corrected, "Write", "Write nothing"), "?on_duplicate=reject")
	a.do("GET", refused, "").wantCounts(0, 0, 0, 3)
	if !strings.Contains(a.report(refused), "is a task already") || strings.Contains(a.report(refused),
		a.jobID(refused)+"/") {
		t.Errorf("a report of a report does not lead back to the first import: %s", a.report(refused))
	}
	a.load("contacts", "full_name\nFrieda Fremd\n")
	a.do("POST", first+"/retry", "") // its dead letters are tasks by now
	a.await(a.jobID(first)).wantCounts(2, 0, 2, 0)
	if n := a.query(`SELECT count(*) FROM tasks`); n != 4 {
		t.Errorf("%d tasks, want 4", n)
	}
}

// Other edits of a report: a repeated row is reported, a row without an origin is new, and a
// malformed origin is rejected.
func TestRowsOfAReport(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	report := strings.ReplaceAll(a.report(a.importTasks(lost, "")), "Frieda Fremd", "Hans Müller")
	lines := strings.SplitAfter(report, "\n")
	origin := lines[3][strings.LastIndex(lines[3], ",")+1:]
	file := report + strings.Replace(lines[3], "Call", "Call again", 1) + strings.Replace(lines[3], origin, "\n", 1) +
		strings.Replace(lines[3], origin, "row 3\n", 1)
	job := a.importTasks(file, "")
	r := a.do("GET", job, "")
	r.wantCounts(3, 0, 0, 3)
	if fmt.Sprint(r.get("data.rejected_by_reason")) != "map[duplicate:1 invalid_value:1 unresolved_reference:1]" {
		t.Error(r.raw)
	}
	again := a.planned(file, "")
	a.do("GET", again, "").wantCounts(1, 0, 3, 2) // only the one without an origin would be new
}

// The same over chunks: a row whose origin is in an earlier chunk is a dead letter in a dry run,
// and not a second task in an import.
func TestRowsOfALongReport(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	var file strings.Builder
	file.WriteString("title,contact_name\n")
	for n := range 30 {
		fmt.Fprintf(&file, "Task %d,Frieda Fremd\n", n)
	}
	report := strings.ReplaceAll(a.report(a.importTasks(file.String(), "")), "Frieda Fremd", "Hans Müller")
	twice := report + report[strings.Index(report, "\n")+1:]
	dry := a.planned(twice, "")
	a.do("GET", dry, "").wantCounts(30, 0, 0, 30)
	a.do("POST", dry+"/commit", "")
	a.await(a.jobID(dry)).wantCounts(30, 0, 0, 30)
	a.do("POST", dry+"/undo", "")
	a.do("GET", a.importTasks(twice, ""), "").wantCounts(30, 0, 0, 30)
	if n := a.query(`SELECT count(*) FROM tasks`); n != 30 {
		t.Errorf("%d tasks, want 30", n)
	}
}

// A report saved by LibreOffice as a workbook or as CSV neither loses nor duplicates rows.
func TestReportThroughLibreOffice(t *testing.T) {
	office, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("no soffice in the PATH: install libreoffice-calc to take a report through a real spreadsheet")
	}
	a := setup(t)
	a.load("contacts", people)
	file := "title,contact_name,description,due_date,task_type\n" +
		"Call 007,Hans Müller,,2026-05-04,\n" +
		"=1+1,Frieda Fremd,\"two\nlines; and \"\"quotes\"\"\",2026-05-04,007\n" +
		"-5 %,Frieda Fremd,+49 30 123,2026-05-04T10:00:00Z,1.50\n" +
		"'quoted',Frieda Fremd,@home,,TRUE\n"
	job := a.importTasks(file, "")
	a.do("GET", job, "").wantCounts(1, 0, 0, 3)
	corrected := correct(t, a.report(job), "contact_id", a.contact("Hans Müller"))
	dir := t.TempDir()
	write(t, filepath.Join(dir, "report.csv"), corrected)
	convert(t, office, dir, "xlsx", "report.csv")
	if err := os.Remove(filepath.Join(dir, "report.csv")); err != nil {
		t.Fatal(err)
	}
	convert(t, office, dir, "csv", "report.xlsx")
	workbook, again := read(t, filepath.Join(dir, "report.xlsx")), read(t, filepath.Join(dir, "report.csv"))
	r := a.do("POST", "/v1/import/tasks", workbook, "Content-Type",
		"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	r.wantCounts(3, 0, 0, 0)
	a.csv("/v1/import/tasks", again).wantCounts(0, 0, 3, 0)
	a.csv("/v1/import/tasks", corrected).wantCounts(0, 0, 3, 0)
	for _, want := range [][2]string{{"=1+1", "two\nlines; and \"quotes\""}, {"-5 %", "+49 30 123"},
		{"'quoted'", "@home"}} {
		if n := a.query(`SELECT count(*) FROM tasks WHERE title = $1 AND description = $2`, want[0], want[1]); n != 1 {
			t.Errorf("%d tasks %q with %q, want 1", n, want[0], want[1])
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 4 {
		t.Errorf("%d tasks, want 4", n)
	}
}

// correct writes a value into a column of every row.
func correct(t *testing.T, report, column, value string) string {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(report)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for at, name := range rows[0] {
		for _, row := range rows[1:] {
			if name == column {
				row[at] = value
			}
		}
	}
	var out strings.Builder
	w := csv.NewWriter(&out)
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// convert lets LibreOffice open a file and save it in another format.
func convert(t *testing.T, office, dir, to, file string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, office, "-env:UserInstallation=file://"+t.TempDir(), "--headless", "--convert-to",
		to, "--outdir", dir, filepath.Join(dir, file))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
