// Package web has the HTTP code that the API and the console share, such as reading from and
// writing to slow clients.
package web

import (
	"io"
	"net/http"
	"slices"
	"time"
)

// Idle is how long a client may delay an answer, or the next part of its body.
const Idle = 30 * time.Second

// piece is how many bytes of an answer are written at once: a slow client has Idle for each.
const piece = 64 << 10

// SlowWriter writes to a slow client, and disconnects one that does not read.
type SlowWriter struct {
	to      io.Writer
	control *http.ResponseController
	idle    time.Duration
}

// NewSlowWriter returns a writer to a client, which may delay each piece by idle. The caller must
// call Close.
func NewSlowWriter(w http.ResponseWriter, idle time.Duration) *SlowWriter {
	return &SlowWriter{to: w, control: http.NewResponseController(w), idle: idle}
}

// Write sends bytes in pieces. The error is that of the connection; a client that has used up its
// time is disconnected.
func (w *SlowWriter) Write(p []byte) (written int, err error) {
	for part := range slices.Chunk(p, piece) {
		w.wait()
		n, err := w.to.Write(part)
		if written += n; err != nil {
			return written, err
		}
	}
	return written, nil
}

// Flush sends what has been written so far.
func (w *SlowWriter) Flush() error {
	w.wait()
	return w.control.Flush()
}

// Close removes the deadline of the connection, which may carry further requests.
func (w *SlowWriter) Close() { _ = w.control.SetWriteDeadline(time.Time{}) }

// wait restarts the client's time.
func (w *SlowWriter) wait() {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle)) // not supported outside a real connection
}
