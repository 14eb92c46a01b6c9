package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// ImportsBefore lists a workspace's imports, newest first, that are older than one; the nil id begins with the newest, an empty status means all of them.
func (s *Store) ImportsBefore(ctx context.Context, workspace uuid.UUID, status Status, before uuid.UUID, most int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+`
		WHERE i.workspace_id = $1 AND `+begun+` AND ($2 = '' OR i.status = $2) AND ($3::uuid IS NULL OR i.id < $3) ORDER BY i.id DESC LIMIT $4`, workspace, string(status), idOrNull(before), most)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	return all, translate(err)
}

// ImportsByStatus counts a workspace's imports.
func (s *Store) ImportsByStatus(ctx context.Context, workspace uuid.UUID) (map[Status]int, error) {
	rows, err := s.pool.Query(ctx, `SELECT status, count(*) FROM imports i WHERE workspace_id = $1 AND `+begun+` GROUP BY status`, workspace)
	if err != nil {
		return nil, translate(err)
	}
	counts := map[Status]int{}
	var status Status
	var n int
	_, err = pgx.ForEachRow(rows, []any{&status, &n}, func() error { counts[status] = n; return nil })
	return counts, translate(err)
}

// ChangedTasks counts the tasks of an import that somebody has changed since: an undo leaves them.
func (s *Store) ChangedTasks(ctx context.Context, workspace, importID uuid.UUID) (int, error) {
	return s.count(ctx, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND changed_at IS NOT NULL`, workspace, importID)
}

// MovingImports lists the imports of a workspace that are at work or wait for it, and those that were begun since a time, newest first.
func (s *Store) MovingImports(ctx context.Context, workspace uuid.UUID, since time.Time, most int) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+`
		WHERE i.workspace_id = $1 AND `+begun+` AND (i.status IN ('queued', 'processing') OR i.created_at > $3) ORDER BY i.id DESC LIMIT $2`, workspace, most, since)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	return all, translate(err)
}

// CanTake reports whether the step is possible, as far as the import tells as it was read.
func (i Import) CanTake(step Step) bool { return i.refuse(step) == nil }
