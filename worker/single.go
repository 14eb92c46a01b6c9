package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"taskport/internal/failpoint"
	"taskport/store"
	"taskport/worker/queue"
)

// The bounds of a batch of singles, which is taken from several lanes. One single may have more
// bytes.
const (
	maxSingles     = 2000
	maxSingleBytes = 8 << 20
	maxLanes       = 100
)

// Times of the work on singles.
const (
	// shortPause and longPause are the time from the begin of a batch that was not full to the next
	// one, so that singles which arrive one by one are worked on together: the short one after a
	// batch of at most fewSingles, whose senders perhaps wait for them.
	shortPause = 20 * time.Millisecond
	longPause  = 80 * time.Millisecond
	fewSingles = 20
	// batchLinking is how long a batch waits for a lane to be linked, for instance because its
	// directory is being read. A lane that takes longer is worked on aside.
	batchLinking = 100 * time.Millisecond
	// suspectPause is the time between two suspect lanes while others have work.
	suspectPause = 100 * time.Millisecond
	// laneRun is how long a lane is worked on aside before it may join the others again.
	laneRun = 500 * time.Millisecond
)

// newLaneServer takes wake-ups off their queue.
func (w *Worker) newLaneServer() *asynq.Server {
	return asynq.NewServerFromRedisClient(w.Redis, asynq.Config{Concurrency: 1,
		Queues:            map[string]int{queue.Singles(w.Queue): 1},
		TaskCheckInterval: pollInterval, ShutdownTimeout: w.Grace, Logger: asynqLogger{w.Logger}, LogLevel: asynq.WarnLevel})
}

// handleWake is called by asynq for each wake-up. The store holds what is left to do.
func (w *Worker) handleWake(context.Context, *asynq.Task) error {
	w.wakeUp()
	return nil
}

// wakeUp makes workSinglesUntil look for waiting singles once more.
func (w *Worker) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default: // it will look anyway
	}
}

// workSinglesUntil works on waiting singles whenever it is woken, until ctx ends. What runs then
// may take Grace to finish.
func (w *Worker) workSinglesUntil(ctx context.Context) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(w.Grace, cancel) })()
	defer w.aside.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.wake:
		}
		if err := w.WorkSingles(working); err != nil && !errors.Is(err, context.Canceled) {
			w.Logger.ErrorContext(ctx, "singles failed", slog.Any("error", err))
		}
	}
}

// WorkSingles works on waiting singles, batch by batch, until it finds none that is not another
// worker's. Some lanes may still be worked on aside when it returns.
func (w *Worker) WorkSingles(ctx context.Context) error {
	var after uuid.UUID
	var suspected time.Time
	for !w.isStopping() {
		began := time.Now()
		lanes, err := w.claimLanes(ctx, func(ctx context.Context) ([]*store.Lane, error) {
			return w.Store.ClaimLanes(ctx, after, maxLanes, w.Lease)
		})
		if err != nil {
			return err
		}
		n, full := w.workBatch(ctx, lanes)
		var suspects []*store.Lane
		if len(lanes) == 0 || time.Since(suspected) > suspectPause {
			suspected = time.Now()
			if suspects, err = w.claimLanes(ctx, func(ctx context.Context) ([]*store.Lane, error) {
				return w.Store.ClaimSuspect(ctx, w.Lease)
			}); err != nil {
				return err
			}
			w.workAside(ctx, suspects...)
		}
		switch {
		case len(lanes) == maxLanes: // next are those behind them
			after = lanes[maxLanes-1].WorkspaceID
		case after != uuid.Nil:
			after = uuid.Nil
		case len(lanes)+len(suspects) == 0:
			return nil
		}
		pause := longPause
		if n <= fewSingles {
			pause = shortPause
		}
		if !full {
			w.waitWorking(ctx, pause-time.Since(began))
		}
	}
	return context.Canceled
}

// claimLanes claims lanes. It waits for an unavailable database, since the queue delivers a wake-up
// only once.
func (w *Worker) claimLanes(ctx context.Context,
	claim func(context.Context) ([]*store.Lane, error)) ([]*store.Lane, error) {
	for {
		once, cancel := context.WithTimeout(ctx, w.queryTimeout)
		all, err := claim(once)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) || !w.waitWorking(ctx, databasePause) {
			return all, err
		}
	}
}

