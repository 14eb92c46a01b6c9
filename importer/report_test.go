package importer

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer/file"
)

func writeReport(t *testing.T, p *RowReader, dead ...DeadLetter) string {
	t.Helper()
	var b bytes.Buffer
	r, err := NewReport(&b, p, uuid.Nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range dead {
		if err := r.Write(d); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func readerOf(t *testing.T, kind Kind, columns ...string) *RowReader {
	t.Helper()
	p, err := NewRowReader(kind, csvLayout(columns...), Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReportColumns(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse(contactID)
	got := writeReport(t, readerOf(t, Tasks, "title", "Contact Name", "Tags"), DeadLetter{
		Source: Source{Row: 17, Line: 19, Cells: []string{"Call", "Hans", "a,b"}},
		Fault: Fault{Reason: AmbiguousReference, Field: "contact_name", Message: "two",
			Candidates: []Candidate{{ID: id, Name: "Hans Müller", Company: "Brandt GmbH", Score: 0.975},
				{ID: id, Name: "Hans Müller", Score: 0.97}}},
	})
	want := "title,Contact Name,Tags,contact_id,company_id," +
		"_row,_line,_code,_reason,_field,_message,_candidates,_import\n" +
		`Call,Hans,"a,b",,,17,19,ambiguous_reference,ambiguous_reference,contact_name,two,` + contactID +
		" Hans Müller (Brandt GmbH) 0.975 | " + contactID + " Hans Müller 0.970,\n"
	if got != want {
		t.Errorf("report is\n%s\nwant\n%s", got, want)
	}
}

func TestReportKeepsExistingIDColumns(t *testing.T) {
	t.Parallel()
	text := writeReport(t, readerOf(t, Tasks, "title", "Contact ID", "_row", "_code", "_reason"))
	header, _, _ := strings.Cut(text, "\n")
	if want := "title,Contact ID,company_id,_row,_line,_code,_reason,_field,_message,_candidates,_import"; header != want {
		t.Errorf("header is %s, want %s", header, want)
	}
	if header, _, _ := strings.Cut(writeReport(t, readerOf(t, Contacts, "full_name")), "\n"); strings.Contains(header,
		"contact_id") {
		t.Errorf("a report of contacts has id columns: %s", header)
	}
}

func TestReportUsesTheFilesDelimiter(t *testing.T) {
	t.Parallel()
	p, err := NewRowReader(Tasks, Layout{Layout: file.Layout{Format: file.CSV, Delimiter: ";",
		Columns: []string{"title", "contact_name"}}}, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	got := writeReport(t, p, DeadLetter{Source: Source{Row: 1, Cells: []string{"a", "b", "c"}},
		Fault: Fault{Reason: MalformedRow}})
	if !strings.HasPrefix(got, "title;contact_name;contact_id;") || !strings.Contains(got,
		`a;"b;c";;;1;;validation_error;malformed_row`) {
		t.Error(got)
	}
}

// A report is read back as the original text, whatever the cells begin with.
func TestReportReadsBackToTheOriginal(t *testing.T) {
	t.Parallel()
	cells := []string{"=1+1", "＝1+1", "＠sum", "＋1", "－1",
		"'＝1", "'=1+1", "''=x", "+49 30 1234", "-5", "@sum", "\tx", "'quoted'", "'", "plain", "",
		"\r\nx", "a\r\nb", `say "hi"`, "=", "'-"}
	columns := make([]string, len(cells))
	for i := range columns {
		columns[i] = "c" + strings.Repeat("x", i)
	}
	columns[0] = "title"
	text := writeReport(t, readerOf(t, Tasks, columns...), DeadLetter{Source: Source{Row: 1, Line: 2, Cells: cells},
		Fault: Fault{Reason: Orphan, Message: "m"}})
	records, err := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, "\r\n", "\r\r\n"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, cell := range records[1][:len(cells)] {
		if first, size := utf8.DecodeRuneInString(cell); size > 0 && strings.ContainsRune("=+-@＝＋－＠\t\r", first) {
			t.Errorf("cell %q could run in a spreadsheet", cell)
		}
		_ = i
	}
	back := decodeAll(t, []byte(text))
	if !reflect.DeepEqual(back[:len(cells)], cells) {
		t.Errorf("read back\n%q\nwant\n%q", back[:len(cells)], cells)
	}
}

// decodeAll reads a report as an import would and returns the cells of its only row.
func decodeAll(t *testing.T, text []byte) []string {
	t.Helper()
	cutter, err := file.NewCutter(bytes.NewReader(text), file.Options{Format: file.CSV, HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := cutter.Next()
	if err != nil {
		t.Fatal(err)
	}
	p, err := NewRowReader(Tasks, Layout{Layout: cutter.Layout()}, Mapping{})
	if err != nil {
		t.Fatal(err)
	}
	b := p.Read(chunk, now)
	if len(b.Dead) != 1 {
		t.Fatalf("%d dead letters, want the orphan", len(b.Dead))
	}
	return b.Dead[0].Cells
}

func TestPackedCellsSurvive(t *testing.T) {
	t.Parallel()
	for _, cells := range [][]string{{}, {""}, {"a", "", "b\x00\xff"}, {strings.Repeat("x", 300)}} {
		got, err := UnpackCells(PackCells(nil, cells))
		if err != nil || len(got) != len(cells) {
			t.Fatalf("%q became %q, %v", cells, got, err)
		}
		for i := range cells {
			if got[i] != cells[i] {
				t.Errorf("cell %d became %q", i, got[i])
			}
		}
	}
	if _, err := UnpackCells([]byte{200, 1, 'x'}); err == nil {
		t.Error("damaged cells were read")
	}
}

// A malformed row of a report has a cell for each column. It is imported only after a person
// changed it; the order of the columns does not matter.
func TestMalformedRowsOfAReportAreNotGuessed(t *testing.T) {
	t.Parallel()
	for _, of := range []uuid.UUID{uuid.MustParse(contactID), uuid.Nil} { // of an import, and of a check
		malformedRowsOfAReport(t, of)
	}
}

func malformedRowsOfAReport(t *testing.T, of uuid.UUID) {
	t.Helper()
	p := readerOf(t, Tasks, "title", "contact_name", "note")
	var b bytes.Buffer
	r, err := NewReport(&b, p, of, nil)
	if err != nil {
		t.Fatal(err)
	}
	for n, cells := range [][]string{{"Call", "at five", "Hans", "x"}, {"=1", "Hans"}} {
		if err := r.Write(DeadLetter{Source: Source{Row: n + 1, Cells: cells}, Fault: Fault{Reason: MalformedRow,
			Message: "m"}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	read := func(change func(header, first []string)) *Batch {
		var out bytes.Buffer
		w := csv.NewWriter(&out)
		changed := [][]string{append([]string{}, rows[0]...), append([]string{}, rows[1]...), append([]string{}, rows[2]...)}
		change(changed[0], changed[1])
		if err := w.WriteAll(changed); err != nil {
			t.Fatal(err)
		}
		p, chunks, err := readWhole(&out, "rejects.csv")
		if err != nil || len(chunks) != 1 {
			t.Fatal(err)
		}
		return p.Read(chunks[0], now)
	}
	for name, c := range map[string]struct {
		change func(header, first []string)
		tasks  int
	}{
		"as it was": {func(_, _ []string) {}, 0},
		"in other order": {func(header, first []string) {
			header[1], header[2], first[1], first[2] = header[2], header[1], first[2], first[1]
		}, 0},
		"corrected":     {func(_, first []string) { first[1], first[2] = "Hans", "x" }, 1},
		"given an id":   {func(header, first []string) { first[3] = contactID }, 1},
		"said to be so": {func(header, first []string) { first[len(first)-1] = "" }, 1},
	} {
		b := read(c.change)
		if len(b.Tasks) != c.tasks || len(b.Dead) != 2-c.tasks || b.Dead[0].Reason != MalformedRow ||
			!strings.Contains(b.Dead[0].Message, "correct its cells") {
			t.Errorf("%s: %+v", name, b)
		}
	}
}

func TestReportName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]string{
		"tasks.csv": "tasks.rejects.csv", "/data/old.tasks.ndjson": "old.tasks.rejects.csv",
		"in/tasks.rejects.csv": "tasks.rejects.rejects.csv", "../../etc/tasks.csv": "tasks.rejects.csv",
		"tasks": "tasks.rejects.csv", "": "id.rejects.csv", "/": "id.rejects.csv", ".": "id.rejects.csv",
		"..": "..rejects.csv", ".csv": "id.rejects.csv",
	} {
		if got := ReportName(file, "id", "rejects.csv"); got != want {
			t.Errorf("%q: %q, want %q", file, got, want)
		}
	}
}
