package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
)

const (
	// StagedTTL is how long a staged file is kept.
	StagedTTL = 24 * time.Hour
	// maxStaged bounds the staged files of a workspace.
	maxStaged = 20
)

// StagedFiles lists the staged files of a workspace, newest first.
func (s *Store) StagedFiles(ctx context.Context, workspace uuid.UUID) ([]Import, error) {
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+` WHERE i.workspace_id = $1
		AND i.status = 'staged' ORDER BY i.id DESC LIMIT $2`, workspace, maxStaged)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanImport)
	return all, translate(err)
}

// CheckStagedLimit returns a *StateError when the workspace has the maximum of staged files.
func (s *Store) CheckStagedLimit(ctx context.Context, workspace uuid.UUID) error {
	n, err := s.count(ctx, `SELECT count(*) FROM imports WHERE workspace_id = $1 AND status = 'staged'`, workspace)
	if err == nil && n >= maxStaged {
		return &StateError{Transition: TransitionBegin,
			Why: fmt.Sprintf("%d uploads wait to be begun already; begin or discard one of them", n)}
	}
	return err
}

// StagedFile returns a staged file and its first chunk.
func (s *Store) StagedFile(ctx context.Context, workspace, id uuid.UUID) (Import, file.Chunk, error) {
	var first file.Chunk
	rows, err := s.pool.Query(ctx, `SELECT `+importColumns+` FROM imports i `+importCounts+` WHERE i.workspace_id = $1
		AND i.id = $2 AND i.status = 'staged'`, workspace, id)
	if err != nil {
		return Import{}, first, translate(err)
	}
	i, err := pgx.CollectExactlyOneRow(rows, scanImport)
	if err != nil {
		return i, first, translate(err)
	}
	err = s.pool.QueryRow(ctx, `SELECT number, first_row, first_line, row_count, data FROM chunks
		WHERE workspace_id = $1 AND import_id = $2 ORDER BY number LIMIT 1`, workspace, id).
		Scan(&first.Number, &first.FirstRow, &first.FirstLine, &first.Rows, &first.Data)
	if err != nil {
		return i, first, translate(err)
	}
	first.Data, err = unpack(first.Data)
	return i, first, err
}

