package store

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Cancel stops an import: imported rows stay, the rest is not processed. It waits for chunks with
// open transactions, which stay done; no row is written after it has returned. A *StateError
// reports that the import has ended already.
func (s *Store) Cancel(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.transition(ctx, TransitionCancel, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		if _, err := tx.Exec(ctx, `UPDATE imports SET status = 'cancelled', finished_at = greatest(now(), created_at)
			WHERE workspace_id = $1 AND id = $2`, workspace, id); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, dropNamed, workspace, id); err != nil {
			return err
		}
		return cancelChunks(ctx, tx, TransitionCancel, workspace, id)
	})
}

// cancelChunks cancels the chunks of an import that a transition ends for good. It waits for chunks
// with open transactions.
func cancelChunks(ctx context.Context, tx pgx.Tx, t Transition, workspace, id uuid.UUID) error {
	_, err := tx.Exec(ctx, `WITH open AS (SELECT number FROM chunks WHERE workspace_id = $1 AND import_id = $2
		AND state = ANY ($3) ORDER BY number FOR UPDATE)
		UPDATE chunks c SET state = 'cancelled', data = '' FROM open WHERE c.workspace_id = $1 AND c.import_id = $2
		AND c.number = open.number`,
		workspace, id, chunkTransitions[t].from)
	return err
}

