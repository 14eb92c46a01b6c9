package importer

import "iter"

// DecodeChunk gives the rows of a chunk in order. It never fails as a whole: a row that cannot be read is a Record with a Problem.
// Its cells then hold all that can be told apart: the fields of a CSV row as far as their quoting allows, or the whole line
// of an NDJSON file as one cell. Cells are passed on untouched: NUL bytes, what is not UTF-8, and line breaks inside quotes as the file has them.
// The layout must be that of the Cutter which cut the chunk, for NDJSON as it stood after the last chunk.
func DecodeChunk(l Layout, c Chunk) iter.Seq[Record] {
	return func(yield func(Record) bool) {
		format := l.reader()
		row, line, rest := c.FirstRow, c.FirstLine, c.Data
		for len(rest) > 0 {
			span, _ := format.scan(rest, true)
			if !span.blank {
				cells, problem := format.cells(l.Columns, rest[:span.end], span)
				if !yield(Record{Row: row, Line: line, Cells: cells, Problem: problem}) {
					return
				}
				row++
			}
			line += span.lines
			rest = rest[span.end:]
		}
	}
}

func (l Layout) reader() recordFormat {
	if l.Format == NDJSON {
		return newNDJSONScanner(l.Columns)
	}
	delimiter := delimiters[0]
	if l.Delimiter != "" {
		delimiter = l.Delimiter[0]
	}
	return &csvScanner{delimiter: delimiter, noting: true}
}