// Begin begins the import of a staged file, with the given layout and options, and remembers a
// mapping for its header, unless it is nil. The caller enqueues its chunks. It returns a
// *StateError when the import has begun already, ErrNotFound when the file is gone, and a
// *SameFileError when its rows were imported before and the options refuse that.
func (s *Store) Begin(ctx context.Context, workspace, id uuid.UUID, layout importer.Layout, options importer.Options,
	remember *Mapping, by Actor, now time.Time) (Import, error) {
	users, err := s.Users(ctx, workspace)
	if err != nil {
		return Import{}, err
	}
	layoutJSON, err := toJSON(layout)
	if err != nil {
		return Import{}, err
	}
	optionsJSON, err := toJSON(options)
	if err != nil {
		return Import{}, err
	}
	var after Import
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE imports SET status = 'queued', layout = $3,
			staged_layout = CASE WHEN $6 THEN layout END, options = $4, created_at = $5,
			plan = CASE WHEN kind = 'tasks' AND $6 THEN 'kept' END, in_order = kind = 'tasks' AND ($6 OR $7),
			mirror = nullif($8, ''), mirror_from = clock_timestamp()
			WHERE workspace_id = $1 AND id = $2 AND status = 'staged'`,
			workspace, id, layoutJSON, optionsJSON, now.UTC().Truncate(time.Microsecond), options.DryRun,
			options.OnDuplicate != importer.DuplicateSkip, mirrorOf(options))
		if err != nil {
			return err
		}
		if tag.RowsAffected() > 0 {
			if err := planRetries(ctx, tx, Import{WorkspaceID: workspace, ID: id, Options: options}, by); err != nil {
				return err
			}
		}
		if tag.RowsAffected() > 0 && !options.DryRun {
			if err := rememberUsers(ctx, tx, workspace, users, options.Mapping, by); err != nil {
				return err
			}
		}
		if tag.RowsAffected() > 0 && remember != nil {
			remember.WorkspaceID, remember.Header = workspace, importer.HeaderKey(layout.Layout)
			if err := rememberMapping(ctx, tx, *remember, now); err != nil {
				return err
			}
		}
		if tag.RowsAffected() > 0 && !options.DryRun {
			if _, err := tx.Exec(ctx, dropStagedFile, workspace, id); err != nil {
				return err
			}
		}
		if tag.RowsAffected() > 0 {
			if err := compareFile(ctx, tx, workspace, id); err != nil {
				return err
			}
		}
		if after, err = oneImport(ctx, tx, workspace, id); err == nil && tag.RowsAffected() == 0 {
			return &StateError{Transition: TransitionBegin, Status: after.Status}
		}
		return err
	})
	return after, err
}

// Restage stages the file of a dry run of tasks once more, so that another mapping can be chosen
// without another upload. The dry run stays. A *StateError reports that its file is not kept, or
// that the workspace has the maximum of staged files.
func (s *Store) Restage(ctx context.Context, workspace, id uuid.UUID, now time.Time) (uuid.UUID, error) {
	if err := s.CheckStagedLimit(ctx, workspace); err != nil {
		return uuid.Nil, err
	}
	fresh := newID()
	err := s.repeated(ctx, func(tx pgx.Tx) error {
		i, err := lockImport(ctx, tx, workspace, id)
		if err != nil {
			return err
		}
		if i.Planned != PlanKept || !i.Status.Final() {
			return &StateError{Transition: TransitionBegin, Status: i.Status, Why: "the file of this dry run is not kept"}
		}
		for _, sql := range []string{
			`INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count,
				created_at) SELECT workspace_id, $3, kind, 'staged', file_name, coalesce(staged_layout, layout),
				options - 'dry_run', total_count, $4 FROM imports WHERE workspace_id = $1 AND id = $2`,
			`INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count, data, repeats,
				row_sums) SELECT workspace_id, $3, number, first_row, first_line, row_count, data, repeats, row_sums FROM chunks
				WHERE workspace_id = $1 AND import_id = $2 AND last_row IS NULL AND $4::timestamptz IS NOT NULL`,
			`INSERT INTO staged_files (workspace_id, import_id, data) SELECT workspace_id, $3, data FROM staged_files
				WHERE workspace_id = $1 AND import_id = $2 AND $4::timestamptz IS NOT NULL`,
			`INSERT INTO row_samples (workspace_id, sum, import_id) SELECT workspace_id, sum, $3 FROM row_samples
				WHERE workspace_id = $1 AND import_id = $2 AND $4::timestamptz IS NOT NULL`,
		} {
			if _, err := tx.Exec(ctx, sql, workspace, id, fresh, now.UTC()); err != nil {
				return err
			}
		}
		return nil
	})
	return fresh, err
}

// MaxKeptFile is the size in bytes up to which a staged file is also kept as it was sent.
const MaxKeptFile = 16 << 20

const dropStagedFile = `DELETE FROM staged_files WHERE workspace_id = $1 AND import_id = $2`

// KeepFile keeps a staged file as it was sent.
func (s *Store) KeepFile(ctx context.Context, workspace, id uuid.UUID, data []byte) error {
	_, err := s.pool.Exec(ctx, `INSERT INTO staged_files (workspace_id, import_id, data) SELECT workspace_id, id, $3
		FROM imports WHERE workspace_id = $1 AND id = $2 AND status = 'staged'`, workspace, id, pack(data))
	return translate(err)
}

// IsFileKept reports whether a staged file is kept as it was sent.
func (s *Store) IsFileKept(ctx context.Context, workspace, id uuid.UUID) (kept bool, err error) {
	err = s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM staged_files WHERE workspace_id = $1 AND import_id = $2)`,
		workspace, id).Scan(&kept)
	return kept, translate(err)
}

// KeptFile returns a staged file as it was sent; ErrNotFound if it is not kept.
func (s *Store) KeptFile(ctx context.Context, workspace, id uuid.UUID) ([]byte, error) {
	var data []byte
	err := s.pool.QueryRow(ctx, `SELECT f.data FROM staged_files f JOIN imports i ON i.workspace_id = f.workspace_id
		AND i.id = f.import_id AND i.status = 'staged' WHERE f.workspace_id = $1 AND f.import_id = $2`, workspace, id).
		Scan(&data)
	if err != nil {
		return nil, translate(err)
	}
	return unpack(data)
}

// Discard deletes a staged file; ErrNotFound when it is gone or its import has begun.
func (s *Store) Discard(ctx context.Context, workspace, id uuid.UUID) error {
	tag, err := s.pool.Exec(ctx, `DELETE FROM imports WHERE workspace_id = $1 AND id = $2 AND status = 'staged'`,
		workspace, id)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrNotFound
	}
	return translate(err)
}

// forgetStaged deletes some staged files that are past their time.
func forgetStaged(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, deleteSome("imports", `r.status = 'staged' AND r.created_at < now() - $1::interval`, 10),
		StagedTTL)
	return err
}
