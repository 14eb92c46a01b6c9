package web

import (
	"context"
	"log/slog"
	"time"

	"taskport/internal/failpoint"
	"taskport/store"
)

// FinalTimeout limits the work after an action is done, whether or not its request is still open.
const FinalTimeout = 5 * time.Second

// Enqueuer is the part of the queue that passes an import to the workers.
type Enqueuer interface {
	EnqueueAll(ctx context.Context, refs []store.ChunkRef) error
}

// Handover passes imports to the workers.
type Handover struct {
	Store    *store.Store
	Queue    Enqueuer
	Dispatch store.Dispatch
	Logger   *slog.Logger
}

// Begin enqueues the first chunks of an import, as far as its workspace may have more in the queue.
// If that fails, the sweeper does it, since the import is in the store.
func (h Handover) Begin(ctx context.Context, i store.Import) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), FinalTimeout)
	defer cancel()
	err := failpoint.At(ctx, failpoint.BeforeEnqueue, i.ID, 0)
	var due []store.ChunkRef
	if err == nil {
		due, err = h.Store.DueOf(ctx, i.WorkspaceID, h.Dispatch)
	}
	if err == nil {
		err = h.Queue.EnqueueAll(ctx, due)
	}
	if err == nil {
		err = failpoint.At(ctx, failpoint.AfterEnqueue, i.ID, 0)
	}
	if err != nil {
		h.Logger.WarnContext(ctx, "chunks left to the sweeper", slog.String("import", i.ID.String()), slog.Any("error", err))
	}
}
