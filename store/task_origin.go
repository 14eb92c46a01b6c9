package store

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// taskID returns the id of the task that a row becomes. It is derived from the original row: a row
// that returns in a report becomes the same task, however often and by whatever way it is imported.
func (c *Claim) taskID(d *importer.Draft) uuid.UUID {
	if id := originTask(d); id != uuid.Nil {
		return id
	}
	return TaskID(c.ImportID, d.Row)
}

// originTask returns the id of the task that the row of a report becomes; the nil id for other
// rows.
func originTask(d *importer.Draft) uuid.UUID {
	if d.Origin == (importer.Origin{}) {
		return uuid.Nil
	}
	return TaskID(d.Origin.Import, d.Origin.Row)
}

// OwnOrigins sets the origin of retried rows to the rows themselves, because a report may have
// imported them meanwhile.
func (c *Claim) OwnOrigins(b *importer.Batch) {
	if !c.IsCorrection() {
		return
	}
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.Origin == (importer.Origin{}) {
			d.Origin = importer.Origin{Import: c.ImportID, Row: d.Row}
		}
	}
}

// originsByTask returns the origins of a batch by the ids of their tasks.
func originsByTask(b *importer.Batch) map[uuid.UUID]importer.Origin {
	all := map[uuid.UUID]importer.Origin{}
	for _, o := range b.Origins() {
		all[TaskID(o.Import, o.Row)] = o
	}
	return all
}

// takenIDs returns the external ids of a batch that the workspace already has, and its origins that
// are tasks already.
func takenIDs(ctx context.Context, q queryer, i Import, b *importer.Batch) (map[string]bool, error) {
	taken, err := takenExternalIDs(ctx, q, i.WorkspaceID, b)
	of := originsByTask(b)
	if err != nil || len(of) == 0 {
		return taken, err
	}
	rows, err := q.Query(ctx, `SELECT id, import_id FROM tasks WHERE workspace_id = $1 AND id = ANY ($2)`,
		i.WorkspaceID, slices.Collect(maps.Keys(of)))
	if err != nil {
		return nil, err
	}
	var id uuid.UUID
	var by uuid.NullUUID
	_, err = pgx.ForEachRow(rows, []any{&id, &by}, func() error {
		o := of[id]
		o.Taken(taken, by.UUID == i.ID && o.Import != i.ID)
		return nil
	})
	return taken, err
}
