package console

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// actor returns the actor for the audit.
func (r *request) actor() store.Actor { return r.in.key.Actor() }

// transitionOf returns a handler that applies a transition to an import and redirects to its page.
func (s *server) transitionOf(apply func(context.Context, uuid.UUID, uuid.UUID, store.Actor,
	*store.Idempotency) (store.Import, error)) handler {
	return func(r *request) (*answer, error) {
		id, err := idOfPath(r)
		if err != nil {
			return nil, err
		}
		i, err := apply(r.Context(), r.in.key.WorkspaceID, id, r.actor(), nil)
		if err != nil {
			return nil, err
		}
		s.counts.forget(id)
		return redirect(importPath(id)).saying(s.afterTransition(r.Context(), i)), nil
	}
}

// afterTransition returns the message for an import after a transition.
func (s *server) afterTransition(ctx context.Context, i store.Import) string {
	switch {
	case !i.Status.Final():
		s.handover.Begin(ctx, i)
		return s.retried(ctx, i)
	case i.Status == store.Cancelled:
		return fmt.Sprintf("Cancelled. %s imported; the rest was not processed.",
			plural(int(i.Created+i.Updated), "row was", "rows were"))
	case i.Status == store.Undone:
		return fmt.Sprintf("Undone: %s taken back.", plural(int(i.Undone), "task was", "tasks were"))
	}
	return "There was nothing to do."
}

// retried waits at most correctWait for the rows that an import retries, and returns a message with
// their outcomes.
func (s *server) retried(ctx context.Context, before store.Import) string {
	rows := before.Rejected - before.Dismissed + before.Parked
	if rows == 0 {
		return "The import continues."
	}
	what := plural(int(rows), "row", "rows")
	for end := time.Now().Add(correctWait); time.Now().Before(end) && s.pause(ctx, correctPause); {
		now, err := s.Store.Import(ctx, before.WorkspaceID, before.ID)
		if err != nil {
			break
		}
		if now.Status.Final() {
			return outcomeText(what+" retried",
				store.Corrected{Created: int(now.Created - before.Created), Updated: int(now.Updated - before.Updated),
					Skipped: int(now.Skipped - before.Skipped), Rejected: int(now.Rejected - now.Dismissed)})
		}
	}
	return what + " being retried."
}

// undoPage shows the effect of an undo before it is confirmed.
type undoPage struct {
	progress
	Token   string
	Changed int64 // tasks that stay, because they were changed
	Back    int64 // tasks to be deleted
}

func (s *server) showUndo(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	changed, err := s.Store.ChangedTasks(r.Context(), i.WorkspaceID, i.ID)
	if err != nil {
		return nil, err
	}
	p := undoPage{progress: progressOf(i, s.Now()), Token: r.token, Changed: int64(changed),
		Back: max(i.Created-int64(changed), 0)}
	return &answer{status: http.StatusOK, view: "undo.html", title: "Undo " + shown(i.FileName), data: p}, nil
}

func importPath(id uuid.UUID) string { return Prefix + "imports/" + id.String() }
