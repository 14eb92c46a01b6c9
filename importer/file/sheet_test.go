package file

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"testing"

	"taskport"
	"taskport/importer/file/xlsx"
)

// FuzzWorkbook changes the parts of a workbook. Reading must end, whatever they contain, and the
// rows must be those of the lines.
func FuzzWorkbook(f *testing.F) {
	books, err := fs.Glob(taskport.Testdata, "testdata/ugly/*.xlsx")
	if err != nil || len(books) == 0 {
		f.Fatal(books, err)
	}
	for _, name := range books {
		data, _ := taskport.Testdata.ReadFile(name)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			continue // one of the files that are not workbooks
		}
		f.Add(partOf(z, "xl/worksheets/sheet1.xml"), partOf(z, "xl/sharedStrings.xml"), partOf(z, "xl/styles.xml"),
			partOf(z, "xl/workbook.xml"))
	}
	f.Fuzz(func(t *testing.T, sheet, texts, styles, book []byte) {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		const kind = "x/"
		for name, part := range map[string][]byte{"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": texts,
			"xl/styles.xml": styles, "xl/workbook.xml": book,
			"xl/_rels/workbook.xml.rels": []byte(`<R><Relationship Id="s1" Type="` + kind +
				`worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="s2" Type="` + kind +
				`styles" Target="styles.xml"/><Relationship Id="s3" Type="` + kind +
				`sharedStrings" Target="sharedStrings.xml"/></R>`)} {
			w, _ := z.Create(name)
			_, _ = w.Write(part)
		}
		_ = z.Close()
		for _, r := range []io.Reader{bytes.NewReader(out.Bytes()), io.MultiReader(bytes.NewReader(out.Bytes()))} {
			c, err := Open(Input{Name: "tasks.xlsx", From: r, Scratch: memoryScratch}, Options{HasHeader: true})
			if err != nil {
				return
			}
			for chunk, err := c.Next(); err == nil; chunk, err = c.Next() {
				for rec := range Decode(c.Layout(), chunk) {
					if columns := len(c.Layout().Columns); rec.Problem == "" && len(rec.Cells) != columns {
						t.Fatalf("%d cells for %d columns", len(rec.Cells), columns)
					}
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func partOf(z *zip.Reader, name string) []byte {
	f, err := z.Open(name)
	if err != nil {
		return nil
	}
	part, _ := io.ReadAll(f)
	return part
}

// bigBook returns a workbook of so many rows, each with its own text.
func bigBook(t testing.TB, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	write := func(name string, parts func(io.Writer)) {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		parts(w)
	}
	write("xl/workbook.xml", func(w io.Writer) {
		fmt.Fprint(w, `<workbook><sheets><sheet name="S" r:id="a"/></sheets></workbook>`)
	})
	write("xl/_rels/workbook.xml.rels", func(w io.Writer) {
		fmt.Fprint(w, `<R><Relationship Id="a" Type="/worksheet" Target="worksheets/s.xml"/>`+
			`<Relationship Id="b" Type="/sharedStrings" Target="sharedStrings.xml"/></R>`)
	})
	write("xl/sharedStrings.xml", func(w io.Writer) {
		fmt.Fprint(w, `<sst><si><t>title</t></si><si><t>contact_name</t></si>`)
		for i := range rows {
			fmt.Fprintf(w, `<si><t>Call back about the invoice with the number %d, and ask for terms</t></si>`, i)
		}
		fmt.Fprint(w, `</sst>`)
	})
	write("xl/worksheets/s.xml", func(w io.Writer) {
		fmt.Fprint(w, `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`)
		for i := range rows {
			fmt.Fprintf(w, `<row r="%d"><c r="A%d" t="s"><v>%d</v></c>`+
				`<c r="B%d" t="inlineStr"><is><t>Anna</t></is></c></row>`, i+2, i+2, i+2, i+2)
		}
		fmt.Fprint(w, `</sheetData></worksheet>`)
	})
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// countedScratch reports when it is closed.
type countedScratch struct {
	memoryFile
	closed *int
}

func (c *countedScratch) Close() error { *c.closed++; return nil }

// The memory for reading a workbook does not grow with its texts: those beyond a bound are in the
// scratch file.
func TestWorkbookMemory(t *testing.T) { //nolint:paralleltest // it measures the memory of the process
	const rows = 300_000
	data := bigBook(t, rows)
	made, closed := 0, 0
	var file *countedScratch
	c, err := Open(Input{Name: "tasks.xlsx", From: bytes.NewReader(data), Scratch: func() (xlsx.File, error) {
		made++
		file = &countedScratch{closed: &closed}
		return file, nil
	}}, Options{HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	n := 0
	for {
		chunk, err := c.Next()
		if err != nil {
			break
		}
		for r := range Decode(c.Layout(), chunk) {
			if want := fmt.Sprintf("Call back about the invoice with the number %d, and ask for terms",
				n); r.Cells[0] != want || r.Line != n+2 {
				t.Fatalf("row %+v, want %s", r, want)
			}
			n++
		}
		if chunk.Number == 1 {
			runtime.GC()
			runtime.ReadMemStats(&before)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	held := int64(after.HeapAlloc) - int64(before.HeapAlloc)
	if n != rows || made != 1 || held > 16<<20 || file.Len() < 16<<20 {
		t.Errorf("%d rows, %d scratch files, %d bytes more are held", n, made, held)
	}
	if err := c.Close(); err != nil || closed != made {
		t.Errorf("%v, %d of %d scratch files closed", err, closed, made)
	}
}
