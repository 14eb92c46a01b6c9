// Package console is the operators' door: pages that the server renders, over the same functions
// that the API uses. Every action is a form and works without JavaScript.
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

// Queue is what the console needs of the queue.
type Queue interface {
	EnqueueAll(ctx context.Context, refs []store.ChunkRef) error
}

// QueueState is what a queue holds.
type QueueState struct {
	Name            string
	Pending, Active int
	Latency         time.Duration // how long the oldest pending job has waited
}

// WorkerState is a process that takes jobs off the queues.
type WorkerState struct {
	Queue       string
	Concurrency int
	Busy        int
	Started     time.Time
}

// QueueReport is what there is to say of the queue.
type QueueReport struct {
	Queues  []QueueState
	Workers []WorkerState
}

// Config is what the console needs. Zero limits become the defaults.
type Config struct {
	Store     *store.Store
	Queue     Queue
	Report    func(ctx context.Context) (QueueReport, error) // of the queue
	SignIns   web.Limiter                                    // counts attempts to sign in, by address; nil: no limit
	Requests  web.Limiter                                    // counts requests, by key; nil: no limit
	Logger    *slog.Logger
	Now       func() time.Time
	Dispatch  store.Dispatch // default store.DefaultDispatch
	MaxUpload int64          // bytes of an uploaded file, unpacked; default file.MaxUnpacked
	ChunkRows int            // rows of a chunk; default that of file.Options
	// Stopping is closed when the process is about to end: streams end with it.
	Stopping <-chan struct{}
	// Spools keep uploads until they are whole; default spool.New.
	Spools *spool.Spools
}

// Prefix is where all paths of the console begin.
const Prefix = "/console/"

// server answers for the console.
type server struct {
	Config
	pages    pages
	counts   *countCache
	streams  *web.Streams
	handover web.Handover
}

// New returns the handler of everything below Prefix. The error is one of the templates.
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
	s := &server{Config: c, pages: all, counts: newCountCache(), streams: web.NewStreams(),
		handover: web.Handover{Store: c.Store, Queue: c.Queue, Dispatch: c.Dispatch, Logger: c.Logger}}
	return s.guard(s.mux()), nil
}
