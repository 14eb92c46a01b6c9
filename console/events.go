package console

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"taskport/internal/web"
	"taskport/store"
)

const (
	// watchPause is the time between two looks at what is watched.
	watchPause = 700 * time.Millisecond
	// listOverlap is how far a query looks back, because a small import may begin and end between two
	// queries, and clocks differ.
	listOverlap = movingAge + 3*time.Second
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
	now := s.Now()
	key, there, err := s.watchedKey(r.Context(), r.in.key.WorkspaceID, r.in.key.ID)
	if err == nil && (!there || !key.Live(now) || now.Sub(r.in.begun) > sessionTTL) {
		return web.ErrStreamEnded
	}
	return err
}

// pauseWatching waits for the next look of a stream. It reports false at the end of the request or
// of the process.
func (s *server) pauseWatching(ctx context.Context) bool { return s.pause(ctx, watchPause) }

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
	rows, full := r.URL.Query().Get("rows") != "", false
	return s.events(r, func(e *web.Events) error {
		for first := true; first || s.pauseWatching(r.Context()); first = false {
			if err := s.stillSignedIn(r); err != nil {
				return err
			}
			i, err := s.watchedImport(r.Context(), i.WorkspaceID, i.ID)
			if err != nil {
				return err
			}
			if i.Status == store.Queued && !first && !e.Quiet() {
				continue
			}
			if rows {
				if err := s.sendRows(r, e, i, &full); err != nil {
					return err
				}
			}
			html, err := s.pages.fragment("import.html", "numbers", progressOf(i, s.Now()))
			if err != nil {
				return err
			}
			err = change{ID: "numbers", HTML: html, Last: i.Status.Final()}.send(e)
			if err != nil || i.Status.Final() {
				return err
			}
		}
		return nil
	}), nil
}

// sendRows sends the reasons of a running import and, until the list is full, its rejected rows.
func (s *server) sendRows(r *request, e *web.Events, i store.Import, full *bool) error {
	p := importPage{progress: progressOf(i, s.Now())}
	p.Chart = reasonChart(p.Reasons)
	parts := []string{"reasons"}
	if !*full {
		letters, err := s.watchedLetters(r.Context(), i)
		if err != nil {
			return err
		}
		if err := p.addLines(letters); err != nil {
			return err
		}
		parts, *full = append(parts, "letter-list"), len(letters) == pageRows
	}
	for _, id := range parts {
		html, err := s.pages.fragment("import.html", id, p)
		if err != nil {
			return err
		}
		if err := (change{ID: id, HTML: html}).send(e); err != nil {
			return err
		}
	}
	return nil
}

// importsEvents keeps the rows of the list up to date: those of running imports, and once those of
// imports that have ended.
func (s *server) importsEvents(r *request) (*answer, error) {
	workspace := r.in.key.WorkspaceID
	return s.events(r, func(e *web.Events) error {
		moving := map[uuid.UUID]bool{}
		for first := true; first || s.pauseWatching(r.Context()); first = false {
			if err := s.stillSignedIn(r); err != nil {
				return err
			}
			if err := s.sendMoving(r, e, workspace, moving); err != nil {
				return err
			}
			if err := e.Beat(); err != nil {
				return err
			}
		}
		return nil
	}), nil
}

// sendMoving sends the rows of running imports, and of those that were in moving, which it updates.
func (s *server) sendMoving(r *request, e *web.Events, workspace uuid.UUID, moving map[uuid.UUID]bool) error {
	since := s.Now().Add(-listOverlap)
	now, err := s.watched.moving.get(workspace, func() ([]store.Import, error) {
		return s.Store.MovingImports(r.Context(), workspace, since, mostFollowed)
	})
	if err != nil {
		return err
	}
	now = slices.Clone(now)
	there := map[uuid.UUID]bool{}
	for _, i := range now {
		there[i.ID] = true
	}
	for id := range moving {
		if !there[id] {
			ended, err := s.watchedImport(r.Context(), workspace, id)
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
	counts, err := s.watched.tabs.get(workspace, func() (stateCounts, error) { return s.stateCounts(ctx, workspace, "") })
	if err != nil {
		return err
	}
	html, err := s.pages.fragment("imports.html", "tabs", counts)
	if err != nil {
		return err
	}
	return change{ID: "tabs", HTML: html}.send(e)
}
