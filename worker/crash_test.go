package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/store"
	"taskport/worker/queue"
)

// A delivery that comes twice, one after the other or both at once, counts once.
func TestCrashDeliveredTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(40), 20)
	w := b.worker()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, chunk := range []int{1, 2, 2, 1} {
		if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil {
			t.Error(err)
		}
	}
	b.everyRowOnce(t, b.await(t, i), 40)
}

// overtake processes a chunk with a worker that stalls before it writes: its lease lapses, another
// worker processes the chunk, and then the first goes on.
func (b *bundle) overtake(t *testing.T, i store.Import, chunk int) {
	t.Helper()
	stalled, other := b.worker(), b.worker()
	stalled.beforeCommit = func(*store.Claim) {
		b.lapse(t, i)
		if err := other.Process(t.Context(), b.ref(i, chunk)); err != nil {
			t.Errorf("the other worker: got %v, want the chunk processed", err)
		}
	}
	if err := stalled.Process(t.Context(), b.ref(i, chunk)); err != nil {
		t.Errorf("the stalled worker: got %v, want no error", err)
	}
}

// A worker stalls before it writes, its lease lapses, another one takes the chunk, and then the
// first goes on.
func TestCrashTwoWorkersOnOneChunk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	stalled, other := b.worker(), b.worker()
	stalled.beforeCommit = func(c *store.Claim) {
		b.exec(t, `UPDATE chunks SET lease_until = '-infinity' WHERE workspace_id = $1 AND import_id = $2`, b.workspace, i.ID)
		if err := other.Process(t.Context(), b.ref(i, 1)); err != nil {
			t.Error(err)
		}
		b.everyRowOnce(t, b.await(t, i), 20)
	}
	if err := stalled.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Error(err)
	}
	b.everyRowOnce(t, b.await(t, i), 20)
	if n := b.queryInt(t, `SELECT attempt FROM chunks WHERE workspace_id = $1 AND import_id = $2`, b.workspace,
		i.ID); n != 2 {
		t.Errorf("the chunk was claimed %d times, want 2: the workers did not meet", n)
	}
}

// The same, but both have the claim and write at the same time: the one with the older attempt must
// lose.
func TestCrashTwoWorkersWriteAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	var meet sync.WaitGroup
	meet.Add(2)
	process := func() {
		w := b.worker()
		w.beforeCommit = func(*store.Claim) {
			b.exec(t, `UPDATE chunks SET lease_until = '-infinity' WHERE workspace_id = $1 AND import_id = $2
				AND state = 'pending'`, b.workspace, i.ID)
			meet.Done()
			meet.Wait()
		}
		if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
			t.Error(err)
		}
	}
	var group sync.WaitGroup
	group.Go(process)
	b.untilTrue(t, `SELECT lease_until = '-infinity' AND attempt = 1 FROM chunks WHERE workspace_id = $1
		AND import_id = $2`, b.workspace, i.ID)
	group.Go(process)
	group.Wait()
	b.everyRowOnce(t, b.await(t, i), 20)
}

// A worker process is killed with -9 while its transaction is open and has written rows.
func TestCrashWorkerKilledInsideTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(60), 20)
	b.killChildAt(t, i, b.blockDeadLetters(t), "copy %dead_letters%")
	if n := b.queryInt(t, `SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d tasks survive an open transaction", n)
	}
	// The lease of the dead worker ends by itself; the test does not wait for it.
	b.exec(t, `UPDATE chunks SET lease_until = '-infinity' WHERE state = 'pending'`)
	b.everyRowOnce(t, b.run(t, b.worker(), i), 60)
}

// Redis loses everything while chunks are waiting in it, before a worker starts and again while it
// works.
func TestCrashRedisFlushed(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(300), 10)
	if err := b.hand(t, quick); err != nil {
		t.Fatal(err)
	}
	if n := b.queued(t); n != quick.Window {
		t.Fatalf("%d jobs in the queue, want the window of %d", n, quick.Window)
	}
	b.flush(t)
	w := b.worker()
	var once sync.Once
	w.beforeCommit = func(c *store.Claim) {
		if c.Number == 10 {
			once.Do(func() { b.flush(t) })
		}
	}
	b.everyRowOnce(t, b.run(t, w, i), 300)
}

// killChildAt lets a worker process work on an import until it waits for a lock with a statement,
// kills it with -9, and releases the lock.
func (b *bundle) killChildAt(t *testing.T, i store.Import, release func(), statement string) {
	t.Helper()
	if err := b.hand(t, quick); err != nil {
		t.Fatal(err)
	}
	child := b.startChild(t)
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE $1)`, statement)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed: an error is what it must give
	release()
}

