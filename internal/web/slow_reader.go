package web

import (
	"errors"
	"io"
	"net/http"
	"os"
	"time"
)

// Quota is how many bytes of a body a client must send, unless it is the rest, in every Idle of
// waiting for it.
const Quota = 16 << 10

// grace is how long a client that sends nothing more is waited for beyond its time. One that still
// sends is refused between two reads: a read that the deadline of the connection cuts off would end
// a chunked body for good, and the rest of it could not be read before the answer.
const grace = time.Second

// SlowReader lets a client send a body for as long as it keeps sending. The time that the server
// spends between reads does not count.
type SlowReader struct {
	from    io.Reader
	control *http.ResponseController
	spent   time.Duration // waiting for the client, since the last Quota bytes
	got     int
	until   time.Time     // deadline of the whole body; zero for none
	allowed time.Duration // the time until the deadline, as it was set
}

// NewSlowReader returns a reader of the body of a request whose answer goes to w.
func NewSlowReader(w http.ResponseWriter, body io.Reader) *SlowReader {
	return &SlowReader{from: body, control: http.NewResponseController(w)}
}

// Read reads from the body. The error is that of the body; a client that has used up its time is
// disconnected.
func (r *SlowReader) Read(p []byte) (int, error) {
	began := time.Now()
	deadline := began.Add(Idle - r.spent)
	if !r.until.IsZero() && r.until.Before(deadline) {
		deadline = r.until
	}
	_ = r.control.SetReadDeadline(deadline.Add(grace)) // not supported outside a real connection
	n, err := r.from.Read(p)
	r.spent += time.Since(began)
	if r.got += n; r.got >= Quota {
		r.got, r.spent = 0, 0
	}
	switch {
	case r.late(err):
		err = &TooLongError{After: r.allowed}
	case err == nil && r.spent >= Idle:
		err = os.ErrDeadlineExceeded
	}
	if err != nil {
		r.Close()
	}
	return n, err
}

// late reports whether the body exceeded its total time, either still arriving or cut off for that.
func (r *SlowReader) late(err error) bool {
	return !r.until.IsZero() && (err == nil || errors.Is(err, os.ErrDeadlineExceeded)) && !time.Now().Before(r.until)
}

// Within limits the time for the whole body, from now.
func (r *SlowReader) Within(d time.Duration) { r.until, r.allowed = time.Now().Add(d), d }

// TooLongError is the error of a body that exceeded its total time.
type TooLongError struct{ After time.Duration }

func (e *TooLongError) Error() string { return "the body took longer than " + e.After.String() }

// Close removes the deadline of the connection, since later reads may wait for something else than
// the client. Read does so itself at the end of the body, and when the body breaks off.
func (r *SlowReader) Close() { _ = r.control.SetReadDeadline(time.Time{}) }
