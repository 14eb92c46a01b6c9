package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cespare/xxhash/v2"
)

// Options say how a file is read and how large its chunks are.
type Options struct {
	Format Format // empty only for Open, which then finds it out
	// HasHeader says that the first record of a CSV file or workbook names the columns; otherwise
	// they are column_1, column_2 and so on.
	HasHeader bool
	// Delimiter of a CSV file, one of , ; tab |; empty to decide from the head of the file.
	Delimiter string
	// Encoding of a file of text; empty to find it out.
	Encoding string
	// Sheet of a workbook, its name or its number from 1; empty for the first.
	Sheet string
	// SkipLines is how many lines stand above the header; nil to find it out.
	SkipLines *int
	// Known reports whether a text is the name of a column, by which a header is recognized and a
	// delimiter chosen; nil where no names are known.
	Known func(column string) bool
	// KeepPlaceholders is passed on to the layout.
	KeepPlaceholders bool
	// MaxUnpacked is the most bytes that the file may have, its packing taken off; 0 means
	// MaxUnpacked.
	MaxUnpacked int64
	// ChunkRows is the most rows that a chunk holds; 0 means 5,000 for the first four chunks and
	// 10,000 for the others: several workers share even a small file, and a large one takes fewer
	// transactions.
	ChunkRows int
	// ChunkBytes ends a chunk after the record that reaches it; 0 means 1 MiB, or 2 MiB where
	// ChunkRows doubles.
	ChunkBytes int
	// MaxRow is the most bytes that a record may have, its line end included, and so the furthest
	// that a closing quote is looked for; 0 means 16 MiB.
	MaxRow int
	// HashRows makes a hash of each row.
	HashRows bool
}

// recordFormat is what the cutter and the decoder share: where records end, and what their cells
// are.
type recordFormat interface {
	scan(b []byte, final bool) (span recordSpan, ok bool)
	cells(columns []string, record []byte, span recordSpan, into *cellRoom) (cells []string, problem string)
}

// Cutter cuts a file into chunks of whole records. What it holds in memory is bounded by ChunkBytes
// and MaxRow, however long the file is. It is not safe for concurrent use.
type Cutter struct {
	options Options
	in      cutWindow
	format  recordFormat
	layout  Layout
	keys    *keyUnion   // only for JSON
	text    *textReader // nil for a workbook
	watched *watched    // nil when nobody observes
	closers []io.Closer
	chunks  int // given away so far
	rows    int // in those
	line    int // at which the next record starts
	err     error
}

// NewCutter begins to read a file; of a CSV it reads the header. A file that cannot be read gives
// an *Error: one that is empty, has a header that is malformed, longer than 1 MiB or of more than
// 1000 columns, or is a JSON array instead of NDJSON. An error of r is wrapped. A header without
// rows is no error: Next then gives io.EOF at once.
func NewCutter(r io.Reader, o Options) (*Cutter, error) {
	if o.Format != CSV && !o.Format.keyed() {
		return nil, &Error{Message: fmt.Sprintf("%s is no format that can be cut; use %s, %s or %s",
			Shown(string(o.Format)), CSV, NDJSON, JSON)}
	}
	text, err := newTextReader(r, o.Encoding, o.Format == CSV)
	if err != nil {
		return nil, err
	}
	r = text
	if o.Format == JSON {
		r = newArrayReader(text)
	}
	c, err := newCutter(r, o)
	if err != nil {
		return nil, err
	}
	c.text = text
	return c, nil
}

// newCutter begins to cut what is UTF-8 already.
func newCutter(r io.Reader, o Options) (*Cutter, error) {
	if o.MaxRow <= 0 {
		o.MaxRow = 16 << 20
	}
	c := &Cutter{options: o, in: cutWindow{r: r}, layout: Layout{Format: o.Format,
		KeepPlaceholders: o.KeepPlaceholders}, line: 1}
	if err := c.open(); err != nil {
		return nil, err
	}
	return c, nil
}

// Chunks of a file, unless the options say otherwise.
const (
	firstChunks    = 4
	firstChunkRows = 5_000
	firstChunkSize = 1 << 20
)

// limits returns the most rows of the next chunk, and the bytes at which it ends.
func (c *Cutter) limits() (rows, size int) {
	rows, size = c.options.ChunkRows, c.options.ChunkBytes
	factor := 1
	if c.chunks >= firstChunks && rows <= 0 {
		factor = 2
	}
	if rows <= 0 {
		rows = factor * firstChunkRows
	}
	if size <= 0 {
		size = factor * firstChunkSize
	}
	return rows, size
}