// workBatch works on the singles of lanes in one transaction. It returns their number, and whether
// more may wait. A lane that is slow or at fault is worked on aside; all of them are when the
// transaction fails.
func (w *Worker) workBatch(ctx context.Context, lanes []*store.Lane) (singles int, full bool) {
	if len(lanes) == 0 {
		return 0, false
	}
	once, cancel := context.WithTimeout(ctx, w.Lease/2) // nobody extends the leases
	defer cancel()
	lap := stopwatch()
	var took stages
	each := max(1, maxSingles/len(lanes))
	all, err := w.Store.WaitingSingles(once, lanes, each, maxSingleBytes/len(lanes))
	if err != nil {
		w.Logger.WarnContext(ctx, "waiting singles not read", slog.Any("error", err))
		w.workAside(ctx, lanes...)
		return 0, false
	}
	singles = len(all)
	took.claim = lap()
	aside, ready := map[*store.Lane]bool{}, []*store.LaneBatch(nil)
	linked := make(chan *store.LaneBatch, len(lanes))
	for _, l := range lanes {
		n := 0
		for n < len(all) && all[n].WorkspaceID == l.WorkspaceID {
			n++
		}
		own := all[:n]
		all, full, aside[l] = all[n:], full || n == each, true
		go func() { linked <- w.linkLane(once, l, own) }()
	}
	limit := time.NewTimer(batchLinking)
	defer limit.Stop()
	for n := 0; n < len(lanes); n++ {
		select {
		case b := <-linked:
			if b != nil {
				delete(aside, b.Lane)
				ready = append(ready, b)
			}
		case <-limit.C:
			n = len(lanes)
		}
	}
	took.link = lap()
	if err := w.finishSingles(once, ready, true, &took); err != nil {
		w.Logger.WarnContext(ctx, "singles of several workspaces failed together", slog.Int("workspaces", len(ready)),
			slog.Any("error", err))
		for _, b := range ready {
			aside[b.Lane] = true
		}
	}
	w.workAside(ctx, slices.Collect(maps.Keys(aside))...)
	return singles, full
}

// linkLane links the singles of a lane. It returns nil when they cannot be ended with those of
// other lanes: one is at fault, they have different options, or they are gone.
func (w *Worker) linkLane(ctx context.Context, l *store.Lane, all []store.Single) *store.LaneBatch {
	if len(all) == 0 || sameOptions(all) < len(all) {
		return nil
	}
	b, err := w.linkSingles(ctx, l, all)
	if err != nil {
		return nil
	}
	return b
}

// sameOptions returns how many singles have the options of the first.
func sameOptions(all []store.Single) int {
	n := 1
	for n < len(all) && all[n].Options == all[0].Options {
		n++
	}
	return n
}

// linkSingles takes singles with the same options through decode → map → validate → resolve.
func (w *Worker) linkSingles(ctx context.Context, l *store.Lane, all []store.Single) (b *store.LaneBatch, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if err := failpoint.At(ctx, failpoint.Claimed, all[0].ID, 0); err != nil {
		return nil, err
	}
	b = &store.LaneBatch{Lane: l, Singles: all}
	if b.Options, err = all[0].ReadOptions(); err != nil {
		return nil, err
	}
	lines, nows := make([][]byte, len(all)), make([]time.Time, len(all))
	for n := range all {
		lines[n], nows[n] = all[n].Line, all[n].CreatedAt
	}
	if b.Batch, err = b.Options.ReadTasks(lines, nows); err != nil {
		return nil, err
	}
	if w.beforeSingles != nil {
		w.beforeSingles(all)
	}
	resolver := w.Store.LaneResolver(l)
	linking, cancel := w.untilStopping(ctx)
	defer cancel()
	if err := b.Batch.Resolve(linking, resolver, b.Options); err != nil {
		return nil, err
	}
	b.Seen = resolver.Version
	return b, nil
}

