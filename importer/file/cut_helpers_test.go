package file

import (
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"testing"
)

// chunksOf cuts a file that must be readable.
func chunksOf(t testing.TB, r io.Reader, o Options) iter.Seq[Chunk] {
	t.Helper()
	return func(yield func(Chunk) bool) {
		cutter, err := NewCutter(r, o)
		if err != nil {
			t.Fatal(err)
		}
		for {
			c, err := cutter.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if !yield(c) {
				return
			}
		}
	}
}

// readImport cuts a file and decodes its chunks. It checks what holds for every file: chunks are
// numbered, each has as many rows as it reports, and rows and lines continue from chunk to chunk.
func readImport(t testing.TB, r io.Reader, o Options) (Layout, []Row, error) {
	t.Helper()
	cutter, err := NewCutter(r, o)
	if err != nil {
		return Layout{}, nil, err
	}
	return readAll(t, cutter)
}

// readAll returns all that a cutter has.
func readAll(t testing.TB, cutter *Cutter) (Layout, []Row, error) {
	t.Helper()
	var chunks []Chunk
	for {
		c, err := cutter.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Layout{}, nil, err
		}
		chunks = append(chunks, c)
	}
	layout := cutter.Layout()
	var records []Row
	for i, c := range chunks {
		rows := slices.Collect(Decode(layout, c))
		for i := range rows {
			for layout.Format.keyed() && (rows[i].Problem == "" || strings.HasPrefix(rows[i].Problem, "the value of")) &&
				len(rows[i].Cells) < len(layout.Columns) {
				rows[i].Cells = append(rows[i].Cells, "")
			}
		}
		if c.Number != i+1 || c.Rows != len(rows) || c.Rows == 0 || c.FirstRow != len(records)+1 ||
			c.FirstLine != rows[0].Line {
			t.Fatalf("chunk %d is number %d, row %d, line %d, %d rows; decoded %d rows from line %d after %d",
				i+1, c.Number, c.FirstRow, c.FirstLine, c.Rows, len(rows), rows[0].Line, len(records))
		}
		records = append(records, rows...)
	}
	for i, r := range records {
		if r.Row != i+1 || i > 0 && r.Line <= records[i-1].Line {
			t.Fatalf("record %d has row %d, line %d", i+1, r.Row, r.Line)
		}
		if r.Problem == "" && len(r.Cells) != len(layout.Columns) {
			t.Fatalf("row %d is sound and has %d cells for %d columns", r.Row, len(r.Cells), len(layout.Columns))
		}
	}
	return layout, records, nil
}

// shownRecords writes records compactly: line, ! for a problem, and cells.
func shownRecords(records []Row) string {
	var out strings.Builder
	for _, r := range records {
		flag := ""
		if r.Problem != "" {
			flag = "!"
		}
		fmt.Fprintf(&out, "%d%s %q\n", r.Line, flag, r.Cells)
	}
	return out.String()
}

func sameRecords(a, b []Row) bool {
	return slices.EqualFunc(a, b, func(x, y Row) bool {
		return x.Row == y.Row && x.Line == y.Line && x.Problem == y.Problem && slices.Equal(x.Cells, y.Cells)
	})
}

// wantFileError checks that an import is refused with an *Error that contains all the words.
func wantFileError(t *testing.T, err error, line int, tooLarge bool, words ...string) {
	t.Helper()
	var fault *Error
	if !errors.As(err, &fault) {
		t.Fatalf("error %v, want a *FileError", err)
	}
	if fault.Line != line || fault.TooLarge != tooLarge {
		t.Errorf("line %d, too large %v; want line %d, %v", fault.Line, fault.TooLarge, line, tooLarge)
	}
	for _, w := range words {
		if !strings.Contains(fault.Message, w) {
			t.Errorf("message %q does not say %q", fault.Message, w)
		}
	}
}
