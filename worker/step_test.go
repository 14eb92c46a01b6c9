package worker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// cancel stops an import, which must be possible.
func (b *bundle) cancel(t *testing.T, i store.Import) store.Import {
	t.Helper()
	after, err := b.store.Cancel(t.Context(), b.workspace, i.ID, nil)
	if err != nil || after.Status != store.Cancelled || after.FinishedAt == nil {
		t.Errorf("cancelled: %+v %v", after, err)
	}
	return after
}

// wantPlaces makes sure how many rows of an import are tasks and how many are dead letters, and that its counts say the same.
func (b *bundle) wantPlaces(t *testing.T, i store.Import, created, rejected int) {
	t.Helper()
	now, err := b.store.Import(t.Context(), b.workspace, i.ID)
	if err != nil {
		t.Fatal(err)
	}
	tasks := b.queryInt(t, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2`, b.workspace, i.ID)
	dead := b.queryInt(t, `SELECT count(*) FROM dead_letters WHERE workspace_id = $1 AND import_id = $2`, b.workspace, i.ID)
	if tasks != created || dead != rejected || now.Created != int64(created) || now.Rejected != int64(rejected) {
		t.Errorf("%d tasks and %d dead letters, counted as %d and %d, want %d and %d", tasks, dead, now.Created, now.Rejected, created, rejected)
	}
}

// A cancel that comes while a chunk is claimed but not written: nothing of the chunk gets in, and its worker has nothing to complain of.
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

// stays makes sure that nothing brings an ended import into another state, or its chunks to a worker.
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
		b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity, imports WHERE datname = current_database() AND state = 'idle'
			AND query ILIKE 'update chunks set lease_until%' AND query_start > finished_at + interval '20 ms')`)
	}
	if err := w.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Errorf("the cancelled chunk: %v", err)
	}
	b.wantPlaces(t, i, 0, 0)
}

// A claim that waits for its import, as one does that meets a cancel, holds no chunk that the cancel could wait for.
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
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%update chunks c set attempt%')`)
	holder(`SET lock_timeout = '5s'; UPDATE chunks SET state = 'cancelled' WHERE import_id = '` + i.ID.String() + `';
		UPDATE imports SET status = 'cancelled', finished_at = now() WHERE id = '` + i.ID.String() + `'; COMMIT`)
	if c := <-claimed; c != nil {
		t.Errorf("a cancelled chunk was claimed: %+v", c)
	}
}

// A cancel that comes while a chunk's transaction is open waits for it: that chunk is in, the others are not.
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
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'copy %dead_letters%')`)
	group.Go(func() {
		after := b.cancel(t, i)
		if after.Created != 18 || after.Rejected != 2 || after.Processed() >= after.Total {
			t.Errorf("the cancel answers %+v", after)
		}
	})
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE '%''cancelled''%')`)
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
		at := make(chan struct{})
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
					if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		<-at
		after := b.cancel(t, i)
		b.wantPlaces(t, i, int(after.Created), int(after.Rejected))
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

// A chunk that panics takes nothing with it: the others go in, it is parked with its rows named, and a retry goes on once the cause is gone.
func TestRetryOfAChunkThatPanicked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(60), 20)
	w := b.worker()
	w.MaxAttempts = 2
	w.beforeCommit = func(c *store.Claim) {
		if c.Number == 2 {
			panic("poison")
		}
	}
	for range 3 {
		for chunk := 1; chunk <= 3; chunk++ {
			if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil && !strings.Contains(err.Error(), "poison") {
				t.Error(err)
			}
		}
		b.lapse(t, i)
	}
	failed := b.await(t, i)
	if failed.Status != store.Failed || failed.Parked != 20 || failed.Processed() != 40 || !strings.Contains(failed.Error, "rows 21 to 40") {
		t.Errorf("import is %+v", failed)
	}
	w.beforeCommit = nil
	attempts := b.queryInt(t, `SELECT attempt FROM chunks WHERE import_id = $1 AND number = 2`, i.ID)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, w, i), 60)
	if n := b.queryInt(t, `SELECT attempt FROM chunks WHERE import_id = $1 AND number = 2`, i.ID); n <= attempts {
		t.Errorf("attempt %d after attempt %d: the fence is open", n, attempts)
	}
}

// lapse ends the leases of an import's chunks, as time does.
func (b *bundle) lapse(t *testing.T, i store.Import) {
	t.Helper()
	b.exec(t, `UPDATE chunks SET lease_until = '-infinity', enqueue_after = '-infinity' WHERE workspace_id = $1 AND import_id = $2 AND state = 'pending'`, b.workspace, i.ID)
}