// finishSingles writes the outcomes of singles.
func (w *Worker) finishSingles(ctx context.Context, all []*store.LaneBatch, free bool, took *stages) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if len(all) == 0 {
		return nil
	}
	if err := failpoint.At(ctx, failpoint.Linked, all[0].Singles[0].ID, 0); err != nil {
		return err
	}
	lap := stopwatch()
	if took.wrote, err = w.Store.FinishSingles(ctx, all, free); err != nil {
		return err
	}
	took.commit = took.wrote.Commit
	took.write = lap() - took.commit
	w.metrics.singlesDone(took.wrote)
	w.Logger.InfoContext(ctx, "singles done", slog.Int("workspaces", len(all)), slog.Int("created", took.wrote.Created),
		slog.Int("updated", took.wrote.Updated), slog.Int("skipped", took.wrote.Skipped),
		slog.Int("rejected", took.wrote.Rejected), took.attr())
	return failpoint.At(ctx, failpoint.AfterCommit, all[0].Singles[0].ID, 0)
}

// workAside works on each lane apart from the others, on as many at a time as on chunks.
func (w *Worker) workAside(ctx context.Context, lanes ...*store.Lane) {
	for _, l := range lanes {
		w.aside.Go(func() {
			select {
			case w.asideSlots <- struct{}{}:
			case <-ctx.Done():
				return
			}
			defer func() { <-w.asideSlots }()
			if err := w.workLane(ctx, l); err != nil && !errors.Is(err, context.Canceled) {
				w.Logger.ErrorContext(ctx, "singles failed", slog.String("workspace", l.WorkspaceID.String()),
					slog.Any("error", err))
			}
			w.wakeUp() // the lane may have more, whose wake-ups have found it taken
		})
	}
}

// workLane works on the singles of a claimed lane until none is left or laneRun is over, and ends
// the claim.
func (w *Worker) workLane(ctx context.Context, l *store.Lane) error {
	held, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go w.keepLease(held, cancel, func(ctx context.Context, due bool) error {
		if !due {
			return nil
		}
		return w.Store.RenewLane(ctx, l, w.Lease)
	})
	err := w.workHeld(held, l)
	if errors.Is(context.Cause(held), store.ErrFenced) || errors.Is(err, store.ErrFenced) {
		return nil // another worker has the lane
	}
	cancel(nil)
	away := errors.Is(err, context.Canceled) || errors.Is(err, store.ErrUnavailable)
	delay := firstDelay
	if errors.Is(err, context.Canceled) {
		delay = 0
	}
	return errors.Join(err, w.finally(ctx, func(ctx context.Context) error {
		if err == nil {
			return w.Store.FreeLane(ctx, l)
		}
		return w.Store.ReturnLane(ctx, l, delay, !away)
	}))
}

// workHeld works on the singles of a lane, batch by batch.
func (w *Worker) workHeld(ctx context.Context, l *store.Lane) error {
	for began := time.Now(); time.Since(began) < laneRun; {
		if w.isStopping() {
			return context.Canceled
		}
		if n, err := w.workSingles(ctx, l); err != nil || n == 0 {
			return err
		}
	}
	return nil
}

// workSingles works on the next batch of a lane, and returns the number of its singles. After
// claims that ended nothing, a single probably kills its worker: batches become smaller, down to
// one, and that one is parked.
func (w *Worker) workSingles(ctx context.Context, l *store.Lane) (int, error) {
	for repeat := 1; ; repeat++ {
		most := max(1, maxSingles>>(2*(max(1, l.Tries)-1)))
		all, err := w.Store.WaitingSingles(ctx, []*store.Lane{l}, most, maxSingleBytes)
		if err != nil || len(all) == 0 {
			return 0, err
		}
		all = all[:sameOptions(all)]
		if l.Tries > w.MaxAttempts {
			err = w.Store.FailSingle(ctx, l, all[0], errAttemptsExhausted.Error(), 0, true)
		} else {
			err = w.splitFaults(ctx, l, all)
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

// splitFaults takes singles with the same options through the pipeline. When that fails for a
// reason that may lie in one of them, it splits the batch and tries the parts; one that fails alone
// is tried again later, or parked.
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
func (w *Worker) attemptSingles(ctx context.Context, l *store.Lane, all []store.Single) error {
	lap := stopwatch()
	b, err := w.linkSingles(ctx, l, all)
	if err != nil {
		return err
	}
	return w.finishSingles(ctx, []*store.LaneBatch{b}, false, &stages{link: lap()})
}
