package file

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestFieldOfTenMegabytes(t *testing.T) {
	t.Parallel()
	field := strings.Repeat("line, with \"\"quotes\"\"\r\n", 10<<20/23)
	file := "a,b\n1,\"" + field + "\"\n3,4\n"
	_, records, err := readImport(t, strings.NewReader(file), Options{Format: CSV, HasHeader: true})
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, error %v", len(records), err)
	}
	if got := records[0].Cells[1]; got != strings.ReplaceAll(field, `""`, `"`) {
		t.Errorf("field of %d bytes is not what was sent", len(got))
	}
	if want := 3 + strings.Count(field, "\n"); records[1].Line != want || records[1].Cells[1] != "4" {
		t.Errorf("next record %q on line %d, want line %d", records[1].Cells, records[1].Line, want)
	}
}

func TestRecordLimit(t *testing.T) {
	t.Parallel()
	const limit = 100
	for _, test := range []struct {
		name, rows string
		format     Format
		line       int // 0 when nothing is too long
		words      []string
	}{
		{"a row of the limit", strings.Repeat("x", limit-1) + "\n3\n", CSV, 0, nil},
		{"a row over the limit", "1\n" + strings.Repeat("x", limit) + "\n3\n", CSV, 3, []string{"row", "100 bytes",
			"line end"}},
		{"a quoted row of the limit", "\"" + strings.Repeat("x\n", limit/2-2) + "x\"\n3\n", CSV, 0, nil},
		{"a quoted row over the limit", "\"" + strings.Repeat("x\n", limit/2-1) + "\"\n3\n", CSV, 2, []string{"100 bytes",
			"never closed"}},
		{"an open quote over the limit", "1\n\"2\n" + strings.Repeat("3\n", limit), CSV, 3, []string{"row", "100 bytes",
			"never closed"}},
		{"an open quote near the end", "1\n\"2\n" + strings.Repeat("3\n", limit/2-2), CSV, 0, nil},
		{"an endless quote", "\"" + strings.Repeat("x\n", 1<<20), CSV, 2, []string{"never closed"}},
		{"an object over the limit", "{\"a\":1}\n{\"a\":\"" + strings.Repeat("x", limit) + "\"}\n", NDJSON, 3,
			[]string{"one object per line"}},
	} {
		for _, arrives := range []struct {
			name string
			as   func(io.Reader) io.Reader
		}{
			{"at once", func(r io.Reader) io.Reader { return r }},
			{"byte by byte", iotest.OneByteReader},
		} {
			t.Run(test.name+"/"+arrives.name, func(t *testing.T) {
				t.Parallel()
				file := map[Format]string{CSV: "a\n", NDJSON: "{}\n"}[test.format] + test.rows
				_, records, err := readImport(t, arrives.as(strings.NewReader(file)), Options{Format: test.format,
					HasHeader: true, MaxRow: limit})
				if test.line > 0 {
					wantFileError(t, err, test.line, true, test.words...)
				} else if err != nil || len(records) < 2 {
					t.Errorf("%d records, error %v", len(records), err)
				}
			})
		}
	}
}

// TestStrayQuotesCostLinear counts the bytes that scanning examines in files that make it look far
// ahead in vain. Each byte may be examined for at most two records, and again whenever the window
// of an incomplete record has doubled.
func TestStrayQuotesCostLinear(t *testing.T) {
	t.Parallel()
	const lines = 20_000
	for name, line := range map[string]string{
		"an open quote in every line":       "x,\"y\n",
		"a quote at the start of each line": "\"x,y\n",
		"a bare quote in every line":        "x,y\"z\n",
		"doubled quotes":                    "x,\"\"\n",
		"doubled and open":                  "x,\"\"\"y\n",
		"closed and opened":                 "\",\"\n",
		"an open quote, then even lines":    "\"x\n\"\"\n\"\"\n\"\"\n\"\"\n",
		"text after the quote":              "\"x\"y\n",
		"quotes only":                       "\"\"\"\n",
	} {
		for _, before := range []string{"", "\"\n", "\"x\n"} {
			file := []byte("a,b\n" + before + strings.Repeat(line, lines) + "a\"b\n")
			counting := countScanned(t, file)
			if most := 5 * len(file); counting > most {
				t.Errorf("%s after %q: looked at %d bytes of a file of %d, want at most %d", name, before, counting, len(file),
					most)
			}
		}
	}
}

func countScanned(t *testing.T, file []byte) int {
	t.Helper()
	cutter, err := NewCutter(strings.NewReader(string(file)), Options{Format: CSV, HasHeader: true, Delimiter: ","})
	if err != nil {
		t.Fatal(err)
	}
	counting := &countingFormat{recordFormat: cutter.format}
	cutter.format = counting
	for err == nil {
		_, err = cutter.Next()
	}
	return counting.bytes
}

type countingFormat struct {
	recordFormat
	bytes int
}

func (c *countingFormat) scan(b []byte, final bool) (recordSpan, bool) {
	span, ok := c.recordFormat.scan(b, final)
	if ok {
		c.bytes += min(span.seen, len(b))
	} else {
		c.bytes += len(b)
	}
	return span, ok
}

func TestMemoryDoesNotGrowWithTheFile(t *testing.T) {
	t.Parallel()
	const chunkBytes, maxRecord, size = 100_000, 200_000, 30 << 20
	for name, line := range map[string]string{
		"short lines":  "some,words\n",
		"long lines":   "some," + strings.Repeat("words ", 30_000) + "\n",
		"stray quotes": "some,\"words\nsome,\"\"\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := io.LimitReader(&endlessReader{line: line}, size)
			cutter, err := NewCutter(file, Options{Format: CSV, ChunkRows: 1 << 30, ChunkBytes: chunkBytes, MaxRow: maxRecord})
			if err != nil {
				t.Fatal(err)
			}
			read := 0
			for {
				c, err := cutter.Next()
				if err != nil {
					break
				}
				read += len(c.Data)
				if len(c.Data) > chunkBytes+maxRecord {
					t.Fatalf("chunk of %d bytes", len(c.Data))
				}
			}
			if most := 2 * (chunkBytes + 2*maxRecord + readBlock); cap(cutter.in.buf) > most || read != size {
				t.Errorf("%d bytes in memory for %d of %d, want at most %d", cap(cutter.in.buf), read, size, most)
			}
		})
	}
}

type endlessReader struct {
	line string
	at   int
}

func (e *endlessReader) Read(p []byte) (int, error) {
	n := copy(p, e.line[e.at:])
	e.at = (e.at + n) % len(e.line)
	return n, nil
}

func TestSizeText(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{16 << 20: "16 MiB", 512 << 10: "512 KiB", 1000: "1000 bytes", 1<<20 +
		1: "1048577 bytes", 1 << 30: fmt.Sprint(1<<10, " MiB")} {
		if got := sizeText(n); got != want {
			t.Errorf("sizeText(%d) = %q, want %q", n, got, want)
		}
	}
}
