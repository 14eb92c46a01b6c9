package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// What a chunk that mends takes up at most, in rows and in bytes of their cells and new values; one row may be larger.
const (
	mendRows  = 5_000
	mendBytes = 2 << 20
)

// Retry lets an import that has ended go on: parked chunks are pending again, and every open dead letter is put through the pipeline once more. Without
// anything to do the import stays as it is, ended. The caller hands the chunks to the queue. A *StateError refuses it.
func (s *Store) Retry(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, StepRetry, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		parked, err := tx.Exec(ctx, unpark, workspace, id)
		if err != nil {
			return err
		}
		mends, err := tx.Exec(ctx, insertMends, workspace, id, mendRows, mendBytes)
		if err != nil {
			return err
		}
		if parked.RowsAffected()+mends.RowsAffected() == 0 {
			return nil
		}
		return goOn(ctx, tx, workspace, id)
	})
}

// unpark gives the parked chunks of a file back to the workers. A parked chunk that mends is cancelled: insertMends puts others in its place.
const unpark = `UPDATE chunks SET state = CASE WHEN last_row IS NULL THEN 'pending' ELSE 'cancelled' END,
	attempts_from = attempt, lease_until = '-infinity', enqueue_after = '-infinity'
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'parked'`

// mendable says which dead letters d can be put through the pipeline again: the cells of a malformed row could not be told apart, and that does not change
// unless somebody has mended it (m); a row that stands in the file before goes on doing so.
const mendable = `(d.reason <> 'malformed_row' OR m.anew) AND d.field IS DISTINCT FROM '` + importer.FieldDuplicateRow + `'`

// insertMends appends chunks that take up all open dead letters, as many to each as $3 rows and $4 bytes allow: two running numbers that never fall, so
// rows in which both are equal stand together and keep both bounds.
const insertMends = `WITH sized AS (
		SELECT d.row_number, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(octet_length(d.cells) + coalesce(octet_length(m.fields::text), 0)) OVER w / $4::bigint AS by_bytes
		FROM dead_letters d LEFT JOIN mends m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND ` + mendable + ` WINDOW w AS (ORDER BY d.row_number ROWS UNBOUNDED PRECEDING)
	), parts AS (
		SELECT min(row_number) AS first_row, max(row_number) AS last_row FROM sized GROUP BY by_rows, by_bytes
	)
	INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data)
	SELECT $1, $2, (SELECT max(number) FROM chunks WHERE workspace_id = $1 AND import_id = $2) + row_number() OVER (ORDER BY first_row), first_row, last_row, 0, 0, '' FROM parts`
