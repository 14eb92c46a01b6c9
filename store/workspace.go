package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Workspace is a tenant.
type Workspace struct {
	ID        uuid.UUID         `json:"id"`
	Name      string            `json:"name"`
	CreatedAt time.Time         `json:"created_at"`
	Settings  importer.Settings `json:"settings"`
}

// CreateWorkspace creates a workspace; ErrExists when the name is taken.
func (s *Store) CreateWorkspace(ctx context.Context, name string, now time.Time) (Workspace, error) {
	w := Workspace{ID: newID(), Name: name, CreatedAt: now.UTC()}
	_, err := s.pool.Exec(ctx, `INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3)`, w.ID, w.Name,
		w.CreatedAt)
	return w, translate(err)
}

// Workspaces lists all workspaces by name.
func (s *Store) Workspaces(ctx context.Context) ([]Workspace, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, created_at, settings FROM workspaces ORDER BY name`)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Workspace])
	return all, translate(err)
}

// FindWorkspace finds a workspace by its name or id.
func (s *Store) FindWorkspace(ctx context.Context, nameOrID string) (Workspace, error) {
	rows, err := s.pool.Query(ctx, `SELECT id, name, created_at, settings FROM workspaces
		WHERE name = $1 OR id::text = lower($1)`, nameOrID)
	if err != nil {
		return Workspace{}, translate(err)
	}
	w, err := pgx.CollectOneRow(rows, pgx.RowToStructByPos[Workspace])
	return w, translate(err)
}

// WorkspaceName returns the name of a workspace.
func (s *Store) WorkspaceName(ctx context.Context, id uuid.UUID) (string, error) {
	var name string
	err := s.pool.QueryRow(ctx, `SELECT name FROM workspaces WHERE id = $1`, id).Scan(&name)
	return name, translate(err)
}

// ChangeSettings sets how the names of a workspace are resolved. It changes the directory's version
// too, so that no process continues with the old settings.
func (s *Store) ChangeSettings(ctx context.Context, workspace uuid.UUID, settings importer.Settings) error {
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := changeDirectory(ctx, tx, workspace); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `UPDATE workspaces SET settings = $2 WHERE id = $1`, workspace, settings)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
}

// newID returns a UUID of version 7, which is ordered by time, so that new rows are adjacent in the
// indexes.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// TaskID returns the id of the task that a row of an import becomes: the import's time, bits of its
// id, and the row. A row always has the same id, and the rows of an import are adjacent in the
// index (UUID version 8, RFC 9562 section 5.8).
func TaskID(importID uuid.UUID, row int) uuid.UUID {
	id := importID
	id[6] = 0x80 | id[6]&0x0f
	id[12], id[13], id[14], id[15] = byte(row>>24), byte(row>>16), byte(row>>8), byte(row)
	return id
}

// directoryLock returns the name of the lock that orders changes of a workspace's directory
// (exclusive) and the writing of links to it (shared).
func directoryLock(workspace uuid.UUID) string { return fmt.Sprintf("directory %s", workspace) }
