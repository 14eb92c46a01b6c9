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

// transitionOf returns the handler of a transition of the import in the path. It answers with the
// job: 200, or 202 if the import continues.
func (s *server) transitionOf(transition func(context.Context, uuid.UUID, uuid.UUID, store.Actor,
	*store.Idempotency) (store.Import, error),
) handler {
	return func(r *request) (*answer, error) {
		id, err := importIDOfPath(r)
		if err != nil {
			return nil, err
		}
		if err := s.nothing(r); err != nil {
			return nil, err
		}
		i, err := transition(r.Context(), r.key.WorkspaceID, id, actorOf(r), r.idem)
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
		return s.afterTransition(r, i, status), nil
	}
}

// actorOf returns the key of the request as the actor of a change.
func actorOf(r *request) store.Actor { return r.key.Actor() }

// afterTransition returns the job. The transition is already stored, so this never fails. A client
// that has gone gets the answer by its Idempotency-Key.
func (s *server) afterTransition(r *request, i store.Import, status int) *answer {
	return s.afterDecision(r, store.Correcting{Import: i}, status)
}

// afterDecision returns the job as afterTransition does, with the id of the decision if there is
// one.
func (s *server) afterDecision(r *request, d store.Correcting, status int) *answer {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), web.FinalTimeout)
	defer cancel()
	job, err := s.wholeJob(ctx, d.Import)
	if err != nil {
		s.Logger.WarnContext(ctx, "job shown without its lists", slog.Any("error", err))
		job = showJob(d.Import)
	}
	if d.Decision != uuid.Nil {
		job.DecisionID = &d.Decision
	}
	return data(status, job).with("Location", jobPath(d.Import.ID))
}
