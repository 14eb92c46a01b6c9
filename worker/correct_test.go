package worker

import (
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// strangersFile has so many tasks for a contact whom nobody knows yet, with an orphan in each tenth
// row.
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

// correcting returns an import whose rows are all dead letters, and that retries them in one chunk:
// its number is 2.
func (b *bundle) correcting(t *testing.T, rows int) store.Import {
	t.Helper()
	i := b.stage(t, "tasks", strangersFile(rows), rows)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	b.wantPlaces(t, i, 0, rows)
	b.contact = b.learn(t)
	after, err := b.store.Retry(t.Context(), b.workspace, i.ID, store.Actor{}, nil)
	if err != nil || after.Status != store.Processing || after.FinishedAt != nil {
		t.Fatalf("%+v %v", after, err)
	}
	return i
}

// A chunk of corrections that is delivered twice, in turn or at once, counts once.
func TestCrashCorrectionDeliveredTwice(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
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

// The lease of a chunk of corrections lapses, another worker processes it, and then the first goes
// on.
func TestCrashCorrectionByTwoWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
	b.overtake(t, i, 2)
	b.everyRowOnce(t, b.await(t, i), 40)
}

// A worker process is killed with -9 after it has taken dead letters away and written tasks, before
// its commit.
func TestCrashCorrectionKilledInsideTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
	b.killChildAt(t, i, b.blockTasks(t), "copy tasks%")
	b.untilTrue(t, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND query ILIKE 'copy tasks%' AND state <> 'idle')`)
	b.wantPlaces(t, i, 0, 40)
	b.lapse(t, i)
	b.everyRowOnce(t, b.run(t, b.worker(), i), 40)
}

// A chunk of corrections skips a dead letter that was removed meanwhile.
func TestCorrectionLeavesWhatIsGone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
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
	if n := b.queryInt(t, `SELECT created_count - 2 * rejected_count FROM chunks WHERE import_id = $1 AND number = 2`,
		i.ID); n != 35+2*35 {
		t.Errorf("created less twice the change of the rejected is %d", n)
	}
}

// A retry that is cancelled half way leaves each row where it was or where it went.
func TestCancelOfARetry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
	w := b.worker()
	w.beforeCommit = func(*store.Claim) { b.cancel(t, i) }
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Error(err)
	}
	b.wantPlaces(t, i, 0, 40)
	b.stays(t, w, i, store.Cancelled)
	undone, err := b.store.Undo(t.Context(), b.workspace, i.ID, store.Actor{}, nil)
	if err != nil || undone.Undone != 0 || undone.Status != store.Undone {
		t.Errorf("%+v %v", undone, err)
	}
}

// A chunk of corrections is parked, and a second retry replaces it.
func TestRetryOfAParkedCorrection(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.correcting(t, 40)
	w := b.worker()
	w.MaxAttempts = 1
	w.beforeCommit = func(*store.Claim) { panic("poison") }
	if err := w.Process(t.Context(), b.ref(i, 2)); err == nil {
		t.Error("the chunk was not poisoned")
	}
	failed := b.await(t, i)
	if failed.Status != store.Failed || failed.Parked != 0 || failed.Processed() != 40 ||
		!strings.Contains(failed.Error, "dead letters could not be retried") {
		t.Errorf("import is %+v", failed)
	}
	b.wantPlaces(t, i, 0, 40)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, b.worker(), i), 40)
}
