package queue

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hibiken/asynq"

	"taskport/store"
)

// LaneJob is the type of the job that wakes a worker for the waiting singles of a workspace.
const LaneJob = "singles:work"

// Lanes returns the name of the queue for lanes. It has its own workers, so that singles do not
// wait behind chunks.
func Lanes(name string) string { return name + ":singles" }

// EnqueueLanes queues lanes until one fails; the sweeper queues the rest later.
func (q *Queue) EnqueueLanes(ctx context.Context, refs []store.LaneRef) error {
	for _, ref := range refs {
		id := fmt.Sprintf("lane:%s:%d", ref.WorkspaceID, ref.Enqueue)
		if err := q.hand(ctx, Lanes(q.name), LaneJob, id, ref, jobTimeout); err != nil {
			return fmt.Errorf("hand the singles of workspace %s to the queue: %w", ref.WorkspaceID, err)
		}
	}
	return nil
}

// ReadLane parses a job of EnqueueLanes.
func ReadLane(t *asynq.Task) (store.LaneRef, error) {
	var ref store.LaneRef
	if err := json.Unmarshal(t.Payload(), &ref); err != nil {
		return ref, fmt.Errorf("read lane job: %w", err)
	}
	return ref, nil
}
