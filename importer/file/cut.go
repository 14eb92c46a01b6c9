package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cespare/xxhash/v2"

	"taskport/importer/file/xlsx"
)

// Options control how a file is read and how large its chunks are.
type Options struct {
	Format Format // empty only for Open, which then detects it
	// HasHeader is true if the first record of a CSV file or workbook names the columns. Otherwise
	// they are column_1, column_2 and so on.
	HasHeader bool
	// Delimiter of a CSV file, one of , ; tab |; detected if empty.
	Delimiter string
	// Encoding of a text file; detected if empty.
	Encoding string
	// Sheet of a workbook, its name or its number from 1; empty for the first.
	Sheet string
	// SkipLines is the number of lines above the header; detected if nil.
	SkipLines *int
	// Known reports whether a text is the name of a column. It serves to recognize a header and to
	// choose a delimiter. Nil if no names are known.
	Known func(column string) bool
	// KeepPlaceholders is passed on to the layout.
	KeepPlaceholders bool
	// MaxUnpacked is the largest size of the unpacked file in bytes; 0 means the constant MaxUnpacked.
	MaxUnpacked int64
	// ChunkRows is the most rows of a chunk. 0 means 5,000 for the first four chunks and 10,000 for
	// the others: several workers share even a small file, and a large one needs fewer transactions.
	ChunkRows int
	// ChunkBytes ends a chunk after the record that reaches it; 0 means 1 MiB, or 2 MiB for the chunks
	// of 10,000 rows.
	ChunkBytes int
	// MaxRow is the most bytes of a record, its line end included, and the longest search for a
	// closing quote; 0 means 16 MiB.
	MaxRow int
	// HashRows adds a hash of each row to the chunks, and the checksum of its values that the observer
	// returns.
	HashRows bool
}

// recordFormat is common to the cutter and the decoder: it defines the end of records and their
// cells.
type recordFormat interface {
	scan(b []byte, final bool) (span recordSpan, ok bool)
	cells(columns []string, record []byte, span recordSpan, into *cellBuffer) (cells []string, problem string)
}

// Cutter cuts a file into chunks of whole records. Its memory is bounded by ChunkBytes and MaxRow,
// however long the file is. It is not safe for concurrent use.
type Cutter struct {
	options Options
	in      cutWindow
	format  recordFormat
	layout  Layout
	keys    *keyUnion   // only for JSON
	text    *textReader // nil for a workbook
	book    *xlsx.Reader
	watched *watched // nil without an observer
	ahead   *shownChunk
	closers []io.Closer
	chunks  int // returned so far
	rows    int // in those chunks
	short   shortRows
	line    int // of the file, at which the next record starts
	err     error
}

