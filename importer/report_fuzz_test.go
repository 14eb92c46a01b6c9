package importer

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// FuzzReportReadsBack rejects the rows of any file, writes the report as CSV and as a workbook, and
// reads it back. Columns and cells are those of the file, and each row has its row of the import.
func FuzzReportReadsBack(f *testing.F) {
	for _, s := range []string{
		"title,note\n=1+1,'-x\n,\"a\r\nb\"\n", "title;Contact ID;_row;_code;_reason\n'=x;;1;orphan;orphan\n",
		"a\tb\n\t\n1\n1\t2\t3\n", "title,_import,_message\nx,y,z\n",
		"title,_x0041_\n_x000D_,\" \"\n", "title,note\nx,\"\x00\"\n",
		"title,note\n\"a\"\"b\",\"'\"\n\n@sum,+1\n", "=cmd,-b\n'',''=\n",
		"title|x\nn/a|NULL\n", "due_date,title,contact_name\n31/12/2025,=x,\"Müller, Hans\"\n",
	} {
		f.Add([]byte(s), "why")
	}
	f.Fuzz(func(t *testing.T, text []byte, why string) {
		reader, chunks, err := readWhole(bytes.NewReader(text), "tasks.csv")
		if err != nil || !utf8.ValidString(why) { // messages quote text that is not UTF-8
			return
		}
		of := uuid.MustParse(contactID)
		var dead []DeadLetter
		for _, c := range chunks {
			for rec := range file.Decode(reader.Layout.Layout, c) {
				if reader.defused {
					restoreAll(rec.Cells)
				}
				if slices.ContainsFunc(rec.Cells, func(cell string) bool { return !utf8.ValidString(cell) }) {
					return // the rest of a file decides the encoding of such bytes
				}
				dead = append(dead, DeadLetter{Source: Source{Row: rec.Row, Line: rec.Line, Cells: slices.Clone(rec.Cells)},
					Fault: Fault{Reason: Orphan, Message: why}})
			}
		}
		for name, begin := range map[string]func(io.Writer, *RowReader, uuid.UUID, []string) (*Report,
			error){"rejects.csv": NewReport, "rejects.xlsx": NewWorkbookReport} {
			var report bytes.Buffer
			r, err := begin(&report, reader, of, nil)
			for n := 0; err == nil && n < len(dead); n++ {
				err = r.Write(dead[n])
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if err := r.Close(); err != nil {
				t.Fatal(err)
			}
			checkReadBack(t, name, report.Bytes(), reader, of, dead)
		}
	})
}

// readWhole opens a file and cuts all of it.
func readWhole(r io.Reader, name string) (*RowReader, []file.Chunk, error) {
	c, err := Open(file.Input{Name: name, From: r, Scratch: memoryScratch}, file.Options{HasHeader: true}, Mapping{})
	if err != nil {
		return nil, nil, err
	}
	defer c.Close()
	var chunks []file.Chunk
	for {
		chunk, err := c.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, err
		}
		chunks = append(chunks, chunk)
	}
	p, err := NewRowReader(Tasks, Layout{Layout: c.Layout()}, Mapping{})
	return p, chunks, err
}

func checkReadBack(t *testing.T, name string, report []byte, of *RowReader, id uuid.UUID, dead []DeadLetter) {
	t.Helper()
	reader, chunks, err := readWhole(bytes.NewReader(report), name)
	if err != nil {
		t.Fatalf("%s is not read: %v\n%q", name, err, report)
	}
	n := 0
	for _, c := range chunks {
		for rec := range file.Decode(reader.Layout.Layout, c) {
			restoreAll(rec.Cells)
			if n == len(dead) {
				t.Fatalf("%s has more rows than were rejected", name)
			}
			origin, fault := reader.readOrigin(rec.Cells)
			if want := of.reportShape(id, nil).origin(dead[n], dead[n].Cells); fault != nil || origin.String() != want {
				t.Fatalf("%s, row %d: it comes from %v (%v), want %s", name, n+1, origin, fault, want)
			}
			if got, want := named(reader.Layout, rec.Cells), named(of.Layout, fitCells(dead[n].Cells, len(of.Layout.Columns),
				of.Layout.Delimiter)); got != want {
				t.Fatalf("%s, row %d came back as\n%s\nnot as\n%s", name, n+1, got, want)
			}
			n++
		}
	}
	if n != len(dead) {
		t.Fatalf("%s has %d rows of %d", name, n, len(dead))
	}
}

// named returns the filled cells of a row by column, without those of the report.
func named(l Layout, cells []string) string {
	var out strings.Builder
	for i, column := range l.Columns {
		if i < len(cells) && cells[i] != "" && !slices.Contains(reportColumns, column) {
			fmt.Fprintf(&out, "%q: %q\n", column, cells[i])
		}
	}
	return out.String()
}
