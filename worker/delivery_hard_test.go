package worker

import (
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// delivery returns the only delivery of a webhook that a small import has made due.
func (b *bundle) delivery(t *testing.T, hook store.Webhook, w *Worker) store.DeliveryRef {
	t.Helper()
	if err := w.Process(t.Context(), b.ref(b.stage(t, importer.Tasks, tasksFile(5), 20), 1)); err != nil {
		t.Fatal(err)
	}
	logs := b.deliveries(t, hook)
	if len(logs) != 1 {
		t.Fatalf("%d deliveries", len(logs))
	}
	return store.DeliveryRef{WorkspaceID: b.workspace, WebhookID: hook.ID, EventID: logs[0].EventID}
}

// A replay that comes while the last try is under way is not lost when that try fails: the event is
// tried again at once, and from the beginning.
func TestReplayDuringATry(t *testing.T) {
	t.Parallel()
	b, arrived, answer := setup(t), make(chan struct{}), make(chan struct{})
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		arrived <- struct{}{}
		<-answer
		w.WriteHeader(http.StatusBadGateway)
	}))
	defer receiver.Close()
	hook := b.webhook(t, receiver.URL, store.EventImportCompleted)
	w := b.sender()
	w.delays = nil // the first try is the last
	ref := b.delivery(t, hook, w)
	done := make(chan error, 1)
	go func() { done <- w.Deliver(t.Context(), ref) }()
	<-arrived
	if _, err := b.store.Replay(t.Context(), b.workspace, hook.ID, ref.EventID); err != nil {
		t.Fatal(err)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	log := b.deliveries(t, hook)[0]
	if log.State != store.DeliveryPending || log.DueAt == nil || log.DueAt.After(time.Now().Add(time.Second)) ||
		len(log.Attempts) != 1 {
		t.Errorf("the replay is lost: %+v", log)
	}
}

// However many deliveries wait for a receiver that is well, no more than the window of them runs at
// a time, and each comes once.
func TestDeliveriesAtATime(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var running, most, got atomic.Int64
	receiver := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		n := running.Add(1)
		defer running.Add(-1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		got.Add(1)
	}))
	defer receiver.Close()
	hook := b.webhook(t, receiver.URL, store.EventTaskCreated)
	const events = 500
	b.exec(t, `WITH e AS (INSERT INTO webhook_events (workspace_id, id, type, data, created_at)
		SELECT $1, gen_random_uuid(), 'task.created', '{}', now() FROM generate_series(1, $3) RETURNING id)
		INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, due_at) SELECT $1, $2, id, clock_timestamp()
		FROM e`, b.workspace, hook.ID, events)
	b.working(t, b.sender())
	await(t, "all deliveries", func() bool { return got.Load() >= events })
	if n := most.Load(); n > perWebhook {
		t.Errorf("%d deliveries at a time, at most %d are promised", n, perWebhook)
	}
	if n := got.Load(); n != events {
		t.Errorf("%d deliveries of %d events", n, events)
	}
}
