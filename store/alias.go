package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// KeepAlias makes a name mean a contact or a company from now on, replacing an earlier choice; ErrNotFound when the record is not in the workspace.
func (s *Store) KeepAlias(ctx context.Context, workspace uuid.UUID, kind importer.Kind, name string, record uuid.UUID) error {
	matchKind := match.Person
	if kind == importer.Companies {
		matchKind = match.Company
	}
	return s.inTx(ctx, func(tx pgx.Tx) error {
		if _, err := changeDirectory(ctx, tx, workspace); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO aliases (workspace_id, kind, match_key, record_id, created_at)
			SELECT $1, $2, $3, id, now() FROM `+directoryTable(kind)+` WHERE workspace_id = $1 AND id = $4
			ON CONFLICT (workspace_id, kind, match_key) DO UPDATE SET record_id = excluded.record_id`, workspace, kind, match.Key(matchKind, name), record)
		if err == nil && tag.RowsAffected() == 0 {
			return ErrNotFound
		}
		return err
	})
}

// changeDirectory makes this transaction the only one that changes the workspace's directory, and moves its version, which it gives.
func changeDirectory(ctx context.Context, tx pgx.Tx, workspace uuid.UUID) (version int64, err error) {
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, directoryLock(workspace)); err != nil {
		return 0, err
	}
	err = tx.QueryRow(ctx, `UPDATE workspaces SET directory_version = directory_version + 1 WHERE id = $1 RETURNING directory_version`, workspace).Scan(&version)
	return version, err
}
