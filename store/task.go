package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"taskport/importer"
)

func idOrNull(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: id != uuid.Nil} }

// writeTasks adds a chunk's tasks. Rows whose external_id already exists follow the import's
// options; they were looked up only if the claim asked for it, because that costs a quarter of the
// writing, and the unique index detects them in any case.
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
	n.skipped += len(b.Known)
	if c.Import.Options.DryRun {
		if err := keepOutcomes(ctx, tx, c, b, seen); err != nil {
			return n, err
		}
		return n, keepSkippedTasks(ctx, tx, c, b)
	}
	if err := copyTasks(ctx, tx, c, b.Tasks); err != nil {
		return counts{}, err
	}
	if n.skipped > 0 {
		if err := keepSkippedTasks(ctx, tx, c, b); err != nil {
			return counts{}, err
		}
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
	if err := rows.run(ctx, tx, "tasks", copiedColumns); err != nil {
		return err
	}
	return announceTasks(ctx, tx, c, tasks)
}

// takenExternalIDs returns the external ids of a batch that the workspace already has. Each is
// looked up by itself: a query plan that was made while the table was small would otherwise read
// all of it.
func takenExternalIDs(ctx context.Context, q queryer, workspace uuid.UUID, b *importer.Batch) (map[string]bool, error) {
	ids := b.ExternalIDs()
	taken := map[string]bool{}
	if len(ids) == 0 {
		return taken, nil
	}
	rows, err := q.Query(ctx, `SELECT asked.id FROM unnest($2::text[]) AS asked (id)
		CROSS JOIN LATERAL (SELECT FROM tasks t WHERE t.workspace_id = $1 AND t.external_id = asked.id LIMIT 1) AS there`,
		workspace, ids)
	if err != nil {
		return nil, err
	}
	var id string
	_, err = pgx.ForEachRow(rows, []any{&id}, func() error { taken[id] = true; return nil })
	return taken, err
}

// updateTasks updates tasks by external_id, row by row, so that the last one wins. Empty values
// leave the task unchanged. A task is marked as changed unless its own import updates it. ErrRetry:
// an undo has deleted a task meanwhile.
func updateTasks(ctx context.Context, tx pgx.Tx, workspace, importID uuid.UUID, repeats []importer.Draft) error {
	batch := &pgx.Batch{}
	for i := range repeats {
		d := &repeats[i]
		args := append(make([]any, 0, setsFrom-1+len(updatedColumns)), workspace, d.ExternalID, idOrNull(importID),
			idOrNull(originTask(d)))
		for c := range updatedColumns {
			args = append(args, updatedColumns[c].updated(d))
		}
		batch.Queue(updateTask, args...).
			Exec(func(tag pgconn.CommandTag) error {
				if tag.RowsAffected() == 0 {
					return ErrRetry
				}
				return nil
			})
	}
	return tx.SendBatch(ctx, batch).Close()
}
