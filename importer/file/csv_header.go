package file

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// delimiters are those of a CSV file. If two fit equally well, the first is used.
const delimiters = ",;\t|"

// headerColumns reads the names of the columns.
func headerColumns(table tableFormat, record []byte, span recordSpan, line int) ([]string, error) {
	csv, isCSV := table.(*csvScanner)
	if isCSV && span.flaw != flawless {
		return nil, &Error{Line: line, Message: "the header cannot be read: " + csv.explain(record)}
	}
	header := trimLineEnd(record)
	if !utf8.Valid(header) || bytes.IndexByte(header, 0) >= 0 {
		return nil, &Error{Line: line, Message: "the header is not UTF-8 text; save the file as UTF-8 (in Excel: \"CSV " +
			"UTF-8\")"}
	}
	columns := table.fields(header)
	for i, c := range columns {
		columns[i] = strings.TrimSpace(c)
	}
	return columns, checkWidth(columns, line)
}

// numberedColumns returns a numbered name for each cell of the first record.
func numberedColumns(table tableFormat, record []byte, line int) ([]string, error) {
	columns := table.fields(trimLineEnd(record))
	for i := range columns {
		columns[i] = numberedColumn(i + 1)
	}
	return columns, checkWidth(columns, line)
}

func checkWidth(columns []string, line int) error {
	if len(columns) <= maxColumns {
		return nil
	}
	return &Error{Line: line,
		Message: fmt.Sprintf("the first row has more than %d columns; remove those that are not needed, and check the "+
			"delimiter and the line ends", maxColumns)}
}
