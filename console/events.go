package console

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/internal/web"
	"taskport/store"
)

const (
	// listPause is the time between two queries for the stream of the list.
	listPause = 700 * time.Millisecond
	// listOverlap is how far a query looks back, because a small import may begin and end between two
	// queries, and clocks differ.
	listOverlap = 3 * time.Second
	// mostFollowed is how many imports the list follows at once.
	mostFollowed = 20
)

// events returns an answer that streams the events of follow.
func (s *server) events(r *request, follow func(*web.Events) error) *answer {
	return &answer{status: http.StatusOK, header: web.EventHeader(),
		stream: func(w *web.SlowWriter) error { return s.streams.Serve(r.Request, w, follow) }}
}

// stillSignedIn ends a stream whose session has ended.
func (s *server) stillSignedIn(r *request) error {
	_, _, err := s.readSession(r.Request)
	if errors.Is(err, errNoSession) {
		return web.ErrStreamEnded
	}
	return err
}

// change replaces the element with its id on a page. Last is true for the last change of a stream.
type change struct {
	ID   string `json:"id"`
	HTML string `json:"html"`
	Last bool   `json:"last,omitempty"`
}

func (c change) send(e *web.Events) error {
	text, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode a change: %w", err)
	}
	return e.Send("", text)
}

// importEvents keeps the numbers of one import's page up to date until it has ended.
func (s *server) importEvents(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	return s.events(r, func(e *web.Events) error {
		return s.Store.Follow(r.Context(), i.WorkspaceID, i.ID, s.Stopping, func(i store.Import, moved bool) error {
			if err := s.stillSignedIn(r); err != nil {
				return err
			}
			if !moved && !e.Quiet() && i.Status == store.Queued {
				return nil
			}
			html, err := s.pages.fragment("import.html", "numbers", progressOf(i, s.Now()))
			if err != nil {
				return err
			}
			return change{ID: "numbers", HTML: html, Last: i.Status.Final()}.send(e)
		})
	}), nil
}

// importsEvents keeps the rows of the list up to date: those of running imports, and once those of
// imports that have ended.
func (s *server) importsEvents(r *request) (*answer, error) {
	workspace := r.in.key.WorkspaceID
	return s.events(r, func(e *web.Events) error {
		moving, looked := map[uuid.UUID]bool{}, s.Now().Add(-listOverlap)
		for {
			if err := s.stillSignedIn(r); err != nil {
				return err
			}
			since := looked
			looked = s.Now().Add(-listOverlap)
			if err := s.sendMoving(r, e, workspace, since, moving); err != nil {
				return err
			}
			if err := e.Beat(); err != nil {
				return err
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

// sendMoving sends the rows of running imports, and of those that were in moving, which it updates.
func (s *server) sendMoving(r *request, e *web.Events, workspace uuid.UUID, since time.Time,
	moving map[uuid.UUID]bool) error {
	now, err := s.Store.MovingImports(r.Context(), workspace, since, mostFollowed)
	if err != nil {
		return err
	}
	there := map[uuid.UUID]bool{}
	for _, i := range now {
		there[i.ID] = true
	}
	for id := range moving {
		if !there[id] {
			ended, err := s.Store.Import(r.Context(), workspace, id)
			if err != nil {
				return err
			}
			now = append(now, ended)
		}
	}
	clear(moving)
	for _, i := range now {
		html, err := s.pages.fragment("imports.html", "import-row", progressOf(i, s.Now()))
		if err != nil {
			return err
		}
		if err := (change{ID: "import-" + i.ID.String(), HTML: html}).send(e); err != nil {
			return err
		}
		if !i.Status.Final() {
			moving[i.ID] = true
		}
	}
	if len(now) == 0 {
		return nil
	}
	return s.sendTabs(r.Context(), e, workspace)
}

// sendTabs sends the number of imports in each state.
func (s *server) sendTabs(ctx context.Context, e *web.Events, workspace uuid.UUID) error {
	counts, err := s.stateCounts(ctx, workspace, "")
	if err != nil {
		return err
	}
	html, err := s.pages.fragment("imports.html", "tabs", counts)
	if err != nil {
		return err
	}
	return change{ID: "tabs", HTML: html}.send(e)
}
