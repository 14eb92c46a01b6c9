package queue

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// WakeJob is the type of the job that wakes a worker for waiting singles.
const WakeJob = "singles:work"

// Singles returns the name of the queue for wake-ups. It has its own workers, so that singles do
// not wait behind chunks.
func Singles(name string) string { return name + ":singles" }

// WakeSingles queues a wake-up: a worker that takes it looks for waiting singles of all workspaces.
func (q *Queue) WakeSingles(ctx context.Context) error {
	if err := q.hand(ctx, Singles(q.name), WakeJob, "wake:"+uuid.NewString(), struct{}{}, jobTimeout); err != nil {
		return fmt.Errorf("queue a wake-up for singles: %w", err)
	}
	return nil
}
