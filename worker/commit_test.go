package worker

import (
	"context"
	"sync"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// planned returns a dry run of tasksFile(rows) that has ended.
func (b *bundle) planned(t *testing.T, rows, chunkRows int) store.Import {
	t.Helper()
	i := b.stageWith(t, importer.Tasks, tasksFile(rows), chunkRows, importer.Options{DryRun: true})
	for n := 1; n <= rows/chunkRows; n++ {
		if err := b.worker().Process(t.Context(), b.ref(i, n)); err != nil {
			t.Fatal(err)
		}
	}
	shown := b.await(t, i)
	if shown.Status != store.Completed || shown.Created != int64(rows-rows/10) || shown.Rejected != int64(rows/10) ||
		shown.Planned != store.PlanKept {
		t.Fatalf("the dry run is %+v", shown)
	}
	return i
}

// The chunks of a dry run go in the order of the file: a later one is not given out before the
// earlier ones are through.
func TestDryRunGoesInOrder(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stageWith(t, importer.Tasks, tasksFile(40), 20, importer.Options{DryRun: true})
	if c, err := b.store.Claim(t.Context(), b.ref(i, 2), quick.RedeliverAfter); c != nil || err != nil {
		t.Errorf("the second chunk was given out first: %v %v", c, err)
	}
	due, err := b.store.DueOf(t.Context(), b.workspace, quick)
	if err != nil || len(due) != 1 || due[0].Number != 1 {
		t.Errorf("due are %v, %v, want the first chunk alone", due, err)
	}
}

// A worker process that carries out a plan is killed with -9 while its transaction is open and has
// written rows.
func TestCrashWorkerKilledWhileItCommitsAPlan(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.planned(t, 60, 20)
	if _, err := b.store.Commit(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	b.killChildAt(t, i, b.blockTasks(t), "copy tasks%")
	if n := b.queryInt(t, `SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d tasks survive an open transaction", n)
	}
	b.exec(t, `UPDATE chunks SET lease_until = '-infinity' WHERE state = 'pending'`)
	b.everyRowOnce(t, b.run(t, b.worker(), i), 60)
}

// Two workers carry out the same chunk of a plan at the same time.
func TestCrashTwoWorkersCommitOneChunk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.planned(t, 20, 20)
	if _, err := b.store.Commit(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	b.overtake(t, i, 1)
	b.everyRowOnce(t, b.await(t, i), 20)
}

// A plan that is carried out from several sides at once is carried out once.
func TestCommitAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.planned(t, 100, 20)
	var group sync.WaitGroup
	var mu sync.Mutex
	begun := 0
	for range 4 {
		group.Go(func() {
			if _, err := b.store.Commit(context.WithoutCancel(t.Context()), b.workspace, i.ID, store.Actor{}, nil); err == nil {
				mu.Lock()
				begun++
				mu.Unlock()
			}
		})
	}
	group.Wait()
	if begun != 1 {
		t.Errorf("begun %d times", begun)
	}
	b.everyRowOnce(t, b.run(t, b.worker(), i), 100)
}

// What was shown is what is made, although the directory has changed since the plan was compared:
// the names are not looked up again.
func TestCommitMakesTheLinksThatWereShown(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.planned(t, 20, 10)
	if _, err := b.store.Commit(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	namesake := b.stage(t, importer.Contacts, "full_name\nHans Müller\n", 1)
	if err := b.worker().Process(t.Context(), b.ref(namesake, 1)); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, b.worker(), i), 20)
}
