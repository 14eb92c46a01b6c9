package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// copyData is the body of a COPY in the binary format of Postgres (manual, "COPY", section "Binary
// Format"): each row is the number of its fields, each field its length in bytes and its value, all
// in network byte order. Rows are written into one buffer, without an allocation per value.
type copyData struct {
	buf  []byte
	task *boundTask // of appendTask
}

const (
	copySignature = "PGCOPY\n\xff\r\n\x00"
	copyFlags     = "\x00\x00\x00\x00\x00\x00\x00\x00" // no flags, no extension of the header
	copyTrailer   = "\xff\xff"
)

// postgresEpoch is the zero of timestamps, in microseconds.
var postgresEpoch = time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC).UnixMicro()

// copyBuffers keeps the large buffers between chunks.
var copyBuffers = sync.Pool{New: func() any { return &copyData{} }}

// newCopy returns an empty COPY; drop ends its use.
func newCopy() *copyData {
	c, ok := copyBuffers.Get().(*copyData)
	if !ok {
		c = &copyData{}
	}
	c.buf = append(append(c.buf[:0], copySignature...), copyFlags...)
	return c
}

// drop releases the buffer. The copy must not be used afterwards.
func (c *copyData) drop() {
	if c.task != nil {
		c.task.task = importer.Task{} // its texts share the memory of a chunk
	}
	copyBuffers.Put(c)
}

// run sends the rows into a table.
func (c *copyData) run(ctx context.Context, tx pgx.Tx, table string, columns []string) error {
	c.buf = append(c.buf, copyTrailer...)
	_, err := tx.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(c.buf), `COPY `+table+` (`+strings.Join(columns,
		", ")+`) FROM STDIN (FORMAT binary)`)
	return err
}

// row begins a row of so many fields.
func (c *copyData) row(fields int) { c.buf = binary.BigEndian.AppendUint16(c.buf, uint16(fields)) }

func (c *copyData) length(n int) { c.buf = binary.BigEndian.AppendUint32(c.buf, uint32(n)) }

func (c *copyData) null() { c.buf = append(c.buf, 0xff, 0xff, 0xff, 0xff) }

func (c *copyData) text(s string) {
	c.length(len(s))
	c.buf = append(c.buf, s...)
}

// textOrNull writes an absent text as NULL.
func (c *copyData) textOrNull(s string) {
	if s == "" {
		c.null()
		return
	}
	c.text(s)
}

func (c *copyData) id(id uuid.UUID) {
	c.length(len(id))
	c.buf = append(c.buf, id[:]...)
}

func (c *copyData) idOrNull(id uuid.UUID) {
	if id == uuid.Nil {
		c.null()
		return
	}
	c.id(id)
}

func (c *copyData) bool(b bool) {
	c.length(1)
	value := byte(0)
	if b {
		value = 1
	}
	c.buf = append(c.buf, value)
}

func (c *copyData) bigint(n int64) {
	const size = 8
	c.length(size)
	c.buf = binary.BigEndian.AppendUint64(c.buf, uint64(n))
}

// field writes the bytes that value appends.
func (c *copyData) field(value func(to []byte) []byte) {
	at := len(c.buf)
	c.length(0)
	c.buf = value(c.buf)
	binary.BigEndian.PutUint32(c.buf[at:], uint32(len(c.buf)-at-4))
}

// fieldOrNull is field, and NULL where nothing is there.
func (c *copyData) fieldOrNull(there bool, value func(to []byte) []byte) {
	if !there {
		c.null()
		return
	}
	c.field(value)
}
