package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/internal/failpoint"
)

func transactionKinds() []kind {
	return []kind{
		{name: "backend terminated in a chunk", strike: terminateAt(insideTx)},
		{name: "backend terminated in staging", strike: terminateAt(insideStagingTx)},
		{name: "serialization failure", strike: answerAt(append(append([]failpoint.Name{}, insideTx...),
			insideStagingTx...), "error 40001")},
		{name: "deadlock", strike: deadlock},
		{name: "contacts replaced by SQL", strike: replaceContacts},
	}
}

// terminateAt ends the connections that are in a transaction, among them that at the failpoint.
func terminateAt(where []failpoint.Name) func(context.Context, *torture, *rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		var ended int
		r, ok := t.at(ctx, rng, where, anyWork, func(reached) string {
			ctx, stop := context.WithTimeout(ctx, 5*time.Second)
			defer stop()
			_ = t.pool.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
				WHERE application_name = 'taskport' AND state = 'idle in transaction'`).Scan(
				&ended) // another strike may have taken the server away
			return goOn
		})
		if !ok || ended == 0 {
			return missed
		}
		return hit{back: time.Now(), work: sameChunk(r)}
	}
}

// deadlock takes the table that the chunk's transaction needs next, and waits for the chunk that
// the transaction holds. Postgres ends the transaction of the worker: ours looks for deadlocks only
// after an hour.
func deadlock(ctx context.Context, t *torture, rng *rand.Rand) hit {
	ctx, stop := context.WithTimeout(ctx, 15*time.Second)
	defer stop()
	over := make(chan error, 1)
	r, ok := t.at(ctx, rng, []failpoint.Name{failpoint.Fenced}, anyWork, func(r reached) string {
		tx, err := t.pool.Begin(ctx)
		if err != nil {
			over <- err
			return goOn
		}
		if _, err = tx.Exec(ctx, `SET LOCAL deadlock_timeout = '1h'; SET LOCAL lock_timeout = '2s'; LOCK TABLE tasks IN
			SHARE MODE`); err != nil {
			over <- err
			_ = tx.Rollback(ctx)
			return goOn
		}
		go func() { over <- meet(ctx, tx, r) }()
		return goOn
	})
	if !ok || <-over != nil {
		return missed
	}
	return hit{back: time.Now(), work: sameChunk(r)}
}

// meet waits for the chunk that the other transaction holds; it has it once that one has been
// ended.
func meet(ctx context.Context, tx pgx.Tx, r reached) error {
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	_, err := tx.Exec(ctx, `SELECT FROM chunks WHERE import_id = $1 AND number = $2 FOR UPDATE`, r.Import, r.Chunk)
	return err
}

// replaceContacts takes contacts out of a directory by SQL while a chunk that may name them has
// been linked, and puts others of the same names in their place, also in the tasks that are theirs.
func replaceContacts(ctx context.Context, t *torture, rng *rand.Rand) hit {
	const some = 20
	var externals []string
	for _, i := range rng.Perm(len(people())) {
		if p := people()[i]; !p.namesake && len(externals) < some { // reports name namesakes by their ids
			externals = append(externals, p.external)
		}
	}
	var err error
	_, ok := t.at(ctx, rng, []failpoint.Name{failpoint.Linked}, anyWork, func(r reached) string {
		ctx, stop := context.WithTimeout(ctx, 5*time.Second)
		defer stop()
		err = pgx.BeginFunc(ctx, t.pool, func(tx pgx.Tx) error { return replaceIn(ctx, tx, r, externals) })
		return goOn
	})
	if !ok || err != nil {
		return missed
	}
	return hit{back: time.Now()}
}

func replaceIn(ctx context.Context, tx pgx.Tx, r reached, externals []string) error {
	if _, err := tx.Exec(ctx, `CREATE TEMP TABLE gone (LIKE contacts) ON COMMIT DROP`); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `INSERT INTO gone SELECT * FROM contacts
		WHERE workspace_id = (SELECT workspace_id FROM imports WHERE id = $1 UNION SELECT workspace_id FROM singles
		WHERE id = $1) AND external_id = ANY ($2)`, r.Import,
		externals); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM contacts c USING gone g WHERE c.workspace_id = g.workspace_id AND c.id = g.id;
		INSERT INTO contacts (workspace_id, id, full_name, first_name, last_name, external_id, created_at)
			SELECT workspace_id, gen_random_uuid(), full_name, first_name, last_name, external_id, now() FROM gone;
		UPDATE tasks t SET contact_id = c.id FROM gone g JOIN contacts c ON c.workspace_id = g.workspace_id
		AND c.external_id = g.external_id
			WHERE t.workspace_id = g.workspace_id AND t.contact_id = g.id`)
	return err
}
