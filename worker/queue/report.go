package queue

import (
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
)

// State is what a queue holds.
type State struct {
	Name            string // what it is for
	Pending, Active int
	Latency         time.Duration // how long the oldest pending job has waited
}

// Worker is a process that takes jobs off a queue.
type Worker struct {
	Queue       string // what it is for
	Concurrency int
	Busy        int
	Started     time.Time
}

// Report is what Redis knows of the queues and of who takes jobs off them.
type Report struct {
	Queues  []State
	Workers []Worker
}

// Reporter asks Redis. It is safe for concurrent use.
type Reporter struct {
	inspector *asynq.Inspector
	names     [2][2]string // what a queue is for, and its name
}

// NewReporter gives one for the queues of that name.
func NewReporter(client redis.UniversalClient, name string) *Reporter {
	return &Reporter{inspector: asynq.NewInspectorFromRedisClient(client), names: [2][2]string{{"chunks", name}, {"webhooks", Deliveries(name)}}}
}

// Report asks. A queue that nobody has put anything into since Redis began is empty.
func (r *Reporter) Report() (Report, error) {
	var out Report
	known, err := r.inspector.Queues()
	if err != nil {
		return out, fmt.Errorf("list the queues: %w", err)
	}
	for _, name := range r.names {
		state := State{Name: name[0]}
		if slices.Contains(known, name[1]) {
			info, err := r.inspector.GetQueueInfo(name[1])
			if err != nil {
				return out, fmt.Errorf("read the queue %s: %w", name[0], err)
			}
			state.Pending, state.Active, state.Latency = info.Pending, info.Active, info.Latency
		}
		out.Queues = append(out.Queues, state)
	}
	servers, err := r.inspector.Servers()
	if err != nil {
		return out, fmt.Errorf("list the workers: %w", err)
	}
	for _, s := range servers {
		for _, name := range r.names {
			if _, takes := s.Queues[name[1]]; takes {
				out.Workers = append(out.Workers, Worker{Queue: name[0], Concurrency: s.Concurrency, Busy: len(s.ActiveWorkers), Started: s.Started})
			}
		}
	}
	return out, nil
}
