package worker

import (
	"log/slog"
	"maps"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"taskport/importer"
	"taskport/store"
)

// metrics count the work of a worker. Labels have few values, and none depends on a workspace.
type metrics struct {
	rows       *prometheus.CounterVec
	chunks     *prometheus.CounterVec
	stages     *prometheus.HistogramVec
	deliveries *prometheus.CounterVec
	singles    *prometheus.CounterVec
	batches    prometheus.Counter
}

// Outcomes of a claimed chunk.
const (
	chunkDone     = "done"
	chunkReleased = "released" // after a fault
	chunkParked   = "parked"
	chunkLost     = "lost" // to another claim
)

// stageBuckets go from a millisecond to half a minute.
var stageBuckets = prometheus.ExponentialBuckets(.001, 2.2, 14)

func newMetrics(to prometheus.Registerer) *metrics {
	m := &metrics{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_rows_total",
			Help: "Rows of imports by outcome."}, []string{"kind", "outcome"}),
		chunks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_chunks_total",
			Help: "Claims of chunks by outcome."}, []string{"outcome"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "taskport_chunk_stage_seconds",
			Help: "How long the parts of a chunk's work took.", Buckets: stageBuckets}, []string{"stage"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_webhook_tries_total",
			Help: "Tries to deliver an event, by the state they left it in."}, []string{"type", "state"}),
	}
	m.singles = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_singles_total",
		Help: "Tasks sent with Prefer: respond-async, by outcome."}, []string{"outcome"})
	m.batches = prometheus.NewCounter(prometheus.CounterOpts{Name: "taskport_single_batches_total",
		Help: "Transactions in which such tasks were created or rejected together."})
	for _, outcome := range []string{chunkDone, chunkReleased, chunkParked, chunkLost} {
		m.chunks.WithLabelValues(outcome) // a rate needs a zero to begin at
	}
	if to != nil {
		to.MustRegister(m.rows, m.chunks, m.stages, m.deliveries, m.singles, m.batches)
	}
	return m
}

func (m *metrics) done(kind importer.Kind, f store.Finished, took stages) {
	m.chunks.WithLabelValues(chunkDone).Inc()
	for outcome, n := range byOutcome(f) {
		m.rows.WithLabelValues(string(kind), outcome).Add(float64(n))
	}
	for stage, d := range took.byName() {
		m.stages.WithLabelValues(stage).Observe(d.Seconds())
	}
}

// singlesDone counts a batch of singles.
func (m *metrics) singlesDone(f store.Finished) {
	m.batches.Inc()
	for outcome, n := range byOutcome(f) {
		m.singles.WithLabelValues(outcome).Add(float64(n))
		m.rows.WithLabelValues(string(importer.Tasks), outcome).Add(float64(n))
	}
}

// byOutcome returns the outcomes that are above zero: correcting dead letters takes some away.
func byOutcome(f store.Finished) map[string]int {
	all := map[string]int{"created": f.Created, "updated": f.Updated, "skipped": f.Skipped, "rejected": f.Rejected}
	maps.DeleteFunc(all, func(_ string, n int) bool { return n <= 0 })
	return all
}

// byName returns the stages by their names in the log.
func (s stages) byName() map[string]time.Duration {
	return map[string]time.Duration{"claim": s.claim, "read": s.read, "view": s.view, "link": s.link, "write": s.write,
		"commit": s.commit}
}

// stages are the durations of a chunk's stages: claim (with its bytes), read (decode, map,
// validate), view (the directory), link (resolve), write (tasks and dead letters), and commit.
type stages struct {
	claim, read, view, link, write, commit time.Duration

	wrote store.Finished
}

// attr returns the stages as members of a log line, under their own names.
func (s stages) attr() slog.Attr {
	return slog.Group("", slog.Duration("claim", s.claim), slog.Duration("read", s.read), slog.Duration("view", s.view),
		slog.Duration("link", s.link), slog.Duration("write", s.write), slog.Duration("commit", s.commit))
}

// stopwatch returns a function that returns the time since its last call.
func stopwatch() func() time.Duration {
	last := time.Now()
	return func() time.Duration {
		now := time.Now()
		defer func() { last = now }()
		return now.Sub(last)
	}
}
