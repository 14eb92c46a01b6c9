package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Cancel stops an import: what is in stays, the rest is not processed. It waits for the chunks
// whose transactions are open, which stay done; no other row gets in once it has returned. A
// *StateError says that the import has ended already.
func (s *Store) Cancel(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, TransitionCancel, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		if _, err := tx.Exec(ctx, `UPDATE imports SET status = 'cancelled', finished_at = greatest(now(), created_at)
			WHERE workspace_id = $1 AND id = $2`, workspace, id); err != nil {
			return err
		}
		return cancelChunks(ctx, tx, TransitionCancel, workspace, id)
	})
}

// cancelChunks returns up the chunks of an import that a step ends for good; it waits for those
// whose transactions are open.
func cancelChunks(ctx context.Context, tx pgx.Tx, step Transition, workspace, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `WITH open AS (SELECT number FROM chunks WHERE workspace_id = $1 AND import_id = $2
		AND state = ANY ($3) ORDER BY number FOR UPDATE)
		UPDATE chunks c SET state = 'cancelled', data = '' FROM open WHERE c.workspace_id = $1 AND c.import_id = $2
		AND c.number = open.number`,
		workspace, id, chunkSteps[step].from)
	return err
}

// step takes an import, locked, from a state that allows the step into another, in one transaction,
// and returns it as it then stands. A step that met another transaction is repeated. What it does
// it notes in the audit, but for a correct, which has more to tell.
func (s *Store) step(ctx context.Context, step Transition, workspace, id uuid.UUID, by Actor, idem *Idempotency,
	do func(pgx.Tx, Import) error) (after Import, err error) {
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		i := Import{WorkspaceID: workspace, ID: id}
		err := tx.QueryRow(ctx, `SELECT kind, status, layout, options, coalesce(plan, '') FROM imports i
			WHERE workspace_id = $1 AND id = $2 AND `+begun+` FOR NO KEY UPDATE`, workspace, id).Scan(&i.Kind, &i.Status,
			&i.Layout, &i.Options, &i.Planned)
		if err != nil {
			return err
		}
		if err := i.refuse(step); err != nil {
			return err
		}
		if err := do(tx, i); err != nil {
			return err
		}
		if step != TransitionCorrect {
			if err := note(ctx, tx, newNote(workspace, Action(step), by, id, nil)); err != nil {
				return err
			}
		}
		if after, err = oneImport(ctx, tx, workspace, id); err != nil {
			return err
		}
		return idem.made(ctx, tx, importResource(id))
	})
	return after, err
}

// refuse returns a *StateError when the import cannot take the step.
func (i Import) refuse(step Transition) error {
	if step == TransitionCommit {
		return i.refuseCommit()
	}
	switch {
	case !i.Status.Allows(step):
		return &StateError{Transition: step, Status: i.Status}
	case i.Options.DryRun && step != TransitionCancel:
		return &StateError{Transition: step, Status: i.Status, Why: "the import is a dry run, which inserts nothing"}
	case i.Kind != importer.Tasks && step == TransitionUndo:
		return &StateError{Transition: step, Status: i.Status,
			Why: "only imports of tasks can be taken back, and this one is of " + string(i.Kind)}
	}
	return nil
}

// What a chunk that corrections takes up at most, in rows and in bytes of their cells and new
// values; one row may be larger.
const (
	correctRows  = 5_000
	correctBytes = 2 << 20
)

// Retry lets an import that has ended go on: parked chunks are pending again, and every open dead
// letter is put through the pipeline once more. Without anything to do the import stays as it is,
// ended. The caller hands the chunks to the queue. A *StateError refuses it.
func (s *Store) Retry(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, TransitionRetry, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		parked, err := tx.Exec(ctx, unpark, workspace, id)
		if err != nil {
			return err
		}
		corrections, err := tx.Exec(ctx, insertMends, workspace, id, correctRows, correctBytes)
		if err != nil {
			return err
		}
		if parked.RowsAffected()+corrections.RowsAffected() == 0 {
			return nil
		}
		return goOn(ctx, tx, workspace, id)
	})
}

// unpark returns the parked chunks of a file back to the workers. A parked chunk that corrections
// is cancelled: insertMends puts others in its place.
const unpark = `UPDATE chunks SET state = CASE WHEN last_row IS NULL THEN 'pending' ELSE 'cancelled' END,
	attempts_from = attempt, lease_until = '-infinity', enqueue_after = '-infinity'
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'parked'`

// mendable says which dead letters d can be put through the pipeline again: the cells of a
// malformed row could not be told apart, and that does not change unless somebody has corrected it
// (m); a row that stands in the file before goes on doing so.
const mendable = `(d.reason <> 'malformed_row' OR m.replaced) AND d.field IS DISTINCT FROM '` +
	importer.FieldDuplicateRow + `'`

// insertMends appends chunks that take up all open dead letters, as many to each as $3 rows and $4
// bytes allow: two running numbers that never fall, so rows in which both are equal stand together
// and keep both bounds.
const insertMends = `WITH sized AS (
		SELECT d.row_number, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(octet_length(d.cells) +
		coalesce(octet_length(m.fields::text), 0)) OVER w / $4::bigint AS by_bytes
		FROM dead_letters d LEFT JOIN corrections m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id
		AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND ` + mendable + ` WINDOW w AS (ORDER BY d.row_number ROWS
		UNBOUNDED PRECEDING)
	), parts AS (
		SELECT min(row_number) AS first_row, max(row_number) AS last_row FROM sized GROUP BY by_rows, by_bytes
	)
	INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data)
	SELECT $1, $2, (SELECT max(number) FROM chunks WHERE workspace_id = $1
	AND import_id = $2) + row_number() OVER (ORDER BY first_row), first_row, last_row, 0, 0, '' FROM parts`

// Undo takes back the tasks that an import created and that nobody has changed since, all in one
// transaction. The counts of the import stay as history, parked chunks are given up; KeptTasks
// tells what is left. A *StateError refuses it.
func (s *Store) Undo(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.step(ctx, TransitionUndo, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		if err := cancelChunks(ctx, tx, TransitionUndo, workspace, id); err != nil {
			return err
		}
		gone, err := tx.Exec(ctx, `DELETE FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND changed_at IS NULL`,
			workspace, id)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE imports SET status = 'undone', error = NULL, undone_count = $3
			WHERE workspace_id = $1 AND id = $2`, workspace, id, gone.RowsAffected())
		return err
	})
}

// KeptTasks returns the first ids, by row, of the tasks that stayed when an import was undone, and
// their number.
func (s *Store) KeptTasks(ctx context.Context, i Import, most int) ([]uuid.UUID, int, error) {
	results, total, err := s.Results(ctx, i, Page{Number: 1, Size: most})
	kept := make([]uuid.UUID, len(results))
	for n, r := range results {
		kept[n] = r.ID
	}
	return kept, total, err
}
