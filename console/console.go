// Package console serves the operators' pages. They are rendered on the server and use the same
// functions as the API. Every action is a form and works without JavaScript.
package console

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// Queue enqueues chunks.
type Queue interface {
	EnqueueAll(ctx context.Context, refs []store.ChunkRef) error
}

// QueueState describes a queue.
type QueueState struct {
	Name            string
	Pending, Active int
	Latency         time.Duration // how long the oldest pending job has waited
}

// WorkerState describes a worker process.
type WorkerState struct {
	Queue       string
	Concurrency int
	Busy        int
	Started     time.Time
}

// QueueReport describes all queues and workers.
type QueueReport struct {
	Queues  []QueueState
	Workers []WorkerState
}

// Config configures the console. Zero values become the defaults.
type Config struct {
	Store     *store.Store
	Queue     Queue
	Report    func(ctx context.Context) (QueueReport, error) // of the queue
	SignIns   web.Limiter                                    // limits failed sign-ins, by address; nil: no limit
	Requests  web.Limiter                                    // limits requests, by key; nil: no limit
	Logger    *slog.Logger
	Now       func() time.Time
	Dispatch  store.Dispatch // default store.DefaultDispatch
	MaxUpload int64          // bytes of an uploaded file, unpacked; default file.MaxUnpacked
	ChunkRows int            // rows of a chunk; default that of file.Options
	// Stopping is closed when the process begins to shut down; streams then end.
	Stopping <-chan struct{}
	// Spools keep uploads on disk until they are complete; default spool.New.
	Spools *spool.Spools
}

// Prefix begins all paths of the console.
const Prefix = "/console/"

// server serves the console.
type server struct {
	Config
	pages    pages
	counts   *countCache
	streams  *web.Streams
	watched  watched
	handover web.Handover
}

// New returns the handler of all paths below Prefix. It fails if a template cannot be parsed.
func New(c Config) (http.Handler, error) {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Dispatch == (store.Dispatch{}) {
		c.Dispatch = store.DefaultDispatch
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = file.MaxUnpacked
	}
	if c.SignIns == nil {
		c.SignIns = web.Unlimited{}
	}
	if c.Requests == nil {
		c.Requests = web.Unlimited{}
	}
	if c.Spools == nil {
		c.Spools = spool.New(spool.Options{})
	}
	all, err := parsePages()
	if err != nil {
		return nil, err
	}
	s := &server{Config: c, pages: all, counts: newCountCache(), streams: web.NewStreams(), watched: newWatched(),
		handover: web.Handover{Store: c.Store, Queue: c.Queue, Dispatch: c.Dispatch, Logger: c.Logger}}
	return s.guard(s.mux()), nil
}