// A worker whose claim is older than the retry must not write.
func TestRetryFencesOldClaims(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	stalled, other := b.worker(), b.worker()
	other.MaxAttempts = 1
	stalled.beforeCommit = func(*store.Claim) {
		b.lapse(t, i)
		if err := other.Process(t.Context(), b.ref(i, 1)); !errors.Is(err, errWornOut) {
			t.Errorf("the second claim: %v", err)
		}
		if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, nil); err != nil {
			t.Error(err)
		}
	}
	if err := stalled.Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Error(err)
	}
	b.wantPlaces(t, i, 0, 0)
	stalled.beforeCommit = nil
	b.everyRowOnce(t, b.run(t, other, i), 20)
}

// strangersFile has so many tasks for a contact whom nobody knows yet, with an orphan in each tenth row.
func strangersFile(rows int) string {
	return strings.ReplaceAll(tasksFile(rows), "Hans Müller", "Erika Muster")
}

// learn brings the stranger into the directory.
func (b *bundle) learn(t *testing.T) uuid.UUID {
	t.Helper()
	i := b.stage(t, importer.Contacts, "full_name\nErika Muster\n", 1)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	return b.queryID(t, `SELECT id FROM contacts WHERE workspace_id = $1 AND full_name = 'Erika Muster'`, b.workspace)
}

// mending gives an import all of whose rows are dead letters, and that takes them up again in one chunk: its number is 2.
func (b *bundle) mending(t *testing.T, rows int) store.Import {
	t.Helper()
	i := b.stage(t, "tasks", strangersFile(rows), rows)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	b.wantPlaces(t, i, 0, rows)
	b.contact = b.learn(t)
	after, err := b.store.Retry(t.Context(), b.workspace, i.ID, nil)
	if err != nil || after.Status != store.Processing || after.FinishedAt != nil {
		t.Fatalf("%+v %v", after, err)
	}
	return i
}

// A chunk that mends is delivered twice, one after the other and both at once, and counts once.
func TestCrashMendDeliveredTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	w := b.worker()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Error(err)
	}
	b.everyRowOnce(t, b.await(t, i), 40)
}

// The lease of a chunk that mends lapses, another worker does its work, and then the first goes on.
func TestCrashMendByTwoWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	stalled, other := b.worker(), b.worker()
	stalled.beforeCommit = func(*store.Claim) {
		b.lapse(t, i)
		if err := other.Process(t.Context(), b.ref(i, 2)); err != nil {
			t.Error(err)
		}
	}
	if err := stalled.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Error(err)
	}
	b.everyRowOnce(t, b.await(t, i), 40)
}

// A worker process is killed with -9 after it has taken dead letters away and written tasks, before its commit.
func TestCrashMendKilledInsideTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	if err := b.hand(t, i); err != nil {
		t.Fatal(err)
	}
	release := b.blockTasks(t)
	child := b.startChild(t)
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'copy tasks%')`)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed: an error is what it must give
	release()
	b.untilTrue(t, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND query ILIKE 'copy tasks%' AND state <> 'idle')`)
	b.wantPlaces(t, i, 0, 40)
	b.lapse(t, i)
	b.everyRowOnce(t, b.run(t, b.worker(), i), 40)
}