// Layout returns what Decode needs besides the chunks. The columns of NDJSON are complete only
// after Next has returned io.EOF.
func (c *Cutter) Layout() Layout {
	l := c.layout
	if c.keys != nil {
		l.Columns = c.keys.columns
	}
	if c.text != nil {
		l.Encoding = c.text.encoding
	}
	l.Columns = slices.Clone(l.Columns)
	return l
}

// Close releases what reading the file took, except for the reader that the caller passed.
func (c *Cutter) Close() error {
	var errs []error
	for _, closer := range c.closers {
		errs = append(errs, closer.Close())
	}
	c.closers = nil
	return errors.Join(errs...)
}

// Next returns the next chunk, of at least one row, with Data that is the caller's to keep; io.EOF
// after the last one. A file that cannot be read on is an *Error, an error of the reader is
// wrapped, and every further call returns the same.
func (c *Cutter) Next() (Chunk, error) {
	if c.err != nil {
		return Chunk{}, c.err
	}
	chunk, err := c.cut()
	c.err = err
	return chunk, err
}

func (c *Cutter) cut() (Chunk, error) {
	_, more, err := c.skipBlank(c.options.MaxRow)
	if err != nil {
		return Chunk{}, err
	}
	if !more {
		return Chunk{}, io.EOF
	}
	chunk := Chunk{Number: c.chunks + 1, FirstRow: c.rows + 1, FirstLine: c.line}
	size := 0
	mostRows, enough := c.limits()
	for chunk.Rows < mostRows && size < enough && c.roomy(chunk.Rows) {
		span, more, err := c.record(size, c.options.MaxRow)
		if err != nil {
			return Chunk{}, err
		}
		if !more {
			break
		}
		if !span.blank {
			chunk.Rows++
			c.hashRow(&chunk, c.in.rest(size)[:span.end])
			if err := c.noteKeys(c.in.rest(size)[:span.end]); err != nil {
				return Chunk{}, err
			}
			if c.watched != nil {
				c.show(c.in.rest(size)[:span.end], span)
			}
		}
		size += span.end
		c.line += span.lines
	}
	chunk.Data = c.in.take(size)
	c.chunks++
	c.rows += chunk.Rows
	return chunk, nil
}

// maxChunkCells bounds the cells of a chunk, which cost memory however little they hold.
const maxChunkCells = 1 << 20

// roomy reports whether a chunk of so many rows may have one more.
func (c *Cutter) roomy(rows int) bool {
	columns := len(c.layout.Columns)
	if c.keys != nil {
		columns = len(c.keys.columns)
	}
	return rows == 0 || (rows+1)*columns <= maxChunkCells
}

func (c *Cutter) noteKeys(record []byte) error {
	if c.keys == nil {
		return nil
	}
	return c.keys.add(record, c.line)
}

// skipBlank drops empty lines and finds the record after them; more is false at the end of the
// file.
func (c *Cutter) skipBlank(limit int) (span recordSpan, more bool, err error) {
	for {
		span, more, err := c.record(0, limit)
		if err != nil || !more || !span.blank {
			return span, more, err
		}
		c.in.drop(span.end)
		c.line += span.lines
	}
}

// record finds the record that starts off bytes into the window and reads on as far as that takes;
// more is false at the end of the file. Whether a record is too long depends on the file alone, not
// on how it arrives.
func (c *Cutter) record(off, limit int) (span recordSpan, more bool, err error) {
	for {
		b := c.in.rest(off)
		if len(b) > 0 {
			span, ok := c.format.scan(b, c.in.ended)
			if ok && span.seen <= limit {
				return span, true, nil
			}
			if ok || len(b) > limit {
				return recordSpan{}, false, c.tooLong(b, limit)
			}
		}
		if c.in.ended {
			return recordSpan{}, false, nil
		}
		// To read at least as much again as is there keeps rescanning linear.
		if err := c.in.fill(min(max(readBlock, len(b)), limit-len(b)+readBlock)); err != nil {
			return recordSpan{}, false, err
		}
	}
}

// hashRow adds the hash of a record to those of its chunk, its line end taken off.
func (c *Cutter) hashRow(chunk *Chunk, record []byte) {
	if c.options.HashRows {
		if chunk.Hashes == nil {
			chunk.Hashes = make([]uint64, 0, 256)
		}
		chunk.Hashes = append(chunk.Hashes, xxhash.Sum64(bytes.TrimRight(record, "\r\n")))
	}
}
