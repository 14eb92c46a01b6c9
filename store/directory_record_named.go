package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Records gives the contacts or companies with these ids, as far as the workspace has them.
func (s *Store) Records(ctx context.Context, workspace uuid.UUID, kind importer.Kind, ids []uuid.UUID) (map[uuid.UUID]Record, error) {
	sql := `SELECT ` + contactRecord + ` FROM contacts r` + employersOfR + `WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
	if kind == importer.Companies {
		sql = `SELECT ` + companyRecord + ` FROM companies r WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
	}
	rows, err := s.pool.Query(ctx, sql, workspace, ids)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
	found := make(map[uuid.UUID]Record, len(all))
	for _, r := range all {
		found[r.ID] = r
	}
	return found, translate(err)
}
