package store

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

var (
	readTask  = selectTask((*taskColumn).selected)
	listTasks = selectTask(func(c *taskColumn) string {
		if c.object {
			return "''"
		}
		return c.selected()
	})
)

func selectTask(selected func(*taskColumn) string) string {
	return `SELECT ` + strings.Join(namesOf(taskColumns, selected), ", ") + ` FROM tasks
	WHERE workspace_id = $1 AND `
}

func scanTask(row pgx.CollectableRow) (importer.Task, error) {
	var t importer.Task
	to := make([]any, len(taskColumns))
	for i := range taskColumns {
		to[i] = taskColumns[i].scanned(&t)
	}
	err := row.Scan(to...)
	return t, err
}

func oneTask(ctx context.Context, tx pgx.Tx, condition string, args ...any) (importer.Task, error) {
	rows, err := tx.Query(ctx, readTask+condition, args...)
	if err != nil {
		return importer.Task{}, err
	}
	return pgx.CollectExactlyOneRow(rows, scanTask)
}

// Task returns a task.
func (s *Store) Task(ctx context.Context, workspace, id uuid.UUID) (importer.Task, error) {
	rows, err := s.pool.Query(ctx, readTask+`id = $2`, workspace, id)
	if err != nil {
		return importer.Task{}, translate(err)
	}
	t, err := pgx.CollectExactlyOneRow(rows, scanTask)
	return t, translate(err)
}

// TaskFilter selects tasks; a zero value selects all.
type TaskFilter struct {
	Status, AssigneeID                              string
	ContactID, CompanyID, DealID, EventID, ImportID uuid.UUID

	CustomFields bool // read them too
}

// where returns the conditions of the filter; $1 is the workspace.
func (f TaskFilter) where(workspace uuid.UUID) *conditions {
	c := &conditions{args: []any{workspace}}
	add := func(column string, value any, given bool) {
		if given {
			c.and(column+` = $%d`, value)
		}
	}
	add("status", f.Status, f.Status != "")
	add("assignee_id", f.AssigneeID, f.AssigneeID != "")
	add("contact_id", f.ContactID, f.ContactID != uuid.Nil)
	add("company_id", f.CompanyID, f.CompanyID != uuid.Nil)
	add("deal_id", f.DealID, f.DealID != uuid.Nil)
	add("event_id", f.EventID, f.EventID != uuid.Nil)
	add("import_id", f.ImportID, f.ImportID != uuid.Nil)
	return c
}

// Tasks returns a page of the tasks that match the filter, newest first.
func (s *Store) Tasks(ctx context.Context, workspace uuid.UUID, f TaskFilter, p Page) (Listed[importer.Task], error) {
	read := listTasks
	if f.CustomFields {
		read = readTask
	}
	return list[importer.Task]{read: read + `true`, count: `FROM tasks WHERE workspace_id = $1`, where: f.where(workspace),
		by: newestFirst("id"), scan: scanTask,
		key: func(t importer.Task) Cursor { return Cursor{t.ID.String()} }}.page(ctx, s, p)
}
