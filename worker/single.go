package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"taskport/importer"
	"taskport/internal/failpoint"
	"taskport/store"
	"taskport/worker/queue"
)

// The bounds of a batch of singles. One single may have more bytes.
const (
	maxSingles     = 1000
	maxSingleBytes = 4 << 20
)

// laneRun is how long a worker continues with the singles of one workspace before others have a
// turn.
const laneRun = 500 * time.Millisecond

// newLaneServer takes lanes off their queue.
func (w *Worker) newLaneServer() *asynq.Server {
	return asynq.NewServerFromRedisClient(w.Redis, asynq.Config{Concurrency: w.Concurrency,
		Queues:            map[string]int{queue.Lanes(w.Queue): 1},
		TaskCheckInterval: pollInterval, ShutdownTimeout: w.Grace, Logger: asynqLogger{w.Logger}, LogLevel: asynq.WarnLevel})
}

// handleLane is called by asynq for each wake-up. It never asks asynq for a retry: the store holds
// what is left to do.
func (w *Worker) handleLane(ctx context.Context, t *asynq.Task) error {
	ref, err := queue.ReadLane(t)
	if err != nil {
		w.Logger.ErrorContext(ctx, "unreadable job dropped", slog.Any("error", err))
		return nil
	}
	if err := w.ProcessLane(ctx, ref); err != nil && !errors.Is(err, context.Canceled) {
		w.Logger.ErrorContext(ctx, "singles failed", slog.String("workspace", ref.WorkspaceID.String()),
			slog.Any("error", err))
	}
	return nil
}

// ProcessLane works on the waiting singles of a workspace, batch by batch, until none is left or
// laneRun is over. A wake-up that comes late, twice, or while another worker has the lane does
// nothing.
func (w *Worker) ProcessLane(ctx context.Context, ref store.LaneRef) error {
	l, err := w.claimLane(ctx, ref)
	if err != nil || l == nil {
		return err
	}
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go w.keepLease(held, cancel, func(ctx context.Context, due bool) error {
		if !due {
			return nil
		}
		return w.Store.RenewLane(ctx, l, w.Lease)
	})
	again, err := w.workLane(held, l)
	if errors.Is(context.Cause(held), store.ErrFenced) || errors.Is(err, store.ErrFenced) {
		return nil // another worker has the lane
	}
	cancel(nil)
	final, done := context.WithTimeout(context.WithoutCancel(ctx), finalTimeout)
	defer done()
	switch {
	case err != nil:
		away := errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable)
		delay := firstDelay
		if errors.Is(err, context.Canceled) {
			delay = 0
		}
		return errors.Join(err, ignoreFenced(w.finally(ctx, func(ctx context.Context) error {
			return w.Store.ReturnLane(ctx, l, delay, !away)
		})))
	case again:
		ref, err := w.Store.YieldLane(final, l)
		if err != nil {
			return ignoreFenced(err)
		}
		return w.queue.EnqueueLanes(final, []store.LaneRef{ref})
	}
	return nil
}

// claimLane claims the lane. It waits for an unavailable database, since the queue delivers the
// wake-up only once.
func (w *Worker) claimLane(ctx context.Context, ref store.LaneRef) (*store.Lane, error) {
	for {
		once, cancel := context.WithTimeout(ctx, w.queryTimeout)
		l, err := w.Store.ClaimLane(once, ref, w.Lease)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) || !w.waitWorking(ctx, databasePause) {
			return l, err
		}
	}
}

// workLane works on batches of singles. It reports whether singles are left when laneRun is over;
// otherwise the lane has ended.
func (w *Worker) workLane(ctx context.Context, l *store.Lane) (left bool, err error) {
	for began := time.Now(); ; {
		if w.isStopping() {
			return false, context.Canceled
		}
		n, err := w.workSingles(ctx, l)
		if err != nil {
			return false, err
		}
		if n == 0 {
			ended, err := w.Store.EndLane(ctx, l)
			if err != nil || ended {
				return false, err
			}
		}
		if time.Since(began) > laneRun {
			return true, nil
		}
	}
}

// workSingles works on the next batch, and returns the number of its singles. After claims that
// ended nothing, a single probably kills its worker: batches become smaller, down to one, and that
// one is parked.
func (w *Worker) workSingles(ctx context.Context, l *store.Lane) (int, error) {
	for repeat := 1; ; repeat++ {
		most := max(1, maxSingles>>(2*(max(1, l.Tries)-1)))
		all, err := w.Store.WaitingSingles(ctx, l, most, maxSingleBytes)
		if err != nil || len(all) == 0 {
			return 0, err
		}
		if l.Tries > w.MaxAttempts {
			err = w.Store.FailSingle(ctx, l, all[0], errAttemptsExhausted.Error(), 0, true)
		} else {
			err = w.sameOptions(ctx, l, all)
		}
		if err == nil {
			l.Tries = 1
			return len(all), nil
		}
		again := errors.Is(err, store.ErrRetry) || errors.Is(err, store.ErrExists)
		if !again || repeat == maxRepeats {
			return 0, err
		}
	}
}

