package web

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// Body reads the body of a request up to a limit of bytes, and remembers its error. Reading may
// take long, but a client that pauses too long is disconnected.
type Body struct {
	from   *SlowReader
	broken error
}

// NewBody returns the body of a request whose answer goes to w.
func NewBody(w http.ResponseWriter, r *http.Request, limit int64) *Body {
	return &Body{from: NewSlowReader(w, http.MaxBytesReader(w, r.Body, limit))}
}

// Read reads from the body.
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

// Close removes the deadline of the connection, which may carry further requests.
func (b *Body) Close() { b.from.Close() }

// Within limits the time for the whole body, from now.
func (b *Body) Within(d time.Duration) { b.from.Within(d) }

// Broken returns the error of reading the body: a *http.MaxBytesError, a *TooLongError,
// io.ErrUnexpectedEOF if it broke off, or nil.
func (b *Body) Broken() error { return b.broken }

// Prefer returns the error of reading the body, or else the given one, which may be a consequence.
func (b *Body) Prefer(err error) error {
	if b.broken != nil {
		return b.broken
	}
	return err
}
