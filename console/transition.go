package console

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// actor is who acts.
func (r *request) actor() store.Actor { return r.in.key.Actor() }

// stepOf takes an import a step further, and leads back to its page.
func (s *server) stepOf(step func(context.Context, uuid.UUID, uuid.UUID, store.Actor,
	*store.Idempotency) (store.Import, error)) handler {
	return func(r *request) (*answer, error) {
		id, err := idOfPath(r)
		if err != nil {
			return nil, err
		}
		i, err := step(r.Context(), r.in.key.WorkspaceID, id, r.actor(), nil)
		if err != nil {
			return nil, err
		}
		s.counts.forget(id)
		return redirect(importPath(id)).saying(s.afterStep(r.Context(), i)), nil
	}
}

// afterStep says what has become of the import.
func (s *server) afterStep(ctx context.Context, i store.Import) string {
	switch {
	case !i.Status.Final():
		s.handover.Begin(ctx, i)
		return s.goesOn(ctx, i)
	case i.Status == store.Cancelled:
		return fmt.Sprintf("Cancelled. In and staying: %s; the rest was not processed.", plural(int(i.Created+i.Updated),
			"row", "rows"))
	case i.Status == store.Undone:
		return fmt.Sprintf("Undone: %s taken back.", plural(int(i.Undone), "task was", "tasks were"))
	}
	return "There was nothing to do."
}

// goesOn waits a moment for the rows that an import takes up again, and says what has become of
// them.
func (s *server) goesOn(ctx context.Context, before store.Import) string {
	rows := before.Rejected + before.Parked
	if rows == 0 {
		return "The import goes on."
	}
	what := plural(int(rows), "row", "rows")
	for end := time.Now().Add(correctWait); time.Now().Before(end) && s.pause(ctx, correctPause); {
		now, err := s.Store.Import(ctx, before.WorkspaceID, before.ID)
		if err != nil {
			break
		}
		if now.Status.Final() {
			return becameText(what+" went through the pipeline once more",
				store.Corrected{Created: int(now.Created - before.Created), Updated: int(now.Updated - before.Updated),
					Skipped: int(now.Skipped - before.Skipped), Rejected: int(now.Rejected)})
		}
	}
	return what + " go through the pipeline once more."
}

// undoPage says what an undo takes back.
type undoPage struct {
	progress
	Token   string
	Changed int64 // tasks that stay
	Back    int64
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
