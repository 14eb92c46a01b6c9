package worker

import (
	"sync"
	"testing"
	"time"

	"taskport/cmd/taskport/embedded/testservices"
	"taskport/store"
)

// An import is worked off by a Cluster of three nodes, on whichever of them the queue lies.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	b := setupOn(t, testservices.RedisCluster(t))
	for range 3 {
		b.queueName += "x" // another slot
		i := b.stage(t, "tasks", tasksFile(100), 10)
		b.everyRowOnce(t, b.run(t, b.worker(), i), 100)
	}
}

// The master dies while a chunk is at work; what it had not told its replica comes back through the sweeper.
func TestRedisSentinelFailover(t *testing.T) {
	t.Parallel()
	sentinels := testservices.RedisSentinels(t)
	b := setupOn(t, sentinels.URL)
	i := b.stage(t, "tasks", tasksFile(200), 10)
	w := b.worker()
	var crash sync.Once
	w.beforeCommit = func(c *store.Claim) {
		if c.Number == 3 {
			crash.Do(func() { sentinels.CrashMaster(t) })
		}
	}
	b.everyRowOnce(t, b.run(t, w, i), 200)
	answersAgain(t, w)
}

// answersAgain waits until the replica has taken over: a connection of the pool may lead to the dead master for a while longer.
func answersAgain(t *testing.T, w *Worker) {
	t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(30 * time.Second); ; <-ticker.C {
		err := w.queue.Ping(t.Context())
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the replica has not taken over: %v", err)
		}
	}
}