// flush makes Redis forget the queue: all of it on a server of the test's own, the queue's keys on
// one that was given.
func (b *bundle) flush(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if os.Getenv("REDIS_URL") == "" {
		if err := b.redis.FlushAll(ctx).Err(); err != nil {
			t.Error(err)
		}
		return
	}
	keys, err := b.redis.Keys(ctx, "asynq:{"+b.queueName+"*").Result()
	if err != nil {
		t.Error(err)
	}
	if len(keys) > 0 {
		b.redis.Del(ctx, keys...)
	}
	b.redis.SRem(ctx, "asynq:queues", b.queueName, queue.Front(b.queueName))
}

func (b *bundle) queued(t *testing.T) int {
	t.Helper()
	all := 0
	for _, name := range []string{b.queueName, queue.Front(b.queueName)} {
		n, err := b.redis.LLen(t.Context(), "asynq:{"+name+"}:pending").Result()
		if err != nil {
			t.Fatal(err)
		}
		all += int(n)
	}
	return all
}

// blockDeadLetters holds a lock at which a chunk's transaction stops after it has written its
// tasks.
func (b *bundle) blockDeadLetters(t *testing.T) (release func()) {
	t.Helper()
	then := b.lock(t, `LOCK TABLE dead_letters IN EXCLUSIVE MODE`)
	return func() { then(`ROLLBACK`) }
}

// blockTasks holds a lock at which a chunk's transaction stops before it writes its tasks.
func (b *bundle) blockTasks(t *testing.T) (release func()) {
	t.Helper()
	then := b.lock(t, `LOCK TABLE tasks IN EXCLUSIVE MODE`)
	return func() { then(`ROLLBACK`) }
}

// lock opens a transaction with SQL that locks something, and returns what runs more SQL in it.
func (b *bundle) lock(t *testing.T, sql string) (then func(sql string)) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), b.url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), `BEGIN; `+sql); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return func(sql string) {
		if _, err := c.Exec(t.Context(), sql); err != nil {
			t.Error(err)
		}
	}
}

// untilTrue polls the database for something that another process brings about.
func (b *bundle) untilTrue(t *testing.T, sql string, args ...any) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	b.conn(t, func(c *pgx.Conn) error {
		for range 4000 {
			var yes bool
			if err := c.QueryRow(context.Background(), sql, args...).Scan(&yes); err != nil || yes {
				return err
			}
			<-ticker.C
		}
		return fmt.Errorf("not true within 20 s: %s", sql)
	})
}

// childEnv tells the test binary to be a worker process: database, Redis and queue, one a line.
const childEnv = "TASKPORT_TEST_WORKER"

func (b *bundle) startChild(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self) //nolint:noctx // it is killed on purpose, and at the latest by the cleanup
	cmd.Env = append(os.Environ(), childEnv+"="+strings.Join([]string{b.url, b.redisURL, b.queueName}, "\n"))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	return cmd
}

// runChild is the worker process.
func runChild() int {
	parts := strings.Split(os.Getenv(childEnv), "\n")
	ctx := context.Background()
	s, err := store.Open(ctx, parts[0], store.Options{})
	if err != nil {
		return 1
	}
	client, err := queue.Connect(parts[1])
	if err != nil {
		return 1
	}
	w := New(Config{Store: s, Redis: client, Queue: parts[2], Dispatch: quick, Logger: slog.New(slog.DiscardHandler)})
	if err := w.Run(ctx); err != nil {
		return 1
	}
	return 0
}
