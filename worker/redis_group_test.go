package worker

import (
	"sync"
	"testing"

	"taskport/internal/embedded/testservices"
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

// The master dies while a chunk is at work; what it had not told its replica comes back through the
// sweeper.
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
	// A connection of the pool may lead to the dead master for a while longer.
	await(t, "the replica takes over", func() bool { return w.queue.Ping(t.Context()) == nil })
}
