package file

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"taskport/importer/file/xlsx"
)

// sheetLines writes the rows of a sheet as lines of cells between tabs, with tabs and line breaks
// escaped. A row is on the line of its number; missing rows are empty lines.
type sheetLines struct {
	book *xlsx.Reader
	line int
	out  []byte
	err  error
}

var sheetEscapes = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

// noResult is the text of a cell with a formula whose result is not stored.
const noResult = `\f`

func (s *sheetLines) Read(p []byte) (int, error) {
	for len(s.out) == 0 && s.err == nil {
		s.out = s.out[:0]
		s.err = s.write()
	}
	n := copy(p, s.out)
	s.out = s.out[n:]
	if n == 0 {
		return 0, s.err
	}
	return n, nil
}

func (s *sheetLines) write() error {
	row, err := s.book.Next()
	if err != nil {
		if err != io.EOF { //nolint:errorlint // io.EOF itself: a reader that wraps it has failed
			err = asFileError(err)
		}
		return err
	}
	for ; s.line < row.Number-1; s.line++ {
		s.out = append(s.out, '\n')
	}
	for i, cell := range row.Cells {
		if i > 0 {
			s.out = append(s.out, '\t')
		}
		switch {
		case cell == xlsx.NoResult:
			cell = noResult
		case strings.ContainsAny(cell, "\\\t\n\r"):
			cell = sheetEscapes.Replace(cell)
		}
		s.out = append(s.out, cell...)
	}
	s.out = append(s.out, '\n')
	s.line++
	return nil
}

// openSheet begins to cut a sheet. Its reader is closed with the cutter, or at once if openSheet
// fails.
func openSheet(book *xlsx.Reader, o Options) (*Cutter, error) {
	o.Format = XLSX
	for _, option := range []struct{ name, value string }{{"delimiter", o.Delimiter}, {"encoding", o.Encoding}} {
		if option.value == "" {
			continue
		}
		_ = book.Close() // the option is what is told
		return nil, &Error{Field: option.name, Message: "a workbook has no " + option.name,
			Remedy: Remedy{Code: RemedyLeaveOut, Field: option.name}}
	}
	c, err := newCutter(&sheetLines{book: book}, o)
	if err != nil {
		_ = book.Close() // likewise
		return nil, err
	}
	c.closers = append(c.closers, book)
	c.book = book
	c.layout.Sheet = book.Sheet
	if o.Sheet == "" && len(book.Others) > 0 {
		c.layout.Notes = append(c.layout.Notes, Note{fmt.Sprintf("only the sheet %s was read, and not %s",
			Shown(book.Sheet), ShownList(book.Others)), Remedy{Code: RemedySheet}})
	}
	return c, nil
}

// sheetNotes returns what a person should know of the rows that were read of a sheet.
func sheetNotes(book *xlsx.Reader) []Note {
	var notes []Note
	if book.Hidden > 0 {
		how := ""
		if book.Filtered {
			how = " by a filter"
		}
		notes = append(notes, Note{Text: fmt.Sprintf("%s hidden%s, read as well", countedRows(book.Hidden), how)})
	}
	if book.Merged > 0 {
		notes = append(notes, Note{Text: countedRows(book.Merged) + " took the value of a merged cell above"})
	}
	return notes
}

func countedRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return fmt.Sprintf("%d rows", n)
}

// sheetScanner reads the lines that sheetLines writes.
type sheetScanner struct{}

func (sheetScanner) scan(b []byte, final bool) (span recordSpan, ok bool) {
	end, ok := lineEnd(b, 0, final)
	if !ok {
		return recordSpan{}, false
	}
	span = soundSpan(b, end, end)
	span.blank = (&csvScanner{delimiter: '\t', quote: 0}).hasNoText(b[:end])
	return span, true
}

func (s sheetScanner) fields(record []byte) []string {
	return splitSheet(strings.TrimSuffix(string(record), "\n"), nil)
}

func (s sheetScanner) cells(columns []string, record []byte, _ recordSpan, into *cellBuffer) (cells []string,
	problem string) {
	line := strings.TrimSuffix(into.text[:len(record)], "\n")
	cells = splitSheet(line, into.begin(len(columns)))
	if at := cellWithoutResult(line); at >= 0 {
		return cells, fmt.Sprintf("%s is a formula whose result is not stored; open the workbook in a spreadsheet "+
			"program and save it", columnAt(columns, at))
	}
	if len(cells) > len(columns) {
		return cells, fmt.Sprintf("the row has a cell in column %d, the header has %d; give every column that is filled "+
			"a name in the header", len(cells), len(columns))
	}
	for len(cells) < len(columns) {
		cells = append(cells, "")
	}
	return cells, ""
}

// cellWithoutResult returns the index of a cell that is a formula without a stored result, or -1.
func cellWithoutResult[T string | []byte](line T) int {
	if !strings.Contains(string(line), noResult) {
		return -1
	}
	return slices.Index(strings.Split(string(line), "\t"), noResult)
}

// columnAt returns what a person calls a column.
func columnAt(columns []string, at int) string {
	if at < len(columns) && columns[at] != "" {
		return "the cell of " + Shown(columns[at])
	}
	return fmt.Sprintf("the cell in column %d", at+1)
}

func splitSheet(line string, cells []string) []string {
	for {
		cell, rest, more := strings.Cut(line, "\t")
		switch {
		case cell == noResult:
			cell = ""
		case strings.IndexByte(cell, '\\') >= 0:
			cell = unescapeSheet(cell)
		}
		cells = append(cells, cell)
		if !more {
			return cells
		}
		line = rest
	}
}

var sheetTexts = strings.NewReplacer(`\\`, "\\", `\t`, "\t", `\n`, "\n", `\r`, "\r")

func unescapeSheet(cell string) string { return sheetTexts.Replace(cell) }
