package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// SameFileError refuses a file of tasks whose rows the workspace has mostly imported before.
type SameFileError struct{ importer.SameFile }

// Error returns the counts and the earlier import.
func (e *SameFileError) Error() string { return e.String() }

// sampledFile is the number of rows up to which all checksums of a file are sampled. Of a larger
// file every sampleRate-th value is: the same values of every file, so that samples of files of
// different sizes compare.
const sampledFile, sampleRate = 2048, 32

// rowSample collects the sample of a file while its chunks are stored: the checksums of some rows,
// by which files with the same rows find each other.
type rowSample struct {
	small  []int64 // the checksums of a file that may end before sampledFile
	stored map[int64]bool
	rows   int
}

// add adds the checksums of a chunk's rows, and returns what is to be stored of the sample now.
func (r *rowSample) add(sums []int64) []int64 {
	wasSmall := r.rows <= sampledFile
	if r.rows += len(sums); wasSmall {
		r.small = append(r.small, sums...)
	}
	if r.rows <= sampledFile {
		return nil
	}
	if wasSmall {
		sums, r.small = r.small, nil
	}
	return r.fresh(sums, sampleRate)
}

// fresh returns the checksums that are divisible by rate and not stored yet, without 0, which is
// that of a row that is like no other.
func (r *rowSample) fresh(sums []int64, rate int64) []int64 {
	if r.stored == nil {
		r.stored = map[int64]bool{}
	}
	var fresh []int64
	for _, sum := range sums {
		if sum%rate == 0 && sum != 0 && !r.stored[sum] {
			r.stored[sum] = true
			fresh = append(fresh, sum)
		}
	}
	return fresh
}

// insertSample adds checksums that are not stored yet to the sample of an import.
const insertSample = `INSERT INTO row_samples (workspace_id, import_id, sum)
	SELECT $1::uuid, $2::uuid, s FROM unnest($3::bigint[]) s`

// end stores the sample of a small file, or removes that of a file that is not compared.
func (r *rowSample) end(ctx context.Context, tx pgx.Tx, i Import, compared bool) (err error) {
	if compared {
		_, err = tx.Exec(ctx, insertSample, i.WorkspaceID, i.ID, r.fresh(r.small, 1))
	} else {
		_, err = tx.Exec(ctx, `DELETE FROM row_samples WHERE workspace_id = $1 AND import_id = $2`, i.WorkspaceID, i.ID)
	}
	return err
}

