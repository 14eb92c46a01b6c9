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

// Times for releasing a chunk.
const (
	firstDelay   = time.Second
	longestDelay = time.Minute
	// maxRepeats is how often a transaction that conflicted with another is repeated at once.
	maxRepeats = 5
	// finalTimeout bounds final writes, which run although the worker is being stopped.
	finalTimeout = 5 * time.Second
	// databasePause is the pause before a worker retries an unavailable database.
	databasePause = 250 * time.Millisecond
	// watchInterval is how often a worker checks whether its chunk was cancelled.
	watchInterval = 500 * time.Millisecond
	// answerTimeout bounds a query. It is longer than any wait for a lock, and ends a connection
	// whose other end has vanished, which would otherwise hang for hours.
	answerTimeout = 30 * time.Second
)

// Process handles one delivery of a chunk: claim, pipeline, and one transaction. A delivery that
// comes late, twice, or while another worker has the chunk does nothing. A fault releases the
// chunk, or parks it once its attempts are exhausted.
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
		span.SetStatus(codes.Error, "released")
		outcome, workErr = w.release(ctx, claim, workErr)
	}
	w.logClaim(ctx, claim, outcome, time.Since(claimed), &took)
	return errors.Join(workErr, w.moveOn(ctx, claim))
}

// claim claims the chunk. It waits for an unavailable database, since the queue delivers the chunk
// only once.
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
		slog.String("request", c.Import.Trace.RequestID), slog.String("kind", string(c.Import.Kind)),
		slog.Int("rows", c.Rows()), slog.Int("attempt", c.Attempt),
		slog.Int("created", took.wrote.Created), slog.Int("updated", took.wrote.Updated), slog.Int("skipped",
			took.wrote.Skipped), slog.Int("rejected", took.wrote.Rejected),
		slog.Duration("took", all), took.attr())
}

// work runs the pipeline while the lease is extended; losing the lease ends it.
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
			return store.ErrFenced // the error only says that the work was interrupted
		}
		if repeat == maxRepeats || !errors.Is(err, store.ErrRetry) && !errors.Is(err, store.ErrExists) {
			return err
		}
	}
}

// errAttemptsExhausted means that the chunk was claimed too often without ever being finished: it
// probably kills its worker.
var errAttemptsExhausted = errors.New("it was begun too often without being finished")

// attempt runs the pipeline of a chunk: decode → map → validate → resolve → create | dead letter,
// the last two in one transaction.
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
	reader, err := c.Import.RowReader()
	if err != nil {
		return err
	}
	if err := failpoint.At(ctx, failpoint.Decoding, c.ImportID, c.Number); err != nil {
		return err
	}
	batch, err := w.read(ctx, c, reader)
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
	batch.Release()
	if err != nil {
		return err
	}
	return failpoint.At(ctx, failpoint.AfterCommit, c.ImportID, c.Number)
}

// read returns the rows of a chunk: those of the file, or the dead letters that it retries.
func (w *Worker) read(ctx context.Context, c *store.Claim, reader *importer.RowReader) (*importer.Batch, error) {
	if !c.IsCorrection() {
		chunk, err := c.Unpacked()
		if err != nil {
			return nil, err
		}
		batch := reader.Read(chunk, c.Import.CreatedAt)
		return batch, c.AsShown(batch)
	}
	rows, err := w.Store.RetriedRows(ctx, c)
	if err != nil {
		return nil, err
	}
	batch := reader.Retry(rows, c.Import.CreatedAt)
	c.OwnOrigins(batch)
	return batch, nil
}

