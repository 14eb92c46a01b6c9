package queue

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// collector reads the queues when it is asked, so that nothing runs between two scrapes.
type collector struct {
	reporter *Reporter
	up       *prometheus.Desc
	jobs     *prometheus.Desc
	latency  *prometheus.Desc
}

// NewCollector gives the depth and the latency of the queues of that name.
func NewCollector(client redis.UniversalClient, name string) prometheus.Collector {
	return &collector{reporter: NewReporter(client, name),
		up:      prometheus.NewDesc("taskport_queue_up", "Whether Redis told of the queue.", []string{"queue"}, nil),
		jobs:    prometheus.NewDesc("taskport_queue_jobs", "Jobs in the queue by state.", []string{"queue", "state"}, nil),
		latency: prometheus.NewDesc("taskport_queue_latency_seconds", "How long the oldest pending job has waited.", []string{"queue"}, nil)}
}

// Describe says what Collect gives.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.jobs, c.latency} {
		to <- d
	}
}

// Collect asks Redis. A queue that it does not tell of says nothing of the other.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	known, unknown := c.reporter.known()
	for _, q := range c.reporter.queues {
		state, err := c.reporter.state(q, known)
		if unknown != nil || err != nil {
			to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 0, q.what)
			continue
		}
		to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 1, q.what)
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(state.Pending), q.what, "pending")
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(state.Active), q.what, "active")
		to <- prometheus.MustNewConstMetric(c.latency, prometheus.GaugeValue, state.Latency.Seconds(), q.what)
	}
}
