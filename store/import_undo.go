package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Undo takes back the tasks that an import created and that nobody has changed since, all in one transaction. The counts of the import stay as history,
// parked chunks are given up; KeptTasks tells what is left. A *StateError refuses it.
func (s *Store) Undo(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, StepUndo, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		if err := cancelChunks(ctx, tx, StepUndo, workspace, id); err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, `DELETE FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND changed_at IS NULL`, workspace, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE imports SET status = 'undone', error = NULL, undone_count = $3 WHERE workspace_id = $1 AND id = $2`, workspace, id, gone.RowsAffected())
		return err
	})
}

// KeptTasks gives the first ids, by row, of the tasks that stayed when an import was undone, and their number.
func (s *Store) KeptTasks(ctx context.Context, i Import, most int) ([]uuid.UUID, int, error) {
	results, total, err := s.Results(ctx, i, Page{Number: 1, Size: most})
	kept := make([]uuid.UUID, len(results))
	for n, r := range results {
		kept[n] = r.ID
	}
	return kept, total, err
}
