package store

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// taskID returns the id of the task that a row becomes. It depends on the row that the row first
// was: one that comes back in a report becomes the task that it would have become there, and so no
// second one, however often and by whatever way it comes.
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

// OwnOrigins returns rows that are taken up again their own row as origin: a report may have
// brought them in meanwhile.
func (c *Claim) OwnOrigins(b *importer.Batch) {
	if !c.Corrections() {
		return
	}
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.Origin == (importer.Origin{}) {
			d.Origin = importer.Origin{Import: c.ImportID, Row: d.Row}
		}
	}
}

// originsByTask returns the origins of a batch by the tasks that they become.
func originsByTask(b *importer.Batch) map[uuid.UUID]importer.Origin {
	all := map[uuid.UUID]importer.Origin{}
	for _, o := range b.Origins() {
		all[TaskID(o.Import, o.Row)] = o
	}
	return all
}

// takenIDs tells which of a batch's external ids the workspace has already, and which of its
// origins are tasks already.
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
