package main

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"

	"taskport/worker"
)

// roles are the roles of a process, and their settings.
type roles struct {
	intake      bool
	worker      bool
	listen      string
	adminListen string
	tlsCert     string
	tlsKey      string
	rateLimit   int // requests a minute for each key
	concurrency int
	attempts    int // of a chunk, after which it is parked
	chunkRows   int // rows of a chunk; 0 = by the size of the file
	bounds      bounds
	queueName   string
	getenv      func(string) string
	allow       []netip.Prefix // beyond the public addresses: where webhooks may be delivered to
	proxies     []netip.Prefix // whose X-Forwarded-For is believed
}

// run runs the roles until ctx ends or one of them fails. It calls ready with the URL of intake
// once everything runs.
func (r roles) run(ctx context.Context, in *installation, logger *slog.Logger, ready func(url string)) error {
	redis.SetLogger(quietRedis{logger})
	running, err := r.start(ctx, in, logger)
	if err == nil {
		ready(running.url)
		select {
		case <-ctx.Done():
		case err = <-running.failed:
		}
	}
	return errors.Join(err, running.stop())
}

// running are the running roles.
type running struct {
	url     string
	failed  chan error
	stopped []func() error
}

// stop ends the roles in the order of their start: first intake, so that nothing new arrives, then
// the worker, which finishes its chunks, and last the admin listener, which reports on them.
func (r *running) stop() error {
	var errs []error
	for _, f := range r.stopped {
		errs = append(errs, f())
	}
	return errors.Join(errs...)
}

func (r roles) start(ctx context.Context, in *installation, logger *slog.Logger) (*running, error) {
	run := &running{failed: make(chan error, 3)}
	tracing, endTracing, err := newTracing(ctx, r.getenv, logger)
	if err != nil {
		return run, err
	}
	about := instruments{logger: logger, metrics: r.newRegistry(in), tracing: tracing}
	stopping := make(chan struct{})
	// The order of stop: readiness ends first, spans are sent last.
	run.stopped = append(run.stopped, func() error { close(stopping); return nil })
	if r.intake {
		secure, err := newTLS(r.tlsCert, r.tlsKey, logger)
		if err != nil {
			return run, err
		}
		doors, err := r.handler(in, about, stopping)
		if err != nil {
			return run, err
		}
		l, err := listen(ctx, r.listen, r.bounds.maxConnections, secure, doors, logger, run.failed)
		if err != nil {
			return run, err
		}
		run.url = l.url
		run.stopped = append(run.stopped, l.stop)
	}
	if r.worker {
		run.stopped = append(run.stopped, r.startWorker(in, about, run.failed))
	}
	if r.adminListen != "" {
		l, err := listen(ctx, r.adminListen, 0, nil, admin(in, about.metrics, stopping), logger, run.failed)
		if err != nil {
			return run, err
		}
		logger.InfoContext(ctx, "admin listener", slog.String("url", l.url))
		run.stopped = append(run.stopped, l.stop)
	}
	run.stopped = append(run.stopped, endTracing)
	return run, nil
}

// instruments are the logger, metrics and traces of a process.
type instruments struct {
	logger  *slog.Logger
	metrics *prometheus.Registry
	tracing trace.TracerProvider
}

// startWorker starts the worker and returns the function that stops it. The worker has its own
// context: it ends after intake, not with it.
func (r roles) startWorker(in *installation, about instruments, failed chan<- error) func() error {
	ctx, cancel := context.WithCancel(context.Background())
	retention, _ := r.bounds.retention() // was validated
	about.logger.InfoContext(ctx, "retention", slog.String("rejects", retentionText(retention.Rejects)),
		slog.String("imports", retentionText(retention.Imports)), slog.String("audit", retentionText(retention.Audit)))
	done := make(chan struct{})
	go func() {
		defer close(done)
		w := worker.New(worker.Config{Store: in.store, Redis: in.redis, Queue: r.queueName, Concurrency: r.concurrency,
			MaxAttempts: r.attempts, Dispatch: r.bounds.dispatch(), WebhookAllow: r.allow,
			WebhookWindow: r.bounds.webhookWindow, Retention: retention,
			Logger: about.logger, Metrics: about.metrics, Tracing: about.tracing})
		if err := w.Run(ctx); err != nil && ctx.Err() == nil {
			failed <- err
		}
	}()
	return func() error { cancel(); <-done; return nil }
}
