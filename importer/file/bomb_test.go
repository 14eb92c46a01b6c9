package file

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// maxAllocated bounds all allocations until a file is refused. The memory in use at any time is
// less.
const maxAllocated = 256 << 20

// refusal reads a file to its end, and returns the error and the allocated bytes.
func refusal(t *testing.T, in Input, o Options) (allocated uint64, err error) {
	t.Helper()
	in.Scratch = memoryScratch
	o.HasHeader = true
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	c, err := Open(in, o)
	for err == nil {
		_, err = c.Next()
	}
	runtime.ReadMemStats(&after)
	if c != nil {
		_ = c.Close()
	}
	return after.TotalAlloc - before.TotalAlloc, err
}

// squeezed returns a file that unpacks to n times the line.
func squeezed(t *testing.T, kind, line string, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	var w io.WriteCloser
	var err error
	switch kind {
	case "gzip":
		w = gzip.NewWriter(&out)
	case "zstd":
		w, err = zstd.NewWriter(&out)
	case "zip":
		z := zip.NewWriter(&out)
		var inside io.Writer
		inside, err = z.Create("tasks.csv")
		w = zipEntry{inside, z}
	}
	if err != nil {
		t.Fatal(err)
	}
	block := []byte(strings.Repeat(line, min(n, (1<<20)/len(line))))
	for range n * len(line) / len(block) {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

type zipEntry struct {
	io.Writer
	z *zip.Writer
}

func (e zipEntry) Close() error { return e.z.Close() }

// These tests measure what the process allocates, and so run alone.
func TestBombs(t *testing.T) { //nolint:paralleltest // see above
	for _, kind := range []string{"gzip", "zstd", "zip"} {
		bomb := squeezed(t, kind, "0000000\n", 400<<20/8)
		allocated, err := refusal(t, Input{Name: "tasks.csv", From: bytes.NewReader(bomb)}, Options{})
		wantFileError(t, err, 0, true, "times its size")
		if allocated > maxAllocated {
			t.Errorf("%s: %d bytes allocated", kind, allocated)
		}
		sound := squeezed(t, kind, "title,contact_name\n", 1000)
		if _, err := refusal(t, Input{Name: "tasks.csv", From: io.MultiReader(bytes.NewReader(sound))},
			Options{}); !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", kind, err)
		}
		_, err = refusal(t, Input{Name: "tasks.csv", From: bytes.NewReader(squeezed(t, kind, "a,b\n", 1<<20))},
			Options{MaxUnpacked: 2 << 20})
		wantFileError(t, err, 0, true, "unpacks to more than")
	}
}

// bookOf returns a workbook whose one sheet, or whose shared strings, begin with head and continue
// with line n times.
func bookOf(t *testing.T, part, head, line string, n int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	const kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
	parts := [][2]string{
		{"xl/workbook.xml", `<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="` + kind +
			`worksheet" Target="worksheets/s.xml"/><Relationship Id="b" Type="` + kind +
			`sharedStrings" Target="sharedStrings.xml"/></Relationships>`},
	}
	for _, p := range []string{"xl/worksheets/s.xml", "xl/sharedStrings.xml"} {
		if p != part {
			parts = append(parts, [2]string{p, "<x></x>"})
		}
	}
	for _, p := range parts {
		w, _ := z.Create(p[0])
		_, _ = io.WriteString(w, p[1])
	}
	w, err := z.Create(part)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(w, head)
	block := strings.Repeat(line, max(1, (1<<16)/len(line)))
	for range max(1, n*len(line)/len(block)) {
		if _, err := io.WriteString(w, block); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWorkbookBombs(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	const sheet, texts = "xl/worksheets/s.xml", "xl/sharedStrings.xml"
	inline := `<c t="inlineStr"><is><t>title</t></is></c>`
	for _, test := range []struct {
		name, part, head, line string
		n                      int
		words                  string
	}{
		{"a sheet of empty elements", sheet, "<sheetData>", "<c/>", 200 << 20 / 4, "no honest table"},
		{"texts without end", texts, "<sst>", "<si><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></si>", 200 << 20 / 45,
			"no honest table"},
		{"a cell without end", sheet, `<sheetData><row r="1"><c t="inlineStr"><is><t>`, "aaaaaaaa", 2 << 20,
			"longer than 4 MiB"},
		{"a comment without end", sheet, `<sheetData><!--`, "aaaa<a>a", 2 << 20, "longer than 4 MiB"},
		{"an attribute without end", sheet, `<sheetData><row r="`, "aaaaaaaa", 2 << 20, "longer than 4 MiB"},
		{"a text in many runs", texts, `<sst><si>`, "<r><t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</t></r>", 1 << 18,
			"longer than 4 MiB"},
		{"elements in elements", sheet, "<sheetData>", "<x>", 1 << 20, "nests"},
		{"a row of too many cells", sheet, `<sheetData><row r="1">`, inline, 20_000, "where no cell can be"},
	} {
		bomb := bookOf(t, test.part, test.head, test.line, test.n)
		allocated, err := refusal(t, Input{Name: "tasks.xlsx", From: bytes.NewReader(bomb)}, Options{})
		var file *Error
		if !errors.As(err, &file) || !strings.Contains(file.Message, test.words) {
			t.Errorf("%s: %.300v, want %q", test.name, err, test.words)
		}
		// The decoder allocates every token of a sheet, so the total allocation means little;
		// TestWorkbookMemory checks the memory in use.
		if allocated > maxAllocated && test.words != "no honest table" {
			t.Errorf("%s: %d bytes allocated", test.name, allocated)
		}
	}
}

func TestEndlessHeadersAndFields(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	for _, test := range []struct {
		name, file string
		head, line string
		words      string
	}{
		{"ten million columns", "tasks.csv", "", "column,", "header"},
		{"ten million columns in quotes", "tasks.csv", "", "\"c\",", "header"},
		{"a field of two gigabytes", "tasks.csv", "title,contact_name\n", "aaaaaaaa", "longer than the limit of 16 MiB"},
		{"a quoted field of two gigabytes", "tasks.csv", "title,contact_name\n\"", "aaaa\naaa",
			"longer than the limit of 16 MiB"},
		{"an object of two gigabytes", "tasks.ndjson", `{"title":"`, "aaaaaaaa", "longer than the limit of 16 MiB"},
		{"an array of one object", "tasks.json", `[{"title":"`, "aaaaaaaa", "longer than the limit of 16 MiB"},
		{"an array in an array", "tasks.json", `[`, "[[[[[[[[", "longer than the limit of 16 MiB"},
		{"spaces", "tasks.json", "", "        ", "longer than the limit of 16 MiB"},
	} {
		file := io.MultiReader(strings.NewReader(test.head), io.LimitReader(&endlessReader{line: test.line}, 2<<30))
		allocated, err := refusal(t, Input{Name: test.file, From: file}, Options{})
		var fault *Error
		if !errors.As(err, &fault) || !strings.Contains(fault.Message, test.words) {
			t.Errorf("%s: %.300v, want %q", test.name, err, test.words)
		}
		if allocated > maxAllocated {
			t.Errorf("%s: %d bytes allocated", test.name, allocated)
		}
	}
}

// A chunk of many columns has fewer rows, so that its cells need no more memory than those of other
// chunks.
func TestChunksAreBoundedByTheirCells(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	row := strings.Repeat(",", 999) + "\n"
	head := "title" + strings.Repeat(",x", 999) + "\n"
	var keys strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&keys, "{\"k%d\":1}\n", i)
	}
	for name, f := range map[string]struct {
		file   string
		format Format
	}{
		"wide CSV":          {head + strings.Repeat(row, 5000), CSV},
		"many keys, late":   {strings.Repeat("{\"k0\":1}\n", 30_000) + keys.String(), NDJSON},
		"many keys, before": {keys.String() + strings.Repeat("{\"k999\":1}\n", 9000), NDJSON},
	} {
		var chunks []Chunk
		c, err := NewCutter(strings.NewReader(f.file), Options{Format: f.format, HasHeader: true})
		for err == nil {
			var chunk Chunk
			if chunk, err = c.Next(); err == nil {
				chunks = append(chunks, chunk)
			}
		}
		layout := c.Layout()
		for _, chunk := range chunks {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rows := 0
			for range Decode(layout, chunk) {
				rows++
			}
			runtime.ReadMemStats(&after)
			if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 40<<20 || rows != chunk.Rows {
				t.Errorf("%s: chunk %d of %d rows: %d bytes allocated", name, chunk.Number, rows, allocated)
			}
		}
	}
}

// Listing the files of a zip costs memory for each of them, whatever their content.
func TestZipOfTooManyFiles(t *testing.T) { //nolint:paralleltest // it measures what the process allocates
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := range 120_000 {
		if _, err := z.CreateHeader(&zip.FileHeader{Name: fmt.Sprint(i), Method: zip.Store}); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	allocated, err := refusal(t, Input{Name: "tasks.zip", From: bytes.NewReader(out.Bytes())}, Options{})
	wantFileError(t, err, 0, true, "too many files")
	if allocated > maxAllocated {
		t.Errorf("%d bytes allocated", allocated)
	}
}
