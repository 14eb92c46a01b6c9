// Package worker takes chunks from the queue and their rows through the pipeline of importer into
// the store. The queue may deliver late, twice or never; the claim in the store and the sweeper
// make each row count once.
package worker

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"taskport/store"
	"taskport/worker/queue"
)

// Config is what a worker needs. Zero values become the defaults.
type Config struct {
	Store       *store.Store
	Redis       redis.UniversalClient
	Queue       string                // name of the queue; default queue.DefaultName
	Concurrency int                   // chunks at a time; default 2
	Dispatch    store.Dispatch        // default store.DefaultDispatch
	Lease       time.Duration         // how long a claim holds unless extended; default 10 s
	Sweep       time.Duration         // how often the sweeper looks; default 2 s
	Grace       time.Duration         // how long running chunks may take to finish at shutdown; default 20 s
	MaxAttempts int                   // after which a chunk is parked; default 10
	Metrics     prometheus.Registerer // nil for none
	Tracing     trace.TracerProvider  // nil for none
	// WebhookAllow are addresses beyond the public ones that webhooks may be delivered to.
	WebhookAllow  []netip.Prefix
	WebhookWindow int             // deliveries of a workspace at a time; default DefaultWebhookWindow
	Retention     store.Retention // Singles: default store.DefaultRetainSingles
	Logger        *slog.Logger
	Now           func() time.Time
}

// Defaults of Config.
const (
	DefaultConcurrency = 2
	defaultLease       = 10 * time.Second
	defaultSweep       = 2 * time.Second
	defaultGrace       = 20 * time.Second
	DefaultAttempts    = 10
)

// Newcomers is how many chunks from the front of the queue a worker processes beside its
// Concurrency. Each is the only one of its workspace that is at work, so a workspace whose chunks
// take minutes, as very similar names do, takes one of these places at most, and others go on.
const Newcomers = 2

// pollInterval is how long the asynq server sleeps, on average, before it asks an empty queue
// again: a chunk waits for half of it.
const pollInterval = 50 * time.Millisecond

// maxRepeating is how many imports with existing external_ids are remembered. Forgetting one costs
// a second try.
const maxRepeating = 1000

func (c *Config) setDefaults() {
	c.Queue = cmp.Or(c.Queue, queue.DefaultName)
	c.Concurrency = cmp.Or(c.Concurrency, DefaultConcurrency)
	c.Dispatch = cmp.Or(c.Dispatch, store.DefaultDispatch)
	c.Lease = cmp.Or(c.Lease, defaultLease)
	c.Sweep = cmp.Or(c.Sweep, defaultSweep)
	c.Grace = cmp.Or(c.Grace, defaultGrace)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, DefaultAttempts)
	c.Retention.Singles = cmp.Or(c.Retention.Singles, store.DefaultRetainSingles)
	c.WebhookWindow = cmp.Or(c.WebhookWindow, DefaultWebhookWindow)
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Tracing == nil {
		c.Tracing = noop.NewTracerProvider()
	}
}

// Worker processes chunks and delivers events. New makes one, and Run runs it.
type Worker struct {
	Config
	queue *queue.Queue
	// repeating are the imports in which this worker has met an external_id that already exists.
	// There are usually many: their chunks look before they write, instead of failing first.
	repeating *lru.Cache[uuid.UUID, struct{}]
	throttled chan struct{}   // a slot for each chunk that runs while throttled
	stopping  <-chan struct{} // closed once Run is to end; nil before
	wake      chan struct{}   // of workSinglesUntil
	aside     sync.WaitGroup  // lanes that are worked on apart from the others
	// asideSlots bounds the lanes that are worked on aside at a time.
	asideSlots chan struct{}
	// refill: Redis has lost the queue, which has not been filled since. Only the sweeper uses it.
	refill       bool
	outward      *http.Client
	metrics      *metrics
	tracer       trace.Tracer
	delays       []time.Duration // between the tries of a delivery
	queryTimeout time.Duration   // of a query that the database does not answer
	// beforeCommit lets a test interfere while a chunk is processed.
	beforeCommit func(*store.Claim)
	// beforeLink lets a test make linking slow; its context is that of linking.
	beforeLink func(context.Context)
	// beforeSingles lets a test interfere while singles are processed.
	beforeSingles func([]store.Single)
}

// New returns a worker that does nothing until Run.
func New(c Config) *Worker {
	c.setDefaults()
	repeating, _ := lru.New[uuid.UUID, struct{}](maxRepeating) // it fails only for a size below 1
	return &Worker{Config: c, repeating: repeating, queue: queue.New(c.Redis, c.Queue), throttled: make(chan struct{},
		max(1, c.Concurrency/2)), wake: make(chan struct{}, 1), asideSlots: make(chan struct{}, c.Concurrency),
		outward: newOutwardClient(c.WebhookAllow), delays: deliveryDelays, queryTimeout: answerTimeout,
		metrics: newMetrics(c.Metrics), tracer: c.Tracing.Tracer("taskport/worker")}
}

