package importer

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// delimiters are those a CSV file may use; of two that fit equally well the first is taken.
const delimiters = ",;\t|"

// chooseDelimiter checks the delimiter that the client named, or decides on one from the first record.
func chooseDelimiter(named string, head []byte) (byte, error) {
	if named == "" {
		return guessDelimiter(bytes.TrimLeft(head, "\r\n")), nil
	}
	if len(named) != 1 || !strings.Contains(delimiters, named) {
		return 0, &FileError{Message: fmt.Sprintf("%s is no delimiter; choose one of comma, semicolon, tab and |", shown(named))}
	}
	return named[0], nil
}

// guessDelimiter takes the delimiter that occurs most often outside quotes in the first record. Those that would
// make the record's quoting wrong come last.
func guessDelimiter(head []byte) byte {
	best, bestCells, bestSound := delimiters[0], 0, false
	if len(head) == 0 {
		return best
	}
	for _, d := range []byte(delimiters) {
		s := csvScanner{delimiter: d}
		span, _ := s.scan(head, true)
		cells := len(s.fields(trimLineEnd(head[:span.end])))
		sound := span.flaw == flawless
		if sound && !bestSound || sound == bestSound && cells > bestCells {
			best, bestCells, bestSound = d, cells, sound
		}
	}
	return best
}

// headerColumns reads the names of the columns.
func (s *csvScanner) headerColumns(record []byte, span recordSpan, line int) ([]string, error) {
	if oldMacLines(record) {
		return nil, &FileError{Line: line, Message: "the lines end in CR alone; save the file with LF or CRLF line ends"}
	}
	if span.flaw != flawless {
		return nil, &FileError{Line: line, Message: "the header cannot be read: " + s.explain(record)}
	}
	header := trimLineEnd(record)
	if !utf8.Valid(header) || bytes.IndexByte(header, 0) >= 0 {
		return nil, &FileError{Line: line, Message: "the header is not UTF-8 text; save the file as UTF-8 (in Excel: \"CSV UTF-8\")"}
	}
	columns := s.fields(header)
	for i, c := range columns {
		columns[i] = strings.TrimSpace(c)
	}
	return columns, checkWidth(columns, line)
}

// numberedColumns names as many columns as the first record has cells.
func (s *csvScanner) numberedColumns(record []byte, line int) ([]string, error) {
	columns := s.fields(trimLineEnd(record))
	for i := range columns {
		columns[i] = numberedColumn(i + 1)
	}
	return columns, checkWidth(columns, line)
}

func checkWidth(columns []string, line int) error {
	if len(columns) <= maxColumns {
		return nil
	}
	return &FileError{Line: line, Message: fmt.Sprintf("the first row has more than %d columns; remove those that are not needed, and check the delimiter and the line ends", maxColumns)}
}

// oldMacLines recognizes a header that has swallowed the file, because no line of it ends in LF.
func oldMacLines(record []byte) bool {
	return bytes.IndexByte(record, '\n') < 0 && bytes.IndexByte(trimLineEnd(record), '\r') >= 0
}
