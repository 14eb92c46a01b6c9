package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// TakeUp reads the dead letters that a chunk which mends puts through the pipeline again, with what operators have decided about them.
// Finish takes them away: those, and no others.
func (s *Store) TakeUp(ctx context.Context, c *Claim) ([]importer.Retried, error) {
	which, args := mendable, []any{c.WorkspaceID, c.ImportID, c.Chunk.FirstRow, c.LastRow}
	if c.decided {
		which, args = `m.chunk = $5`, append(args, c.Number)
	}
	rows, err := s.pool.Query(ctx, `SELECT d.row_number, d.line, d.cells, m.fields, coalesce(m.anew, false)
		FROM dead_letters d LEFT JOIN mends m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND d.row_number BETWEEN $3 AND $4 AND `+which+` ORDER BY d.row_number`, args...)
	if err != nil {
		return nil, translate(err)
	}
	c.takenUp = nil
	taken, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (r importer.Retried, err error) {
		var cells []byte
		if err := row.Scan(&r.Row, &r.Line, &cells, &r.Corrections, &r.Replaced); err != nil {
			return r, err
		}
		c.takenUp = append(c.takenUp, r.Row)
		r.Cells, err = importer.UnpackCells(cells)
		return r, err
	})
	return taken, translate(err)
}

// Rows is how many rows the claim puts through the pipeline: those of its chunk, or as many as TakeUp gave.
func (c *Claim) Rows() int {
	if c.Mends() {
		return len(c.takenUp)
	}
	return c.Chunk.Rows
}

// takeAway removes the dead letters that the claim has taken up, and counts them by reason. ErrRetry: one of them is gone since.
func takeAway(ctx context.Context, tx pgx.Tx, c *Claim) (map[importer.Reason]int, error) {
	reasons := map[importer.Reason]int{}
	if len(c.takenUp) == 0 {
		return reasons, nil
	}
	rows, err := tx.Query(ctx, `DELETE FROM dead_letters WHERE workspace_id = $1 AND import_id = $2 AND row_number = ANY ($3) RETURNING reason`, c.WorkspaceID, c.ImportID, c.takenUp)
	if err != nil {
		return nil, err
	}
	var reason importer.Reason
	tag, err := pgx.ForEachRow(rows, []any{&reason}, func() error { reasons[reason]++; return nil })
	if err == nil && int(tag.RowsAffected()) != len(c.takenUp) {
		return nil, ErrRetry
	}
	return reasons, err
}
