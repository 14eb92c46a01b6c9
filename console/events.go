package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/internal/web"
	"taskport/store"
)

const (
	// maxStreams bounds the pages of a process that are kept up to date.
	maxStreams = 500
	// quietStream is how long a stream may be silent before a comment keeps its connection alive.
	quietStream = 15 * time.Second
	// listPause is how long the stream of the list waits before it looks again.
	listPause = 700 * time.Millisecond
	// listOverlap is how far it looks back: a small import may begin and end between two looks, and clocks differ.
	listOverlap = 3 * time.Second
	// mostFollowed is how many imports the list follows at a time.
	mostFollowed = 20
)

// events answers with a stream. Who comes when all are taken is told to come back later.
func (s *server) events(r *request, follow func(w *web.SlowWriter) error) *answer {
	return &answer{status: http.StatusOK, header: map[string]string{"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}, stream: func(w *web.SlowWriter) error {
		select {
		case s.streams <- struct{}{}:
			defer func() { <-s.streams }()
		default:
			_, err := io.WriteString(w, "retry: 10000\n\n")
			return err
		}
		if _, err := io.WriteString(w, "retry: 1000\n\n"); err != nil {
			return err
		}
		if err := w.Flush(); err != nil {
			return err
		}
		err := follow(w)
		if r.Context().Err() != nil || errors.Is(err, store.ErrUnavailable) || errors.Is(err, errNoSession) {
			return nil // the browser has gone, comes back by itself, or must not
		}
		return err
	}}
}

// change is a part of a page that takes the place of the element with its id; last says that nothing follows.
type change struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
	Last bool   `json:"last,omitempty"`
}

func (c change) send(w *web.SlowWriter) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a change: %w", err)
	}
	if _, err := fmt.Fprintf(w, "data: %s\n\n", text); err != nil {
		return err
	}
	return w.Flush()
}

// importEvents keeps the numbers of one import's page up to date until it has ended.
func (s *server) importEvents(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return s.events(r, func(w *web.SlowWriter) error {
		said := time.Now()
		return s.Store.Follow(r.Context(), i.WorkspaceID, i.ID, s.Stopping, func(i store.Import, moved bool) error {
			if _, _, err := s.readSession(r.Request); err != nil {
				return err
			}
			if !moved && time.Since(said) < quietStream && i.Status == store.Queued {
				return nil
			}
			said = time.Now()
			html, err := s.pages.fragment("import.html", "numbers", progressOf(i, s.Now()))
			if err != nil {
				return err
			}
			return change{ID: "numbers", HTML: html, Last: i.Status.Final()}.send(w)
		})
	}), nil
}

// importsEvents keeps the rows of the list up to date: of imports that move, and once more of those that have ended.
func (s *server) importsEvents(r *request) (*answer, error) {
	workspace := r.in.key.WorkspaceID
	return s.events(r, func(w *web.SlowWriter) error {
		moving, said, looked := map[uuid.UUID]bool{}, time.Now(), s.Now().Add(-listOverlap)
		for {
			if _, _, err := s.readSession(r.Request); err != nil {
				return err
			}
			since := looked
			looked = s.Now().Add(-listOverlap)
			sent, err := s.sendMoving(r, w, workspace, since, moving)
			if err != nil {
				return err
			}
			if sent > 0 {
				said = time.Now()
			}
			if time.Since(said) > quietStream {
				if _, err := io.WriteString(w, ":\n\n"); err != nil {
					return err
				}
				if err := w.Flush(); err != nil {
					return err
				}
				said = time.Now()
			}
			select {
			case <-r.Context().Done():
				return nil
			case <-s.Stopping:
				return nil
			case <-time.After(listPause):
			}
		}
	}), nil
}

// sendMoving sends the rows of the imports that move, and of those that did the last time, and gives their number.
func (s *server) sendMoving(r *request, w *web.SlowWriter, workspace uuid.UUID, since time.Time, moving map[uuid.UUID]bool) (int, error) {
	now, err := s.Store.MovingImports(r.Context(), workspace, since, mostFollowed)
	if err != nil {
		return 0, err
	}
	there := map[uuid.UUID]bool{}
	for _, i := range now {
		there[i.ID] = true
	}
	for id := range moving {
		if !there[id] {
			ended, err := s.Store.Import(r.Context(), workspace, id)
			if err != nil {
				return 0, err
			}
			now = append(now, ended)
		}
	}
	clear(moving)
	for _, i := range now {
		html, err := s.pages.fragment("imports.html", "import-row", progressOf(i, s.Now()))
		if err != nil {
			return 0, err
		}
		if err := (change{ID: "import-" + i.ID.String(), HTML: html}).send(w); err != nil {
			return 0, err
		}
		if !i.Status.Final() {
			moving[i.ID] = true
		}
	}
	if len(now) > 0 {
		err = s.sendTabs(r.Context(), w, workspace)
	}
	return len(now), err
}

// sendTabs sends how many imports there are in each state by now.
func (s *server) sendTabs(ctx context.Context, w *web.SlowWriter, workspace uuid.UUID) error {
	counts, err := s.stateCounts(ctx, workspace, "")
	if err != nil {
		return err
	}
	html, err := s.pages.fragment("imports.html", "tabs", counts)
	if err != nil {
		return err
	}
	return change{ID: "tabs", HTML: html}.send(w)
}