// resolve resolves the references of a chunk's tasks, and returns the version of the directory that
// it used. It ends when the worker is being stopped, because linking may take long and nothing is
// written yet; the chunk is then released.
func (w *Worker) resolve(ctx context.Context, c *store.Claim, batch *importer.Batch, took *stages) (version int64,
	err error) {
	ctx, cancel := w.untilStopping(ctx)
	defer cancel()
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

// untilStopping returns a context that ends when the worker is being stopped.
func (w *Worker) untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stopping := w.stopping // read here: the goroutine may outlive the work, and Run sets it
	go func() {
		select {
		case <-stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// renew extends the lease while the chunk is processed, and checks in between that the claim still
// holds: the import may be cancelled.
func (w *Worker) renew(ctx context.Context, cancel context.CancelCauseFunc, c *store.Claim) {
	w.keepLease(ctx, cancel, func(ctx context.Context, due bool) error {
		if due {
			return w.Store.Renew(ctx, c, w.Lease)
		}
		return w.Store.Holds(ctx, c)
	})
}

// keepLease calls once every watchInterval, with due when the lease is to be extended. It ends the
// work when the claim has ended, or when the lease ran out because the database did not answer. A
// lock in the way is not a reason: the work's own transaction holds it.
func (w *Worker) keepLease(ctx context.Context, cancel context.CancelCauseFunc, once func(ctx context.Context,
	due bool) error) {
	lapses, renewed := time.Now().Add(w.Lease), time.Now()
	for wait(ctx, min(w.Lease/3, watchInterval)) {
		bounded, done := context.WithTimeout(ctx, w.queryTimeout)
		due := time.Since(renewed) >= w.Lease/3
		err := once(bounded, due)
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

// release releases a chunk after a fault, or parks it. It returns the outcome for the metrics.
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

// finally does the last write of a claim. It retries an unavailable database for as long as the
// lease may last: after that the chunk is free anyway.
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

// moveOn ends the import if this was its last chunk, and otherwise queues the next chunks of its
// window. What fails here, the sweeper does later.
func (w *Worker) moveOn(ctx context.Context, c *store.Claim) error {
	if c.Import.Options.Mirror {
		once, cancel := context.WithTimeout(ctx, forgetTimeout)
		defer cancel()
		if err := w.Store.Mirror(once, c.WorkspaceID, c.ImportID); err != nil {
			return fmt.Errorf("mirror: %w", err)
		}
	}
	if c.Import.Options.RetryRejects {
		once, cancel := context.WithTimeout(ctx, forgetTimeout)
		defer cancel()
		if err := w.Store.RetryRejects(once, c.WorkspaceID, c.ImportID); err != nil {
			return fmt.Errorf("retry rejected rows: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), finalTimeout)
	defer cancel()
	ended, err := w.Store.FinishImport(ctx, c.WorkspaceID, c.ImportID)
	if err != nil {
		return fmt.Errorf("end import: %w", err)
	}
	if ended {
		w.Logger.InfoContext(ctx, "import ended", slog.String("import", c.ImportID.String()))
	}
	if err := w.queue.Ping(ctx); err != nil {
		return err // the sweeper continues once Redis is back
	}
	if err := failpoint.At(ctx, failpoint.BeforeNext, c.ImportID, c.Number); err != nil {
		return err
	}
	due, err := w.Store.DueOf(ctx, c.WorkspaceID, w.Dispatch)
	if err != nil {
		return fmt.Errorf("find next chunks: %w", err)
	}
	if err := w.queue.EnqueueAll(ctx, due); err != nil || !ended || c.IsCorrection() {
		return err
	}
	if err := w.Store.Analyze(ctx, c.WorkspaceID, c.ImportID, c.Import.Kind); err != nil {
		w.Logger.WarnContext(ctx, "rows not analyzed; questions about them are slow until the database does so itself",
			slog.String("import", c.ImportID.String()), slog.Any("error", err))
	}
	return nil
}

func ignoreFenced(err error) error {
	if errors.Is(err, store.ErrFenced) {
		return nil
	}
	return err
}

// traced starts the span of a chunk, in the trace of the request that created its import.
func (w *Worker) traced(ctx context.Context, c *store.Claim) (context.Context, trace.Span) {
	ctx = propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{"traceparent": c.Import.Trace.TraceParent})
	return w.tracer.Start(ctx, "chunk", trace.WithSpanKind(trace.SpanKindConsumer), trace.WithAttributes(
		attribute.String("taskport.import", c.ImportID.String()), attribute.Int("taskport.chunk", c.Number),
		attribute.Int("taskport.rows", c.Rows()), attribute.Int("taskport.attempt", c.Attempt)))
}
