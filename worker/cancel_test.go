package worker

import (
	"context"
	"sync"
	"testing"
	"time"

	"taskport/importer"
	"taskport/store"
)

// cancel stops an import, which must be possible.
func (b *bundle) cancel(t *testing.T, i store.Import) store.Import {
	t.Helper()
	after, err := b.store.Cancel(t.Context(), b.workspace, i.ID, store.Actor{}, nil)
	if err != nil || after.Status != store.Cancelled || after.FinishedAt == nil {
		t.Errorf("cancelled: %+v %v", after, err)
	}
	return after
}

// wantPlaces makes sure how many rows of an import are tasks and how many are dead letters, and
// that its counts say the same.
func (b *bundle) wantPlaces(t *testing.T, i store.Import, created, rejected int) {
	t.Helper()
	now, err := b.store.Import(t.Context(), b.workspace, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	tasks := b.queryInt(t, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2`, b.workspace, i.ID)
	dead := b.queryInt(t, `SELECT count(*) FROM dead_letters WHERE workspace_id = $1 AND import_id = $2`, b.workspace,
		i.ID)
	if tasks != created || dead != rejected || now.Created != int64(created) || now.Rejected != int64(rejected) {
		t.Errorf("%d tasks and %d dead letters, counted as %d and %d, want %d and %d", tasks, dead, now.Created,
			now.Rejected, created, rejected)
	}
}

// A cancel that comes while a chunk is claimed but not written: nothing of the chunk gets in, and
// its worker has nothing to complain of.
func TestCancelBeforeTheChunkIsWritten(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(40), 20)
	w := b.worker()
	if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	w.beforeCommit = func(*store.Claim) { b.cancel(t, i) }
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Errorf("the cancelled chunk: %v", err)
	}
	b.wantPlaces(t, i, 18, 2)
	b.stays(t, w, i, store.Cancelled)
}

// stays makes sure that nothing brings an ended import into another state, or its chunks to a
// worker.
func (b *bundle) stays(t *testing.T, w *Worker, i store.Import, want store.Status) {
	t.Helper()
	w.beforeCommit = func(*store.Claim) { t.Error("a chunk of an ended import was claimed") }
	for chunk := 1; chunk <= 2; chunk++ {
		if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil {
			t.Error(err)
		}
	}
	if n, err := w.SweepOnce(t.Context()); n != 0 || err != nil {
		t.Errorf("the sweeper handed over %d chunks: %v", n, err)
	}
	if ended, err := b.store.FinishImport(t.Context(), b.workspace, i.ID); ended || err != nil {
		t.Errorf("ended again: %v %v", ended, err)
	}
	if now, err := b.store.Import(t.Context(), b.workspace, i.ID); err != nil || now.Status != want {
		t.Errorf("import is %+v: %v", now, err)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM chunks WHERE import_id = $1 AND octet_length(data) > 0`, i.ID); n != 0 {
		t.Errorf("%d chunks keep their bytes", n)
	}
}

// The same, and the claim's renewal is the first to notice that the chunk is gone.
func TestCancelNoticedByTheRenewal(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	w := b.worker()
	w.Lease = 90 * time.Millisecond
	w.beforeCommit = func(*store.Claim) {
		b.cancel(t, i)
		b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity, imports WHERE datname = current_database()
			AND state = 'idle'
			AND query ILIKE 'update chunks set lease_until%' AND query_start > finished_at + interval '20 ms')`)
	}
	if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Errorf("the cancelled chunk: %v", err)
	}
	b.wantPlaces(t, i, 0, 0)
}

// A claim that waits for its import, as one does that meets a cancel, holds no chunk that the
// cancel could wait for.
func TestClaimLocksTheImportFirst(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	holder := b.holdImport(t, i)
	claimed := make(chan *store.Claim, 1)
	go func() {
		c, err := b.store.Claim(context.Background(), b.ref(i, 1), time.Minute)
		if err != nil {
			t.Error(err)
		}
		claimed <- c
	}()
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE '%update chunks c set attempt%')`)
	holder(`SET lock_timeout = '5s'; UPDATE chunks SET state = 'cancelled' WHERE import_id = '` + i.ID.String() + `';
		UPDATE imports SET status = 'cancelled', finished_at = now() WHERE id = '` + i.ID.String() + `'; COMMIT`)
	if c := <-claimed; c != nil {
		t.Errorf("a cancelled chunk was claimed: %+v", c)
	}
}

// A cancel that comes while a chunk's transaction is open waits for it: that chunk is in, the
// others are not.
func TestCancelWaitsForTheOpenTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(60), 20)
	w := b.worker()
	release := b.blockDeadLetters(t)
	var group sync.WaitGroup
	group.Go(func() {
		if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
			t.Error(err)
		}
	})
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE 'copy %dead_letters%')`)
	group.Go(func() {
		after := b.cancel(t, i)
		if after.Created != 18 || after.Rejected != 2 || after.Processed() >= after.Total {
			t.Errorf("the cancel answers %+v", after)
		}
	})
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE '%''cancelled''%')`)
	release()
	group.Wait()
	b.wantPlaces(t, i, 18, 2)
	b.stays(t, w, i, store.Cancelled)
}

// Cancels that meet workers at any moment never end in a deadlock, and never leave half a chunk.
func TestCancelMeetsWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	for n := range 12 {
		i := b.stage(t, "tasks", tasksFile(200), 10)
		var group sync.WaitGroup
		at, done := make(chan struct{}), make(chan struct{})
		var once sync.Once
		for offset := range 3 {
			w := b.worker()
			w.beforeCommit = func(c *store.Claim) {
				if c.Number > n {
					once.Do(func() { close(at) })
				}
			}
			group.Go(func() {
				for chunk := 1 + offset; chunk <= 20; chunk += 3 {
					if chunk > n+6 {
						<-done // so that the import cannot end before the cancel
					}
					if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		<-at
		after := b.cancel(t, i)
		b.wantPlaces(t, i, int(after.Created), int(after.Rejected))
		close(done)
		group.Wait()
		b.wantPlaces(t, i, int(after.Created), int(after.Rejected))
		if after.Processed()%10 != 0 {
			t.Errorf("half a chunk: %+v", after)
		}
	}
}

func TestCancelOfADirectoryImport(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, importer.Contacts, "full_name\nErika Muster\nFrieda Fremd\n", 1)
	w := b.worker()
	if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	b.cancel(t, i)
	b.stays(t, w, i, store.Cancelled)
	if n := b.queryInt(t, `SELECT count(*) FROM contacts WHERE full_name IN ('Erika Muster', 'Frieda Fremd')`); n != 1 {
		t.Errorf("%d contacts, want 1", n)
	}
}