// NewCutter begins to read a file; of a CSV file it reads the header. It returns an *Error for a
// file that cannot be read: an empty file, a header that is malformed, longer than 1 MiB or of more
// than 1000 columns, or a JSON array instead of NDJSON. An error of r is wrapped. A header without
// rows is accepted; Next then returns io.EOF at once.
func NewCutter(r io.Reader, o Options) (*Cutter, error) {
	if o.Format != CSV && !o.Format.keyed() {
		return nil, &Error{Message: fmt.Sprintf("%s is not a supported format; use %s, %s or %s",
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

// newCutter begins to cut UTF-8 text.
func newCutter(r io.Reader, o Options) (*Cutter, error) {
	if o.MaxRow <= 0 {
		o.MaxRow = 16 << 20
	}
	c := &Cutter{options: o, in: cutWindow{r: r}, layout: Layout{Format: o.Format,
		KeepPlaceholders: o.KeepPlaceholders}, line: 1}
	if err := c.open(); err != nil {
		return nil, err
	}
	c.layout.EmptyRows = 0 // those above the header
	return c, nil
}

// The default size of chunks.
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

// Layout returns the parameters for Decode. The columns of NDJSON are complete only after Next has
// returned io.EOF.
func (c *Cutter) Layout() Layout {
	l := c.layout
	if c.keys != nil {
		l.Columns = c.keys.columns
	}
	if c.text != nil {
		l.Encoding, l.EncodingSure = c.text.encoding, c.text.sure
		if l.EncodingSure > 0 {
			l.Notes = append(slices.Clone(l.Notes), Note{fmt.Sprintf("encoding %s detected, %.0f %% sure", l.Encoding,
				100*l.EncodingSure), Remedy{Code: RemedyGuess}})
		}
	}
	if c.book != nil {
		l.Notes = append(slices.Clone(l.Notes), sheetNotes(c.book)...)
	}
	l.Columns = slices.Clone(l.Columns)
	return l
}

// Close releases all resources except the caller's reader.
func (c *Cutter) Close() error {
	if c.ahead != nil {
		<-c.ahead.done
	}
	var errs []error
	for _, closer := range c.closers {
		errs = append(errs, closer.Close())
	}
	c.closers = nil
	return errors.Join(errs...)
}

// Next returns the next chunk, with at least one row, or io.EOF after the last one. Its Data
// belongs to the caller. It returns an *Error for a file that cannot be read further, and wraps an
// error of the reader. Every further call returns the same error.
func (c *Cutter) Next() (Chunk, error) {
	if c.watched != nil && c.keys == nil {
		return c.nextShown()
	}
	return c.nextCut()
}

func (c *Cutter) nextCut() (Chunk, error) {
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
			c.completeShort(size, span)
			c.hashRow(&chunk, c.in.rest(size)[:span.end])
			if err := c.noteKeys(c.in.rest(size)[:span.end]); err != nil {
				return Chunk{}, err
			}
			c.watch(&chunk, size, span)
		} else {
			c.countEmpty(c.in.rest(size)[:span.end])
		}
		size += span.end
		c.line += span.lines
	}
	c.completeLast(size)
	data := c.in.take(size)
	if c.watched != nil {
		c.watched.data = data
	}
	chunk.Data = c.short.completed(data, c.layout.Delimiter)
	c.chunks++
	c.rows += chunk.Rows
	return chunk, nil
}

// maxChunkCells bounds the cells of a chunk, since even empty cells cost memory.
const maxChunkCells = 1 << 20

// roomy reports whether a chunk of so many rows may have one more row.
func (c *Cutter) roomy(rows int) bool {
	columns := len(c.layout.Columns)
	if c.keys != nil {
		columns = len(c.keys.columns)
	}
	return rows == 0 || (rows+1)*columns <= maxChunkCells
}

// HashesRows reports whether the options ask for hashes of the rows.
func (c *Cutter) HashesRows() bool { return c.options.HashRows }

func (c *Cutter) noteKeys(record []byte) error {
	if c.keys == nil {
		return nil
	}
	return c.keys.add(record, c.line)
}

// skipBlank drops empty lines and finds the next record; more is false at the end of the file.
func (c *Cutter) skipBlank(limit int) (span recordSpan, more bool, err error) {
	for {
		span, more, err := c.record(0, limit)
		if err != nil || !more || !span.blank {
			return span, more, err
		}
		c.countEmpty(c.in.rest(0)[:span.end])
		c.in.drop(span.end)
		c.line += span.lines
	}
}

// countEmpty counts a record without text; lines between the objects of JSON are not records.
func (c *Cutter) countEmpty(record []byte) {
	if c.keys == nil || len(bytes.TrimSpace(record)) > 0 {
		c.layout.EmptyRows++
	}
}

// record finds the record at an offset of the window and reads as much as it needs; more is false
// at the end of the file. Whether a record is too long depends on the file alone, not on how it
// arrives.
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
		// Rescanning stays linear, because each read at least doubles the window.
		if err := c.in.fill(min(max(readBlock, len(b)), limit-len(b)+readBlock)); err != nil {
			return recordSpan{}, false, err
		}
	}
}

// hashRow adds the hash of a record without its line end to the chunk.
func (c *Cutter) hashRow(chunk *Chunk, record []byte) {
	if c.options.HashRows {
		if chunk.Hashes == nil {
			chunk.Hashes = make([]uint64, 0, 256)
		}
		chunk.Hashes = append(chunk.Hashes, xxhash.Sum64(bytes.TrimRight(record, "\r\n")))
	}
}
