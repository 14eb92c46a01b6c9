package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// lingering is how many imports stay in the database after their end, so that what comes late can
// be seen.
const lingering = 80

// retired is an import that has ended, and what it consisted of then.
type retired struct {
	id    uuid.UUID
	trace string
}

// trace counts an import's tasks and dead letters, and returns what its chunks say of them.
func (t *torture) trace(ctx context.Context, id uuid.UUID) (trace string, err error) {
	ctx = bounded(ctx)
	err = eventually(ctx, func() error {
		return t.one(ctx, &trace, `SELECT concat_ws(' ', (SELECT count(*) FROM tasks WHERE import_id = $1), 'tasks,',
			(SELECT count(*) FROM dead_letters WHERE import_id = $1), 'dead letters;',
			sum(created_count), 'created,', sum(updated_count), 'updated,', sum(skipped_count), 'skipped,',
			sum(rejected_count), 'rejected') FROM chunks WHERE import_id = $1`, id)
	})
	return trace, err
}

// retire keeps an import for a while, and then looks at it once more and takes it away: the disk of
// the database is small.
func (t *torture) retire(ctx context.Context, id uuid.UUID) {
	trace, err := t.trace(ctx, id)
	if err != nil {
		return
	}
	t.mu.Lock()
	t.lingering = append(t.lingering, retired{id, trace})
	var old *retired
	if len(t.lingering) > lingering {
		old = &t.lingering[0]
		t.lingering = t.lingering[1:]
	}
	t.mu.Unlock()
	if old == nil || !t.unchanged(ctx, *old) {
		return
	}
	ctx = bounded(ctx)
	t.mu.Lock()
	t.gone[old.id] = true
	t.mu.Unlock()
	for _, table := range []string{`tasks WHERE import_id`, `dead_letters WHERE import_id`, `chunks WHERE import_id`,
		`imports WHERE id`} {
		if err := eventually(ctx, func() error {
			_, err := t.pool.Exec(ctx, `DELETE
			FROM `+table+` = $1`, old.id)
			return err
		}); err != nil {
			t.note("%s was not deleted: %v", old.id, err)
			return
		}
	}
}

// unchanged makes sure that nothing has come to an import since its end.
func (t *torture) unchanged(ctx context.Context, old retired) bool {
	now, err := t.trace(ctx, old.id)
	if err != nil {
		return false
	}
	if now != old.trace {
		t.tell(losses{misplaced: 1}, fmt.Sprintf("import %s had %s at its end, and now it has %s", old.id, old.trace, now))
		return false
	}
	return true
}
