package worker

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"taskport/store"
	"taskport/worker/queue"
)

// A worker that is to stop takes no further chunk, however long a receiver of events keeps a
// delivery waiting.
func TestAStoppingWorkerTakesNoChunkWhileADeliveryRuns(t *testing.T) {
	t.Parallel()
	b := setup(t)
	arrived, leave := make(chan struct{}), make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { close(arrived); <-leave }))
	defer slow.Close()
	b.webhook(t, slow.URL, store.EventImportCompleted)
	w := b.sender()
	w.Grace = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	b.await(t, b.stage(t, "tasks", tasksFile(10), 10))
	<-arrived
	cancel()
	reporter := queue.NewReporter(b.redis, b.queueName)
	takers := func() (chunks, deliveries int) {
		report, err := reporter.Report()
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range report.Workers {
			switch w.Queue {
			case "chunks":
				chunks++
			case "webhooks":
				deliveries++
			}
		}
		return chunks, deliveries
	}
	await(t, "nobody takes chunks", func() bool { chunks, _ := takers(); return chunks == 0 })
	if _, deliveries := takers(); deliveries != 1 {
		t.Errorf("%d take deliveries, and one has not ended", deliveries)
	}
	close(leave)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// slowLinker makes linking last until it is ended, and returns a channel that is closed once it has
// begun.
func slowLinker(w *Worker) (began chan struct{}) {
	began = make(chan struct{})
	var once sync.Once
	w.beforeLink = func(ctx context.Context) {
		once.Do(func() { close(began) })
		<-ctx.Done()
	}
	return began
}

// soon waits for the end of something that would last far longer if nothing ended it.
func soon(t *testing.T, what string, ended <-chan error) {
	t.Helper()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("%s ended with %v", what, err)
		}
	case <-time.After(15 * time.Second):
		t.Fatalf("%s did not end", what)
	}
}

// A worker that is stopped while it links releases the chunk at once, without using an attempt.
func TestAWorkerThatStopsWhileItLinksGivesTheChunkBack(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.worker()
	w.Grace = time.Minute
	began := slowLinker(w)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- w.Run(ctx) }()
	i := b.stage(t, "tasks", tasksFile(20), 20)
	<-began
	cancel()
	soon(t, "the worker", ended)
	b.wantPlaces(t, i, 0, 0)
	c, err := b.store.Claim(t.Context(), b.ref(i, 1), time.Minute)
	if err != nil || c == nil || c.Tries != 1 {
		t.Errorf("the chunk is claimed as %+v (%v), want try 1", c, err)
	}
}

// A cancel ends the work on a chunk that is being linked long before its lease is to be renewed.
func TestACancelEndsLinking(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	w := b.worker()
	w.Lease = time.Hour
	began := slowLinker(w)
	ended := make(chan error, 1)
	go func() { ended <- w.Process(t.Context(), b.ref(i, 1)) }()
	<-began
	b.cancel(t, i)
	soon(t, "the work", ended)
	b.wantPlaces(t, i, 0, 0)
	b.stays(t, w, i, store.Cancelled)
}

// A chunk that a stopping worker releases has used no attempt, even if the answer was lost and it
// is released once more.
func TestAChunkThatIsReturnedTwiceIsReturnedOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(10), 10)
	claimed := func(try int) *store.Claim {
		t.Helper()
		c, err := b.store.Claim(t.Context(), b.ref(i, 1), time.Minute)
		if err != nil || c == nil || c.Tries != try {
			t.Fatalf("%+v %v, want try %d", c, err, try)
		}
		return c
	}
	returned := func(c *store.Claim) {
		t.Helper()
		for range 2 {
			if err := b.store.Return(t.Context(), c, -time.Second); err != nil {
				t.Fatal(err)
			}
		}
	}
	returned(claimed(1))
	if err := b.store.Release(t.Context(), claimed(1), "broken", -time.Second); err != nil {
		t.Fatal(err)
	}
	returned(claimed(2))
	claimed(2)
}
