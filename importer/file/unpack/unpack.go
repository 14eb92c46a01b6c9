// Package unpack unpacks gzip, zstd and zip files within bounds that stop a bomb, and distinguishes
// a workbook from other files.
package unpack

import (
	"archive/zip"
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"taskport/importer/file/xlsx"
)

// Limits of packed files.
const (
	Ratio      = 250      // bytes unpacked for each packed byte
	harmless   = 64 << 20 // Ratio applies above this size
	maxLayers  = 2
	maxSpool   = 1 << 30 // bytes of a zip or workbook that must be written to a scratch file
	maxWindow  = 64 << 20
	maxListing = 4 << 20 // bytes of the directory at the end of a zip
	headSize   = 512
)

// Error says why a file cannot be unpacked.
type Error struct {
	Message  string
	TooLarge bool
}

func (e *Error) Error() string { return e.Message }

// File is an unpacked file.
type File struct {
	io.Reader
	// name of the file itself, as far as the packing or the ending shows it
	Name     string
	Packing  string      // the removed packings, such as "gzip"; empty for none
	Workbook *zip.Reader // instead of Reader, for a workbook
	closers  []io.Closer
}

// Close releases the resources of unpacking.
func (f *File) Close() error {
	var errs []error
	for i := len(f.closers) - 1; i >= 0; i-- {
		errs = append(errs, f.closers[i].Close())
	}
	return errors.Join(errs...)
}

// Sized is a file that can be read at any place, so that no scratch file is needed.
type Sized interface {
	io.ReaderAt
	Size() int64
}

// Open unpacks a file according to its first bytes. limit is the largest unpacked size in bytes.
func Open(r io.Reader, name string, limit int64, scratch xlsx.Scratch) (f *File, err error) {
	f = &File{Reader: r, Name: name}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
			f = nil
		}
	}()
	for layer := 0; ; layer++ {
		head, err := f.peek()
		if err != nil {
			return f, err
		}
		kind := kindOf(head)
		if kind == "" {
			return f, nil
		}
		if layer == maxLayers {
			return f, &Error{Message: fmt.Sprintf("the file is packed more than %d times; unpack it first", maxLayers)}
		}
		if kind == "zip" {
			if err := f.unzip(limit, scratch); err != nil || f.Workbook != nil {
				return f, err
			}
			continue
		}
		if err := f.unpack(kind, limit); err != nil {
			return f, err
		}
	}
}

// peek returns the first bytes of the file.
func (f *File) peek() ([]byte, error) {
	if s, ok := f.Reader.(Sized); ok {
		head := make([]byte, headSize)
		n, err := s.ReadAt(head, 0)
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		return head[:n], nil
	}
	b, ok := f.Reader.(*bufio.Reader)
	if !ok {
		b = bufio.NewReaderSize(f.Reader, headSize)
		f.Reader = b
	}
	head, err := b.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && len(head) == 0 {
		return nil, err
	}
	return head, nil
}

// Head returns the first bytes of the unpacked file; nil for a workbook.
func (f *File) Head() ([]byte, error) {
	if f.Workbook != nil {
		return nil, nil
	}
	head, err := f.peek()
	return bytes.Clone(head), err // a copy, because the buffer is reused
}

// kindOf returns the packing of a file from its first bytes; empty for none.
func kindOf(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\x1f\x8b\x08")):
		return "gzip"
	case bytes.HasPrefix(head, []byte("\x28\xb5\x2f\xfd")), len(head) > 4 && head[0]>>4 == 5 &&
		string(head[1:4]) == "\x2a\x4d\x18":
		return "zstd"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	}
	return ""
}

// unpack unpacks gzip or zstd.
func (f *File) unpack(kind string, limit int64) error {
	packed := &counted{from: f.Reader}
	var out io.Reader
	if kind == "gzip" {
		z, err := gzip.NewReader(packed)
		if err != nil {
			return broken(kind, err)
		}
		out = z
	} else {
		z, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxWindow))
		if err != nil {
			return broken(kind, err)
		}
		f.closers = append(f.closers, z.IOReadCloser())
		out = z
	}
	f.took(kind)
	f.Name = withoutEnding(f.Name, ".gz", ".gzip", ".zst", ".zstd")
	f.Reader = &bound{from: out, kind: kind, limit: limit, source: packed, packed: func() int64 { return packed.read }}
	return nil
}

func (f *File) took(kind string) {
	if f.Packing != "" {
		kind = f.Packing + ", " + kind
	}
	f.Packing = kind
}

func withoutEnding(name string, endings ...string) string {
	for _, e := range endings {
		if n := len(name) - len(e); n >= 0 && strings.EqualFold(name[n:], e) {
			return name[:n]
		}
	}
	return name
}

func broken(kind string, err error) error {
	return &Error{Message: fmt.Sprintf("the file cannot be unpacked as %s (%v); pack and send it again", kind, err)}
}

// IsBomb reports whether the ratio of unpacked to packed bytes is too high for any table.
func IsBomb(unpacked, packed int64) bool { return unpacked > harmless && unpacked/Ratio > packed }

// counted counts the bytes read from a packed file. It keeps the error that ended reading, to
// distinguish it from errors of unpacking.
type counted struct {
	from   io.Reader
	read   int64
	failed error
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.read += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		c.failed = err
	}
	return n, err
}

// bound returns unpacked bytes up to a limit.
type bound struct {
	from        io.Reader
	kind        string
	read, limit int64
	source      *counted // nil if only damage can make it fail
	packed      func() int64
}

func (b *bound) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	b.read += int64(n)
	switch {
	case b.read > b.limit:
		return 0, &Error{TooLarge: true, Message: fmt.Sprintf("the file unpacks to more than %d bytes; split it", b.limit)}
	case IsBomb(b.read, b.packed()):
		return 0, &Error{TooLarge: true,
			Message: fmt.Sprintf("the file unpacks to more than %d times its size, which no honest table does; send it unpacked",
				Ratio)}
	case err == nil || err == io.EOF:
		return n, err
	case b.source != nil && b.source.failed != nil:
		return n, b.source.failed
	}
	return n, broken(b.kind, err)
}
