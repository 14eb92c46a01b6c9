package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// What a chunk that mends takes up at most, in rows and in bytes of their cells; one row may be larger.
const (
	mendRows  = 5_000
	mendBytes = 2 << 20
)

// Retry lets an import that has ended go on: parked chunks are pending again, and every open dead letter is put through the pipeline once more. Without
// anything to do the import stays as it is, ended. The caller hands the chunks to the queue. A *StateError refuses it.
func (s *Store) Retry(ctx context.Context, workspace, id uuid.UUID, idem *Idempotency) (Import, error) {
	return s.step(ctx, StepRetry, workspace, id, idem, func(tx pgx.Tx, _ Import) error {
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
		_, err = tx.Exec(ctx, `UPDATE imports SET status = 'processing', finished_at = NULL, error = NULL, round = round + 1 WHERE workspace_id = $1 AND id = $2`, workspace, id)
		return err
	})
}

// unpark gives the parked chunks of a file back to the workers. A parked chunk that mends is cancelled: insertMends puts others in its place.
const unpark = `UPDATE chunks SET state = CASE WHEN last_row IS NULL THEN 'pending' ELSE 'cancelled' END,
	attempts_from = attempt, lease_until = '-infinity', enqueue_after = '-infinity'
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'parked'`

// mendable says which dead letters can be put through the pipeline again: the cells of a malformed row could not be told apart, and a row that stands in the file before
// goes on doing so; that does not change.
const mendable = `reason <> 'malformed_row' AND field IS DISTINCT FROM '` + importer.FieldDuplicateRow + `'`

// insertMends appends chunks that take up all open dead letters, as many to each as $3 rows and $4 bytes allow: two running numbers that never fall, so
// rows in which both are equal stand together and keep both bounds.
const insertMends = `WITH sized AS (
		SELECT row_number, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(octet_length(cells)) OVER w / $4::bigint AS by_bytes
		FROM dead_letters WHERE workspace_id = $1 AND import_id = $2 AND ` + mendable + ` WINDOW w AS (ORDER BY row_number ROWS UNBOUNDED PRECEDING)
	), parts AS (
		SELECT min(row_number) AS first_row, max(row_number) AS last_row FROM sized GROUP BY by_rows, by_bytes
	)
	INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data)
	SELECT $1, $2, (SELECT max(number) FROM chunks WHERE workspace_id = $1 AND import_id = $2) + row_number() OVER (ORDER BY first_row), first_row, last_row, 0, 0, '' FROM parts`
