package worker

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// A task that an import is about to bring up to date is taken back by an undo: the import creates
// it instead.
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
	w.repeating.Add(second.ID, struct{}{})
	done := make(chan error, 1)
	go func() { done <- w.Process(context.Background(), b.ref(second, 1)) }()
	b.untilTrue(t, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
		AND wait_event_type = 'Lock' AND query ILIKE 'update tasks%')`)
	commit("COMMIT")
	if err := <-done; err != nil {
		t.Error(err)
	}
	after := b.await(t, second)
	if after.Created != 1 || after.Updated != 0 || b.queryInt(t, `SELECT count(*) FROM tasks WHERE import_id = $1`,
		second.ID) != 1 {
		t.Errorf("import is %+v", after)
	}
}

// An undo and an import that changes its tasks at the same time: each task is deleted and created
// again, or changed and kept.
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
		if undone, err = b.store.Undo(t.Context(), b.workspace, first.ID, store.Actor{}, nil); err != nil {
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
