package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// lingering is how many imports stay in the database after their end, so that what comes late can be seen.
const lingering = 80

// retired is an import that has ended, and how many tasks it had then.
type retired struct {
	id    uuid.UUID
	tasks int
}

// retire keeps an import for a while, and then looks at it once more and takes it away: the disk of the database is small.
func (t *torture) retire(ctx context.Context, id uuid.UUID) {
	ctx = bounded(ctx)
	var tasks int
	if eventually(ctx, func() error { return t.one(ctx, &tasks, `SELECT count(*) FROM tasks WHERE import_id = $1`, id) }) != nil {
		return
	}
	t.mu.Lock()
	t.lingering = append(t.lingering, retired{id, tasks})
	var old *retired
	if len(t.lingering) > lingering {
		old = &t.lingering[0]
		t.lingering = t.lingering[1:]
	}
	t.mu.Unlock()
	if old == nil || !t.unchanged(ctx, *old) {
		return
	}
	t.mu.Lock()
	t.gone[old.id] = true
	t.mu.Unlock()
	for _, table := range []string{`tasks WHERE import_id`, `dead_letters WHERE import_id`, `chunks WHERE import_id`, `imports WHERE id`} {
		if err := eventually(ctx, func() error { _, err := t.pool.Exec(ctx, `DELETE FROM `+table+` = $1`, old.id); return err }); err != nil {
			t.note("%s was not taken away: %v", old.id, err)
			return
		}
	}
}

// unchanged makes sure that nothing has come to an import since its end.
func (t *torture) unchanged(ctx context.Context, old retired) bool {
	var tasks int
	if eventually(ctx, func() error { return t.one(ctx, &tasks, `SELECT count(*) FROM tasks WHERE import_id = $1`, old.id) }) != nil {
		return false
	}
	if tasks != old.tasks {
		t.tell(losses{misplaced: max(tasks-old.tasks, old.tasks-tasks)}, fmt.Sprintf("import %s had %d tasks at its end and has %d now", old.id, old.tasks, tasks))
		return false
	}
	return true
}
