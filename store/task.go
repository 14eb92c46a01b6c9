package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"taskport/importer"
)

var taskColumns = []string{"workspace_id", "id", "title", "description", "status", "priority", "task_type", "due_at", "due_is_day", "assignee_id",
	"contact_id", "company_id", "deal_id", "event_id", "created_date", "created_at", "external_id", "import_id", "row_number"}

func idOrNull(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: id != uuid.Nil} }

// appendTask adds a task to a COPY, in the order of taskColumns; one that came alone has no import and no row.
func (c *copyData) appendTask(workspace, importID uuid.UUID, row int, t *importer.Task) {
	c.row(len(taskColumns))
	c.id(workspace)
	c.id(t.ID)
	c.text(t.Title)
	c.textOrNull(t.Description)
	c.text(t.Status)
	c.textOrNull(t.Priority)
	c.textOrNull(t.TaskType)
	if !t.Due.Given {
		c.null()
		c.bool(false)
	} else {
		c.time(t.Due.At)
		c.bool(t.Due.DayOnly)
	}
	c.textOrNull(t.AssigneeID)
	c.idOrNull(t.ContactID)
	c.idOrNull(t.CompanyID)
	c.idOrNull(t.DealID)
	c.idOrNull(t.EventID)
	c.text(t.CreatedDate)
	c.time(t.CreatedAt)
	c.textOrNull(t.ExternalID)
	c.idOrNull(importID)
	if importID == uuid.Nil {
		c.null()
		return
	}
	c.bigint(int64(row))
}

// writeTasks adds a chunk's tasks; rows whose external_id is there already go as the import's options say. Whether one is there was asked
// only if the claim said so: asking costs as much as a quarter of the writing, and the unique index notices all the same.
func writeTasks(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, seen int64) (counts, error) {
	if err := lockLinks(ctx, tx, c.WorkspaceID, b, seen); err != nil {
		return counts{}, err
	}
	n := counts{created: len(b.Tasks)}
	if c.Import.Options.OnDuplicate == importer.DuplicateUpdate {
		n.updated = len(b.Repeats)
	} else {
		n.skipped = len(b.Repeats)
	}
	if c.Import.Options.DryRun {
		return n, keepFates(ctx, tx, c, b, seen)
	}
	if err := copyTasks(ctx, tx, c, b.Tasks); err != nil {
		return counts{}, err
	}
	if n.updated > 0 {
		return n, updateTasks(ctx, tx, c.WorkspaceID, c.ImportID, b.Repeats)
	}
	return n, nil
}

func copyTasks(ctx context.Context, tx pgx.Tx, c *Claim, tasks []importer.Draft) error {
	if len(tasks) == 0 {
		return nil
	}
	rows := newCopy()
	defer rows.drop()
	for i := range tasks {
		d := &tasks[i]
		d.ID = c.taskID(d)
		rows.appendTask(c.WorkspaceID, c.ImportID, d.Row, &d.Task)
	}
	if err := rows.run(ctx, tx, "tasks", taskColumns); err != nil {
		return err
	}
	return announceTasks(ctx, tx, c, tasks)
}

// takenExternalIDs tells which of a batch's external ids the workspace has already. It looks each up by itself: a plan that was made while
// the table was small would otherwise go on to read all of it.
func takenExternalIDs(ctx context.Context, q queryer, workspace uuid.UUID, b *importer.Batch) (map[string]bool, error) {
	ids := b.ExternalIDs()
	taken := map[string]bool{}
	if len(ids) == 0 {
		return taken, nil
	}
	rows, err := q.Query(ctx, `SELECT asked.id FROM unnest($2::text[]) AS asked (id)
		CROSS JOIN LATERAL (SELECT FROM tasks t WHERE t.workspace_id = $1 AND t.external_id = asked.id LIMIT 1) AS there`, workspace, ids)
	if err != nil {
		return nil, err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { taken[id] = true; return nil })
	return taken, err
}

// updateTasks brings tasks up to date by external_id, row after row, so that the last one wins. What a row leaves empty stays as it was.
// A task is marked as changed unless its own import does it. ErrRetry: an undo has taken a task away meanwhile.
func updateTasks(ctx context.Context, tx pgx.Tx, workspace, importID uuid.UUID, repeats []importer.Draft) error {
	batch := &pgx.Batch{}
	for i := range repeats {
		d := &repeats[i]
		var due, dueIsDay any
		if d.Due.Given {
			due, dueIsDay = d.Due.At, d.Due.DayOnly
		}
		var status any
		if d.StatusGiven {
			status = d.Status
		}
		batch.Queue(updateTask, workspace, d.ExternalID, d.Title, orNull(d.Description), status, orNull(d.Priority), orNull(d.TaskType), due, dueIsDay,
			orNull(d.AssigneeID), idOrNull(d.ContactID), idOrNull(d.CompanyID), idOrNull(d.DealID), idOrNull(d.EventID), idOrNull(importID), idOrNull(originTask(d))).
			Exec(func(tag pgconn.CommandTag) error {
				if tag.RowsAffected() == 0 {
					return ErrRetry
				}
				return nil
			})
	}
	return tx.SendBatch(ctx, batch).Close()
}

const updateTask = `UPDATE tasks SET title = $3, description = coalesce($4, description), status = coalesce($5, status), priority = coalesce($6, priority),
	task_type = coalesce($7, task_type), due_at = coalesce($8, due_at), due_is_day = coalesce($9, due_is_day), assignee_id = coalesce($10, assignee_id),
	contact_id = coalesce($11, contact_id), company_id = coalesce($12, company_id), deal_id = coalesce($13, deal_id), event_id = coalesce($14, event_id),
	changed_at = CASE WHEN import_id = $15 THEN changed_at ELSE now() END
	WHERE workspace_id = $1 AND id = (SELECT id FROM tasks WHERE workspace_id = $1 AND external_id = $2
		UNION ALL SELECT id FROM tasks WHERE workspace_id = $1 AND id = $16 LIMIT 1)`
