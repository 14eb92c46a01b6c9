package worker

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// accept accepts singles as intake does, and returns their imports.
func (b *bundle) accept(t *testing.T, o importer.Options, lines ...string) []store.Import {
	t.Helper()
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	var all []*store.NewSingle
	for _, line := range lines {
		all = append(all, &store.NewSingle{WorkspaceID: b.workspace, KeyID: uuid.New(), Line: []byte(line), Options: o,
			CreatedAt: time.Now()})
	}
	made, err := b.store.AcceptSingles(t.Context(), all)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// workSingles processes the waiting singles.
func (b *bundle) workSingles(t *testing.T, w *Worker) {
	t.Helper()
	for {
		if err := w.WorkSingles(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.aside.Wait()
		select {
		case <-w.wake:
		default:
			return
		}
	}
}

// claimLane claims the lane of the workspace.
func (b *bundle) claimLane(t *testing.T, lease time.Duration) *store.Lane {
	t.Helper()
	all, err := b.store.ClaimLanes(t.Context(), uuid.Nil, 10, lease)
	if err == nil && len(all) == 0 {
		all, err = b.store.ClaimSuspect(t.Context(), lease)
	}
	if err != nil || len(all) != 1 || all[0].WorkspaceID != b.workspace {
		t.Fatalf("got %v (%v), want a claim", all, err)
	}
	return all[0]
}

// wantSingle compares an import with its status and the counts created, updated, skipped, rejected
// and parked.
func (b *bundle) wantSingle(t *testing.T, id uuid.UUID, status store.Status, counts ...int64) store.Import {
	t.Helper()
	i, err := b.store.Import(t.Context(), b.workspace, id)
	if err != nil {
		t.Fatal(err)
	}
	got := []int64{i.Created, i.Updated, i.Skipped, i.Rejected, i.Parked}
	if i.Status != status || !slices.Equal(got, counts) || !i.Single || i.Total != 1 {
		t.Errorf("%s: got %s %v of %d (single %v), want %s %v", id, i.Status, got, i.Total, i.Single, status, counts)
	}
	return i
}

// call is a single whose contact is there.
func call(n int) string { return fmt.Sprintf(`{"title":"Call %d","contact_name":"Hans Müller"}`, n) }

// Singles of all outcomes are worked on as one batch, each with a job of its own.
func TestSinglesEndTogether(t *testing.T) {
	b := setup(t)
	w := b.worker()
	batches := 0
	w.beforeSingles = func([]store.Single) { batches++ }
	made := b.accept(t, importer.Options{}, call(1), `{"title":"Lost","contact_name":"Nobody Atall"}`,
		`{"title":"A","contact_name":"Hans Müller","external_id":"x"}`,
		`{"title":"B","contact_name":"Hans Müller","external_id":"x"}`)
	updates := b.accept(t, importer.Options{OnDuplicate: importer.DuplicateUpdate},
		`{"title":"C","contact_name":"Hans Müller","external_id":"x"}`)
	rejects := b.accept(t, importer.Options{OnDuplicate: importer.DuplicateReject},
		`{"title":"D","contact_name":"Hans Müller","external_id":"x"}`)
	for _, i := range slices.Concat(made, updates, rejects) {
		b.wantSingle(t, i.ID, store.Queued, 0, 0, 0, 0, 0)
	}
	b.workSingles(t, w)
	if batches != 3 {
		t.Errorf("got %d batches, want one for each set of options", batches)
	}
	b.wantSingle(t, made[0].ID, store.Completed, 1, 0, 0, 0, 0)
	lost := b.wantSingle(t, made[1].ID, store.Completed, 0, 0, 0, 1, 0)
	b.wantSingle(t, made[2].ID, store.Completed, 1, 0, 0, 0, 0)
	b.wantSingle(t, made[3].ID, store.Completed, 0, 0, 1, 0, 0)
	b.wantSingle(t, updates[0].ID, store.Completed, 0, 1, 0, 0, 0)
	b.wantSingle(t, rejects[0].ID, store.Completed, 0, 0, 0, 1, 0)
	if lost.ByReason[importer.UnresolvedReference] != 1 {
		t.Errorf("got reasons %v", lost.ByReason)
	}
	task, err := b.store.Task(t.Context(), b.workspace, store.TaskID(made[2].ID, 1))
	if err != nil || task.Title != "C" || task.ContactID != b.contact {
		t.Errorf("got %+v (%v), want the updated task", task, err)
	}
	// They are listed apart, newest first.
	if all, err := b.store.Imports(t.Context(), b.workspace, store.ImportFilter{Singles: true},
		store.Page{Number: 1, Size: 4, Total: true}); err != nil || all.Total != 6 || len(all.Rows) != 4 ||
		all.Rows[0].ID != rejects[0].ID || all.Rows[3].ID != made[2].ID {
		t.Errorf("got %d of %d singles (%v)", len(all.Rows), all.Total, err)
	}
	if all, err := b.store.Imports(t.Context(), b.workspace, store.ImportFilter{}, store.Page{Number: 1,
		Size: 10, Total: true}); err != nil || all.Total != 1 {
		t.Errorf("got %d imports (%v), want that of the contacts", all.Total, err)
	}
	days, err := b.store.SingleDays(t.Context(), b.workspace, 100)
	var done, rejected int64
	for _, d := range days {
		done, rejected = done+d.Done, rejected+d.Rejected
	}
	if err != nil || done != 4 || rejected != 2 {
		t.Errorf("got %d done, %d rejected (%v), want 4 and 2", done, rejected, err)
	}
}

// An operator acts on singles as on other imports.
func TestSinglesTakeTransitions(t *testing.T) {
	b := setup(t)
	w := b.worker()
	made := b.accept(t, importer.Options{}, call(1), call(2), `{"title":"Lost","contact_name":"Hanna Müller"}`)
	by := store.Actor{Name: "test"}
	if i, err := b.store.Cancel(t.Context(), b.workspace, made[0].ID, by, nil); err != nil || i.Status != store.Cancelled {
		t.Fatalf("got %s (%v), want it cancelled", i.Status, err)
	}
	b.workSingles(t, w)
	b.wantSingle(t, made[0].ID, store.Cancelled, 0, 0, 0, 0, 0)
	b.wantSingle(t, made[1].ID, store.Completed, 1, 0, 0, 0, 0)
	if i, err := b.store.Undo(t.Context(), b.workspace, made[1].ID, by, nil); err != nil || i.Undone != 1 {
		t.Errorf("got %+v (%v), want one task undone", i, err)
	}
	if _, err := b.store.Task(t.Context(), b.workspace, store.TaskID(made[1].ID, 1)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want the task gone", err)
	}
	// A rejected one is retried with its fields.
	d, err := b.store.DeadLetter(t.Context(), b.workspace, made[2].ID, 1)
	if err != nil || !slices.Contains(d.Cells, "Hanna Müller") || !slices.Contains(d.Cells, "Lost") {
		t.Errorf("got cells %q (%v)", d.Cells, err)
	}
	contacts := b.stage(t, importer.Contacts, "full_name\nHanna Müller\n", 1)
	if err := w.Process(t.Context(), b.ref(contacts, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Retry(t.Context(), b.workspace, made[2].ID, by, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Process(t.Context(), store.ChunkRef{WorkspaceID: b.workspace, ImportID: made[2].ID, Number: 2,
		Enqueue: 1}); err != nil {
		t.Fatal(err)
	}
	b.wantSingle(t, made[2].ID, store.Completed, 1, 0, 0, 0, 0)
}

// One single that breaks its batch does not take the others with it: it is tried again by itself,
// parked after its last try, and can be retried.
func TestPoisonedSingleIsParked(t *testing.T) {
	b := setup(t)
	w := b.worker()
	w.MaxAttempts = 2
	submissions := 10_000
	if testing.Short() {
		submissions = 500
	}
	lines := make([]string, submissions)
	for n := range lines {
		lines[n] = call(n)
	}
	made := b.accept(t, importer.Options{}, lines...)
	poison := made[57].ID
	w.beforeSingles = func(all []store.Single) {
		if slices.ContainsFunc(all, func(n store.Single) bool { return n.ID == poison }) {
			panic("poison")
		}
	}
	b.workSingles(t, w)
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE workspace_id = $1`, b.workspace); n != submissions-1 {
		t.Errorf("got %d tasks, want %d", n, submissions-1)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		b.workSingles(t, w)
		if i, err := b.store.Import(t.Context(), b.workspace, poison); err == nil && i.Status.Final() {
			break
		}
		if time.Now().After(end) {
			t.Fatal("the single is still not parked")
		}
	}
	b.wantSingle(t, poison, store.Failed, 0, 0, 0, 0, 1)
	w.beforeSingles = nil
	if _, err := b.store.Retry(t.Context(), b.workspace, poison, store.Actor{Name: "test"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := w.Process(t.Context(), store.ChunkRef{WorkspaceID: b.workspace, ImportID: poison, Number: 1,
		Enqueue: 1}); err != nil {
		t.Fatal(err)
	}
	b.wantSingle(t, poison, store.Completed, 1, 0, 0, 0, 0)
}

// A single that kills its worker again and again is parked, and the others are done.
func TestSingleThatKillsIsParked(t *testing.T) {
	b := setup(t)
	w := b.worker()
	w.MaxAttempts, w.Lease = 8, 50*time.Millisecond
	made := b.accept(t, importer.Options{}, call(1), call(2), call(3))
	killer := made[1].ID
	deaths := 0
	w.beforeSingles = func(all []store.Single) {
		if slices.ContainsFunc(all, func(n store.Single) bool { return n.ID == killer }) {
			deaths++
			runtime.Goexit() // the claim is left as it is
		}
	}
	for alive := false; !alive && deaths < 100; {
		time.Sleep(60 * time.Millisecond)
		l := b.claimLane(t, w.Lease)
		done := make(chan error, 1)
		go func() {
			defer close(done)
			done <- w.workHeld(t.Context(), l)
		}()
		var err error
		if err, alive = <-done; err != nil {
			t.Fatal(err)
		}
	}
	b.wantSingle(t, made[0].ID, store.Completed, 1, 0, 0, 0, 0)
	b.wantSingle(t, killer, store.Failed, 0, 0, 0, 0, 1)
	b.wantSingle(t, made[2].ID, store.Completed, 1, 0, 0, 0, 0)
}

// A worker whose lane went to another one writes nothing.
func TestLaneIsFenced(t *testing.T) {
	b := setup(t)
	w := b.worker()
	made := b.accept(t, importer.Options{}, call(1), call(2))
	old := b.claimLane(t, time.Millisecond)
	time.Sleep(5 * time.Millisecond)
	b.workSingles(t, w)
	all := []store.Single{{WorkspaceID: b.workspace, ID: made[0].ID}}
	var o importer.Options
	batch, err := o.ReadTasks([][]byte{[]byte(call(1))}, []time.Time{time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	batch.Tasks[0].ContactID = b.contact
	late := []*store.LaneBatch{{Lane: old, Singles: all, Batch: batch}}
	if _, err := b.store.FinishSingles(t.Context(), late, true); !errors.Is(err, store.ErrFenced) {
		t.Errorf("got %v, want ErrFenced", err)
	}
	if err := b.store.FreeLane(t.Context(), old); !errors.Is(err, store.ErrFenced) {
		t.Errorf("got %v, want the old claim without effect", err)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE workspace_id = $1`, b.workspace); n != 2 {
		t.Errorf("got %d tasks, want 2", n)
	}
}

// A lane that is held is not claimed, and what was added meanwhile is worked on once it is free.
func TestLaneIsHeldByOne(t *testing.T) {
	b := setup(t)
	b.accept(t, importer.Options{}, call(1))
	l := b.claimLane(t, time.Minute)
	made := b.accept(t, importer.Options{}, call(2))
	b.workSingles(t, b.worker())
	b.wantSingle(t, made[0].ID, store.Queued, 0, 0, 0, 0, 0)
	if due, err := b.store.MakeLanes(t.Context()); err != nil || due {
		t.Errorf("got %v (%v), want nothing to do beside the claim", due, err)
	}
	if err := b.store.FreeLane(t.Context(), l); err != nil {
		t.Fatal(err)
	}
	if due, err := b.store.MakeLanes(t.Context()); err != nil || !due {
		t.Errorf("got %v (%v), want a free lane", due, err)
	}
	b.workSingles(t, b.worker())
	b.wantSingle(t, made[0].ID, store.Completed, 1, 0, 0, 0, 0)
}

// Singles without a lane, as after a restore of a part of the database, get one from the sweeper.
func TestMissingLaneIsMade(t *testing.T) {
	b := setup(t)
	made := b.accept(t, importer.Options{}, call(1))
	b.exec(t, `DELETE FROM lanes`)
	b.workSingles(t, b.worker())
	b.wantSingle(t, made[0].ID, store.Queued, 0, 0, 0, 0, 0)
	if due, err := b.store.MakeLanes(t.Context()); err != nil || !due {
		t.Errorf("got %v (%v), want the lane made", due, err)
	}
	b.workSingles(t, b.worker())
	b.wantSingle(t, made[0].ID, store.Completed, 1, 0, 0, 0, 0)
}

// Ended singles are forgotten; their open dead letters stay.
func TestSinglesAreForgotten(t *testing.T) {
	b := setup(t)
	made := b.accept(t, importer.Options{}, call(1), `{"title":"Lost","contact_name":"Nobody Atall"}`)
	b.workSingles(t, b.worker())
	b.exec(t, `UPDATE singles SET created_at = created_at - interval '2 days', finished_at = finished_at - interval
		'2 days'`)
	b.exec(t, `UPDATE imports SET created_at = created_at - interval '2 days', started_at = started_at - interval '2 days',
		finished_at = finished_at - interval '2 days'`)
	waiting := b.accept(t, importer.Options{}, call(2))
	if err := b.store.Forget(t.Context(), store.Retention{Singles: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Import(t.Context(), b.workspace, made[0].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want the ended single forgotten", err)
	}
	b.wantSingle(t, made[1].ID, store.Completed, 0, 0, 0, 1, 0)
	b.wantSingle(t, waiting[0].ID, store.Queued, 0, 0, 0, 0, 0)
	b.exec(t, `DELETE FROM dead_letters`)
	if err := b.store.Forget(t.Context(), store.Retention{Singles: 24 * time.Hour}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.store.Import(t.Context(), b.workspace, made[1].ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("got %v, want it forgotten once it has no dead letter", err)
	}
}
