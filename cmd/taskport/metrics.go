package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"taskport/store"
	"taskport/worker/queue"
)

// newRegistry returns what /metrics tells of the process and its services; the roles add what they
// count.
func (r roles) newRegistry(in *installation) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		queue.NewCollector(in.redis, r.queueName), newBacklogCollector(in.store))
	return registry
}

// backlogTimeout bounds what a scrape asks of the database.
const backlogTimeout = 3 * time.Second

// backlogCollector reads the database and the indexes of names when it is asked.
type backlogCollector struct {
	store *store.Store

	up, chunks, rows, oldest, deliveries, workspaces, entries *prometheus.Desc
}

func newBacklogCollector(s *store.Store) *backlogCollector {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	return &backlogCollector{store: s,
		up:         desc("taskport_postgres_up", "Whether Postgres told of what waits."),
		chunks:     desc("taskport_backlog_chunks", "Chunks that are not processed yet, in the queue or not."),
		rows:       desc("taskport_backlog_rows", "Rows of these."),
		oldest:     desc("taskport_backlog_oldest_seconds", "How long the oldest unfinished import has been at it."),
		deliveries: desc("taskport_backlog_deliveries", "Events that are not delivered yet."),
		workspaces: desc("taskport_index_workspaces", "Workspaces whose names this process keeps in memory."),
		entries:    desc("taskport_index_entries", "Names that this process keeps in memory."),
	}
}

// Describe says what Collect gives.
func (c *backlogCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.chunks, c.rows, c.oldest, c.deliveries, c.workspaces, c.entries} {
		to <- d
	}
}

// Collect asks the database; where it does not answer, only that is told of it.
func (c *backlogCollector) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64) { to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v) }
	size := c.store.SnapshotSize()
	gauge(c.workspaces, float64(size.Workspaces))
	gauge(c.entries, float64(size.Entries))
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	b, err := c.store.Backlog(ctx)
	if err != nil {
		gauge(c.up, 0)
		return
	}
	gauge(c.up, 1)
	gauge(c.chunks, float64(b.Chunks))
	gauge(c.rows, float64(b.Rows))
	gauge(c.oldest, b.Oldest.Seconds())
	gauge(c.deliveries, float64(b.Deliveries))
}
