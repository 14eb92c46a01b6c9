package worker

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// delivery gives the only delivery of a webhook that a small import has made due.
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

// A replay that comes while the last try is under way is not lost when that try fails: the event is tried again at once, and from the beginning.
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
	if log.State != store.DeliveryPending || log.DueAt == nil || log.DueAt.After(time.Now().Add(time.Second)) || len(log.Attempts) != 1 {
		t.Errorf("the replay is lost: %+v", log)
	}
}
