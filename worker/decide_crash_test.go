package worker

import (
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// decided returns an import of so many rows, every tenth an orphan, all of whose rows are dead
// letters, with a decision about those of the stranger: its chunk is number 2.
func (b *bundle) decided(t *testing.T, rows int) store.Import {
	t.Helper()
	i := b.takeIn(t, strangersFile(rows))
	b.wantCounts(t, i, 0, rows)
	d, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Field: "contact_name",
		Name: "Erika Muster"}, importer.Correction{ContactID: b.contact}, false, anna, nil)
	if err != nil || d.Rows != rows-rows/10 {
		t.Fatalf("%+v %v", d, err)
	}
	return i
}

// A worker process is killed with -9 while its transaction, which has taken dead letters away, is
// open: they are still there, the decision is too, and another worker carries it out.
func TestCrashDecisionKilledInsideTransaction(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.decided(t, 60)
	b.killChildAt(t, i, b.blockTasks(t), "copy %tasks%")
	b.wantPlaces(t, i, 0, 60)
	b.exec(t, `UPDATE chunks SET lease_until = '-infinity' WHERE state = 'pending'`)
	b.everyRowOnce(t, b.run(t, b.worker(), i), 60)
}

// The lease of a chunk that carries out a decision lapses, another worker does its work, and then
// the first goes on.
func TestCrashDecisionByTwoWorkers(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.decided(t, 40)
	b.overtake(t, i, 2)
	b.everyRowOnce(t, b.await(t, i), 40)
}

// A decision whose import is cancelled half way leaves each row where it was; what was decided
// stays with it.
func TestCancelOfADecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.decided(t, 40)
	w := b.worker()
	w.beforeCommit = func(*store.Claim) { b.cancel(t, i) }
	if err := w.Process(t.Context(), b.ref(i, 2)); err != nil {
		t.Error(err)
	}
	b.wantPlaces(t, i, 0, 40)
	b.stays(t, w, i, store.Cancelled)
	d, err := b.store.DeadLetter(t.Context(), b.workspace, i.ID, 1)
	if err != nil || d.Corrections["contact_id"] != b.contact.String() || d.Decision.Pending {
		t.Errorf("%+v %v", d, err)
	}
}

// What a decision has brought in is taken back with the rest of its import.
func TestUndoOfADecision(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.decided(t, 40)
	b.everyRowOnce(t, b.carryOut(t, i), 40)
	undone, err := b.store.Undo(t.Context(), b.workspace, i.ID, bert, nil)
	if err != nil || undone.Status != store.Undone || undone.Undone != 36 {
		t.Errorf("%+v %v", undone, err)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1`, i.ID); n != 0 {
		t.Errorf("%d tasks are left", n)
	}
}

// A chunk that carries out a decision is parked. Another decision about its rows cancels the chunk
// once it has no row left.
func TestDecisionThatIsParked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.decided(t, 40)
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
	if _, err := b.store.Correct(t.Context(), b.workspace, i.ID, 1, importer.Correction{ContactID: b.contact}, bert,
		nil); err != nil {
		t.Fatal(err)
	}
	if after := b.carryOut(t, i); after.Status != store.Failed || after.Created != 1 {
		t.Errorf("import is %+v", after)
	}
	if _, err := b.store.CorrectAll(t.Context(), b.workspace, i.ID, store.Selector{Name: "Erika Muster"},
		importer.Correction{ContactID: b.contact}, false, bert, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.carryOut(t, i), 40)
}
