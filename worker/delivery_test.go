package worker

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// receiver takes deliveries, and answers as it is told.
type receiver struct {
	server *httptest.Server
	mu     sync.Mutex
	status int
	got    []delivered
}

type delivered struct {
	header http.Header
	body   []byte
	event  struct {
		Type      string
		Timestamp time.Time
		Data      struct {
			JobID   string `json:"job_id"`
			Status  string
			Total   int `json:"total_count"`
			Created int `json:"created_count"`
			Tasks   []struct {
				ID  uuid.UUID
				Row int `json:"row_number"`
			}
		}
	}
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{status: http.StatusNoContent}
	r.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		d := delivered{header: req.Header}
		d.body, _ = io.ReadAll(req.Body)
		if err := json.Unmarshal(d.body, &d.event); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.got = append(r.got, d)
		w.WriteHeader(r.status)
	}))
	t.Cleanup(r.server.Close)
	return r
}

func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

func (r *receiver) all() []delivered {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// sender is a worker that may deliver to this machine, with short pauses between the tries.
func (b *bundle) sender() *Worker {
	w := New(Config{Store: b.store, Redis: b.redis, Queue: b.queueName, Dispatch: quick, Sweep: 20 * time.Millisecond,
		Grace:        5 * time.Second,
		WebhookAllow: prefixes("127.0.0.0/8"), Logger: slog.New(slog.DiscardHandler)})
	w.delays = []time.Duration{time.Millisecond, time.Millisecond}
	return w
}

// working runs a worker until the test ends.
func (b *bundle) working(t *testing.T, w *Worker) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// await waits for what is to come, and fails the test when it does not.
func await(t *testing.T, what string, come func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 3000 {
		if come() {
			return
		}
		<-ticker.C
	}
	t.Fatalf("%s: not within 30 s", what)
}

func (b *bundle) webhook(t *testing.T, url string, events ...store.EventType) store.Webhook {
	t.Helper()
	w, err := b.store.CreateWebhook(t.Context(), store.Webhook{WorkspaceID: b.workspace, URL: url, Events: events}, nil,
		time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (b *bundle) deliveries(t *testing.T, w store.Webhook) []store.DeliveryLog {
	t.Helper()
	logs, err := b.store.Deliveries(t.Context(), b.workspace, w.ID, store.Page{Number: 1, Size: 100, Total: true})
	if err != nil || logs.Total != len(logs.Rows) {
		t.Fatal(logs.Total, err)
	}
	return logs.Rows
}

// Every task of an import is told of once, chunk by chunk, and its end once; all of it signed.
func TestEventsOfAnImport(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	hook := b.webhook(t, r.server.URL, store.EventTypes()...)
	b.working(t, b.sender())
	i := b.stage(t, importer.Tasks, tasksFile(50), 20)
	b.await(t, i)
	await(t, "four deliveries", func() bool { return len(r.all()) == 4 })
	rows, ends := map[int]uuid.UUID{}, 0
	for _, d := range r.all() {
		wantSigned(t, d, hook.Secret)
		if d.event.Data.JobID != i.ID.String() || d.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s %v", d.body, d.header)
		}
		if d.event.Type == "import.completed" {
			ends++
			if d.event.Data.Status != "completed" || d.event.Data.Total != 50 || d.event.Data.Created != 45 {
				t.Errorf("%s", d.body)
			}
		}
		for _, task := range d.event.Data.Tasks {
			if _, twice := rows[task.Row]; twice || task.ID != store.TaskID(i.ID, task.Row) {
				t.Errorf("row %d is told of twice, or wrongly: %s", task.Row, task.ID)
			}
			rows[task.Row] = task.ID
		}
	}
	if len(rows) != 45 || ends != 1 {
		t.Errorf("%d tasks, %d ends", len(rows), ends)
	}
}

func wantSigned(t *testing.T, d delivered, secrets ...[]byte) {
	t.Helper()
	if n := len(strings.Fields(d.header.Get("Webhook-Signature"))); n != len(secrets) {
		t.Errorf("%d signatures, want %d", n, len(secrets))
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(d.header.Get("Webhook-Id") + "." + d.header.Get("Webhook-Timestamp") + "." + string(d.body)))
		want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
		if !slices.Contains(strings.Fields(d.header.Get("Webhook-Signature")), want) {
			t.Errorf("the signature %q lacks %q", d.header.Get("Webhook-Signature"), want)
		}
	}
}

// Nobody is told of what he does not want to know, nor of what happens in another workspace.
func TestEventsOnlyForWhoWantsThem(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	b.webhook(t, r.server.URL, store.EventImportFailed)
	other, err := b.store.CreateWorkspace(t.Context(), "other", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.CreateWebhook(t.Context(), store.Webhook{WorkspaceID: other.ID, URL: r.server.URL,
		Events: store.EventTypes()}, nil, time.Now()); err != nil {
		t.Fatal(err)
	}
	b.working(t, b.sender())
	b.await(t, b.stage(t, importer.Tasks, tasksFile(50), 20))
	if n := b.queryInt(t, `SELECT count(*) FROM webhook_events`); n != 0 {
		t.Errorf("%d events that nobody wants", n)
	}
}

// A receiver that is down for a while gets everything later. For one that stays down, the delivery
// fails until a replay.
func TestReceiverThatIsDown(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	r.answer(http.StatusServiceUnavailable)
	hook := b.webhook(t, r.server.URL, store.EventImportCompleted)
	b.working(t, b.sender())
	b.await(t, b.stage(t, importer.Tasks, tasksFile(5), 20))
	await(t, "the delivery is given up", func() bool {
		logs := b.deliveries(t, hook)
		return len(logs) == 1 && logs[0].State == store.DeliveryFailed
	})
	log := b.deliveries(t, hook)[0]
	if len(log.Attempts) != 3 || log.DueAt != nil || log.Attempts[2].Status != http.StatusServiceUnavailable ||
		log.Attempts[2].Error == "" {
		t.Errorf("%+v", log)
	}
	r.answer(http.StatusOK)
	if _, err := b.store.Replay(t.Context(), b.workspace, hook.ID, log.EventID); err != nil {
		t.Fatal(err)
	}
	await(t, "the replay is delivered", func() bool { return b.deliveries(t, hook)[0].State == store.DeliveryDelivered })
	all := r.all()
	if len(all) != 4 || all[3].header.Get("Webhook-Id") != all[0].header.Get("Webhook-Id") ||
		string(all[3].body) != string(all[0].body) {
		t.Errorf("%d deliveries; the event has changed", len(all))
	}
}

// Redis is flushed, and no event is lost: the store knows what is due.
func TestEventsSurviveAFlushedQueue(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	hook := b.webhook(t, r.server.URL, store.EventImportCompleted)
	w := b.sender()
	if err := w.Process(t.Context(), b.ref(b.stage(t, importer.Tasks, tasksFile(5), 20), 1)); err != nil {
		t.Fatal(err)
	}
	if n, err := w.DispatchOnce(t.Context()); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	b.flush(t)
	b.exec(t, `UPDATE webhook_deliveries SET enqueue_after = '-infinity'`)
	b.working(t, w)
	await(t, "the event arrives", func() bool { return b.deliveries(t, hook)[0].State == store.DeliveryDelivered })
	if len(r.all()) != 1 {
		t.Errorf("%d deliveries", len(r.all()))
	}
}

// After a rotation both secrets sign, until the old one ends.
func TestRotatedSecret(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	before := b.webhook(t, r.server.URL, store.EventImportCompleted)
	after, err := b.store.RotateWebhook(t.Context(), b.workspace, before.ID, nil, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	b.working(t, b.sender())
	b.await(t, b.stage(t, importer.Tasks, tasksFile(5), 20))
	await(t, "a delivery", func() bool { return len(r.all()) == 1 })
	wantSigned(t, r.all()[0], before.Secret, after.Secret)
	if string(before.Secret) == string(after.Secret) {
		t.Error("the secret has not changed")
	}
	b.exec(t, `UPDATE webhooks SET old_untils = '{now}'`)
	b.await(t, b.stage(t, importer.Tasks, tasksFile(5), 20))
	await(t, "another delivery", func() bool { return len(r.all()) == 2 })
	if signatures := strings.Fields(r.all()[1].header.Get("Webhook-Signature")); len(signatures) != 1 {
		t.Errorf("the old secret signs still: %v", signatures)
	}
	wantSigned(t, r.all()[1], after.Secret)
}

// Who rotates twice within the time has lost nothing: the secrets of before sign each until its own
// end, and however often that is, not without bound.
func TestSecretRotatedTwice(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	hook := b.webhook(t, r.server.URL, store.EventImportCompleted)
	secrets := [][]byte{hook.Secret}
	rotate := func(both time.Duration) {
		t.Helper()
		after, err := b.store.RotateWebhook(t.Context(), b.workspace, hook.ID, nil, both)
		if err != nil {
			t.Fatal(err)
		}
		secrets = append([][]byte{after.Secret}, secrets...)
	}
	rotate(time.Hour)
	rotate(time.Hour)
	b.working(t, b.sender())
	deliver := func(n int) delivered {
		t.Helper()
		b.await(t, b.stage(t, importer.Tasks, tasksFile(5), 20))
		await(t, "a delivery", func() bool { return len(r.all()) == n })
		return r.all()[n-1]
	}
	wantSigned(t, deliver(1), secrets...)
	b.exec(t, `UPDATE webhooks SET old_untils = ARRAY[old_untils[1], now()]`)
	wantSigned(t, deliver(2), secrets[:2]...)
	const most = 11
	for range most {
		rotate(time.Hour)
	}
	wantSigned(t, deliver(3), secrets[:most]...)
}

// What a receiver learns of an address inside, and what its workspace learns of it, is nothing.
func TestReceiverInside(t *testing.T) {
	t.Parallel()
	b, r := setup(t), newReceiver(t)
	hook := b.webhook(t, r.server.URL, store.EventImportCompleted)
	w := b.sender()
	w.outward = newOutwardClient(nil)
	b.working(t, w)
	b.await(t, b.stage(t, importer.Tasks, tasksFile(5), 20))
	await(t, "the delivery is given up", func() bool {
		logs := b.deliveries(t, hook)
		return len(logs) == 1 && logs[0].State == store.DeliveryFailed
	})
	for _, a := range b.deliveries(t, hook)[0].Attempts {
		if a.Status != 0 || a.Error != "the address of the receiver is not a public one" {
			t.Errorf("%+v", a)
		}
	}
	if len(r.all()) != 0 {
		t.Error("the inside was reached")
	}
}

// A receiver that never answers is disconnected, delays no other receiver, and is retried.
func TestReceiverThatIsSlow(t *testing.T) {
	t.Parallel()
	b, good := setup(t), newReceiver(t)
	patience := make(chan struct{})
	stuck := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-patience }))
	defer func() { close(patience); stuck.Close() }()
	slow := b.webhook(t, stuck.URL, store.EventTypes()...)
	b.webhook(t, good.server.URL, store.EventTypes()...)
	w := b.sender()
	w.outward.Timeout = 300 * time.Millisecond
	b.working(t, w)
	b.await(t, b.stage(t, importer.Tasks, tasksFile(40), 5))
	await(t, "the good receiver has everything", func() bool { return len(good.all()) == 9 })
	await(t, "the slow one is given up", func() bool {
		for _, l := range b.deliveries(t, slow) {
			if l.State == store.DeliveryFailed && len(l.Attempts) == 3 &&
				l.Attempts[0].Error == "the receiver did not answer in time" {
				return true
			}
		}
		return false
	})
}
