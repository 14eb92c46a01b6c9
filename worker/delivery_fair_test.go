package worker

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// dripper is a receiver that sends something every few milliseconds and never comes to an end.
type dripper struct {
	url        string
	open, most atomic.Int64 // connections
}

// newDripper begins each answer with some text and then drips.
func newDripper(t *testing.T, begin, drip string) *dripper {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	d := &dripper{url: "http://" + l.Addr().String()}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n := d.open.Add(1)
			for m := d.most.Load(); n > m && !d.most.CompareAndSwap(m, n); m = d.most.Load() {
			}
			go func() {
				defer d.open.Add(-1)
				defer c.Close()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				for _, err := c.Write([]byte(begin)); err == nil; _, err = c.Write([]byte(drip)) {
					time.Sleep(5 * time.Millisecond)
				}
			}()
		}
	}()
	return d
}

// neighbour adds a workspace.
func (b *bundle) neighbour(t *testing.T, name string) *bundle {
	t.Helper()
	ws, err := b.store.CreateWorkspace(t.Context(), name, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	other := *b
	other.workspace = ws.ID
	return &other
}

// due makes events that are due to a webhook.
func (b *bundle) due(t *testing.T, hook store.Webhook, events int) {
	t.Helper()
	b.exec(t, `WITH e AS (INSERT INTO webhook_events (workspace_id, id, type, data, created_at)
			SELECT $1, gen_random_uuid(), 'task.created', '{}', now() FROM generate_series(1, $3) RETURNING id)
		INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, due_at) SELECT $1, $2, id, clock_timestamp()
		FROM e`, b.workspace, hook.ID, events)
}

// Fifty receivers of one workspace whose headers drip keep only a few of the senders: another
// workspace's events arrive while not one of theirs has ended.
func TestDrippingReceiversOfOneWorkspace(t *testing.T) {
	t.Parallel()
	b := setup(t)
	neighbour := b.neighbour(t, "neighbour")
	hostile := newDripper(t, "HTTP/1.1 200 OK\r\nX-Slow: ", "a")
	for range store.MaxWebhooks {
		b.due(t, b.webhook(t, hostile.url, store.EventTaskCreated), 3)
	}
	good := newReceiver(t)
	hook := neighbour.webhook(t, good.server.URL, store.EventTaskCreated)
	w := b.sender()
	w.outward.Timeout = time.Hour
	w.Grace = time.Millisecond
	b.working(t, w)
	await(t, "the slow receivers have all the senders that they may",
		func() bool { return hostile.open.Load() == DefaultWebhookWindow })
	const events = 20
	neighbour.due(t, hook, events)
	await(t, "the neighbour's events arrive", func() bool { return len(good.all()) == events })
	if n := b.queryInt(t, `SELECT count(*) FROM webhook_attempts WHERE workspace_id = $1`, b.workspace); n != 0 {
		t.Errorf("%d tries of the slow receivers had ended before the neighbour's events arrived, want 0", n)
	}
	if n := hostile.most.Load(); n != DefaultWebhookWindow {
		t.Errorf("%d deliveries of the workspace at a time, want %d", n, DefaultWebhookWindow)
	}
}

// The status decides: a receiver whose body drips has taken the event, and keeps no sender.
func TestBodyIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	slow := newDripper(t, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n")
	hook := b.webhook(t, slow.url, store.EventTaskCreated)
	w := b.sender()
	w.outward.Timeout = time.Hour
	b.due(t, hook, 1)
	log := b.deliveries(t, hook)[0]
	if err := w.Deliver(t.Context(), store.DeliveryRef{WorkspaceID: b.workspace, WebhookID: hook.ID,
		EventID: log.EventID}); err != nil {
		t.Fatal(err)
	}
	if log = b.deliveries(t, hook)[0]; log.State != store.DeliveryDelivered || len(log.Attempts) != 1 ||
		log.Attempts[0].Status != http.StatusOK {
		t.Errorf("got %+v, want it delivered with status 200", log)
	}
	await(t, "the connection is closed", func() bool { return slow.open.Load() == 0 })
}

// A try as a whole has a limit, however often something arrives within it.
func TestTryHasALimit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.sender()
	if got := newOutwardClient(nil).Timeout; got != tryTimeout || got >= deliveryLease {
		t.Errorf("a try may last %s, want %s, and less than its lease of %s", got, tryTimeout, deliveryLease)
	}
	w.outward.Timeout = 200 * time.Millisecond
	slow := newDripper(t, "HTTP/1.1 200 OK\r\nX-Slow: ", "a")
	got := w.try(t.Context(), &store.Delivery{Webhook: store.Webhook{URL: slow.url, Secret: []byte("secret")},
		Data: []byte(`{}`)})
	if want := "the receiver did not answer in time"; got.Error != want || got.Status != 0 {
		t.Errorf("got %+v, want the error %q", got, want)
	}
}

