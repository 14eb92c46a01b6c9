package store

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Decided says, as a *StateError, who has decided what about a row; ErrNotFound when nobody has.
func (s *Store) Decided(ctx context.Context, workspace, importID uuid.UUID, row int) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		d, err := lastDecision(ctx, tx, `JOIN mends m ON m.workspace_id = a.workspace_id AND m.decision_id = a.id WHERE m.workspace_id = $1 AND m.import_id = $2 AND m.row_number = $3`, workspace, importID, row)
		if err != nil {
			return err
		}
		return d.refuse(fmt.Sprintf("row %d", row))
	})
}

// CountDeadLetters gives the number of dead letters that pass the filter.
func (s *Store) CountDeadLetters(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter) (int, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	c := conditions{args: []any{workspace, importID}}
	f.add(&c)
	return s.count(ctx, `SELECT count(*) FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2`+c.sql.String(), c.args...)
}
