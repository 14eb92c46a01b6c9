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
		open := s.opening(record, from)
		isQuoted := open >= 0
		switch {
		case isQuoted && len(known) > 0 && known[0].open == open:
			field, known = known[0], known[1:]
		case isQuoted:
			field, isQuoted = s.quotedField(record, from)
		}
		if !isQuoted {
			field.end = s.fieldEnd(record, from)
			cells = append(cells, unguarded(text[from:field.end], s.guarded))
		} else {
			cells = append(cells, unguarded(s.textOf(field, text), s.guarded))
		}
		if field.end == len(record) {
			return cells
		}
		from = field.end + 1
	}
	return append(cells, text[from:])
}

// quotedField finds the end of the field at from, which a quote opens; ok is false if it does not
// close properly.
func (s *csvScanner) quotedField(record []byte, from int) (field quotedField, ok bool) {
	field.open = s.opening(record, from)
	field.close, field.doubled = s.closingQuote(record, field.open+1)
	if field.close < 0 {
		return field, false
	}
	field.end = s.blanks(record, field.close)
	return field, field.end == len(record) || record[field.end] == s.delimiter
}

// fieldEnd finds the end of the unquoted field that starts at from.
func (s *csvScanner) fieldEnd(record []byte, from int) int {
	if i := bytes.IndexByte(record[from:], s.delimiter); i >= 0 {
		return from + i
	}
	return len(record)
}

// textOf returns the text of a quoted field of a record.
func (s *csvScanner) textOf(f quotedField, record string) string {
	inner := record[f.open+1 : f.close-1]
	if f.doubled {
		return strings.ReplaceAll(inner, string([]byte{s.quote, s.quote}), string(s.quote))
	}
	return inner
}

// unguarded returns a cell without what programs write around it so that a spreadsheet keeps it as
// it is: ="00042", or an apostrophe before it. An apostrophe is one before a number, or where all
// begins with it.
func unguarded[T string | []byte](cell T, all bool) T {
	switch {
	case len(cell) < 2:
	case cell[0] == '=' && cell[1] == '"' && len(cell) > 2 && cell[len(cell)-1] == '"' &&
		!strings.Contains(string(cell[2:len(cell)-1]), `"`):
		return cell[2 : len(cell)-1]
	case cell[0] == '\'' && (all || isNumeric(cell[1:])):
		return cell[1:]
	}
	return cell
}

// isNumeric reports whether a text has digits, and else only the signs of numbers and dates.
func isNumeric[T string | []byte](text T) bool {
	digits := false
	for _, c := range []byte(text) {
		digits = digits || c >= '0' && c <= '9'
		if (c < '0' || c > '9') && strings.IndexByte("+-.,:/ TZ%", c) < 0 {
			return false
		}
	}
	return digits
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
	case textAfterQuote:
		return fmt.Sprintf("field %d goes on after its closing quote; double the quotes that belong to its text", field)
	case flawless, unclosedQuote:
	}
	return fmt.Sprintf("the quote that opens field %d is not closed as it should be; close it before the next "+
		"delimiter, or double the quotes that belong to the text", field)
}

func numberedColumn(n int) string { return fmt.Sprintf("column_%d", n) }
