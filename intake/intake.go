// Package intake serves the public HTTP API: keys, limits and streaming uploads.
package intake

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"taskport/importer/file"
	"taskport/internal/spool"
	"taskport/internal/web"
	"taskport/store"
)

// Queue holds the methods of the queue that intake uses.
type Queue interface {
	EnqueueAll(ctx context.Context, refs []store.ChunkRef) error
	WakeSingles(ctx context.Context) error
	Ping(ctx context.Context) error
	SignalOverload(ctx context.Context, lasts time.Duration) error
}

// Config configures the API. Zero limits become the defaults.
type Config struct {
	Store     *store.Store
	Queue     Queue
	Limiter   web.Limiter // nil: no limit is enforced
	Logger    *slog.Logger
	Now       func() time.Time
	Dispatch  store.Dispatch        // default store.DefaultDispatch
	MaxUpload int64                 // bytes of an uploaded file, unpacked; default file.MaxUnpacked
	ChunkRows int                   // rows of a chunk; default that of file.Options
	Metrics   prometheus.Registerer // nil for none
	Tracing   trace.TracerProvider  // nil for none
	// MaxWaiting is how many tasks sent with Prefer: respond-async may wait in a workspace; default
	// DefaultMaxWaiting.
	MaxWaiting int
	// PlainWebhooks allows webhooks without TLS, for receivers of the same installation.
	PlainWebhooks bool
	// Answers returns an error if the database does not answer; default Store.Answers.
	Answers func(context.Context) error
	// Stopping is closed when the process is about to end. Requests that wait for a result are then
	// answered at once, and new ones refused.
	Stopping <-chan struct{}
	// Spools buffer uploads until they are complete; default spool.New.
	Spools *spool.Spools
}

// DefaultMaxWaiting is the default of Config.MaxWaiting.
const DefaultMaxWaiting = 100_000

// Limits of a request.
const (
	maxTaskBody   = 4 << 20
	maxJSONImport = 20 << 20
	maxIgnored    = 64 << 10 // of a body that is not needed
)

// server handles the requests of the API.
type server struct {
	Config
	routes   []route
	pressure pressure
	metrics  *metrics
	tracer   trace.Tracer
	watch    *watch
	streams  *web.Streams
	handover web.Handover
	singles  *singles
	// writeIdle is how long a client may pause while it reads an answer.
	writeIdle time.Duration
}

// API is the handler of the public API.
type API struct {
	http.Handler
	server *server
}

// New returns the API.
func New(c Config) *API {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Dispatch == (store.Dispatch{}) {
		c.Dispatch = store.DefaultDispatch
	}
	if c.MaxUpload == 0 {
		c.MaxUpload = file.MaxUnpacked
	}
	c.MaxWaiting = cmp.Or(c.MaxWaiting, DefaultMaxWaiting)
	if c.Limiter == nil {
		c.Limiter = web.Unlimited{}
	}
	if c.Answers == nil {
		c.Answers = c.Store.Answers
	}
	if c.Tracing == nil {
		c.Tracing = noop.NewTracerProvider()
	}
	if c.Spools == nil {
		c.Spools = spool.New(spool.Options{})
	}
	s := &server{Config: c, metrics: newMetrics(c.Metrics), tracer: c.Tracing.Tracer("taskport/intake"),
		watch: newWatch(c.Answers, c.Logger), streams: web.NewStreams(), handover: web.Handover{Store: c.Store,
			Queue: c.Queue, Dispatch: c.Dispatch, Logger: c.Logger}, writeIdle: web.Idle}
	s.singles = s.newSingles()
	return &API{Handler: s.observe(s.mux()), server: s}
}
