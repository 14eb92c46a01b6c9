package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"taskport/store"
)

const (
	// maxStreams is the most open streams of a server.
	maxStreams = 500
	// quietStream is how long a stream may be silent before a comment keeps its connection alive.
	quietStream = 15 * time.Second
	// comeBack is how long a client waits before it reconnects to a stream, in milliseconds.
	comeBack = 1000
)

// EventHeader returns the headers of a stream of server-sent events.
func EventHeader() map[string]string {
	return map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
}

// Streams limits the open streams of events of a server. It is safe for concurrent use.
type Streams struct{ open chan struct{} }

// NewStreams returns Streams with the default limit.
func NewStreams() *Streams { return &Streams{open: make(chan struct{}, maxStreams)} }

// ErrStreamEnded ends a stream whose client must not reconnect: its key or session has ended.
var ErrStreamEnded = errors.New("the stream's key or session has ended")

// Serve sends the events of follow to the client of r. If all streams are taken, it asks the client
// to come back later.
func (s *Streams) Serve(r *http.Request, w *SlowWriter, follow func(*Events) error) error {
	select {
	case s.open <- struct{}{}:
		defer func() { <-s.open }()
	default:
		_, err := fmt.Fprintf(w, "retry: %d\n: too many streams are open; come back later\n\n", 10*comeBack)
		return err
	}
	e := &Events{w: w, sent: time.Now()}
	if err := e.write(fmt.Sprintf("retry: %d\n\n", comeBack)); err != nil {
		return err
	}
	err := follow(e)
	if r.Context().Err() != nil || errors.Is(err, store.ErrUnavailable) || errors.Is(err, ErrStreamEnded) {
		return nil // the client has gone, reconnects by itself, or must not
	}
	return err
}

// Events is one stream.
type Events struct {
	w    *SlowWriter
	sent time.Time
}

// Quiet reports whether the stream has been silent for so long that its connection needs a comment.
func (e *Events) Quiet() bool { return time.Since(e.sent) >= quietStream }

// Beat sends a comment if the stream has been quiet.
func (e *Events) Beat() error {
	if !e.Quiet() {
		return nil
	}
	return e.write(":\n\n")
}

// Send sends an event; name is empty for a plain message. data is one line.
func (e *Events) Send(name string, data []byte) error {
	text := ""
	if name != "" {
		text = "event: " + name + "\n"
	}
	return e.write(text + "data: " + string(data) + "\n\n")
}

func (e *Events) write(text string) error {
	e.sent = time.Now()
	if _, err := io.WriteString(e.w, text); err != nil {
		return err
	}
	return e.w.Flush()
}
