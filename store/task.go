package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

var taskColumns = []string{"workspace_id", "id", "title", "description", "status", "priority", "task_type", "due_at", "due_is_day", "assignee_id",
	"contact_id", "company_id", "deal_id", "event_id", "created_date", "created_at", "external_id", "import_id", "row_number"}

// taskRow gives a task's values in the order of taskColumns; importID is nil for a task that came alone.
func taskRow(workspace uuid.UUID, t *importer.Task, importID *uuid.UUID, row int) []any {
	var due, from, number any
	dueIsDay := false
	if t.Due != nil {
		due, dueIsDay = t.Due.At, t.Due.DayOnly
	}
	if importID != nil {
		from, number = [16]byte(*importID), int64(row)
	}
	return []any{[16]byte(workspace), [16]byte(t.ID), t.Title, orNull(t.Description), t.Status, orNull(t.Priority), orNull(t.TaskType), due, dueIsDay, orNull(t.AssigneeID),
		idOrNull(t.ContactID), idOrNull(t.CompanyID), idOrNull(t.DealID), idOrNull(t.EventID), t.CreatedDate, t.CreatedAt, orNull(t.ExternalID), from, number}
}

func idOrNull(id uuid.UUID) any {
	if id == uuid.Nil {
		return nil
	}
	return [16]byte(id)
}

// writeTasks adds a chunk's tasks; rows whose external_id is there already go as the import's options say.
func writeTasks(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, seen int64) (counts, error) {
	if err := lockLinks(ctx, tx, c.WorkspaceID, b, seen); err != nil {
		return counts{}, err
	}
	taken, err := takenExternalIDs(ctx, tx, c.WorkspaceID, b)
	if err != nil {
		return counts{}, err
	}
	fresh, repeats := b.SplitDuplicates(taken, c.Import.Options.OnDuplicate)
	n := counts{created: len(fresh)}
	if c.Import.Options.OnDuplicate == importer.DuplicateUpdate {
		n.updated = len(repeats)
	} else {
		n.skipped = len(repeats)
	}
	if c.Import.Options.DryRun {
		return n, nil
	}
	if err := copyTasks(ctx, tx, c, fresh); err != nil {
		return counts{}, err
	}
	if n.updated > 0 {
		return n, updateTasks(ctx, tx, c.WorkspaceID, repeats)
	}
	return n, nil
}

func copyTasks(ctx context.Context, tx pgx.Tx, c *Claim, tasks []importer.Draft) error {
	if len(tasks) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"tasks"}, taskColumns, pgx.CopyFromSlice(len(tasks), func(i int) ([]any, error) {
		d := &tasks[i]
		d.ID = TaskID(c.ImportID, d.Row)
		return taskRow(c.WorkspaceID, &d.Task, &c.ImportID, d.Row), nil
	}))
	return err
}

// takenExternalIDs tells which of a batch's external ids the workspace has already.
func takenExternalIDs(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, b *importer.Batch) (map[string]bool, error) {
	var ids []string
	for i := range b.Tasks {
		if id := b.Tasks[i].ExternalID; id != "" {
			ids = append(ids, id)
		}
	}
	taken := map[string]bool{}
	if len(ids) == 0 {
		return taken, nil
	}
	rows, err := tx.Query(ctx, `SELECT external_id FROM tasks WHERE workspace_id = $1 AND external_id = ANY ($2)`, workspace, ids)
	if err != nil {
		return nil, err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { taken[id] = true; return nil })
	return taken, err
}

// updateTasks brings tasks up to date by external_id, row after row, so that the last one wins. What a row leaves empty stays as it was.
func updateTasks(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, repeats []importer.Draft) error {
	batch := &pgx.Batch{}
	for i := range repeats {
		d := &repeats[i]
		var due, dueIsDay any
		if d.Due != nil {
			due, dueIsDay = d.Due.At, d.Due.DayOnly
		}
		var status any
		if d.StatusGiven {
			status = d.Status
		}
		batch.Queue(updateTask, workspace, d.ExternalID, d.Title, orNull(d.Description), status, orNull(d.Priority), orNull(d.TaskType), due, dueIsDay,
			orNull(d.AssigneeID), idOrNull(d.ContactID), idOrNull(d.CompanyID), idOrNull(d.DealID), idOrNull(d.EventID))
	}
	return tx.SendBatch(ctx, batch).Close()
}

const updateTask = `UPDATE tasks SET title = $3, description = coalesce($4, description), status = coalesce($5, status), priority = coalesce($6, priority),
	task_type = coalesce($7, task_type), due_at = coalesce($8, due_at), due_is_day = coalesce($9, due_is_day), assignee_id = coalesce($10, assignee_id),
	contact_id = coalesce($11, contact_id), company_id = coalesce($12, company_id), deal_id = coalesce($13, deal_id), event_id = coalesce($14, event_id)
	WHERE workspace_id = $1 AND external_id = $2`
