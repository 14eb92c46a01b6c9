package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"taskport/store"
	"taskport/worker/queue"
)

// newRegistry returns a registry with the metrics of the process and its services; the roles add
// theirs.
func (r roles) newRegistry(in *installation) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		queue.NewCollector(in.redis, r.queueName), newBacklogCollector(in.store))
	return registry
}

// backlogTimeout bounds the query of a scrape.
const backlogTimeout = 3 * time.Second

// backlogCollector reads the database and the indexes of names at each scrape.
type backlogCollector struct {
	store *store.Store

	up, chunks, rows, oldest, deliveries, singles, oldestSingle, workspaces, entries *prometheus.Desc
}

func newBacklogCollector(s *store.Store) *backlogCollector {
	desc := func(name, help string) *prometheus.Desc { return prometheus.NewDesc(name, help, nil, nil) }
	return &backlogCollector{store: s,
		up:           desc("taskport_postgres_up", "Whether Postgres reported the backlog."),
		chunks:       desc("taskport_backlog_chunks", "Chunks that are not processed yet, queued or not."),
		rows:         desc("taskport_backlog_rows", "Rows of the chunks that are not processed yet."),
		oldest:       desc("taskport_backlog_oldest_seconds", "Age of the oldest unfinished import."),
		deliveries:   desc("taskport_backlog_deliveries", "Events that are not delivered yet."),
		singles:      desc("taskport_backlog_singles", "Tasks sent with Prefer: respond-async that wait, up to a million."),
		oldestSingle: desc("taskport_backlog_singles_oldest_seconds", "How long the oldest of them has waited."),
		workspaces:   desc("taskport_index_workspaces", "Workspaces whose names this process keeps in memory."),
		entries:      desc("taskport_index_entries", "Names that this process keeps in memory."),
	}
}

// Describe lists the metrics of Collect.
func (c *backlogCollector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.chunks, c.rows, c.oldest, c.deliveries, c.singles, c.oldestSingle,
		c.workspaces, c.entries} {
		to <- d
	}
}

// Collect queries the database; without an answer it reports taskport_postgres_up 0 and the
// indexes.
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
	gauge(c.singles, float64(b.Singles))
	gauge(c.oldestSingle, b.OldestOne.Seconds())
}
