package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// readBack returns the rows of a workbook.
func readBack(t *testing.T, book []byte) (sheet string, rows [][]string) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		t.Fatal(err)
	}
	r, err := Open(z, Options{Limit: 1 << 30, Ratio: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Sheet, rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row.Cells)
	}
}

func write(t *testing.T, rows ...[]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, "a & b")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Whatever text is written is read again.
func FuzzWriteReadsBack(f *testing.F) {
	for _, s := range []string{"", "a", " a ", "=1+1", "a\r\nb", "\x00\x1f\x7f", "_x0041_", "_x_x0041_", "_x005F_",
		"_x005F_x0041_", "_x00", "__x0041_", "_x004A\x05\x05O", "_x004a_x0005_", "<&>\"'", "\ufffe\uffff\ufffd", "😀",
		"\xff", "a\xc3"} {
		f.Add(s, "b")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if TextLength(a) > MaxText || TextLength(b) > MaxText {
			t.Skip()
		}
		sheet, rows := readBack(t, write(t, []string{"head", "er"}, []string{a, b, "end"}))
		want := []string{valid(a), valid(b), "end"}
		if sheet != "a & b" || len(rows) != 2 || fmt.Sprintf("%q", rows[1]) != fmt.Sprintf("%q", want) {
			t.Errorf("%q came back as %q", want, rows)
		}
	})
}

// valid replaces each byte that is not UTF-8.
func valid(s string) string {
	var out strings.Builder
	for _, r := range s {
		out.WriteRune(r)
	}
	return out.String()
}

func TestWriteRefusesWhatASheetCannotHold(t *testing.T) {
	t.Parallel()
	w, err := NewWriter(io.Discard, "s")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]string{strings.Repeat("😀", MaxText/2) + "x"}); err != nil {
		t.Errorf("a cell as long as can be: %v", err)
	}
	for what, cells := range map[string][]string{"long": {strings.Repeat("😀", MaxText/2+1)}, "wide": make([]string,
		maxCells+1)} {
		if err := w.Write(cells); err == nil {
			t.Errorf("a row too %s was taken", what)
		}
	}
	w.row = MaxRows
	if err := w.Write([]string{"x"}); err == nil {
		t.Error("a row too many was taken")
	}
}

func TestColumnNames(t *testing.T) {
	t.Parallel()
	for at, want := range map[int]string{0: "A", 25: "Z", 26: "AA", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA",
		maxCells - 1: "XFD"} {
		if got := columnName(at); got != want || column(got+"7", 0) != at {
			t.Errorf("column %d is %s, want %s", at, got, want)
		}
	}
}

// What a row costs does not depend on how many there were.
func TestWriteCostsTheSameForEachRow(t *testing.T) {
	w, err := NewWriter(io.Discard, "s")
	if err != nil {
		t.Fatal(err)
	}
	row := []string{"Call", "Hans Müller", strings.Repeat("text ", 20)}
	add := func() {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	const few = 40
	if first, later := testing.AllocsPerRun(1000, add), testing.AllocsPerRun(10_000, add); first > few || later > few {
		t.Errorf("%.0f allocations a row, then %.0f", first, later)
	}
}
