package worker

import (
	"encoding/json"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"

	"taskport/store"
	"taskport/worker/queue"
)

// During an overload a worker of two takes one chunk at a time; otherwise two, which this test
// makes meet.
func TestThrottle(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const chunks = 6
	w := b.worker()
	var most atomic.Int32
	w.beforeCommit = func(*store.Claim) {
		claimed := b.queryInt(t, `SELECT count(*) FROM chunks WHERE workspace_id = $1 AND state = 'pending'
			AND lease_until > now()`, b.workspace)
		most.Store(max(most.Load(), int32(claimed)))
	}
	if err := queue.New(b.redis, b.queueName).SignalOverload(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	i := b.stage(t, "tasks", tasksFile(10*chunks), 10)
	b.handleAll(t, w, i, chunks)
	if n := most.Load(); n != 1 {
		t.Errorf("%d chunks at a time during an overload, want 1", n)
	}
	b.everyRowOnce(t, b.await(t, i), 10*chunks)

	b.redis.Del(t.Context(), "taskport:pressure:"+b.queueName)
	var meet sync.WaitGroup
	meet.Add(2)
	w.beforeCommit = func(*store.Claim) { meet.Done(); meet.Wait() }
	b.handleAll(t, w, b.stage(t, "tasks", tasksFile(20), 10), 2)
}

// handleAll lets the worker handle deliveries of all chunks at once.
func (b *bundle) handleAll(t *testing.T, w *Worker, i store.Import, chunks int) {
	t.Helper()
	var work sync.WaitGroup
	for n := range chunks {
		payload, err := json.Marshal(b.ref(i, n+1))
		if err != nil {
			t.Fatal(err)
		}
		work.Go(func() {
			if err := w.handle(t.Context(), asynq.NewTask(queue.ChunkJob, payload)); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
}
