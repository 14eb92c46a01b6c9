package file

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestReaders(t *testing.T) {
	t.Parallel()
	file := strings.ReplaceAll(string(taskCSV(2000, true)), "terms, again", "terms,\r\n\"\"again\"\"") +
		"\"never closed,\nx\n"
	o := Options{Format: CSV, HasHeader: true, ChunkRows: 50}
	_, want, err := readImport(t, strings.NewReader(file), o)
	if err != nil || len(want) != 2002 || want[1999].Line != 2+2*1999 ||
		want[1999].Cells[1] != "Asked for the terms,\r\n\"again\"" {
		t.Fatalf("%d records, error %v", len(want), err)
	}
	for name, r := range map[string]io.Reader{
		"one byte at a time":      iotest.OneByteReader(strings.NewReader(file)),
		"half of what is wanted":  iotest.HalfReader(strings.NewReader(file)),
		"the end with the data":   iotest.DataErrReader(strings.NewReader(file)),
		"nothing now and then":    &haltingReader{r: strings.NewReader(file)},
		"without further methods": io.MultiReader(strings.NewReader(file)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got, err := readImport(t, r, o)
			if err != nil || !sameRecords(got, want) {
				t.Errorf("%d records, want %d, error %v", len(got), len(want), err)
			}
		})
	}
}

// haltingReader returns nothing at every other call, as io.Reader allows.
type haltingReader struct {
	r     io.Reader
	calls int
}

func (h *haltingReader) Read(p []byte) (int, error) {
	if h.calls++; h.calls%2 == 0 {
		return 0, nil
	}
	return h.r.Read(p[:min(len(p), 1000)])
}

func TestReaderFails(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable cut")
	for name, test := range map[string]struct{ err, want error }{
		"its own error":                 {broken, broken},
		"io.ErrUnexpectedEOF":           {io.ErrUnexpectedEOF, io.ErrUnexpectedEOF},
		"an error that wraps io.EOF":    {fmt.Errorf("next part: %w", io.EOF), io.ErrUnexpectedEOF},
		"a file error of another layer": {&Error{Message: "x", TooLarge: true}, new(Error)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			half := io.MultiReader(strings.NewReader(string(taskCSV(1000, false))), iotest.ErrReader(test.err))
			cutter, err := NewCutter(half, Options{Format: CSV, HasHeader: true, ChunkRows: 100})
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for err == nil {
				var c Chunk
				c, err = cutter.Next()
				rows += c.Rows
			}
			var fault *Error
			asked := errors.Is(err, test.want) || errors.As(test.want, &fault) && errors.As(err, &fault)
			wrapped := strings.HasPrefix(err.Error(), "reading the file: ")
			if !asked || errors.Is(err, io.EOF) || wrapped == (fault != nil) { // an error of the file itself needs no wrapping
				t.Errorf("error %v, want %v", err, test.want)
			}
			if rows >= 1000 {
				t.Errorf("%d rows of a broken file", rows)
			}
			if _, again := cutter.Next(); again == nil || again.Error() != err.Error() {
				t.Errorf("then error %v, want the same again", again)
			}
		})
	}
}

func TestReaderFailsAtOnce(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable cut")
	for _, f := range []Format{CSV, NDJSON} {
		if _, err := NewCutter(iotest.ErrReader(broken), Options{Format: f}); !errors.Is(err, broken) {
			t.Errorf("%s: error %v, want %v", f, err, broken)
		}
	}
}

func TestReaderStandsStill(t *testing.T) {
	t.Parallel()
	if _, err := NewCutter(stuckReader{}, Options{Format: CSV}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("error %v, want io.ErrNoProgress", err)
	}
}

type stuckReader struct{}

func (stuckReader) Read([]byte) (int, error) { return 0, nil }

// falling is an observer that panics at the second row of a table.
type falling struct{ rows int }

func (*falling) Columns([]string)   {}
func (*falling) NeedsText(int) bool { return false }
func (f *falling) Row([][]byte) uint64 {
	if f.rows++; f.rows == 2 {
		panic("at the second row")
	}
	return 0
}

// An observer that panics ends the reading with an error, and not the process.
func TestObserverThatPanics(t *testing.T) {
	t.Parallel()
	c, err := NewCutter(strings.NewReader("a,b\n1,2\n3,4\n5,6\n"), Options{Format: CSV, HasHeader: true, ChunkRows: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.Observe(&falling{})
	if first, err := c.Next(); err != nil || first.Rows != 1 {
		t.Fatalf("got %+v, %v, want the first row", first, err)
	}
	for range 2 {
		if chunk, err := c.Next(); err == nil || !strings.Contains(err.Error(), "at the second row") {
			t.Fatalf("got %+v, %v, want the panic as an error", chunk, err)
		}
	}
}
