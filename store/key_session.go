package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// KeyWithHash gives a key, live or not, and the SHA-256 of its secret: with that a session is signed that anybody who shares the database can check, and that ends with
// the key. ErrNotFound when there is none.
func (s *Store) KeyWithHash(ctx context.Context, workspace, id uuid.UUID) (Key, []byte, error) {
	var k Key
	var hash []byte
	rows, err := s.pool.Query(ctx, `SELECT k.hash, `+keyColumns+` FROM api_keys k WHERE k.workspace_id = $1 AND k.id = $2`, workspace, id)
	if err != nil {
		return k, nil, translate(err)
	}
	k, err = pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (Key, error) {
		err := row.Scan(&hash, &k.WorkspaceID, &k.ID, &k.Name, &k.Hint, &k.Permissions, &k.CreatedAt, &k.ExpiresAt, &k.RevokedAt)
		return k, err
	})
	return k, hash, translate(err)
}

// WorkspaceName gives the name of a workspace.
func (s *Store) WorkspaceName(ctx context.Context, id uuid.UUID) (string, error) {
	var name string
	err := s.pool.QueryRow(ctx, `SELECT name FROM workspaces WHERE id = $1`, id).Scan(&name)
	return name, translate(err)
}
