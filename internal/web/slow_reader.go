package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Quota is how many bytes of a body, or its rest, a client has to send in every Idle of waiting for
// it.
const Quota = 16 << 10

// SlowReader lets a client take as long as it likes to send a body, as long as it goes on sending.
// The time that the server spends between reads is not the client's.
type SlowReader struct {
	from    io.Reader
	control *http.ResponseController
	spent   time.Duration // waiting for the client, since the last Quota bytes
	got     int
	until   time.Time     // when all of the body has to be there; zero for no bound
	allowed time.Duration // that it was given until then
}

// NewSlowReader returns a reader of the body of a request, which is answered by w.
func NewSlowReader(w http.ResponseWriter, body io.Reader) *SlowReader {
	return &SlowReader{from: body, control: http.NewResponseController(w)}
}

// Read reads on. The error is that of the body; a client that has used up its time is cut off.
func (r *SlowReader) Read(p []byte) (int, error) {
	began := time.Now()
	deadline := began.Add(Idle - r.spent)
	if !r.until.IsZero() && r.until.Before(deadline) {
		deadline = r.until
	}
	_ = r.control.SetReadDeadline(deadline) // not supported outside a real connection
	n, err := r.from.Read(p)
	if r.late(err) {
		err = &TooLongError{After: r.allowed}
	}
	r.spent += time.Since(began)
	if r.got += n; r.got >= Quota {
		r.got, r.spent = 0, 0
	}
	if err != nil {
		r.Close()
	}
	return n, err
}

// late reports whether the body took too long as a whole: it goes on, or the connection was cut off
// for that.
func (r *SlowReader) late(err error) bool {
	return !r.until.IsZero() && (err == nil || errors.Is(err, os.ErrDeadlineExceeded)) && !time.Now().Before(r.until)
}

// Within bounds how long the body may take as a whole, from now on.
func (r *SlowReader) Within(d time.Duration) { r.until, r.allowed = time.Now().Add(d), d }

// TooLongError says that a body was not there in the time that it may take as a whole.
type TooLongError struct{ After time.Duration }

func (e *TooLongError) Error() string { return "the body took longer than " + e.After.String() }

// Close takes the bound off the connection: what comes now may wait for something else than the
// client. Read does so itself at the end of the body, and where that breaks off.
func (r *SlowReader) Close() { _ = r.control.SetReadDeadline(time.Time{}) }
