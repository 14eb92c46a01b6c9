package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Purge removes what the file of an import held: cells, corrections and candidates of its rejected
// rows, samples of its columns, and its bytes. Counts, tasks and audit stay. Nothing further is
// possible with the import. Purging it again changes nothing. A *StateError reports that the import
// has not ended.
func (s *Store) Purge(ctx context.Context, workspace, id uuid.UUID, by Actor, idem *Idempotency) (Import, error) {
	return s.transition(ctx, TransitionPurge, workspace, id, by, idem, func(tx pgx.Tx, _ Import) error {
		return purge(ctx, tx, workspace, id)
	})
}

// purge removes what the file of an ended import held; the caller has locked the import.
func purge(ctx context.Context, tx pgx.Tx, workspace, id uuid.UUID) error {
	for _, sql := range []string{
		`UPDATE imports SET purged_at = coalesce(purged_at, now()),
			layout = layout - '{profile,unknown_values,notes}'::text[], staged_layout = NULL,
			plan = CASE plan WHEN 'kept' THEN 'expired' ELSE plan END WHERE workspace_id = $1 AND id = $2`,
		`UPDATE chunks SET data = '', planned_outcomes = NULL, last_error = NULL WHERE workspace_id = $1 AND import_id = $2
			AND (octet_length(data) > 0 OR planned_outcomes IS NOT NULL OR last_error IS NOT NULL)`,
		// What was rejected is not recognized in a later file; the tasks are.
		`UPDATE chunks c SET row_sums = (SELECT array_agg(CASE WHEN d.row_number IS NULL THEN u.sum ELSE 0 END ORDER BY u.n)
			FROM unnest(c.row_sums) WITH ORDINALITY u (sum, n) LEFT JOIN dead_letters d ON d.workspace_id = $1
			AND d.import_id = $2 AND d.row_number = c.first_row + u.n - 1)
			WHERE workspace_id = $1 AND import_id = $2 AND rejected_count > 0`,
		dropSkippedRows,
		`DELETE FROM dead_letters WHERE workspace_id = $1 AND import_id = $2 AND dismissed_at IS NULL`,
		// The dismissed ones are counted.
		`UPDATE dead_letters SET cells = '', message = 'removed', remedy = NULL, subject = NULL, subject_key = NULL,
			company = NULL, candidates = NULL, details = NULL, searched = '' WHERE workspace_id = $1 AND import_id = $2`,
		`DELETE FROM corrections WHERE workspace_id = $1 AND import_id = $2`,
		`DELETE FROM decided_rows WHERE workspace_id = $1 AND import_id = $2`,
		dropPlanIDs,
		dropStagedFile,
	} {
		if _, err := tx.Exec(ctx, sql, workspace, id); err != nil {
			return err
		}
	}
	return nil
}

// Retention is how long things are kept after their end; 0 is for ever.
type Retention struct {
	Rejects time.Duration // what the file of an import held: see Purge
	Imports time.Duration // the import itself; its tasks stay
	Audit   time.Duration // entries of the audit
	Singles time.Duration // ended singles without an open dead letter
}

// endedBefore locks one import that ended so long ago, and returns it; found is false without one.
func endedBefore(ctx context.Context, tx pgx.Tx, age time.Duration, which string) (workspace, id uuid.UUID, found bool,
	err error) {
	rows, err := tx.Query(ctx, `SELECT workspace_id, id FROM imports WHERE finished_at < now() - $1::interval`+which+`
		ORDER BY finished_at LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED`, age)
	if err != nil {
		return workspace, id, false, err
	}
	tag, err := pgx.ForEachRow(rows, []any{&workspace, &id}, func() error { return nil })
	return workspace, id, tag.RowsAffected() > 0, err
}

// forgetRejects purges one import that is past its time.
func (r Retention) forgetRejects(ctx context.Context, tx pgx.Tx) error {
	if r.Rejects == 0 {
		return nil
	}
	workspace, id, found, err := endedBefore(ctx, tx, r.Rejects, ` AND purged_at IS NULL`)
	if err != nil || !found {
		return err
	}
	return purge(ctx, tx, workspace, id)
}

// forgetImports deletes one import that is past its time.
func (r Retention) forgetImports(ctx context.Context, tx pgx.Tx) error {
	if r.Imports == 0 {
		return nil
	}
	workspace, id, found, err := endedBefore(ctx, tx, r.Imports, ``)
	if err != nil || !found {
		return err
	}
	if err := purge(ctx, tx, workspace, id); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `DELETE FROM imports WHERE workspace_id = $1 AND id = $2`, workspace, id)
	return err
}

// forgetAudit deletes some entries of the audit that are past their time.
func (r Retention) forgetAudit(ctx context.Context, tx pgx.Tx) error {
	if r.Audit == 0 {
		return nil
	}
	_, err := tx.Exec(ctx, deleteSome("audit", `r.created_at < now() - $1::interval`, 1000), r.Audit)
	return err
}
