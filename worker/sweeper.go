package worker

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"taskport/internal/failpoint"
)

// sweepUntil runs the sweeper until ctx ends. It is the only path of repair: after a flushed queue,
// a dead worker, a process that died between commit and enqueue, or a lost acknowledgement.
func (w *Worker) sweepUntil(ctx context.Context) {
	for {
		if err := w.sweepSingles(ctx); err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "waiting singles not looked for; will retry", slog.Any("error", err))
		}
		if n, err := w.SweepOnce(ctx); err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "sweep failed; will retry", slog.Any("error", err))
		} else if n > 0 {
			w.Logger.InfoContext(ctx, "work queued again", slog.Int("jobs", n))
		}
		if !wait(ctx, w.Sweep) {
			return
		}
	}
}

// SweepOnce ends finished imports, queues the chunks that should be in the queue, and returns their
// number.
func (w *Worker) SweepOnce(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, w.queryTimeout)
	defer cancel()
	if err := w.queue.Ping(ctx); err != nil {
		return 0, err // a chunk that is recorded as queued must be able to get there
	}
	if err := failpoint.At(ctx, failpoint.BeforeSweep, uuid.Nil, 0); err != nil {
		return 0, err
	}
	emptied, err := w.queue.Emptied(ctx)
	if err != nil {
		return 0, err
	}
	w.refill = w.refill || emptied
	refill := w.refill
	due, swept, err := w.Store.Sweep(ctx, w.Dispatch, refill)
	if err != nil {
		return 0, err
	}
	w.refill = w.refill && !swept
	if err := failpoint.At(ctx, failpoint.AfterSweep, uuid.Nil, len(due)); err != nil {
		return 0, err
	}
	return len(due), w.queue.EnqueueAll(ctx, due)
}

// sweepSingles wakes this worker if singles wait that no worker has, also without Redis.
func (w *Worker) sweepSingles(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, w.queryTimeout)
	defer cancel()
	due, err := w.Store.MakeLanes(ctx)
	if due {
		w.wakeUp()
	}
	return err
}

// forgetTimeout bounds one mirror of a directory, and one deletion of expired data, which may be
// files of gigabytes.
const forgetTimeout = 10 * time.Minute

// forgetUntil carries out mirrors and retries whose worker has died, and deletes expired data,
// until ctx ends: apart from the sweep, which it must not delay.
func (w *Worker) forgetUntil(ctx context.Context) {
	for {
		once, cancel := context.WithTimeout(ctx, forgetTimeout)
		err := errors.Join(w.Store.MirrorDue(once), w.Store.RetriesDue(once), w.Store.Forget(once, w.Retention))
		cancel()
		if err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "due mirrors, retries or expired data left; will retry", slog.Any("error", err))
		}
		if !wait(ctx, w.Sweep) {
			return
		}
	}
}