// transition locks an import, checks that its state allows the transition, runs do and returns the
// import after it, all in one transaction. A transaction that met another one is repeated. The
// transition is written to the audit, except a correction or dismissal, whose entry has more
// detail.
func (s *Store) transition(ctx context.Context, t Transition, workspace, id uuid.UUID, by Actor, idem *Idempotency,
	do func(pgx.Tx, Import) error) (after Import, err error) {
	err = s.repeated(ctx, func(tx pgx.Tx) error {
		i, err := lockImport(ctx, tx, workspace, id)
		if errors.Is(err, pgx.ErrNoRows) {
			// Without one, the worker may have made the import just now.
			if err := promoteOne(ctx, tx, workspace, id); err != nil && !errors.Is(err, pgx.ErrNoRows) {
				return err
			}
			i, err = lockImport(ctx, tx, workspace, id)
		}
		if err != nil {
			return err
		}
		if err := i.refuse(t); err != nil {
			return err
		}
		if t == TransitionPurge && i.PurgedAt != nil {
			after, err = oneImport(ctx, tx, workspace, id)
			return err
		}
		if err := do(tx, i); err != nil {
			return err
		}
		if t != TransitionCorrect && t != TransitionDismiss {
			if err := note(ctx, tx, newNote(workspace, Action(t), by, id, nil)); err != nil {
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

// lockImport locks an import and returns what a transition needs of it.
func lockImport(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) (Import, error) {
	i := Import{WorkspaceID: workspace, ID: id}
	err := tx.QueryRow(ctx, `SELECT kind, status, layout, options, coalesce(plan, ''), purged_at FROM imports i
		WHERE workspace_id = $1 AND id = $2 AND `+begun+` FOR NO KEY UPDATE`, workspace, id).Scan(&i.Kind, &i.Status,
		&i.Layout, &i.Options, &i.Planned, &i.PurgedAt)
	return i, err
}

// refuse returns a *StateError when the import does not allow the transition.
func (i Import) refuse(t Transition) error {
	if i.PurgedAt != nil && t != TransitionPurge {
		return &StateError{Transition: t, Status: i.Status,
			Why: "what its file held was removed on " + i.PurgedAt.Format(time.DateOnly)}
	}
	if t == TransitionCommit {
		return i.refuseCommit()
	}
	switch {
	case !i.Status.Allows(t):
		return &StateError{Transition: t, Status: i.Status}
	case i.Options.DryRun && t != TransitionCancel && t != TransitionPurge:
		return &StateError{Transition: t, Status: i.Status, Why: "the import is a dry run, which inserts nothing"}
	case i.Kind != importer.Tasks && t == TransitionUndo:
		return &StateError{Transition: t, Status: i.Status,
			Why: "only imports of tasks can be undone, and this one is of " + string(i.Kind)}
	}
	return nil
}

// The bounds of a correction chunk: rows, and bytes of their cells and new values. One row may be
// larger.
const (
	maxCorrectionRows  = 5_000
	maxCorrectionBytes = 2 << 20
)

// Retry continues an import that has ended: parked chunks are pending again, and every open dead
// letter is retried. An import with nothing to do stays ended. The caller enqueues the chunks. A
// *StateError refuses the transition.
func (s *Store) Retry(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.transition(ctx, TransitionRetry, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		parked, err := tx.Exec(ctx, unpark, workspace, id)
		if err != nil {
			return err
		}
		retried, err := tx.Exec(ctx, insertCorrectionChunks, workspace, id, maxCorrectionRows, maxCorrectionBytes)
		if err != nil {
			return err
		}
		if parked.RowsAffected()+retried.RowsAffected() == 0 {
			return nil
		}
		return resume(ctx, tx, workspace, id)
	})
}

// unpark makes the parked chunks of a file pending. A parked correction chunk is cancelled:
// insertCorrectionChunks replaces it.
const unpark = `UPDATE chunks SET state = CASE WHEN last_row IS NULL THEN 'pending' ELSE 'cancelled' END,
	attempts_from = attempt, lease_until = '-infinity', enqueue_after = '-infinity'
	WHERE workspace_id = $1 AND import_id = $2 AND state = 'parked'`

// retryable is the condition that a dead letter d with the correction m can be retried: it is open,
// and its cells are those of a row. The cells
// of a malformed row cannot be separated unless a correction replaces them, and a row that repeats
// an earlier row of the file stays a repetition.
const retryable = open + ` AND (d.reason <> 'malformed_row' OR m.replaced) AND d.field IS DISTINCT FROM '` +
	importer.FieldDuplicateRow + `'`

// insertCorrectionChunks appends chunks that retry all open dead letters, each within $3 rows and
// $4 bytes. Both bounds give a number that never falls from row to row; rows with the same two
// numbers form a chunk and keep both bounds.
const insertCorrectionChunks = `WITH sized AS (
		SELECT d.row_number, (row_number() OVER w - 1) / $3::bigint AS by_rows, sum(octet_length(d.cells) +
		coalesce(octet_length(m.fields::text), 0)) OVER w / $4::bigint AS by_bytes
		FROM dead_letters d ` + withCorrections + `
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND ` + retryable + ` WINDOW w AS (ORDER BY d.row_number ROWS
		UNBOUNDED PRECEDING)
	), parts AS (
		SELECT min(row_number) AS first_row, max(row_number) AS last_row FROM sized GROUP BY by_rows, by_bytes
	)
	INSERT INTO chunks (workspace_id, import_id, number, first_row, last_row, first_line, row_count, data)
	SELECT $1, $2, (SELECT max(number) FROM chunks WHERE workspace_id = $1
	AND import_id = $2) + row_number() OVER (ORDER BY first_row), first_row, last_row, 0, 0, '' FROM parts`

// Undo deletes the tasks that an import created and that were not changed since, in one
// transaction. The counts of the import stay as history, and parked chunks are cancelled; KeptTasks
// returns the tasks that stayed. A *StateError refuses the transition.
func (s *Store) Undo(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.transition(ctx, TransitionUndo, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
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

// KeptTasks returns the first ids, by row, of the tasks that stayed after an undo, at most so many,
// and their total number.
func (s *Store) KeptTasks(ctx context.Context, i Import, most int) ([]uuid.UUID, int, error) {
	first, err := s.Results(ctx, i, Page{Number: 1, Size: most, Total: true})
	kept := make([]uuid.UUID, len(first.Rows))
	for n, r := range first.Rows {
		kept[n] = r.ID
	}
	return kept, first.Total, err
}
