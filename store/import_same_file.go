package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// SameFileError refuses a file of tasks that the workspace has imported before.
type SameFileError struct {
	Earlier  uuid.UUID // the import
	FileName string
	At       time.Time
}

// Error names the earlier import and what to do.
func (e *SameFileError) Error() string {
	name := ""
	if e.FileName != "" {
		name = fmt.Sprintf(" as %q", e.FileName)
	}
	return fmt.Sprintf("these rows were imported before: job %s of %s%s; retry that job if its rejected rows are to "+
		"go in, undo it if it was wrong, or send the file with allow_duplicate=true to import it again",
		e.Earlier, e.At.UTC().Format(time.RFC3339), name)
}

// noteFile stores the digest of an import's file. A *SameFileError refuses a file that was imported
// before, unless that is allowed or this is a dry run.
func noteFile(ctx context.Context, tx pgx.Tx, i Import, digest []byte, allowed bool) error {
	if digest == nil {
		return nil
	}
	if _, err := tx.Exec(ctx, `UPDATE imports SET file_digest = $3, allow_duplicate = $4 WHERE workspace_id = $1
		AND id = $2`, i.WorkspaceID, i.ID, digest, allowed); err != nil {
		return err
	}
	if i.Options.DryRun || i.Status == Staged { // checked at the commit, or when it begins
		return nil
	}
	return refuseFileAgain(ctx, tx, i.WorkspaceID, i.ID)
}

// refuseFileAgain returns a *SameFileError when another import has imported the file of this one.
// Imports of the same file wait for each other here, so that one of two simultaneous ones is the
// earlier. Imports that failed, were cancelled or undone, or imported nothing do not count; neither
// does a dry run.
func refuseFileAgain(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	var digest []byte
	var allowed bool
	err := tx.QueryRow(ctx, `SELECT file_digest, allow_duplicate FROM imports WHERE workspace_id = $1
		AND id = $2`, workspace, id).Scan(&digest, &allowed)
	if err != nil || digest == nil {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended($1, 0))`, fmt.Sprintf("file %s %s",
		workspace, hex.EncodeToString(digest))); err != nil {
		return err
	}
	if allowed {
		return nil
	}
	e := &SameFileError{}
	err = tx.QueryRow(ctx, `SELECT id, file_name, created_at FROM imports i WHERE workspace_id = $1
		AND file_digest = $3 AND id <> $2 AND options->'dry_run' IS NULL
		AND (status IN ('queued', 'processing') OR status = 'completed' AND EXISTS (
			SELECT FROM chunks c WHERE c.workspace_id = i.workspace_id AND c.import_id = i.id
			AND c.created_count + c.updated_count > 0))
		ORDER BY id DESC LIMIT 1`, workspace, id, digest).Scan(&e.Earlier, &e.FileName, &e.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return e
}
