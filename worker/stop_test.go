package worker

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"taskport/store"
	"taskport/worker/queue"
)

// A worker that is to stop takes no further chunk, however long a receiver of events keeps a delivery waiting.
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
			if w.Queue == "chunks" {
				chunks++
			} else {
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

// What a worker gives back because it stops counts as no try, also when the answer was lost and it is given back once more.
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
