package intake

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/google/uuid"

	"taskport/internal/web"
	"taskport/store"
)

// stepOf answers a POST that takes the import of the path a step further: 200 and the job, or 202
// when the import goes on.
func (s *server) stepOf(step func(context.Context, uuid.UUID, uuid.UUID, store.Actor,
	*store.Idempotency) (store.Import, error)) handler {
	return func(r *request) (*answer, error) {
		id, err := importIDOfPath(r)
		if err != nil {
			return nil, err
		}
		if err := s.nothing(r); err != nil {
			return nil, err
		}
		i, err := step(r.Context(), r.key.WorkspaceID, id, actorOf(r), r.idem)
		if errors.Is(err, store.ErrNotFound) {
			return nil, errNotFound("import job")
		}
		if err != nil {
			return nil, err
		}
		status := http.StatusOK
		if !i.Status.Final() {
			status = http.StatusAccepted
			s.handover.Begin(r.Context(), i)
		}
		return s.afterStep(r, i, status), nil
	}
}

// actorOf is who makes the request.
func actorOf(r *request) store.Actor { return r.key.Actor() }

// afterStep answers with the job. The step is taken by now, so this never fails, and a client that
// has gone finds the answer under its Idempotency-Key.
func (s *server) afterStep(r *request, i store.Import, status int) *answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), web.FinalTimeout)
	defer cancel()
	a, err := s.jobAnswer(ctx, i, status)
	if err != nil {
		s.Logger.WarnContext(ctx, "job shown without its lists", slog.Any("error", err))
		return data(status, showJob(i)).with("Location", jobPath(i.ID))
	}
	return a
}
