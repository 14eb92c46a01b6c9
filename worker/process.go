package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"taskport/importer"
	"taskport/internal/failpoint"
	"taskport/store"
)

// Times for giving a chunk back.
const (
	firstDelay   = time.Second
	longestDelay = time.Minute
	// A transaction that met another one is repeated at once, this many times.
	maxRepeats = 5
	// Final writes run although the worker is being stopped.
	finalTimeout = 5 * time.Second
	// databasePause is how long a worker waits before it asks a database again that was away.
	databasePause = 250 * time.Millisecond
	// watchInterval is how often a worker looks whether the chunk at work was cancelled.
	watchInterval = 500 * time.Millisecond
	// answerTimeout is within which the database answers a question, or is gone: it waits less for
	// any lock. A connection whose other end has vanished is silent, and would be listened to for
	// hours.
	answerTimeout = 30 * time.Second
)

// Process takes one delivery of a chunk: claim, pipeline, and one transaction. A delivery that
// comes late, twice, or while another worker has the chunk does nothing. A fault gives the chunk
// back, and parks it once its attempts are used up.
func (w *Worker) Process(ctx context.Context, ref store.ChunkRef) error {
	started := time.Now()
	claim, err := w.claim(ctx, ref)
	if err != nil {
		return fmt.Errorf("claim: %w", err)
	}
	if claim == nil {
		return failpoint.At(ctx, failpoint.NotClaimed, ref.ImportID, ref.Number)
	}
	claimed := time.Now()
	took := stages{claim: claimed.Sub(started)}
	ctx, span := w.traced(ctx, claim)
	defer span.End()
	workErr := w.work(ctx, claim, &took)
	outcome := chunkDone
	if workErr != nil {
		span.RecordError(workErr)
		span.SetStatus(codes.Error, "given back")
		outcome, workErr = w.release(ctx, claim, workErr)
	}
	w.logClaim(ctx, claim, outcome, time.Since(claimed), &took)
	return errors.Join(workErr, w.moveOn(ctx, claim))
}

// claim takes the chunk, and waits for the database where that is away: the queue would not bring
// the chunk again.
func (w *Worker) claim(ctx context.Context, ref store.ChunkRef) (*store.Claim, error) {
	for {
		c, err := w.claimOnce(ctx, ref)
		if !errors.Is(err, store.ErrUnavailable) || !w.waitWorking(ctx, databasePause) {
			return c, err
		}
	}
}

func (w *Worker) claimOnce(ctx context.Context, ref store.ChunkRef) (*store.Claim, error) {
	ctx, cancel := context.WithTimeout(ctx, w.queryTimeout)
	defer cancel()
	return w.Store.Claim(ctx, ref, w.Lease)
}

// logClaim counts a claim, and writes its one line in the log.
func (w *Worker) logClaim(ctx context.Context, c *store.Claim, outcome string, all time.Duration, took *stages) {
	if outcome == chunkDone {
		w.metrics.done(c.Import.Kind, took.wrote, *took)
	} else {
		w.metrics.chunks.WithLabelValues(outcome).Inc()
	}
	w.Logger.InfoContext(ctx, "chunk "+outcome, slog.String("import", c.ImportID.String()), slog.Int("chunk", c.Number),
		slog.String("workspace", c.WorkspaceID.String()),
		slog.String("request", c.Import.Origin.RequestID), slog.String("kind", string(c.Import.Kind)),
		slog.Int("rows", c.Rows()), slog.Int("attempt", c.Attempt),
		slog.Int("created", took.wrote.Created), slog.Int("updated", took.wrote.Updated), slog.Int("skipped",
			took.wrote.Skipped), slog.Int("rejected", took.wrote.Rejected),
		slog.Duration("took", all), took.attr())
}

