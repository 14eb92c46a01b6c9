package queue

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"taskport/internal/embedded/testservices"
	"taskport/store"
)

func TestMain(m *testing.M) { os.Exit(testservices.Main(m)) }

// resting is an asynq server that works through a resting client.
type resting struct {
	queue  *Queue
	client *restingClient
	taken  chan store.ChunkRef
	deafen func() // ends the listening
	end    func() // ends the context of the rest
	down   func() // shuts the server down, and returns once it is
}

// rest starts a server whose client rests for so long, and waits until it listens and has found its queue empty.
func rest(t *testing.T, longest time.Duration) *resting {
	t.Helper()
	client, err := Connect(testservices.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	ctx, end := context.WithCancel(t.Context())
	r := &resting{queue: New(client, "test-"+uuid.NewString()), taken: make(chan store.ChunkRef, 1), end: end}
	r.client, r.deafen = r.queue.resting(ctx, longest)
	server := asynq.NewServerFromRedisClient(r.client, asynq.Config{Concurrency: 1, Queues: map[string]int{r.queue.name: 1}, TaskCheckInterval: time.Millisecond, LogLevel: asynq.FatalLevel})
	if err := server.Start(asynq.HandlerFunc(func(_ context.Context, task *asynq.Task) error {
		ref, err := ReadChunk(task)
		r.taken <- ref
		return err
	})); err != nil {
		t.Fatal(err)
	}
	r.down = server.Shutdown
	await(t, "the server listens", func() bool { return r.listeners(t) == 1 })
	// Only an answer of "nothing there" that is kept back takes a call off: asynq asks as is expected here.
	r.client.wake()
	await(t, "the server rests", func() bool { return len(r.client.called) == 0 })
	return r
}

func (r *resting) stop() {
	r.end()
	r.down()
	r.deafen()
}

// listeners counts who hears a call.
func (r *resting) listeners(t *testing.T) int64 {
	t.Helper()
	n, err := r.queue.redis.PubSubNumSub(t.Context(), r.queue.callChannel()).Result()
	if err != nil {
		t.Fatal(err)
	}
	return n[r.queue.callChannel()]
}

// takes checks that a chunk that is handed over is taken.
func (r *resting) takes(t *testing.T) {
	t.Helper()
	ref := store.ChunkRef{WorkspaceID: uuid.New(), ImportID: uuid.New(), Number: 7, Enqueue: 1}
	if err := r.queue.EnqueueAll(t.Context(), []store.ChunkRef{ref}); err != nil {
		t.Fatal(err)
	}
	select {
	case taken := <-r.taken:
		if taken != ref {
			t.Errorf("%v was taken, not %v", taken, ref)
		}
	case <-time.After(30 * time.Second):
		t.Error("not taken within 30 s")
	}
}

func TestServerRestsUntilItIsCalled(t *testing.T) {
	t.Parallel()
	r := rest(t, time.Hour)
	defer r.stop()
	r.takes(t)
	r.takes(t)
}

// A call that nobody heard costs the rest, not the chunk.
func TestServerThatHearsNothingLooksAgain(t *testing.T) {
	t.Parallel()
	r := rest(t, 20*time.Millisecond)
	defer r.stop()
	r.deafen()
	await(t, "nobody listens", func() bool { return r.listeners(t) == 0 })
	r.takes(t)
}

func TestServerThatRestsStopsAtOnce(t *testing.T) {
	t.Parallel()
	r := rest(t, time.Hour)
	defer r.deafen()
	r.end()
	down := make(chan struct{})
	go func() { defer close(down); r.down() }()
	select {
	case <-down:
	case <-time.After(30 * time.Second):
		t.Error("the server is not down within 30 s")
	}
}

func await(t *testing.T, what string, come func() bool) {
	t.Helper()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); <-ticker.C {
		if come() {
			return
		}
	}
	t.Fatalf("%s: not within 30 s", what)
}