// Run works until ctx ends. Then it takes no new chunk, releases those that are being linked, and
// lets the others finish for at most Grace. It returns an error if the queue cannot be served.
func (w *Worker) Run(ctx context.Context) error {
	w.stopping = ctx.Done()
	var all []*asynq.Server
	defer func() { shutDown(all...) }()
	for _, s := range []struct {
		server *asynq.Server
		job    string
		handle func(context.Context, *asynq.Task) error
	}{
		{w.newChunkServer(w.Concurrency, queue.Front(w.Queue), w.Queue), queue.ChunkJob, w.handle},
		{w.newChunkServer(Newcomers, queue.Front(w.Queue)), queue.ChunkJob, w.handleNewcomer},
		{w.newDeliveryServer(), queue.DeliveryJob, w.handleDelivery},
		{w.newLaneServer(), queue.WakeJob, w.handleWake},
	} {
		all = append(all, s.server)
		mux := asynq.NewServeMux()
		mux.HandleFunc(s.job, s.handle)
		if started, err := w.start(ctx, s.server, mux); !started {
			return err
		}
	}
	var loops sync.WaitGroup
	loops.Go(func() { w.dispatchUntil(ctx) })
	loops.Go(func() { w.forgetUntil(ctx) })
	loops.Go(func() { w.workSinglesUntil(ctx) })
	w.sweepUntil(ctx)
	loops.Wait()
	return nil
}

// newChunkServer returns a server that takes chunks from queues, the first one first: at most one
// chunk of a workspace is in front, so nobody starves.
func (w *Worker) newChunkServer(concurrency int, queues ...string) *asynq.Server {
	priorities := map[string]int{}
	for i, name := range queues {
		priorities[name] = len(queues) - i
	}
	return asynq.NewServerFromRedisClient(w.Redis, asynq.Config{Concurrency: concurrency, Queues: priorities,
		StrictPriority: true, TaskCheckInterval: pollInterval, ShutdownTimeout: w.Grace, Logger: asynqLogger{w.Logger},
		LogLevel: asynq.WarnLevel})
}

// shutDown ends servers concurrently, so that none takes further jobs while another waits for its
// running ones. A server that was not started may be among them.
func shutDown(servers ...*asynq.Server) {
	var ends sync.WaitGroup
	for _, s := range servers {
		ends.Go(s.Shutdown)
	}
	ends.Wait()
}

// start waits for Redis, since asynq fails when Redis does not answer at once, and starts the
// server. It reports false, without an error, when ctx ended while it waited.
func (w *Worker) start(ctx context.Context, server *asynq.Server, mux *asynq.ServeMux) (bool, error) {
	if !w.reach(ctx) {
		return false, nil
	}
	if err := server.Start(mux); err != nil {
		return false, fmt.Errorf("start taking jobs: %w", err)
	}
	return true, nil
}

// reach waits until Redis answers; it reports false if ctx ended first.
func (w *Worker) reach(ctx context.Context) bool {
	for {
		err := w.queue.Ping(ctx)
		if err == nil {
			return true
		}
		if ctx.Err() == nil {
			w.Logger.WarnContext(ctx, "waiting for Redis", slog.Any("error", err))
		}
		if !wait(ctx, w.Sweep) {
			return false
		}
	}
}

// handle is called by asynq for each delivery.
func (w *Worker) handle(ctx context.Context, t *asynq.Task) error {
	defer w.throttle(ctx)()
	return w.handleNewcomer(ctx, t)
}

// handleNewcomer processes the chunk of a delivery. It never asks asynq for a retry: the store
// holds what is left to do.
func (w *Worker) handleNewcomer(ctx context.Context, t *asynq.Task) error {
	ref, err := queue.ReadChunk(t)
	if err != nil {
		w.Logger.ErrorContext(ctx, "unreadable job dropped", slog.Any("error", err))
		return nil
	}
	if err := w.Process(ctx, ref); err != nil && !errors.Is(err, context.Canceled) {
		w.Logger.ErrorContext(ctx, "chunk failed", slog.String("import", ref.ImportID.String()), slog.Int("chunk",
			ref.Number), slog.Any("error", err))
	}
	return nil
}

// waitWorking sleeps; it reports false when ctx ended or the worker is being stopped.
func (w *Worker) waitWorking(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-w.stopping:
		return false
	case <-timer.C:
		return true
	}
}

// wait sleeps; it reports false when ctx ended first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// asynqLogger passes asynq's messages to slog.
type asynqLogger struct{ to *slog.Logger }

func (l asynqLogger) log(level func(string, ...any), args []any) {
	level("asynq", slog.String("text", fmt.Sprint(args...)))
}

func (l asynqLogger) Debug(args ...any) { l.log(l.to.Debug, args) }
func (l asynqLogger) Info(args ...any)  { l.log(l.to.Info, args) }
func (l asynqLogger) Warn(args ...any)  { l.log(l.to.Warn, args) }
func (l asynqLogger) Error(args ...any) { l.log(l.to.Error, args) }

// Fatal logs an error: only main may end the process.
func (l asynqLogger) Fatal(args ...any) { l.log(l.to.Error, args) }

// throttle lets at most half of the worker's chunks run at a time during an overload: on a database
// that is busy with chunks, the answer to a client that creates a single task takes several times
// as long. It is called before a chunk is claimed; the caller calls done after the chunk.
func (w *Worker) throttle(ctx context.Context) (done func()) {
	if !w.queue.Overloaded(ctx) {
		return func() {}
	}
	select {
	case w.throttled <- struct{}{}:
		return func() { <-w.throttled }
	case <-ctx.Done():
		return func() {}
	}
}