// Deliveries go to the queue in turn: a workspace with a backlog is not before one with a single
// event, and a receiver with a backlog not before the others of its workspace.
func TestDeliveriesInTurn(t *testing.T) {
	t.Parallel()
	b := setup(t)
	loud, quiet := b.webhook(t, "https://loud.example", store.EventTaskCreated), b.webhook(t, "https://quiet.example",
		store.EventTaskCreated)
	neighbour := b.neighbour(t, "neighbour")
	third := neighbour.webhook(t, "https://third.example", store.EventTaskCreated)
	b.due(t, loud, 100)
	b.due(t, quiet, 1)
	neighbour.due(t, third, 2)
	most := store.DeliveryBounds{Webhook: 3, Workspace: 3}
	hand := func() []store.DeliveryRef {
		t.Helper()
		refs, err := b.store.DueDeliveries(t.Context(), most, time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		return refs
	}
	refs := hand()
	of := map[uuid.UUID]int{}
	for n, ref := range refs {
		if n < 4 && n%2 == 1 && ref.WorkspaceID == refs[n-1].WorkspaceID {
			t.Errorf("places %d and %d belong to one workspace, want one of each", n-1, n)
		}
		of[ref.WebhookID]++
	}
	if len(refs) != 5 || of[loud.ID] != 2 || of[quiet.ID] != 1 || of[third.ID] != 2 {
		t.Errorf("got %d deliveries, %d loud, %d quiet, %d third; want 5: 2, 1 and 2", len(refs), of[loud.ID],
			of[quiet.ID], of[third.ID])
	}
	if refs := hand(); len(refs) != 0 {
		t.Errorf("got %d more while the first are in the queue, want none", len(refs))
	}
}

// A delivery that comes out of the queue while its workspace has all it may is handed over again,
// and not lost for a minute.
func TestDeliveryBeyondTheBoundIsHandedOverAgain(t *testing.T) {
	t.Parallel()
	b := setup(t)
	receiver := httptest.NewServer(http.NotFoundHandler())
	defer receiver.Close()
	first, second := b.webhook(t, receiver.URL, store.EventTaskCreated), b.webhook(t, receiver.URL, store.EventTaskCreated)
	b.due(t, first, 1)
	b.due(t, second, 1)
	refs, err := b.store.DueDeliveries(t.Context(), store.DeliveryBounds{Webhook: 1, Workspace: 2}, time.Hour)
	if err != nil || len(refs) != 2 {
		t.Fatalf("got %d deliveries (%v), want 2", len(refs), err)
	}
	one := store.DeliveryBounds{Webhook: 1, Workspace: 1}
	running, err := b.store.ClaimDelivery(t.Context(), refs[0], time.Minute, one)
	if err != nil || running == nil {
		t.Fatalf("got %v (%v), want the first delivery", running, err)
	}
	if d, err := b.store.ClaimDelivery(t.Context(), refs[1], time.Minute, one); err != nil || d != nil {
		t.Fatalf("got %v (%v), want none: the workspace has all it may", d, err)
	}
	if err := b.store.EndAttempt(t.Context(), running, store.Attempt{At: time.Now(), Status: http.StatusOK},
		store.DeliveryDelivered, 0); err != nil {
		t.Fatal(err)
	}
	again, err := b.store.DueDeliveries(t.Context(), one, time.Hour)
	if err != nil || len(again) != 1 || again[0].WebhookID != refs[1].WebhookID {
		t.Errorf("got %v (%v), want the second delivery", again, err)
	}
}
