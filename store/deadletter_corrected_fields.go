package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Mended says what has become of the dead letters of a decision.
type Mended struct {
	Rows     int
	Created  int
	Updated  int
	Skipped  int
	Rejected int // they are dead letters again
	Pending  int // still to be taken up
	Waiting  int // chunks of the import that are pending, of whichever decision
}

// Mended tells what has become of a decision so far; rows of chunks that were parked or cancelled are in none of its counts but Rows.
func (s *Store) Mended(ctx context.Context, workspace, importID, decision uuid.UUID) (Mended, error) {
	var m Mended
	err := s.pool.QueryRow(ctx, `SELECT coalesce(sum(mend_count) FILTER (WHERE mine), 0), coalesce(sum(created_count) FILTER (WHERE mine), 0), coalesce(sum(updated_count) FILTER (WHERE mine), 0),
		coalesce(sum(skipped_count) FILTER (WHERE mine), 0), coalesce(sum(mend_count - created_count - updated_count - skipped_count) FILTER (WHERE mine AND state = 'done'), 0),
		coalesce(sum(mend_count) FILTER (WHERE mine AND state = 'pending'), 0), count(*) FILTER (WHERE state = 'pending')
		FROM (SELECT *, decision_id IS NOT DISTINCT FROM $3 AS mine FROM chunks WHERE workspace_id = $1 AND import_id = $2) c`, workspace, importID, decision).
		Scan(&m.Rows, &m.Created, &m.Updated, &m.Skipped, &m.Rejected, &m.Pending, &m.Waiting)
	return m, translate(err)
}

// mendedFields lists the fields that operators have given new values in the open dead letters of an import.
func (s *Store) mendedFields(ctx context.Context, workspace, importID uuid.UUID) ([]string, error) {
	rows, err := s.pool.Query(ctx, `SELECT DISTINCT k FROM mends m JOIN dead_letters d ON d.workspace_id = m.workspace_id AND d.import_id = m.import_id AND d.row_number = m.row_number,
		jsonb_object_keys(m.fields) k WHERE m.workspace_id = $1 AND m.import_id = $2 ORDER BY k`, workspace, importID)
	if err != nil {
		return nil, translate(err)
	}
	fields, err := pgx.CollectRows(rows, pgx.RowTo[string])
	return fields, translate(err)
}
