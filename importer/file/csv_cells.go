package file

import (
	"bytes"
	"fmt"
	"strings"
)

const (
	// maxColumns is how many columns a file may have.
	maxColumns = 1000
	// maxCells bounds the cost of a row of delimiters only. The text beyond it remains in the last
	// cell.
	maxCells = 2 * maxColumns
)

// cells returns the cells of the record that the span describes, fitted to the columns, and the
// problem of the record. Line breaks inside a cell stay as they are in the file, CRLF included
// (encoding/csv would make them LF): a client gets its text back unchanged.
func (s *csvScanner) cells(columns []string, record []byte, span recordSpan, into *cellBuffer) (cells []string,
	problem string) {
	cells = into.begin(len(columns))
	line := trimLineEnd(record)
	text := into.text[:len(line)]
	if span.flaw != flawless {
		return s.split(line, text, cells, nil), s.explain(record)
	}
	return fitToColumns(s.split(line, text, cells, s.quoted), columns)
}

// fields returns the cells of a single record.
func (s *csvScanner) fields(record []byte) []string { return s.split(record, string(record), nil, nil) }

// split appends the cells of a record without its line end. text is the same record; known has its
// quoted fields, if they are known. A field that is not properly quoted stays as it is, up to the
// next delimiter.
func (s *csvScanner) split(record []byte, text string, cells []string, known []quotedField) []string {
	from := 0
	for len(cells) < maxCells-1 {
		var field quotedField
		isQuoted := from < len(record) && record[from] == '"'
		switch {
		case isQuoted && len(known) > 0:
			field, known = known[0], known[1:]
		case isQuoted:
			field, isQuoted = s.quotedField(record, from)
		}
		if !isQuoted {
			field.end = s.fieldEnd(record, from)
			cells = append(cells, text[from:field.end])
		} else {
			cells = append(cells, field.text(text[from:field.end]))
		}
		if field.end == len(record) {
			return cells
		}
		from = field.end + 1
	}
	return append(cells, text[from:])
}

// quotedField finds the end of the field that opens with a quote at from; ok is false if the field
// does not close properly.
func (s *csvScanner) quotedField(record []byte, from int) (field quotedField, ok bool) {
	end, doubled := closingQuote(record, from+1)
	ok = end == len(record) || end > 0 && record[end] == s.delimiter
	return quotedField{end, doubled}, ok
}

// fieldEnd finds the end of the unquoted field that starts at from.
func (s *csvScanner) fieldEnd(record []byte, from int) int {
	if i := bytes.IndexByte(record[from:], s.delimiter); i >= 0 {
		return from + i
	}
	return len(record)
}

func (f quotedField) text(quoted string) string {
	inner := quoted[1 : len(quoted)-1]
	if f.doubled {
		return strings.ReplaceAll(inner, `""`, `"`)
	}
	return inner
}

// fitToColumns removes surplus empty cells, which spreadsheets write, and returns a problem if the
// number of cells is wrong.
func fitToColumns(cells, columns []string) (fitted []string, problem string) {
	n := len(columns)
	used := len(cells)
	for used > n && cells[used-1] == "" {
		used--
	}
	if used == n {
		return cells[:n:n], ""
	}
	head := "the header"
	if n > 0 && columns[0] == numberedColumn(1) {
		head = "the first row"
	}
	if used < n && nobodyNames(columns[min(len(cells), n):]) {
		for len(cells) < n {
			cells = append(cells, "")
		}
		return cells, ""
	}
	if used == 1 && n > 2 {
		return cells, fmt.Sprintf("the row has a single field, %s has %d; leave it out if it is a heading or a footer, "+
			"or give every column a field, empty ones too", head, n)
	}
	if used < n {
		return cells, fmt.Sprintf("the row has %d fields, %s has %d; give every column a field, empty ones too, and "+
			"quote fields that contain line breaks",
			len(cells), head, n)
	}
	if len(cells) == maxCells {
		return cells, fmt.Sprintf("the row has %d fields or more, %s has %d; check that its lines end where they should",
			maxCells, head, n)
	}
	return cells, fmt.Sprintf("the row has %d fields, %s has %d; quote fields that contain the delimiter", len(cells),
		head, n)
}

// nobodyNames reports whether a row may end before these columns: spreadsheets omit cells that are
// empty. Such columns have no name, or are those that a report adds, which are ignored.
func nobodyNames(columns []string) bool {
	for _, c := range columns {
		if c != "" && !strings.HasPrefix(c, "_") {
			return false
		}
	}
	return len(columns) > 0
}

// explain returns the problem with the quoting of a record, from its first line alone. So the
// problem does not depend on where the chunk ends.
func (s *csvScanner) explain(line []byte) string {
	span, _ := s.scan(line, true)
	field := len(s.fields(line[:span.at]))
	switch span.flaw {
	case bareQuote:
		return fmt.Sprintf("field %d has a quote inside it but does not begin with one; put the whole field in quotes "+
			"and double the quotes inside it", field)
	case textAfterQuote:
		return fmt.Sprintf("field %d goes on after its closing quote; double the quotes that belong to its text", field)
	case flawless, unclosedQuote:
	}
	return fmt.Sprintf("the quote that opens field %d is not closed as it should be; close it before the next "+
		"delimiter, or double the quotes that belong to the text", field)
}

func numberedColumn(n int) string { return fmt.Sprintf("column_%d", n) }