// A dead letter that somebody else settles while a chunk is about to mend it is left to them.
func TestMendLeavesWhatIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	w := b.worker()
	w.beforeCommit = func(*store.Claim) {
		b.exec(t, `DELETE FROM dead_letters WHERE import_id = $1 AND row_number = 1`, i.ID)
	}
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Fatal(err)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1 AND row_number = 1`, i.ID); n != 0 {
		t.Error("a row was created that is somebody else's")
	}
	if n := b.queryInt(t, `SELECT created_count - 2 * rejected_count FROM chunks WHERE import_id = $1 AND number = 2`, i.ID); n != 35+2*35 {
		t.Errorf("created less twice the change of the rejected is %d", n)
	}
}

// A retry that is cancelled half way leaves each row where it was or where it went.
func TestCancelOfARetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	w := b.worker()
	w.beforeCommit = func(*store.Claim) { b.cancel(t, i) }
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Error(err)
	}
	b.wantPlaces(t, i, 0, 40)
	b.stays(t, w, i, store.Cancelled)
	undone, err := b.store.Undo(t.Context(), b.workspace, i.ID, nil)
	if err != nil || undone.Undone != 0 || undone.Status != store.Undone {
		t.Errorf("%+v %v", undone, err)
	}
}

// A chunk that mends is parked, and a second retry puts another in its place.
func TestRetryOfAParkedMend(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.mending(t, 40)
	w := b.worker()
	w.MaxAttempts = 1
	w.beforeCommit = func(*store.Claim) { panic("poison") }
	if err := w.Process(t.Context(), b.ref(i, 2)); err == nil {
		t.Error("the chunk was not poisoned")
	}
	failed := b.await(t, i)
	if failed.Status != store.Failed || failed.Parked != 0 || failed.Processed() != 40 || !strings.Contains(failed.Error, "dead letters could not be taken up again") {
		t.Errorf("import is %+v", failed)
	}
	b.wantPlaces(t, i, 0, 40)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, b.worker(), i), 40)
}

// An end that was decided on before a retry is not written after it.
func TestRetryIsNotEndedByAnEarlierEnd(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", strangersFile(20), 20)
	w := b.worker()
	claim, err := b.store.Claim(t.Context(), b.ref(i, 1), time.Minute)
	if err != nil || claim == nil {
		t.Fatalf("%v %v", claim, err)
	}
	if err := w.work(t.Context(), claim, &stages{}); err != nil {
		t.Fatal(err)
	}
	// Somebody holds the import, ends it and takes it up again, while an end of the same import waits for the lock.
	holder := b.holdImport(t, i)
	ended := make(chan bool, 1)
	go func() {
		is, err := b.store.FinishImport(context.Background(), b.workspace, i.ID)
		if err != nil {
			t.Error(err)
		}
		ended <- is
	}()
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'update imports%')`)
	holder(`UPDATE imports SET status = 'completed', finished_at = now() WHERE id = '` + i.ID.String() + `';
		UPDATE imports SET status = 'processing', finished_at = NULL, round = round + 1 WHERE id = '` + i.ID.String() + `';
		INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data)
		SELECT workspace_id, import_id, 2, 1, 20, 0, 0, '' FROM chunks WHERE import_id = '` + i.ID.String() + `'; COMMIT`)
	if <-ended {
		t.Error("an import with a pending chunk was ended")
	}
	b.contact = b.learn(t)
	b.everyRowOnce(t, b.run(t, w, i), 20)
}

// holdImport locks an import, and gives what runs SQL in the transaction that does.
func (b *bundle) holdImport(t *testing.T, i store.Import) func(sql string) {
	t.Helper()
	return b.lock(t, `SELECT FROM imports WHERE id = '`+i.ID.String()+`' FOR UPDATE`)
}

// A task that an import is about to bring up to date is taken back by an undo: the import creates it instead.
func TestUpdateOfATaskThatAnUndoTakesAway(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := "title,contact_name,external_id\nFirst,Hans Müller,x1\n"
	first := b.stage(t, "tasks", file, 10)
	w := b.worker()
	if err := w.Process(t.Context(), b.ref(first, 1)); err != nil {
		t.Fatal(err)
	}
	commit := b.lock(t, `DELETE FROM tasks WHERE import_id = '`+first.ID.String()+`'`)
	second := b.stageWith(t, "tasks", file, 10, importer.Options{OnDuplicate: importer.DuplicateUpdate})
	w.repeating.note(second.ID)
	done := make(chan error, 1)
	go func() { done <- w.Process(context.Background(), b.ref(second, 1)) }()
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query ILIKE 'update tasks%')`)
	commit("COMMIT")
	if err := <-done; err != nil {
		t.Error(err)
	}
	after := b.await(t, second)
	if after.Created != 1 || after.Updated != 0 || b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1`, second.ID) != 1 {
		t.Errorf("import is %+v", after)
	}
}

// An undo and an import that changes its tasks at the same time: each task is gone and created anew, or changed and kept.
func TestUndoMeetsAnUpdate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	file := func(title string) string {
		var s strings.Builder
		s.WriteString("title,contact_name,external_id\n")
		for n := range 100 {
			fmt.Fprintf(&s, "%s,Hans Müller,x%d\n", title, n)
		}
		return s.String()
	}
	first := b.stage(t, "tasks", file("first"), 100)
	w := b.worker()
	if err := w.Process(t.Context(), b.ref(first, 1)); err != nil {
		t.Fatal(err)
	}
	second := b.stageWith(t, "tasks", file("second"), 10, importer.Options{OnDuplicate: importer.DuplicateUpdate})
	var group sync.WaitGroup
	var undone store.Import
	group.Go(func() {
		var err error
		if undone, err = b.store.Undo(t.Context(), b.workspace, first.ID, nil); err != nil {
			t.Error(err)
		}
	})
	for chunk := 1; chunk <= 10; chunk++ {
		if err := w.Process(t.Context(), b.ref(second, chunk)); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	after := b.run(t, w, second)
	kept := b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1`, first.ID)
	if int(undone.Undone)+kept != 100 || after.Created != undone.Undone || after.Updated != int64(kept) {
		t.Errorf("undone %d, kept %d; then created %d, updated %d", undone.Undone, kept, after.Created, after.Updated)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE title = 'second'`); n != 100 {
		t.Errorf("%d tasks of the second import, want 100", n)
	}
}
