package store

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/internal/failpoint"
)

func itoa(n int) string { return strconv.Itoa(n) }

// counts are the outcomes of the rows of a chunk.
type counts struct{ created, updated, skipped int }

// Finish writes the outcomes of a chunk's rows and ends the chunk, in one transaction that commits
// only while the claim holds. seen is the version of the directory that the batch was linked
// against; zero for a directory import.
//
// Errors: ErrFenced when the chunk went to another claim; ErrRetry and ErrExists when another
// transaction was in the way, or the directory has lost a record: read the chunk again and repeat.
// After any error nothing was written.
func (s *Store) Finish(ctx context.Context, c *Claim, b *importer.Batch, seen int64, now time.Time) (Finished, error) {
	var written time.Time
	var out Finished
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		defer func() { written = time.Now() }()
		if err := fence(ctx, tx, c); err != nil {
			return err
		}
		if err := failpoint.At(ctx, failpoint.Fenced, c.ImportID, c.Number); err != nil {
			return err
		}
		before, err := takeAway(ctx, tx, c)
		if err != nil {
			return err
		}
		n, err := write(ctx, tx, c, b, seen, now)
		if err != nil {
			return err
		}
		if err := failpoint.At(ctx, failpoint.TasksWritten, c.ImportID, c.Number); err != nil {
			return err
		}
		if err := copyDeadLetters(ctx, tx, c.WorkspaceID, c.ImportID, b.Dead); err != nil {
			return err
		}
		if err := failpoint.At(ctx, failpoint.DeadWritten, c.ImportID, c.Number); err != nil {
			return err
		}
		rejected := c.withShown(rejections(before, b.Dead))
		out = Finished{Created: n.created, Updated: n.updated, Skipped: n.skipped, Rejected: total(rejected)}
		if err := setDone(ctx, tx, c, n, rejected, b.Adjusted(c.Import.Options.OnDuplicate)); err != nil {
			return err
		}
		return failpoint.At(ctx, failpoint.BeforeCommit, c.ImportID, c.Number)
	})
	out.Commit = time.Since(written)
	return out, err
}

// Finished are the outcomes of the rows, and the time that the commit took. For a correction chunk,
// Rejected may be negative.
type Finished struct {
	Created, Updated, Skipped, Rejected int

	Commit time.Duration // waiting for the commit, after everything was written
}

// fence locks the chunk if the claim still holds.
func fence(ctx context.Context, tx pgx.Tx, c *Claim) error {
	tag, err := tx.Exec(ctx, `SELECT FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND number = $3
		AND attempt = $4 AND state = 'pending' FOR UPDATE`,
		c.WorkspaceID, c.ImportID, c.Number, c.Attempt)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return err
}

func write(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, seen int64, now time.Time) (counts, error) {
	if c.Import.Kind == importer.Tasks {
		return writeTasks(ctx, tx, c, b, seen)
	}
	if !c.Import.Options.DryRun {
		n, named, skipped, err := writeDirectory(ctx, tx, c, b, now)
		if err != nil {
			return counts{}, err
		}
		return n, keepNamed(ctx, tx, c, named, skipped)
	}
	// A dry run writes, to determine the outcome of each row, and rolls back.
	trial, err := tx.Begin(ctx)
	if err != nil {
		return counts{}, err
	}
	n, named, skipped, err := writeDirectory(ctx, trial, c, b, now)
	if err := errors.Join(err, trial.Rollback(ctx)); err != nil {
		return counts{}, err
	}
	return n, keepNamed(ctx, tx, c, named, skipped)
}

// rejections counts dead letters by reason, as the difference from those before.
func rejections(before map[importer.Reason]int, dead []importer.DeadLetter) map[importer.Reason]int {
	change := map[importer.Reason]int{}
	for i := range dead {
		change[dead[i].Reason]++
	}
	for reason, n := range before {
		if change[reason] -= n; change[reason] == 0 {
			delete(change, reason)
		}
	}
	return change
}

func total(byReason map[importer.Reason]int) int {
	all := 0
	for _, n := range byReason {
		all += n
	}
	return all
}

func setDone(ctx context.Context, tx pgx.Tx, c *Claim, n counts, rejected map[importer.Reason]int,
	adjusted importer.Adjusted) error {
	byReason, err := toJSON(rejected)
	if err != nil {
		return err
	}
	changed, err := toJSON(adjusted)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE chunks SET state = 'done', data = CASE WHEN $9 THEN data ELSE '' END,
		planned_outcomes = CASE WHEN $9 THEN planned_outcomes END, last_error = NULL, done_at = clock_timestamp(),
		created_count = $4, updated_count = $5, skipped_count = $6, rejected_count = $7, rejected_by_reason = $8,
		adjusted = $10
		WHERE workspace_id = $1 AND import_id = $2 AND number = $3`,
		c.WorkspaceID, c.ImportID, c.Number, n.created, n.updated, n.skipped, total(rejected), byReason, c.plans(), changed)
	return err
}