// sameOptions works on each run of singles with the same options.
func (w *Worker) sameOptions(ctx context.Context, l *store.Lane, all []store.Single) error {
	for from := 0; from < len(all); {
		to := from + 1
		for to < len(all) && all[to].Options == all[from].Options {
			to++
		}
		if err := w.splitFaults(ctx, l, all[from:to]); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// splitFaults takes singles through the pipeline. When that fails for a reason that may lie in one
// of them, it splits the batch and tries the parts; one that fails alone is tried again later, or
// parked.
func (w *Worker) splitFaults(ctx context.Context, l *store.Lane, all []store.Single) error {
	err := w.attemptSingles(ctx, l, all)
	switch {
	case err == nil || ctx.Err() != nil:
		return err
	case errors.Is(err, store.ErrFenced), errors.Is(err, store.ErrUnavailable), errors.Is(err, store.ErrRetry),
		errors.Is(err, store.ErrExists), errors.Is(err, context.Canceled):
		return err
	case len(all) == 1:
		n := all[0]
		w.Logger.ErrorContext(ctx, "single failed", slog.String("import", n.ID.String()), slog.Int("try", n.Tries+1),
			slog.Any("error", err))
		return w.Store.FailSingle(ctx, l, n, err.Error(), min(firstDelay<<n.Tries, longestDelay), n.Tries+1 >= w.MaxAttempts)
	}
	half := len(all) / 2
	if err := w.splitFaults(ctx, l, all[:half]); err != nil {
		return err
	}
	return w.splitFaults(ctx, l, all[half:])
}

// attemptSingles runs the pipeline of singles with the same options as one batch: decode → map →
// validate → resolve → create | dead letter, the last two in one transaction.
func (w *Worker) attemptSingles(ctx context.Context, l *store.Lane, all []store.Single) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	began, lap := time.Now(), stopwatch()
	var took stages
	if err := failpoint.At(ctx, failpoint.Claimed, all[0].ID, 0); err != nil {
		return err
	}
	options, err := all[0].ReadOptions()
	if err != nil {
		return err
	}
	lines, nows := make([][]byte, len(all)), make([]time.Time, len(all))
	for n := range all {
		lines[n], nows[n] = all[n].Line, all[n].CreatedAt
	}
	batch, err := importer.ReadTasks(lines, nows)
	if err != nil {
		return err
	}
	took.read = lap()
	if w.beforeSingles != nil {
		w.beforeSingles(all)
	}
	resolver, err := w.Store.LaneResolver(ctx, l)
	if err != nil {
		return err
	}
	linking, cancel := w.untilStopping(ctx)
	err = batch.Resolve(linking, resolver, options)
	cancel()
	if err != nil {
		return err
	}
	took.view = resolver.Asked()
	took.link = lap() - took.view
	if err := failpoint.At(ctx, failpoint.Linked, all[0].ID, 0); err != nil {
		return err
	}
	took.wrote, err = w.Store.FinishSingles(ctx, l, all, batch, options, resolver.Version)
	took.commit = took.wrote.Commit
	took.write = lap() - took.commit
	if err != nil {
		return err
	}
	w.metrics.done(importer.Tasks, took.wrote, took)
	w.Logger.InfoContext(ctx, "singles done", slog.String("workspace", l.WorkspaceID.String()), slog.Int("singles",
		len(all)), slog.Int("created", took.wrote.Created), slog.Int("updated", took.wrote.Updated), slog.Int("skipped",
		took.wrote.Skipped), slog.Int("rejected", took.wrote.Rejected), slog.Duration("took", time.Since(began)), took.attr())
	return failpoint.At(ctx, failpoint.AfterCommit, all[0].ID, 0)
}

// wakeLanes queues the lanes whose singles wait without a wake-up; see SweepOnce.
func (w *Worker) wakeLanes(ctx context.Context, emptied bool) (int, error) {
	due, err := w.Store.DueLanes(ctx, emptied)
	if err != nil {
		return 0, err
	}
	if err := failpoint.At(ctx, failpoint.AfterSweep, uuid.Nil, len(due)); err != nil {
		return 0, err
	}
	return len(due), w.queue.EnqueueLanes(ctx, due)
}
