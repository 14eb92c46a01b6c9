package file

import "iter"

// Decode returns the rows of a chunk in order. It never fails as a whole: a row that cannot be read
// has a Problem. Its cells then have all that can be separated: the fields of a CSV row as far as
// their quoting allows, or the whole line of an NDJSON file as one cell. Cells are unchanged,
// including NUL bytes, bytes that are not UTF-8, and line breaks inside quotes. The layout must be
// that of the Cutter of the chunk; for NDJSON, as it was after the last chunk.
func Decode(l Layout, c Chunk) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		format := l.reader()
		row, line, rest := c.FirstRow, c.FirstLine, c.Data
		into := newCellBuffer(c, len(l.Columns))
		for len(rest) > 0 {
			span, _ := format.scan(rest, true)
			if !span.blank {
				cells, problem := format.cells(l.Columns, rest[:span.end], span, into)
				if !yield(Row{Row: row, Line: line, Cells: cells, Problem: problem}) {
					return
				}
				row++
			}
			line += span.lines
			rest = rest[span.end:]
			into.drop(span.end)
		}
	}
}

func (l Layout) reader() recordFormat {
	switch {
	case l.Format.keyed():
		return newNDJSONScanner(l.Columns)
	case l.Format == XLSX:
		return sheetScanner{}
	}
	delimiter := delimiters[0]
	if l.Delimiter != "" {
		delimiter = l.Delimiter[0]
	}
	scanner := newCSVScanner(delimiter)
	scanner.noting, scanner.guarded = true, l.Guarded
	if l.Quote != "" {
		scanner.quote = l.Quote[0]
	}
	return scanner
}

// cellBuffer is the memory for the cells of a chunk, so that they are not allocated one by one: the
// text, and as many cells as there should be.
type cellBuffer struct {
	text  string // of the remaining records
	cells []string
}

func newCellBuffer(c Chunk, columns int) *cellBuffer {
	return &cellBuffer{text: string(c.Data), cells: make([]string, 0, min(c.Rows*columns, maxChunkCells))}
}

// drop skips a record.
func (r *cellBuffer) drop(n int) { r.text = r.text[n:] }

// begin returns an empty slice for the cells of a record. If it gets more cells than there are
// columns, append moves it to other memory.
func (r *cellBuffer) begin(columns int) []string {
	if cap(r.cells)-len(r.cells) < columns {
		r.cells = make([]string, 0, max(columns, min(cap(r.cells), maxChunkCells)))
	}
	from := len(r.cells)
	r.cells = r.cells[:from+columns]
	return r.cells[from : from : from+columns]
}

// trim removes the empty cells at the end of those that begin returned last, and makes their memory
// available again. A file of objects may have many keys that most of its rows, cut before the keys
// were known, do not have.
func (r *cellBuffer) trim(cells []string) []string {
	used := len(cells)
	for used > 0 && cells[used-1] == "" {
		used--
	}
	r.cells = r.cells[:len(r.cells)-len(cells)+used]
	return cells[:used:used]
}
