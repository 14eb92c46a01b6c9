package file

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// readBlock is the least that is asked of the reader at once.
const readBlock = 64 << 10

// cutWindow is the part of the file that has been read and not yet been given away.
type cutWindow struct {
	r     io.Reader
	buf   []byte
	from  int  // what lies before has been given away
	ended bool // nothing follows
}

// rest returns what has been read, from off on; valid until fill.
func (w *cutWindow) rest(off int) []byte { return w.buf[w.from+off:] }

func (w *cutWindow) drop(n int) { w.from += n }

// take returns away the first n bytes as a copy.
func (w *cutWindow) take(n int) []byte {
	taken := bytes.Clone(w.rest(0)[:n])
	w.drop(n)
	return taken
}

// fill reads at least that many bytes more, or up to the end of the file.
func (w *cutWindow) fill(least int) error {
	if w.from > 0 {
		w.buf = w.buf[:copy(w.buf, w.buf[w.from:])]
		w.from = 0
	}
	w.buf = slices.Grow(w.buf, least)
	for idle := 0; least > 0 && !w.ended; {
		n, err := w.r.Read(w.buf[len(w.buf):cap(w.buf)])
		w.buf = w.buf[:len(w.buf)+n]
		least -= n
		switch {
		case err == io.EOF: // itself: a reader that wraps it has failed
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

// readError wraps an error of the reader, but for what is wrong with the file itself. One that
// wraps io.EOF is not passed on as such: a caller that asks errors.Is(err, io.EOF) would take half
// a file for a whole one.
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
