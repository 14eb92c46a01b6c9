package worker

import (
	"context"
	"log/slog"
	"time"
)

// forgetTimeout bounds the dropping of what is past its time, which may be files of gigabytes.
const forgetTimeout = 10 * time.Minute

// forgetUntil drops what is past its time until ctx ends. It is no part of the sweep: nobody waits for it.
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
