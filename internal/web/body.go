package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Body reads the body of a request, at most so many bytes of it, and remembers what reading it
// failed with. It may take long, but a client that pauses too long is cut off.
type Body struct {
	from   *SlowReader
	broken error
}

// NewBody returns the body of a request that is answered by w.
func NewBody(w http.ResponseWriter, r *http.Request, limit int64) *Body {
	return &Body{from: NewSlowReader(w, http.MaxBytesReader(w, r.Body, limit))}
}

// Read reads on.
func (b *Body) Read(p []byte) (int, error) {
	n, err := b.from.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.broken = io.ErrUnexpectedEOF
		if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
			b.broken = tooLarge
		}
		if tooLong, ok := errors.AsType[*TooLongError](err); ok {
			b.broken = tooLong
		}
	}
	return n, err
}

// Close takes the bound off the connection, which may carry further requests.
func (b *Body) Close() { b.from.Close() }

// Within bounds how long the body may take as a whole, from now on.
func (b *Body) Within(d time.Duration) { b.from.Within(d) }

// Broken returns what reading the body failed with: a *http.MaxBytesError, a *TooLongError,
// io.ErrUnexpectedEOF where it broke off, or nil.
func (b *Body) Broken() error { return b.broken }

// Prefer returns what reading the body failed with, rather than what came of it.
func (b *Body) Prefer(err error) error {
	if b.broken != nil {
		return b.broken
	}
	return err
}
