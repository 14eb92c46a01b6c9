package intake

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"taskport/internal/web"
	"taskport/store"
)

const (
	// maxStreams bounds the clients of a process that follow jobs.
	maxStreams = 500
	// quietStream is how long a stream may be silent before a comment keeps its connection alive.
	quietStream = 15 * time.Second
	// retryStream is how long a client waits before it comes back to a stream that broke off, in milliseconds.
	retryStream = 1000
)

// jobEvents answers GET /v1/import/jobs/{id}/events: the job each time that it has moved, as server-sent events, until it has ended.
func (s *server) jobEvents(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return &answer{status: http.StatusOK, header: map[string]string{"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"},
		stream: func(w *web.SlowWriter) error { return s.followJob(r, i, w) }}, nil
}

func (s *server) followJob(r *request, i store.Import, w *web.SlowWriter) error {
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		_, err := fmt.Fprintf(w, "retry: %d\n: too many streams are open; come back later\n\n", 10*retryStream)
		return err
	}
	if _, err := fmt.Fprintf(w, "retry: %d\n\n", retryStream); err != nil {
		return err
	}
	said := time.Now()
	err := s.Store.Follow(r.Context(), i.WorkspaceID, i.ID, s.Stopping, func(i store.Import, moved bool) error {
		if err := s.stillLive(r); err != nil {
			return err
		}
		if !moved && time.Since(said) < quietStream {
			return nil
		}
		said = time.Now()
		if err := writeEvent(w, i, moved); err != nil {
			return err
		}
		return w.Flush()
	})
	if r.Context().Err() != nil || errors.Is(err, store.ErrUnavailable) || errors.Is(err, errKeyEnded) {
		return nil // the client has gone, or comes back by itself
	}
	return err
}

// errKeyEnded ends a stream whose key no longer lives: who comes back with it is refused.
var errKeyEnded = errors.New("the key of the stream has ended")

func (s *server) stillLive(r *request) error {
	key, _, err := s.Store.KeyWithHash(r.Context(), r.key.WorkspaceID, r.key.ID)
	if err == nil && !key.Live(s.Now()) {
		return errKeyEnded
	}
	return err
}

func writeEvent(w io.Writer, i store.Import, moved bool) error {
	if !moved {
		_, err := io.WriteString(w, ":\n\n")
		return err
	}
	name := "progress"
	if i.Status.Final() {
		name = string(i.Status)
	}
	var job bytes.Buffer
	enc := json.NewEncoder(&job)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(showJobOfList(i)); err != nil {
		return fmt.Errorf("encode the job: %w", err)
	}
	_, err := fmt.Fprintf(w, "event: %s\ndata: %s\n", name, job.Bytes()) // the JSON ends with a line end of its own
	return err
}
