package importer

import "bytes"

// surveyor is a format whose records can be surveyed. Those that the pipeline will find malformed are left out.
type surveyor interface {
	survey(v *Survey, record []byte, span recordSpan)
}

func (s *csvScanner) survey(v *Survey, record []byte, span recordSpan) {
	if span.flaw != flawless {
		return
	}
	record = trimLineEnd(record)
	v.cells = v.cells[:0]
	for from := 0; ; {
		var cell []byte
		var end int
		if from < len(record) && record[from] == '"' {
			field, ok := s.quotedField(record, from)
			if !ok {
				return
			}
			end = field.end
			cell = record[from+1 : end-1]
			if field.doubled && v.needsText(len(v.cells)) {
				cell = bytes.ReplaceAll(cell, []byte(`""`), []byte(`"`))
			}
		} else {
			end = s.fieldEnd(record, from)
			cell = record[from:end]
		}
		if len(v.cells) == maxCells {
			return
		}
		v.cells = append(v.cells, cell)
		if end == len(record) {
			break
		}
		from = end + 1
	}
	v.seeTable()
}

// seeTable takes up the cells of a row of a table, if they fit its columns.
func (v *Survey) seeTable() {
	n := len(v.names)
	for len(v.cells) > n && len(v.cells[len(v.cells)-1]) == 0 {
		v.cells = v.cells[:len(v.cells)-1]
	}
	if len(v.cells) == n || len(v.cells) < n && nobodyNames(v.names[len(v.cells):]) {
		v.see(v.cells)
	}
}

func (sheetScanner) survey(v *Survey, record []byte, _ recordSpan) {
	record = bytes.TrimSuffix(record, []byte("\n"))
	v.cells = v.cells[:0]
	for more := true; more; {
		var cell []byte
		cell, record, more = bytes.Cut(record, []byte("\t"))
		if bytes.IndexByte(cell, '\\') >= 0 && v.needsText(len(v.cells)) {
			cell = []byte(unescapeSheet(string(cell)))
		}
		v.cells = append(v.cells, cell)
	}
	if len(v.cells) <= len(v.names) {
		v.see(v.cells)
	}
}

// survey takes up the members of an object. Whether the line is an object at all is not asked: that costs more than all the rest, and what can be read of it is as true as the rest.
func (ndjsonScanner) survey(v *Survey, record []byte, _ recordSpan) {
	v.cells = v.cells[:0]
	for range v.names {
		v.cells = append(v.cells, nil)
	}
	walk := walkObject(record)
	for n := 0; ; n++ {
		m, more := walk.next()
		if !more {
			break
		}
		key := record[m.keyFrom:m.keyTo]
		at := n
		if n >= len(v.names) || v.names[n] != string(key) {
			if bytes.IndexByte(key, '\\') >= 0 {
				key = []byte(unescapeJSON(string(key)))
			}
			column, known := v.index[string(key)]
			if !known {
				return
			}
			at = column
		}
		if m.valueFrom >= m.valueTo {
			return
		}
		v.cells[at] = jsonBytes(record[m.valueFrom:m.valueTo], v.needsText(at))
	}
	v.see(v.cells)
}

// jsonBytes gives a JSON value as cellOf does, its escapes resolved where the text is needed.
func jsonBytes(value []byte, needsText bool) []byte {
	switch {
	case value[0] == 'n':
		return nil
	case value[0] != '"' || len(value) < 2:
		return value
	}
	value = value[1 : len(value)-1]
	if needsText && bytes.IndexByte(value, '\\') >= 0 {
		return []byte(unescapeJSON(string(value)))
	}
	return value
}

// needsText reports whether more of a cell is asked for than whether there is something in it: quotes and escapes are then resolved, which takes room of its own.
func (v *Survey) needsText(column int) bool {
	if column >= len(v.columns) {
		return false
	}
	c := &v.columns[column]
	return c.dates != nil || c.words != nil || c.wantsSamples()
}
