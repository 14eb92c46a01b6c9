package file

import (
	"bytes"
	"fmt"
)

// maxHeader bounds the bytes of a CSV header, and of all keys of an NDJSON file: they are stored
// with the import.
const maxHeader = 1 << 20

func (c *Cutter) open() error {
	if err := c.in.fill(readBlock); err != nil {
		return err
	}
	if c.options.Format.keyed() {
		return c.openKeyed()
	}
	if b := c.in.rest(0); c.options.Format == CSV && bytes.IndexByte(b, '\n') < 0 &&
		bytes.IndexByte(trimLineEnd(b), '\r') >= 0 {
		c.in.cr = true
		c.in.endInLF(b)
	}
	return c.openTable()
}

func (c *Cutter) openTable() error {
	table, err := c.findTable()
	if err != nil {
		return err
	}
	c.format = table
	limit := c.options.MaxRow
	if c.options.HasHeader {
		limit = min(limit, maxHeader)
	}
	span, err := c.firstRecord(limit)
	if err != nil {
		return err
	}
	first := c.in.rest(0)[:span.end]
	if !c.options.HasHeader {
		c.layout.Columns, err = numberedColumns(table, first, c.line)
		return err
	}
	c.layout.Columns, err = headerColumns(table, first, span, c.line)
	c.in.drop(span.end)
	c.line += span.lines
	return err
}

func (c *Cutter) openKeyed() error {
	c.format, c.keys = ndjsonScanner{}, newKeyUnion()
	// Check before the first line is read, which may be the whole array.
	if c.options.Format == NDJSON && startsArray(c.in.rest(0)) {
		return &Error{Line: c.line,
			Message: "this is a JSON array; send NDJSON (one object per line), or application/json with rows"}
	}
	_, err := c.firstRecord(c.options.MaxRow)
	return err
}

// firstRecord proceeds to the first record and finds its end. It returns an *Error for a file
// without records.
func (c *Cutter) firstRecord(limit int) (recordSpan, error) {
	span, more, err := c.skipBlank(limit)
	if err == nil && !more {
		err = &Error{Message: "the file is empty; send at least one row, after the header if there is one"}
	}
	return span, err
}

// tooLong returns the error for the record at the beginning of b that exceeds the limit, with the
// probable cause.
func (c *Cutter) tooLong(b []byte, limit int) error {
	b = b[:min(len(b), limit)]
	what, cause := "row", "a line end is missing; end every row with LF or CRLF"
	if !c.options.Format.keyed() && c.options.HasHeader && c.layout.Columns == nil {
		what = "header"
	}
	switch {
	case c.options.Format == NDJSON:
		cause = "the file is not NDJSON; write one object per line"
	case c.options.Format == JSON:
		cause = "a bracket or a quote of an object is not closed; close it"
	case c.options.Format == XLSX:
		cause = "its cells are too long; shorten them"
	case bytes.IndexByte(b, '"') >= 0:
		cause = "a quote opens a field and is never closed; close it, or double the quotes that belong to the text"
	}
	return &Error{Line: c.line, TooLarge: true,
		Message: fmt.Sprintf("the %s that starts on this line is longer than the limit of %s; most likely %s", what,
			sizeText(limit), cause)}
}

func sizeText(n int) string {
	switch {
	case n >= 1<<20 && n%(1<<20) == 0:
		return fmt.Sprintf("%d MiB", n>>20)
	case n >= 1<<10 && n%(1<<10) == 0:
		return fmt.Sprintf("%d KiB", n>>10)
	}
	return fmt.Sprintf("%d bytes", n)
}
