package store

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// Forget drops what is past its time, of all workspaces and some at a time: staged files, plans, kept answers and events. Each is dropped by itself: what
// holds one up, such as a file of gigabytes, holds up no other. One process forgets at a time.
func (s *Store) Forget(ctx context.Context) error {
	var errs []error
	for _, forget := range []func(context.Context, pgx.Tx) error{forgetStaged, forgetOldPlans, forgetOldKeys, forgetOldEvents} {
		errs = append(errs, s.inTx(ctx, func(tx pgx.Tx) error {
			var mine bool
			if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('forgetting', 0))`).Scan(&mine); err != nil || !mine {
				return err
			}
			return forget(ctx, tx)
		}))
	}
	return errors.Join(errs...)
}
