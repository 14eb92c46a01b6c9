package queue

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// State describes a queue.
type State struct {
	Name            string // chunks or webhooks
	Pending, Active int
	Latency         time.Duration // how long the oldest pending job has waited
}

// Worker is a process that takes jobs from a queue.
type Worker struct {
	Queue       string // chunks or webhooks
	Concurrency int
	Busy        int
	Started     time.Time
}

// Report lists the queues and their workers, as Redis has them.
type Report struct {
	Queues  []State
	Workers []Worker
}

// Reporter reads the state of the queues from Redis. It is safe for concurrent use.
type Reporter struct {
	inspector *asynq.Inspector
	queues    []named
}

// named is a queue by its purpose, and its names in Redis.
type named struct {
	what  string
	names []string
}

// NewReporter returns a reporter for the queues of that name.
func NewReporter(client redis.UniversalClient, name string) *Reporter {
	return &Reporter{inspector: asynq.NewInspectorFromRedisClient(client), queues: []named{
		{"chunks", []string{name, Front(name)}}, {"singles", []string{Singles(name)}},
		{"webhooks", []string{Deliveries(name)}}}}
}

// known lists the queues that have ever had a job in this Redis.
func (r *Reporter) known() ([]string, error) {
	known, err := r.inspector.Queues()
	if err != nil {
		return nil, fmt.Errorf("list the queues: %w", err)
	}
	return known, nil
}

// state reads a queue; one that is not among known is empty.
func (r *Reporter) state(q named, known []string) (State, error) {
	s := State{Name: q.what}
	for _, name := range q.names {
		if !slices.Contains(known, name) {
			continue
		}
		info, err := r.inspector.GetQueueInfo(name)
		if err != nil {
			return s, fmt.Errorf("read the queue %s: %w", q.what, err)
		}
		s.Pending, s.Active, s.Latency = s.Pending+info.Pending, s.Active+info.Active, max(s.Latency, info.Latency)
	}
	return s, nil
}

// Report reads the queues and their workers.
func (r *Reporter) Report() (Report, error) {
	var out Report
	known, err := r.known()
	if err != nil {
		return out, err
	}
	for _, q := range r.queues {
		state, err := r.state(q, known)
		if err != nil {
			return out, err
		}
		out.Queues = append(out.Queues, state)
	}
	servers, err := r.inspector.Servers()
	if err != nil {
		return out, fmt.Errorf("list the workers: %w", err)
	}
	for _, s := range servers {
		for _, q := range r.queues {
			if _, takes := s.Queues[q.names[0]]; takes {
				out.Workers = append(out.Workers, Worker{Queue: q.what, Concurrency: s.Concurrency, Busy: len(s.ActiveWorkers),
					Started: s.Started})
			}
		}
	}
	return out, nil
}

// collector reads the queues at each scrape, so that nothing runs in between.
type collector struct {
	queue    *Queue
	reporter *Reporter
	up       *prometheus.Desc
	jobs     *prometheus.Desc
	latency  *prometheus.Desc
}

// NewCollector returns the depth and the latency of the queues of that name.
func NewCollector(client redis.UniversalClient, name string) prometheus.Collector {
	return &collector{queue: New(client, name), reporter: NewReporter(client, name),
		up: prometheus.NewDesc("taskport_queue_up", "Whether Redis reported the queue and takes jobs.",
			[]string{"queue"}, nil),
		jobs: prometheus.NewDesc("taskport_queue_jobs", "Jobs in the queue by state.", []string{"queue", "state"}, nil),
		latency: prometheus.NewDesc("taskport_queue_latency_seconds", "How long the oldest pending job has waited.",
			[]string{"queue"}, nil)}
}

// Describe lists the metrics of Collect.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.jobs, c.latency} {
		to <- d
	}
}

// Collect reads the queues. One that Redis cannot report does not affect the other.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	known, unknown := c.reporter.known()
	takes := 1.0
	if c.queue.Ping(context.Background()) != nil {
		takes = 0
	}
	for _, q := range c.reporter.queues {
		state, err := c.reporter.state(q, known)
		if unknown != nil || err != nil {
			to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 0, q.what)
			continue
		}
		to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, takes, q.what)
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(state.Pending), q.what, "pending")
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(state.Active), q.what, "active")
		to <- prometheus.MustNewConstMetric(c.latency, prometheus.GaugeValue, state.Latency.Seconds(), q.what)
	}
}
