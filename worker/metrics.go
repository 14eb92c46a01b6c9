package worker

import (
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"taskport/importer"
	"taskport/store"
)

// metrics count what a worker does. Labels take few values: nothing of a workspace is among them.
type metrics struct {
	rows       *prometheus.CounterVec
	chunks     *prometheus.CounterVec
	stages     *prometheus.HistogramVec
	deliveries *prometheus.CounterVec
}

// What becomes of a chunk that is claimed.
const (
	chunkDone     = "done"
	chunkReleased = "released" // given back after a fault
	chunkParked   = "parked"
	chunkLost     = "lost" // it went to another claim
)

// stageBuckets go from a millisecond to half a minute.
var stageBuckets = prometheus.ExponentialBuckets(.001, 2.2, 14)

func newMetrics(to prometheus.Registerer) *metrics {
	m := &metrics{
		rows: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_rows_total",
			Help: "Rows of imports by where they ended."}, []string{"kind", "outcome"}),
		chunks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_chunks_total",
			Help: "Claims of chunks by what became of them."}, []string{"outcome"}),
		stages: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "taskport_chunk_stage_seconds",
			Help: "How long the parts of a chunk's work took.", Buckets: stageBuckets}, []string{"stage"}),
		deliveries: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "taskport_webhook_tries_total",
			Help: "Tries to deliver an event, by the state they left it in."}, []string{"type", "state"}),
	}
	for _, outcome := range []string{chunkDone, chunkReleased, chunkParked, chunkLost} {
		m.chunks.WithLabelValues(outcome) // a rate needs a zero to begin at
	}
	if to != nil {
		to.MustRegister(m.rows, m.chunks, m.stages, m.deliveries)
	}
	return m
}

func (m *metrics) done(kind importer.Kind, f store.Finished, took stages) {
	m.chunks.WithLabelValues(chunkDone).Inc()
	for outcome, n := range map[string]int{"created": f.Created, "updated": f.Updated, "skipped": f.Skipped,
		"rejected": f.Rejected} {
		if n > 0 { // correcting dead letters takes some away
			m.rows.WithLabelValues(string(kind), outcome).Add(float64(n))
		}
	}
	for stage, d := range took.byName() {
		m.stages.WithLabelValues(stage).Observe(d.Seconds())
	}
}

// byName returns the stages by the names that the log has for them.
func (s stages) byName() map[string]time.Duration {
	return map[string]time.Duration{"claim": s.claim, "read": s.read, "view": s.view, "link": s.link, "write": s.write,
		"commit": s.commit}
}

// stages are how long the parts of a chunk's work took: the claim with the chunk's bytes, decode →
// map → validate, the view of the directory, resolve, the writing of tasks and dead letters, and
// the commit.
type stages struct {
	claim, read, view, link, write, commit time.Duration

	wrote store.Finished
}

// attr returns the stages as members of a log line, under their own names.
func (s stages) attr() slog.Attr {
	return slog.Group("", slog.Duration("claim", s.claim), slog.Duration("read", s.read), slog.Duration("view", s.view),
		slog.Duration("link", s.link), slog.Duration("write", s.write), slog.Duration("commit", s.commit))
}

// stopwatch returns a function that tells the time since it was last asked.
func stopwatch() func() time.Duration {
	last := time.Now()
	return func() time.Duration {
		now := time.Now()
		defer func() { last = now }()
		return now.Sub(last)
	}
}
