// Package web reads from clients that may send slowly, and writes to clients that may read slowly,
// or not at all.
package web

import (
	"io"
	"net/http"
	"slices"
	"time"
)

// Idle is how long a client may let an answer wait, or the server for its body.
const Idle = 30 * time.Second

// piece is how many bytes of an answer are written at once: a client that reads slowly has its time
// for each.
const piece = 64 << 10

// SlowWriter takes its time with a client that reads, and returns up on one that does not.
type SlowWriter struct {
	to      io.Writer
	control *http.ResponseController
	idle    time.Duration
}

// NewSlowWriter returns a writer to a client, who may let each piece wait for so long. Close ends
// it.
func NewSlowWriter(w http.ResponseWriter, idle time.Duration) *SlowWriter {
	return &SlowWriter{to: w, control: http.NewResponseController(w), idle: idle}
}

// Write sends bytes in pieces. The error is that of the connection; a client that has used up its
// time is gone.
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

// Close takes the bound off the connection, which may carry further requests.
func (w *SlowWriter) Close() { _ = w.control.SetWriteDeadline(time.Time{}) }

// wait returns the client its time anew.
func (w *SlowWriter) wait() {
	_ = w.control.SetWriteDeadline(time.Now().Add(w.idle)) // not supported outside a real connection
}
