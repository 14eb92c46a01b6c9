package main

import (
	"context"
	"net/http"
	"strings"

	"taskport/console"
	"taskport/intake"
	"taskport/internal/web"
	"taskport/worker/queue"
)

// signInsPerMinute is how many failed attempts to sign in an IP address has.
const signInsPerMinute = 30

// handler returns the handler of the public listener: the API and the console. It redirects a
// browser that opens the root to the console.
func (r roles) handler(in *installation, about instruments, stopping <-chan struct{}) (http.Handler, error) {
	uploads := r.bounds.spools() // shared by API and console: a key has one limit
	api := intake.New(intake.Config{Store: in.store, Queue: in.queue, Limiter: web.NewLimiter(in.redis, r.rateLimit),
		Logger:  about.logger,
		Metrics: about.metrics, Tracing: about.tracing, PlainWebhooks: len(r.allow) > 0, Stopping: stopping,
		ChunkRows: r.chunkRows, Dispatch: r.bounds.dispatch(), Spools: uploads,
		MaxWaiting: r.bounds.maxWaiting})
	pages, err := console.New(console.Config{Store: in.store, Queue: in.queue,
		Report:  queueReport(queue.NewReporter(in.redis, r.queueName)),
		SignIns: web.NewLimiter(in.redis, signInsPerMinute), Requests: web.NewLimiter(in.redis, r.rateLimit),
		Logger: about.logger, Stopping: stopping, ChunkRows: r.chunkRows, Dispatch: r.bounds.dispatch(), Spools: uploads})
	if err != nil {
		return nil, err
	}
	pages = api.Beside(pages)
	return web.Proxies(r.proxies).Handler(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		switch {
		case strings.HasPrefix(req.URL.Path, console.Prefix):
			pages.ServeHTTP(w, req)
		case isBrowserAtDoor(req):
			http.Redirect(w, req, console.Prefix, http.StatusSeeOther)
		default:
			api.ServeHTTP(w, req)
		}
	}), about.logger), nil
}

// isBrowserAtDoor reports whether a browser opens the root of the server, or the console without
// its last slash.
func isBrowserAtDoor(req *http.Request) bool {
	read := req.Method == http.MethodGet || req.Method == http.MethodHead
	return read && (req.URL.Path+"/" == console.Prefix || req.URL.Path == "/" &&
		strings.Contains(req.Header.Get("Accept"), "text/html"))
}

// queueReport returns the function by which the console reads the state of the queue.
func queueReport(from *queue.Reporter) func(context.Context) (console.QueueReport, error) {
	return func(context.Context) (console.QueueReport, error) {
		var out console.QueueReport
		report, err := from.Report()
		for _, q := range report.Queues {
			out.Queues = append(out.Queues, console.QueueState(q))
		}
		for _, w := range report.Workers {
			out.Workers = append(out.Workers, console.WorkerState(w))
		}
		return out, err
	}
}
