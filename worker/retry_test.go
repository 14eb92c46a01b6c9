package worker

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"taskport/store"
)

// A chunk that panics takes nothing with it: the others go in, it is parked with its rows named,
// and a retry goes on once the cause is gone.
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
	if failed.Status != store.Failed || failed.Parked != 20 || failed.Processed() != 40 ||
		!strings.Contains(failed.Error, "rows 21 to 40") {
		t.Errorf("import is %+v", failed)
	}
	w.beforeCommit = nil
	attempts := b.queryInt(t, `SELECT attempt FROM chunks WHERE import_id = $1 AND number = 2`, i.ID)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, w, i), 60)
	if n := b.queryInt(t, `SELECT attempt FROM chunks WHERE import_id = $1 AND number = 2`, i.ID); n <= attempts {
		t.Errorf("attempt %d after attempt %d: the fence is open", n, attempts)
	}
}

// So it is with a chunk whose bytes are damaged.
func TestRetryOfADamagedChunk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(60), 20)
	b.exec(t, `UPDATE chunks SET data = 'x'::bytea || data WHERE import_id = $1 AND number = 2`, i.ID)
	w := b.worker()
	w.MaxAttempts = 2
	for range w.MaxAttempts {
		for chunk := 1; chunk <= 3; chunk++ {
			if err := w.Process(t.Context(), b.ref(i, chunk)); err != nil && !strings.Contains(err.Error(),
				"unpack stored rows") {
				t.Error(err)
			}
		}
		b.lapse(t, i)
	}
	failed := b.await(t, i)
	if failed.Status != store.Failed || failed.Parked != 20 || failed.Processed() != 40 ||
		!strings.Contains(failed.Error, "rows 21 to 40") {
		t.Errorf("import is %+v", failed)
	}
	b.exec(t, `UPDATE chunks SET data = substring(data FROM 2) WHERE import_id = $1 AND number = 2`, i.ID)
	if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
		t.Fatal(err)
	}
	b.everyRowOnce(t, b.run(t, w, i), 60)
}

// A chunk that stopping workers release, or whose database went away, keeps its attempts and is not
// parked.
func TestReturnCountsAsNoTry(t *testing.T) {
	t.Parallel()
	b := setup(t)
	i := b.stage(t, "tasks", tasksFile(20), 20)
	w := b.worker()
	w.MaxAttempts = 2
	for n := range 3 * w.MaxAttempts {
		cause := context.Canceled
		if n%2 == 0 {
			cause = store.ErrUnavailable
		}
		c, err := b.store.Claim(t.Context(), b.ref(i, 1), w.Lease)
		if err != nil || c == nil {
			t.Fatalf("return %d: not claimed: %v", n, err)
		}
		if outcome, err := w.release(t.Context(), c, cause); outcome != chunkReleased || !errors.Is(err, cause) ||
			c.Tries != 1 {
			t.Errorf("return %d: %s after try %d: %v", n, outcome, c.Tries, err)
		}
		b.lapse(t, i)
	}
	b.everyRowOnce(t, b.run(t, w, i), 20)
}

// lapse ends the leases of an import's chunks, as time does.
func (b *bundle) lapse(t *testing.T, i store.Import) {
	t.Helper()
	b.exec(t, `UPDATE chunks SET lease_until = '-infinity', enqueue_after = '-infinity' WHERE workspace_id = $1
		AND import_id = $2 AND state = 'pending'`, b.workspace, i.ID)
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
		if err := other.Process(t.Context(), b.ref(i, 1)); !errors.Is(err, errAttemptsExhausted) {
			t.Errorf("the second claim: %v", err)
		}
		if _, err := b.store.Retry(t.Context(), b.workspace, i.ID, store.Actor{}, nil); err != nil {
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
	// Somebody holds the import, ends it and takes it up again, while an end of the same import
	// waits for the lock.
	holder := b.holdImport(t, i)
	ended := make(chan bool, 1)
	go func() {
		is, err := b.store.FinishImport(context.Background(), b.workspace, i.ID)
		if err != nil {
			t.Error(err)
		}
		ended <- is
	}()
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE '%update imports i set finished_at%')`)
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

// holdImport locks an import, and returns what runs SQL in the transaction that does.
func (b *bundle) holdImport(t *testing.T, i store.Import) func(sql string) {
	t.Helper()
	return b.lock(t, `SELECT FROM imports WHERE id = '`+i.ID.String()+`' FOR UPDATE`)
}
