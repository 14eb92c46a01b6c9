package file

import (
	"bytes"
	"strings"
)

// shortRows completes rows whose last cells are missing, as spreadsheets leave them out. A line
// that was broken in two is not completed: its pieces would fit into one row, and so a row is only
// taken as short if it fits into one row with neither the record before nor the one after it.
type shortRows struct {
	before  int // fields of the record before
	pending *shortRow
	found   []shortRow // of the chunk
}

type shortRow struct {
	from, end int // in the chunk
	fields    int
	missing   int
	span      recordSpan
}

// completeShort examines a record of a table that is about to be cut.
func (c *Cutter) completeShort(from int, span recordSpan) {
	format, ok := c.format.(*csvScanner)
	if !ok {
		return
	}
	columns := len(c.layout.Columns)
	record := trimLineEnd(c.in.rest(from)[:span.end])
	fields := format.countFields(record, span)
	c.settleShort(fields)
	before := c.short.before
	if before == 0 {
		before = columns
	}
	c.short.before = fields
	if fields > 1 && fields < columns && before+fields-1 > columns && !nobodyNames(c.layout.Columns[fields:]) {
		c.short.pending = &shortRow{from: from, end: from + len(record), fields: fields, missing: columns - fields,
			span: span}
	}
}

// settleShort decides about the short row before a record of so many fields.
func (c *Cutter) settleShort(fields int) {
	row := c.short.pending
	c.short.pending = nil
	if row == nil || row.fields+fields-1 <= len(c.layout.Columns) {
		return
	}
	c.short.found = append(c.short.found, *row)
	if c.watched != nil {
		c.watched.records = append(c.watched.records, shownRecord{row.from, row.from + row.span.end, row.span.flaw, true})
	}
}

// completeLast decides about the last row of a chunk, by the record after it. At the end of the
// file it must end in a line end, or it may be cut off.
func (c *Cutter) completeLast(size int) {
	for off := size; c.short.pending != nil; {
		span, more, err := c.record(off, c.options.MaxRow)
		switch {
		case err != nil:
			c.short.pending = nil
		case !more && c.in.rest(0)[c.short.pending.from+c.short.pending.span.end-1] == '\n':
			c.settleShort(len(c.layout.Columns))
		case !more:
			c.short.pending = nil
		case span.blank:
			off += span.end
		default:
			format, _ := c.format.(*csvScanner)
			c.settleShort(format.countFields(trimLineEnd(c.in.rest(off)[:span.end]), span))
		}
	}
}

// countFields returns the number of fields of the record that was scanned last; 0 for a flawed one.
func (s *csvScanner) countFields(record []byte, span recordSpan) int {
	if span.flaw != flawless {
		return 0
	}
	delimiter := []byte{s.delimiter}
	fields := 1 + bytes.Count(record, delimiter)
	for _, f := range s.quoted {
		fields -= bytes.Count(record[f.open:f.close], delimiter)
	}
	return fields
}

// completed returns the bytes of a chunk with the delimiters that its short rows lack.
func (s *shortRows) completed(data []byte, delimiter string) []byte {
	if len(s.found) == 0 {
		return data
	}
	var all []byte
	from := 0
	for _, row := range s.found {
		all = append(append(all, data[from:row.end]...), strings.Repeat(delimiter, row.missing)...)
		from = row.end
	}
	s.found = s.found[:0]
	return append(all, data[from:]...)
}
