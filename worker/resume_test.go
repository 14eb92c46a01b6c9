package worker

import (
	"bytes"
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"taskport/store"
)

// patient waits so long for a claim that no test sees the end of it.
var patient = store.Dispatch{Window: 4, RedeliverAfter: 5 * time.Minute}

func (b *bundle) patientWorker() *Worker {
	return New(Config{Store: b.store, Redis: b.redis, Queue: b.queueName, Dispatch: patient,
		Logger: slog.New(slog.DiscardHandler)})
}

func sweep(t *testing.T, w *Worker, want int) {
	t.Helper()
	n, err := w.SweepOnce(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n != want {
		t.Errorf("the sweeper hands over %d chunks, want %d", n, want)
	}
}

// A queue that Redis has lost is filled at once, whatever the chunks have to wait for a claim
// otherwise.
func TestEmptiedQueueIsFilledAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.stage(t, "tasks", tasksFile(100), 10)
	w := b.patientWorker()
	sweep(t, w, patient.Window)
	sweep(t, w, 0)
	b.flush(t)
	b.redis.Del(t.Context(), "taskport:{"+b.queueName+"}:filled") // flush spares it on a server that is not the test's own
	sweep(t, w, patient.Window)
	if n := b.queued(t); n != patient.Window {
		t.Errorf("%d jobs in the queue, want %d", n, patient.Window)
	}
	sweep(t, w, 0)
}

// Once a chunk has been claimed it waits for its lease alone: nobody will follow the handing-over
// again.
func TestLapsedLeaseIsSweptAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(10), 10)
	w := b.patientWorker()
	sweep(t, w, 1)
	if c, err := b.store.Claim(t.Context(), b.ref(i, 1), time.Minute); err != nil || c == nil {
		t.Fatalf("not claimed: %v", err)
	}
	sweep(t, w, 0)
	b.exec(t, `UPDATE chunks SET lease_until = now() - interval '1 second' WHERE workspace_id = $1 AND import_id = $2`,
		b.workspace, i.ID)
	sweep(t, w, 1)
}

// A clock that is set back by an hour leaves times that lie an hour ahead; nothing waits for them.
func TestClockThatIsSetBackHoldsNothingUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(10), 10)
	b.exec(t, `UPDATE chunks SET lease_until = now() + interval '1 hour', enqueue_after = now() + interval '1 hour'
		WHERE workspace_id = $1 AND import_id = $2`, b.workspace, i.ID)
	w := b.patientWorker()
	sweep(t, w, 1)
	if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.await(t, i), 10)
}

// So it is with what is on its way to a webhook, and with the key of a request whose process died.
func TestClockThatIsSetBackHoldsNoDeliveryAndNoKeyUp(t *testing.T) {
	t.Parallel()
	b := setup(t)
	r := newReceiver(t)
	hook := b.webhook(t, r.server.URL, store.EventImportCompleted)
	b.takeIn(t, tasksFile(10))
	b.exec(t, `UPDATE webhook_deliveries SET lease_until = now() + interval '1 hour', enqueue_after = now() + interval
		'1 hour' WHERE workspace_id = $1`, b.workspace)
	w := b.sender()
	if n, err := w.DispatchOnce(t.Context()); n != 1 || err != nil {
		t.Errorf("%d deliveries handed over, %v", n, err)
	}
	if err := w.Deliver(t.Context(), store.DeliveryRef{WorkspaceID: b.workspace, WebhookID: hook.ID,
		EventID: b.deliveries(t, hook)[0].EventID}); err != nil || len(r.all()) != 1 {
		t.Errorf("%d delivered, %v", len(r.all()), err)
	}
	for range 2 {
		kept, err := b.store.BeginIdempotent(t.Context(), &store.Idempotency{WorkspaceID: b.workspace, Key: "k",
			Owner: uuid.New()})
		if kept != nil || err != nil {
			t.Errorf("%+v %v", kept, err)
		}
		b.exec(t, `UPDATE idempotency_keys SET lease_until = now() + interval '1 hour' WHERE workspace_id = $1`, b.workspace)
	}
}

// A worker that has a delivery in hand while the database is away waits for it, until it is told to
// stop.
func TestWorkerWaitsForItsDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away, err := store.Open(t.Context(), "postgres://nobody@/nothing?host="+t.TempDir(), store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(away.Close)
	stopping, stop := context.WithCancel(t.Context())
	w := New(Config{Store: away, Redis: b.redis, Queue: b.queueName, Logger: slog.New(slog.DiscardHandler)})
	w.stopping = stopping.Done()
	ended := make(chan error, 1)
	go func() { _, err := w.claim(t.Context(), store.ChunkRef{}); ended <- err }()
	select {
	case err := <-ended:
		t.Fatalf("it gave up: %v", err)
	case <-time.After(2 * databasePause):
	}
	stop()
	if err := <-ended; err == nil {
		t.Error("a claim without a database")
	}
}

// A worker that is stopped while Redis is away ends as any other does.
func TestStoppedWhileRedisIsAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	away := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1", MaxRetries: -1})
	defer away.Close()
	waits := make(chan struct{})
	told := sync.OnceFunc(func() { close(waits) })
	w := New(Config{Store: b.store, Redis: away, Queue: b.queueName,
		Logger: slog.New(slog.NewTextHandler(writerFunc(func(line []byte) (int, error) {
			if bytes.Contains(line, []byte("waiting for Redis")) {
				told()
			}
			return len(line), nil
		}), nil))})
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	<-waits
	stop()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
