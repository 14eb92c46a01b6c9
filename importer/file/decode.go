package file

import "iter"

// Decode returns the rows of a chunk in order. It never fails as a whole: a row that cannot be read
// is a Row with a Problem. Its cells then hold all that can be told apart: the fields of a CSV row
// as far as their quoting allows, or the whole line of an NDJSON file as one cell. Cells are passed
// on untouched: NUL bytes, what is not UTF-8, and line breaks inside quotes as the file has them.
// The layout must be that of the Cutter which cut the chunk, for NDJSON as it stood after the last
// chunk.
func Decode(l Layout, c Chunk) iter.Seq[Row] {
	return func(yield func(Row) bool) {
		format := l.reader()
		row, line, rest := c.FirstRow, c.FirstLine, c.Data
		into := newCellRoom(c, len(l.Columns))
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
	return &csvScanner{delimiter: delimiter, noting: true}
}

// cellRoom is what the cells of a chunk are made of, so that they need not be allocated one by one:
// its text, and room for as many as there should be.
type cellRoom struct {
	text  string // of the records that are still to come
	cells []string
}

func newCellRoom(c Chunk, columns int) *cellRoom {
	return &cellRoom{text: string(c.Data), cells: make([]string, 0, min(c.Rows*columns, maxChunkCells))}
}

// drop leaves a record behind.
func (r *cellRoom) drop(n int) { r.text = r.text[n:] }

// begin returns an empty slice for the cells of a record; more than there are columns make it grow
// elsewhere.
func (r *cellRoom) begin(columns int) []string {
	if cap(r.cells)-len(r.cells) < columns {
		r.cells = make([]string, 0, max(columns, min(cap(r.cells), maxChunkCells)))
	}
	from := len(r.cells)
	r.cells = r.cells[:from+columns]
	return r.cells[from : from : from+columns]
}

// trim cuts the empty cells at the end off those that begin gave last, and takes their room back. A
// file of objects may turn out to have many keys that most of its rows, cut before they were known,
// do not have.
func (r *cellRoom) trim(cells []string) []string {
	used := len(cells)
	for used > 0 && cells[used-1] == "" {
		used--
	}
	r.cells = r.cells[:len(r.cells)-len(cells)+used]
	return cells[:used:used]
}
