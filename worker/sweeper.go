package worker

import (
	"context"
	"log/slog"
	"time"

	"github.com/google/uuid"

	"taskport/internal/failpoint"
)

// sweepUntil runs the sweeper until ctx ends. It is the only path by which anything is repaired: a
// flushed queue, a dead worker, a process that died between commit and enqueue, an acknowledgement
// that got lost.
func (w *Worker) sweepUntil(ctx context.Context) {
	for {
		if n, err := w.SweepOnce(ctx); err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "sweep failed; it is tried again", slog.Any("error", err))
		} else if n > 0 {
			w.Logger.InfoContext(ctx, "chunks handed to the queue again", slog.Int("chunks", n))
		}
		if !wait(ctx, w.Sweep) {
			return
		}
	}
}

// SweepOnce ends imports that are through and hands over the chunks that ought to be in the queue;
// it returns their number.
func (w *Worker) SweepOnce(ctx context.Context) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, w.queryTimeout)
	defer cancel()
	if err := w.queue.Ping(ctx); err != nil {
		return 0, err // what is marked as handed over must have a chance to get there
	}
	if err := failpoint.At(ctx, failpoint.BeforeSweep, uuid.Nil, 0); err != nil {
		return 0, err
	}
	emptied, err := w.queue.Emptied(ctx)
	if err != nil {
		return 0, err
	}
	w.refill = w.refill || emptied
	due, swept, err := w.Store.Sweep(ctx, w.Dispatch, w.refill)
	if err != nil {
		return 0, err
	}
	w.refill = w.refill && !swept
	if err := failpoint.At(ctx, failpoint.AfterSweep, uuid.Nil, len(due)); err != nil {
		return 0, err
	}
	return len(due), w.queue.EnqueueAll(ctx, due)
}

// forgetTimeout bounds the dropping of what is past its time, which may be files of gigabytes.
const forgetTimeout = 10 * time.Minute

// forgetUntil drops what is past its time until ctx ends. It is no part of the sweep: nobody waits
// for it.
func (w *Worker) forgetUntil(ctx context.Context) {
	for {
		once, cancel := context.WithTimeout(ctx, forgetTimeout)
		err := w.Store.Forget(once)
		cancel()
		if err != nil && ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "what is past its time not dropped; it is tried again", slog.Any("error", err))
		}
		if !wait(ctx, w.Sweep) {
			return
		}
	}
}
