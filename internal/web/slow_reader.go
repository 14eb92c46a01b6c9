package web

import (
	"io"
	"net/http"
	"time"
)

// Quota is how many bytes of a body, or its rest, a client has to send in every Idle of waiting for it.
const Quota = 16 << 10

// SlowReader lets a client take as long as it likes to send a body, as long as it goes on sending. The time that the server spends between reads is not the client's.
type SlowReader struct {
	from    io.Reader
	control *http.ResponseController
	spent   time.Duration // waiting for the client, since the last Quota bytes
	got     int
}

// NewSlowReader gives a reader of the body of a request, which is answered by w.
func NewSlowReader(w http.ResponseWriter, body io.Reader) *SlowReader {
	return &SlowReader{from: body, control: http.NewResponseController(w)}
}

// Read reads on. The error is that of the body; a client that has used up its time is cut off.
func (r *SlowReader) Read(p []byte) (int, error) {
	began := time.Now()
	_ = r.control.SetReadDeadline(began.Add(Idle - r.spent)) // not supported outside a real connection
	n, err := r.from.Read(p)
	r.spent += time.Since(began)
	if r.got += n; r.got >= Quota {
		r.got, r.spent = 0, 0
	}
	if err != nil {
		r.Close()
	}
	return n, err
}

// Close takes the bound off the connection: what comes now may wait for something else than the client. Read does so itself at the end of the body, and where that breaks off.
func (r *SlowReader) Close() { _ = r.control.SetReadDeadline(time.Time{}) }
