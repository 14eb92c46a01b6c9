package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// readBlock is the smallest read.
const readBlock = 64 << 10

// cutWindow is the part of the file that has been read and not yet returned in a chunk.
type cutWindow struct {
	r     io.Reader
	buf   []byte
	from  int  // the bytes before have been returned
	ended bool // the file has no further bytes
	cr    bool // lines end in CR alone, which becomes LF
}

// rest returns the bytes that have been read, from an offset; they are valid until fill.
func (w *cutWindow) rest(off int) []byte { return w.buf[w.from+off:] }

func (w *cutWindow) drop(n int) { w.from += n }

// take removes the first n bytes and returns a copy of them.
func (w *cutWindow) take(n int) []byte {
	taken := bytes.Clone(w.rest(0)[:n])
	w.drop(n)
	return taken
}

// fill reads at least so many further bytes, or up to the end of the file.
func (w *cutWindow) fill(least int) error {
	if w.from > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[w.from:])]
		w.from = 0
	}
	w.buf = slices.Grow(w.buf, least)
	for idle := 0; least > 0 && !w.ended; {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		if w.cr {
			w.endInLF(w.buf[len(w.buf)-n:])
		}
		least -= n
		switch {
		case err == io.EOF: // io.EOF itself: a reader that wraps it has failed
			w.ended = true
		case err != nil:
			return readError(err)
		case n > 0:
			idle = 0
		default:
			if idle++; idle == 100 {
				return readError(io.ErrNoProgress)
			}
		}
	}
	return nil
}

// endInLF replaces the CR at line ends.
func (w *cutWindow) endInLF(b []byte) {
	for i, c := range b {
		if c == '\r' {
			b[i] = '\n'
		}
	}
}

// readError wraps an error of the reader, except for an *Error of the file itself. It hides a
// wrapped io.EOF: otherwise a caller that checks errors.Is(err, io.EOF) would accept half a file as
// the whole.
func readError(err error) error {
	err = asFileError(err)
	var file *Error
	if errors.As(err, &file) {
		return file
	}
	if errors.Is(err, io.EOF) {
		return fmt.Errorf("reading the file: %w: %s", io.ErrUnexpectedEOF, err.Error())
	}
	return fmt.Errorf("reading the file: %w", err)
}
