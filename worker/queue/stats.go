package queue

import (
	"slices"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// collector reads the queues when it is asked, so that nothing runs between two scrapes.
type collector struct {
	inspector *asynq.Inspector
	names     map[string]string // of the queues, by what they are for
	up        *prometheus.Desc
	jobs      *prometheus.Desc
	latency   *prometheus.Desc
}

// NewCollector gives the depth and the latency of the queues of that name.
func NewCollector(client redis.UniversalClient, name string) prometheus.Collector {
	return &collector{inspector: asynq.NewInspectorFromRedisClient(client), names: map[string]string{"chunks": name, "webhooks": Deliveries(name)},
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

// Collect asks Redis. A queue that nobody has put anything into since Redis began is empty.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	known, err := c.inspector.Queues()
	for what, name := range c.names {
		info := &asynq.QueueInfo{}
		if err == nil && slices.Contains(known, name) {
			info, err = c.inspector.GetQueueInfo(name)
		}
		if err != nil {
			to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 0, what)
			continue
		}
		to <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, 1, what)
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(info.Pending), what, "pending")
		to <- prometheus.MustNewConstMetric(c.jobs, prometheus.GaugeValue, float64(info.Active), what, "active")
		to <- prometheus.MustNewConstMetric(c.latency, prometheus.GaugeValue, info.Latency.Seconds(), what)
	}
}