// work runs the pipeline while the lease is being renewed; losing the lease ends it.
func (w *Worker) work(ctx context.Context, c *store.Claim, took *stages) error {
	if c.Tries > w.MaxAttempts {
		return errAttemptsExhausted
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	renewed := make(chan struct{})
	go func() {
		defer close(renewed)
		w.renew(ctx, cancel, c)
	}()
	defer func() { cancel(nil); <-renewed }()
	c.Repeats = w.repeating.Contains(c.ImportID)
	for repeat := 1; ; repeat++ {
		err := w.attempt(ctx, c, took)
		if errors.Is(err, store.ErrExists) {
			c.Repeats = true
			w.repeating.Add(c.ImportID, struct{}{})
		}
		if err != nil && errors.Is(context.Cause(ctx), store.ErrFenced) {
			return store.ErrFenced // what failed is only that the work was ended
		}
		if repeat == maxRepeats || !errors.Is(err, store.ErrRetry) && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
}

// errAttemptsExhausted: the chunk has been claimed too often without ever being finished; it
// probably kills its worker.
var errAttemptsExhausted = errors.New("it was begun too often without being finished")

// attempt is the pipeline of a chunk: decode → map → validate → resolve → create | dead letter, the
// last two in one transaction.
func (w *Worker) attempt(ctx context.Context, c *store.Claim, took *stages) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if err := failpoint.At(ctx, failpoint.Claimed, c.ImportID, c.Number); err != nil {
		return err
	}
	lap := stopwatch()
	plan, err := c.Import.RowReader()
	if err != nil {
		return err
	}
	if err := failpoint.At(ctx, failpoint.Decoding, c.ImportID, c.Number); err != nil {
		return err
	}
	batch, err := w.read(ctx, c, plan)
	if err != nil {
		return err
	}
	took.read = lap()
	if err := failpoint.At(ctx, failpoint.Read, c.ImportID, c.Number); err != nil {
		return err
	}
	var version int64
	if c.Import.Kind == importer.Tasks {
		if version, err = w.resolve(ctx, c, batch, took); err != nil {
			return err
		}
		lap()
	}
	if w.beforeCommit != nil {
		w.beforeCommit(c)
	}
	if err := failpoint.At(ctx, failpoint.Linked, c.ImportID, c.Number); err != nil {
		return err
	}
	lap()
	finishing, span := w.tracer.Start(ctx, "write and commit")
	defer span.End()
	took.wrote, err = w.Store.Finish(finishing, c, batch, version, w.Now())
	took.commit = took.wrote.Commit
	took.write = lap() - took.commit
	if err != nil {
		return err
	}
	return failpoint.At(ctx, failpoint.AfterCommit, c.ImportID, c.Number)
}

// read returns the rows of a chunk: those of the file, or the dead letters that it takes up again.
func (w *Worker) read(ctx context.Context, c *store.Claim, plan *importer.RowReader) (*importer.Batch, error) {
	if !c.Corrections() {
		chunk, err := c.Unpacked()
		if err != nil {
			return nil, err
		}
		batch := plan.Read(chunk, c.Import.CreatedAt)
		return batch, c.AsShown(batch)
	}
	rows, err := w.Store.TakeUp(ctx, c)
	if err != nil {
		return nil, err
	}
	batch := plan.Retry(rows, c.Import.CreatedAt)
	c.OwnOrigins(batch)
	return batch, nil
}

// resolve takes the tasks of a chunk through resolve and returns the version of the directory that
// this holds for. It ends when the worker is to stop: then the chunk goes back, since nothing of it
// is written yet, and linking may take long.
func (w *Worker) resolve(ctx context.Context, c *store.Claim, batch *importer.Batch, took *stages) (version int64,
	err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-w.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	if w.beforeLink != nil {
		w.beforeLink(ctx)
	}
	began := time.Now()
	resolver, err := w.Store.Resolver(ctx, c)
	if err != nil {
		return 0, err
	}
	err = batch.Resolve(ctx, resolver, c.Import.Options)
	took.view = resolver.Asked()
	took.link = time.Since(began) - took.view
	return resolver.Version, err
}

// renew extends the lease while the chunk is at work, and looks in between whether the claim still
// holds. It ends the work when the import was cancelled, when the chunk has gone to another claim,
// or when the lease ran out because the database did not answer. A lock in the way is no reason: it
// is that of this very chunk's transaction.
func (w *Worker) renew(ctx context.Context, cancel context.CancelCauseFunc, c *store.Claim) {
	lapses, renewed := time.Now().Add(w.Lease), time.Now()
	for wait(ctx, min(w.Lease/3, watchInterval)) {
		once, done := context.WithTimeout(ctx, w.queryTimeout)
		due := time.Since(renewed) >= w.Lease/3
		var err error
		if due {
			err = w.Store.Renew(once, c, w.Lease)
		} else {
			err = w.Store.Holds(once, c)
		}
		done()
		switch {
		case due && (err == nil || errors.Is(err, store.ErrRetry)):
			lapses, renewed = time.Now().Add(w.Lease), time.Now()
		case err == nil:
		case errors.Is(err, store.ErrFenced), time.Now().After(lapses):
			cancel(fmt.Errorf("lease lost: %w", err))
			return
		}
	}
}

// release returns a chunk after a fault, or parks it, and says which.
func (w *Worker) release(ctx context.Context, c *store.Claim, cause error) (string, error) {
	if errors.Is(cause, store.ErrFenced) {
		return chunkLost, nil
	}
	last, outcome := func(ctx context.Context) error {
		return w.Store.Release(ctx, c, cause.Error(), min(firstDelay<<(c.Tries-1), longestDelay))
	}, chunkReleased
	switch {
	case errors.Is(cause, context.Canceled):
		last = func(ctx context.Context) error { return w.Store.Return(ctx, c, 0) }
	case errors.Is(cause, store.ErrUnavailable):
		last = func(ctx context.Context) error { return w.Store.Return(ctx, c, firstDelay) }
	case c.Tries >= w.MaxAttempts:
		last, outcome = func(ctx context.Context) error { return w.Store.Park(ctx, c, cause.Error()) }, chunkParked
	}
	return outcome, errors.Join(cause, w.finally(ctx, last))
}

// finally does a last write of a claim. Where the database is away it tries again for as long as
// the lease may last: after that the chunk is free anyway.
func (w *Worker) finally(ctx context.Context, write func(context.Context) error) error {
	detached := context.WithoutCancel(ctx)
	for lapses := time.Now().Add(w.Lease); ; {
		once, cancel := context.WithTimeout(detached, finalTimeout)
		err := write(once)
		cancel()
		if !errors.Is(err, store.ErrUnavailable) || time.Now().After(lapses) || !w.waitWorking(detached, databasePause) {
			return ignoreFenced(err)
		}
	}
}

// moveOn ends the import if this was its last chunk, and hands the next chunks of its window to the
// queue. Whatever fails here, the sweeper does it later.
func (w *Worker) moveOn(ctx context.Context, c *store.Claim) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalTimeout)
	defer cancel()
	ended, err := w.Store.FinishImport(ctx, c.WorkspaceID, c.ImportID)
	if err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	if ended {
		w.Logger.InfoContext(ctx, "import ended", slog.String("import", c.ImportID.String()))
		return nil
	}
	if err := w.queue.Ping(ctx); err != nil {
		return err // the sweeper goes on once Redis is back
	}
	if err := failpoint.At(ctx, failpoint.BeforeNext, c.ImportID, c.Number); err != nil {
		return err
	}
	due, err := w.Store.DueOf(ctx, c.WorkspaceID, c.ImportID, w.Dispatch)
	if err != nil {
		return fmt.Errorf("find next chunks: %w", err)
	}
	return w.queue.EnqueueAll(ctx, due)
}

func ignoreFenced(err error) error {
	if errors.Is(err, store.ErrFenced) {
		return nil
	}
	return err
}

// traced begins the span of a chunk, in the trace of the request that made its import.
func (w *Worker) traced(ctx context.Context, c *store.Claim) (context.Context, trace.Span) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": c.Import.Origin.TraceParent})
	return w.tracer.Start(ctx, "chunk", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("taskport.import", c.ImportID.String()), attribute.Int("taskport.chunk", c.Number),
		attribute.Int("taskport.rows", c.Rows()), attribute.Int("taskport.attempt", c.Attempt)))
}
