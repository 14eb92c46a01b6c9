package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/importer/file/xlsx"
)

// ugly are cells that a format could lose: formulas, characters invalid in XML, spaces at the
// ends, text like an escape, and leading quotes.
var ugly = []string{"=1+1", "'=quoted", " two  spaces ", "a\r\nb\nc", "tab\there", "bell\a", "_x0041_",
	"_x005F_x0041_", `<b>&amp;"'`, "Überraschung 😀", "+49 30", "007", "2026-03-01", "''-x"}

// uglyFile has a row for each of these cells, as an orphan.
func uglyFile(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if err := w.WriteAll([][]string{{"title", "Note", "=Tags", "_own"}}); err != nil {
		t.Fatal(err)
	}
	for n, cell := range ugly {
		if err := w.Write([]string{fmt.Sprint("Task ", n), cell, "x", "y"}); err != nil {
			t.Fatal(err)
		}
	}
	w.Flush()
	return b.String()
}

// The workbook and the CSV report have the same cells, those of the file. Either can be imported
// as the same rows.
func TestReportAsWorkbook(t *testing.T) {
	a := setup(t)
	job, _ := a.csv("/v1/import/tasks", uglyFile(t)).get("data.job_id").(string)
	asCSV := a.do("GET", "/v1/import/jobs/"+job+"/rejects?format=csv", "")
	want, err := csv.NewReader(strings.NewReader(asCSV.raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	book := a.do("GET", "/v1/import/jobs/"+job+"/rejects", "", "Accept", xlsxType)
	if book.header.Get("Content-Type") != xlsxType || !strings.Contains(book.header.Get("Content-Disposition"),
		".rejects.xlsx") {
		t.Errorf("%d %v", book.status, book.header)
	}
	got := readBook(t, book.raw)
	if len(got) != len(ugly)+1 || len(want) != len(got) {
		t.Fatalf("%d rows, %d as CSV", len(got), len(want))
	}
	for n, row := range got {
		for len(row) < len(want[n]) {
			row = append(row, "")
		}
		for c := range row {
			// encoding/csv reads CR LF within a cell as LF.
			if strings.ReplaceAll(row[c], "\r\n", "\n") != want[n][c] {
				t.Errorf("row %d, cell %d is %q, as CSV %q", n, c, row[c], want[n][c])
			}
		}
	}
	back, _ := a.do("POST", "/v1/import/tasks?file_name=corrected.xlsx", book.raw, "Content-Type",
		xlsxType).get("data.job_id").(string)
	for n, cell := range ugly {
		row := a.do("GET", "/v1/import/jobs/"+back+"/rejects?search="+url.QueryEscape(fmt.Sprint("Task ",
			n))+"&per_page=100", "")
		list, _ := row.get("data").([]any)
		found := false
		for _, d := range list {
			d, _ := d.(map[string]any)
			cells, _ := d["row"].(map[string]any)
			found = found || cells["title"] == fmt.Sprint("Task ", n) && cells["Note"] == cell && cells["'=Tags"] == "x"
		}
		if !found {
			t.Errorf("%q does not come back: %.600s", cell, row.raw)
		}
	}
}

const xlsxType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

func readBook(t *testing.T, raw string) [][]string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := xlsx.Open(z, xlsx.Options{Limit: 1 << 30, Ratio: 10_000, Scratch: func() (xlsx.File, error) {
		return nil,
			os.ErrInvalid
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var rows [][]string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row.Cells)
	}
}

// A report that is too large for a workbook is refused, and the error names the row.
func TestReportTooLongForAWorkbook(t *testing.T) {
	a := setup(t)
	job, _ := a.csv("/v1/import/tasks", "title,description\nshort,x\nlong,"+strings.Repeat("ä",
		importer.WorkbookText+1)+"\n").get("data.job_id").(string)
	r := a.do("GET", "/v1/import/jobs/"+job+"/rejects?format=xlsx", "")
	if r.status != http.StatusNotAcceptable || !strings.Contains(r.raw, "row 2 has a cell of 32768 characters") {
		t.Errorf("%d %.300s", r.status, r.raw)
	}
	if r := a.do("GET", "/v1/import/jobs/"+job+"/rejects?format=xlsx&search=short", ""); r.status != http.StatusOK {
		t.Errorf("without the long row: %d %.300s", r.status, r.raw)
	}
	fits, _ := a.csv("/v1/import/tasks", "title,description\nlong,"+strings.Repeat("ä",
		importer.WorkbookText)+"\n").get("data.job_id").(string)
	if r := a.do("GET", "/v1/import/jobs/"+fits+"/rejects?format=xlsx", ""); r.status != http.StatusOK ||
		len(readBook(t, r.raw)) != 2 {
		t.Errorf("as long as can be: %d %.300s", r.status, r.raw)
	}
}

// The report shows the corrections of a row that was rejected again, in the file's columns or in
// new ones. It can be imported with the same values.
func TestReportShowsCorrectedValues(t *testing.T) {
	a := setup(t)
	mapping := "?mapping=" + url.QueryEscape(`{"Who": "contact_name"}`)
	a.load("contacts", people)
	job, _ := a.csv("/v1/import/tasks"+mapping, "Who,title,Note\nNobody Atall,Call,=1\nNobody Else,Write,2\n").get(
		"data.job_id").(string)
	a.do("POST", "/v1/import/jobs/"+job+"/rejects/1",
		`{"fields": {"contact_name": "Still Nobody", "due_date": "2026-03-01", "status": "completed"}}`)
	report := a.do("GET", "/v1/import/jobs/"+job+"/rejects?format=csv", "")
	rows, err := csv.NewReader(strings.NewReader(report.raw)).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v %s", err, report.raw)
	}
	for n, want := range []string{"Who,title,Note,due_date,status,contact_id,company_id,_row",
		"Still Nobody,Call,'=1,2026-03-01,completed,,,1", "Nobody Else,Write,2,,,,,2"} {
		if got := strings.Join(rows[n][:8], ","); got != want {
			t.Errorf("row %d is %s, want %s", n, got, want)
		}
	}
	corrected := strings.Replace(report.raw, "Still Nobody", "Hans Müller", 1)
	back := a.csv("/v1/import/tasks"+mapping, corrected)
	if back.get("data.created_count") != 1.0 || back.get("data.rejected_count") != 1.0 {
		t.Errorf("sent again: %s", back.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE status = 'completed' AND due_at = '2026-03-01'`); n != 1 {
		t.Errorf("%d tasks have the corrected values", n)
	}
}

// A report with an invalid filter is refused in every format, like its pages.
func TestReportWithAFilterThatCannotBe(t *testing.T) {
	a := setup(t)
	job, _ := a.csv("/v1/import/tasks", uglyFile(t)).get("data.job_id").(string)
	for _, format := range []string{"json", "csv", "xlsx"} {
		for _, filter := range []string{"search=%00", "name=%ff", "field=" + strings.Repeat("x", 501), "company=%00"} {
			field, _, _ := strings.Cut(filter, "=")
			a.do("GET", "/v1/import/jobs/"+job+"/rejects?format="+format+"&"+filter, "").wantError(http.StatusBadRequest,
				"validation_error", field, "500 bytes")
		}
	}
}
