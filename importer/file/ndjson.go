package file

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// jsonSpace is the white space of RFC 8259.
const jsonSpace = " \t\r\n"

// ndjsonScanner reads newline-delimited JSON: one object per line. Lines of white space are
// ignored. index has the place of each column; the cutter does not need it.
type ndjsonScanner struct{ index map[string]int }

func newNDJSONScanner(columns []string) ndjsonScanner {
	index := make(map[string]int, len(columns))
	for i, c := range columns {
		index[c] = i
	}
	return ndjsonScanner{index}
}

func (ndjsonScanner) scan(b []byte, final bool) (span recordSpan, ok bool) {
	end, ok := lineEnd(b, 0, final)
	if !ok {
		return recordSpan{}, false
	}
	span = soundSpan(b, end, end)
	span.blank = len(bytes.TrimLeft(b[:end], jsonSpace)) == 0 || isEmptyObject(b[:end])
	return span, true
}

// isEmptyObject reports whether a line is an object without text. For most lines the first member
// decides.
func isEmptyObject(line []byte) bool {
	walk := walkObject(line)
	for m, more := walk.next(); more; m, more = walk.next() {
		value := line[m.valueFrom:m.valueTo]
		if string(value) != "null" && (len(value) < 2 || value[0] != '"' || bytes.TrimFunc(value[1:len(value)-1],
			isBlank) != nil) {
			return false
		}
	}
	return objectProblem(line) == ""
}

// cells returns the values of an object in the order of the columns. A malformed line is kept as a
// single cell.
func (s ndjsonScanner) cells(columns []string, record []byte, _ recordSpan, into *cellBuffer) (cells []string,
	problem string) {
	text := into.text[:len(trimLineEnd(record))]
	if problem := objectProblem(record); problem != "" {
		return []string{text}, problem
	}
	cells = into.begin(len(columns))[:len(columns)]
	clear(cells)
	walk := walkObject(record)
	for n := 0; ; n++ {
		m, more := walk.next()
		if !more {
			return into.trim(cells), problem
		}
		key := text[m.keyFrom:m.keyTo]
		at := n
		if n >= len(columns) || columns[n] != key || strings.IndexByte(key, '\\') >= 0 {
			key = Unescape(key)
			column, known := s.index[key]
			if !known {
				return []string{text}, keyProblem(key)
			}
			at = column
		}
		value := text[m.valueFrom:m.valueTo]
		if value[0] == '[' || value[0] == '{' && key != objectKey {
			problem = fmt.Sprintf("the value of %s is an object or a list; give text, a number, true, false or null",
				Shown(key))
		}
		if cells[at] != "" {
			problem = fmt.Sprintf("the key %s is in the object twice; give it once", Shown(key))
		}
		cells[at] = cellOf(value)
	}
}

// objectKey is the only key whose value may be an object; its cell is the object as it is written.
const objectKey = "custom_fields"

// cellOf returns a JSON value as a cell: a string without its quotes, null as an empty text,
// anything else unchanged.
func cellOf(value string) string {
	switch value[0] {
	case '"':
		return Unescape(value[1 : len(value)-1])
	case 'n':
		return ""
	}
	return value
}

// objectProblem returns why a line is not a JSON object, or an empty text.
func objectProblem(line []byte) string {
	const remedy = "write every row as one object on one line"
	if !json.Valid(line) {
		var syntax *json.SyntaxError
		var value json.RawMessage
		errors.As(json.Unmarshal(line, &value), &syntax)
		return fmt.Sprintf("the line is not valid JSON, at or before byte %d; %s", syntax.Offset, remedy)
	}
	if bytes.TrimLeft(line, jsonSpace)[0] != '{' {
		return "the line is not a JSON object; " + remedy
	}
	return ""
}

// keyProblem returns why a key is not among the columns.
func keyProblem(key string) string {
	if !soundKey(key) {
		return fmt.Sprintf("the key %s is not UTF-8 text or contains a NUL character; correct it", Shown(key))
	}
	return fmt.Sprintf("the key %s is not a column of the import; correct it, or leave it out", Shown(key))
}

// soundKey reports whether a key can be the name of a column, which is saved as text.
func soundKey(key string) bool { return utf8.ValidString(key) && strings.IndexByte(key, 0) < 0 }

// startsArray reports whether a text begins as a JSON array of objects, or as an empty one.
func startsArray(b []byte) bool {
	b = bytes.TrimLeft(b, jsonSpace)
	if len(b) == 0 || b[0] != '[' {
		return false
	}
	b = bytes.TrimLeft(b[1:], jsonSpace)
	return len(b) > 0 && slices.Contains([]byte("{]"), b[0])
}
