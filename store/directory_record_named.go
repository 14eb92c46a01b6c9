package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Records gives the contacts or companies with these ids, as far as the workspace has them.
func (s *Store) Records(ctx context.Context, workspace uuid.UUID, kind importer.Kind, ids []uuid.UUID) (map[uuid.UUID]Record, error) {
	sql := `SELECT r.id, coalesce(nullif(r.full_name, ''), r.email, ''), coalesce(r.email, ''), coalesce(e.name, ''), coalesce(r.external_id, '') FROM contacts r
		LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
	if kind == importer.Companies {
		sql = `SELECT r.id, r.name, coalesce(r.domain, ''), '', coalesce(r.external_id, '') FROM companies r WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
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