// compareFile compares the rows of an import with those of earlier ones, as its options require. It
// returns a *SameFileError, or notes the counts in the layout; under SameFileNew it also notes
// which rows are skipped. A dry run is never refused.
//
// Imports of a workspace wait for each other here, so that of two simultaneous ones with the same
// rows one is the earlier.
func compareFile(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	var kind importer.Kind
	var o importer.Options
	var identified bool
	err := tx.QueryRow(ctx, `SELECT kind, options, coalesce(layout->'sources' ? 'external_id', false)
		FROM imports
		WHERE workspace_id = $1 AND id = $2`, workspace, id).Scan(&kind, &o, &identified)
	if err != nil || kind != importer.Tasks || identified && o.OnDuplicate == importer.DuplicateUpdate {
		return err
	}
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('files ' || $1, 0))`,
		workspace.String()); err != nil {
		return err
	}
	earlier, err := likelyEarlier(ctx, tx, workspace, id)
	if err != nil || len(earlier) == 0 {
		return err
	}
	if o.OnSameFile == importer.SameFileNew {
		if err := skipKnownRows(ctx, tx, workspace, id, earlier); err != nil {
			return err
		}
	}
	found, err := sameRows(ctx, tx, workspace, id, earlier)
	if err != nil || !found.IsMost() && o.OnSameFile != importer.SameFileNew || found.Imported == 0 {
		return err
	}
	if o.OnSameFile != importer.SameFileNew && o.OnSameFile != importer.SameFileAll && !o.DryRun {
		return &SameFileError{found}
	}
	_, err = tx.Exec(ctx, `UPDATE imports SET layout = jsonb_set(layout, '{same_file}', $3) WHERE workspace_id = $1
		AND id = $2`, workspace, id, found)
	return err
}

// mostEarlier bounds the earlier imports that a file is compared with: those that share the most.
const mostEarlier = 50

// likelyEarlier returns the earlier imports that share rows with an import, if by the samples they
// may have a quarter of its rows together. Imports that were undone and dry runs do not count. A
// single row is compared with files of a single row: in a large one it may be there by chance.
func likelyEarlier(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) ([]uuid.UUID, error) {
	rows, err := tx.Query(ctx, `WITH mine AS MATERIALIZED (
			SELECT sum FROM row_samples WHERE workspace_id = $1 AND import_id = $2
		), shared AS (
			SELECT s.import_id, count(*) AS n FROM mine JOIN row_samples s ON s.workspace_id = $1 AND s.sum = mine.sum
			WHERE s.import_id <> $2 GROUP BY 1
		)
		SELECT i.id, (SELECT count(*) FROM mine), shared.n * CASE WHEN own.total_count <= $3 AND i.total_count > $3
			THEN $4::bigint ELSE 1 END FROM shared
		JOIN imports i ON i.workspace_id = $1 AND i.id = shared.import_id
		JOIN imports own ON own.workspace_id = $1 AND own.id = $2
		WHERE i.status NOT IN ('staged', 'undone') AND i.options->'dry_run' IS NULL
			AND (own.total_count > 1 OR i.total_count = 1)
		ORDER BY 3 DESC, 1 DESC LIMIT $5`, workspace, id, sampledFile, sampleRate, mostEarlier)
	if err != nil {
		return nil, err
	}
	var earlier []uuid.UUID
	var one uuid.UUID
	var own, shared, n int64
	if _, err := pgx.ForEachRow(rows, []any{&one, &own, &n}, func() error {
		earlier, shared = append(earlier, one), shared+n
		return nil
	}); err != nil || 4*shared < own {
		return nil, err
	}
	return earlier, nil
}

// rowsBefore are the rows of an import and, by their checksums, those of the imports $3 that had
// them: before (row, import_id, of_row, is_in), without the new rows. Of equal rows as many are
// before as one earlier import had. A row whose chunk was cancelled, or that was rejected, is not
// in.
const rowsBefore = `WITH mine AS MATERIALIZED (
		SELECT c.first_row + u.n - 1 AS row, u.sum, row_number() OVER (PARTITION BY u.sum ORDER BY c.number, u.n) AS k
		FROM chunks c, unnest(c.row_sums) WITH ORDINALITY u (sum, n)
		WHERE c.workspace_id = $1 AND c.import_id = $2 AND u.sum <> 0
	), theirs AS (
		SELECT u.sum, c.import_id, c.first_row + u.n - 1 AS row, d.row_number IS NULL AS is_in,
			row_number() OVER (PARTITION BY c.import_id, u.sum ORDER BY d.row_number IS NOT NULL, c.number, u.n) AS k
		FROM chunks c CROSS JOIN unnest(c.row_sums) WITH ORDINALITY u (sum, n)
		LEFT JOIN dead_letters d ON d.workspace_id = c.workspace_id AND d.import_id = c.import_id
			AND d.row_number = c.first_row + u.n - 1
		WHERE c.workspace_id = $1 AND c.import_id = ANY ($3) AND c.state <> 'cancelled' AND u.sum <> 0
	), earlier AS MATERIALIZED (
		SELECT DISTINCT ON (sum, k) * FROM theirs ORDER BY sum, k, is_in DESC, import_id
	), before AS (
		SELECT mine.row, earlier.import_id, earlier.row AS of_row, earlier.is_in FROM mine JOIN earlier USING (sum, k)
	)`

// sameRows counts the rows of an import that the earlier imports had.
func sameRows(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID, earlier []uuid.UUID) (importer.SameFile, error) {
	var f importer.SameFile
	err := tx.QueryRow(ctx, rowsBefore+`
		SELECT own.total_count, n.is_in, n.rejected, own.total_count - n.is_in - n.rejected, i.id, i.file_name, i.created_at
		FROM (SELECT count(*) FILTER (WHERE is_in) AS is_in, count(*) FILTER (WHERE NOT is_in) AS rejected,
			mode() WITHIN GROUP (ORDER BY import_id) AS most FROM before) n
		JOIN imports own ON own.workspace_id = $1 AND own.id = $2
		JOIN imports i ON i.workspace_id = $1 AND i.id = n.most`, workspace, id, earlier).
		Scan(&f.Rows, &f.Imported, &f.Rejected, &f.New, &f.Import, &f.FileName, &f.At)
	if errors.Is(err, pgx.ErrNoRows) {
		return importer.SameFile{}, nil
	}
	if err != nil {
		return f, fmt.Errorf("compare with earlier files: %w", err)
	}
	return f, nil
}

// skipKnownRows notes the rows of an import that earlier ones have taken in. A row that its own dry
// run has rejected stays rejected.
func skipKnownRows(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID, earlier []uuid.UUID) error {
	_, err := tx.Exec(ctx, rowsBefore+`
		INSERT INTO skipped_rows (workspace_id, import_id, row_number, is_known, of_import, of_row)
		SELECT $1, $2, row, true, import_id, of_row FROM before WHERE is_in AND NOT EXISTS (SELECT FROM dead_letters d
			WHERE d.workspace_id = $1 AND d.import_id = $2 AND d.row_number = before.row)
		ON CONFLICT DO NOTHING`, workspace, id, earlier)
	return err
}
