package worker

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/store"
)

// What is past its time is dropped, and what is not stays. A file that takes long to be dropped
// holds no sweep up.
func TestForgetting(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := b.worker()
	old, fresh := b.stage(t, importer.Tasks, tasksFile(10), 10), b.stage(t, importer.Tasks, tasksFile(11), 10)
	b.exec(t, `UPDATE imports SET status = 'staged' WHERE id = ANY ($1)`, []uuid.UUID{old.ID, fresh.ID})
	b.exec(t, `UPDATE imports SET created_at = created_at - $2::interval WHERE id = $1`, old.ID,
		store.StagedTTL+time.Minute)
	b.webhook(t, "https://example.com/", store.EventImportCompleted)
	b.takeIn(t, "title,contact_name\nCall,Hans Müller\n")
	b.exec(t, `UPDATE webhook_events SET created_at = created_at - $1::interval`, store.EventTTL+time.Minute)
	b.takeIn(t, "title,contact_name\nWrite,Hans Müller\n")
	for _, key := range []string{"old", "fresh"} {
		if _, err := b.store.BeginIdempotent(t.Context(), &store.Idempotency{WorkspaceID: b.workspace, Key: key,
			Owner: uuid.New()}); err != nil {
			t.Fatal(err)
		}
	}
	b.exec(t, `UPDATE idempotency_keys SET created_at = created_at - $1::interval WHERE key = 'old'`,
		store.IdempotencyTTL+time.Minute)

	forgotten := make(chan error, 1)
	b.conn(t, func(c *pgx.Conn) error {
		return pgx.BeginFunc(context.Background(), c, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), `SELECT FROM chunks WHERE import_id = $1 FOR UPDATE`, old.ID); err != nil {
				return err
			}
			go func() { forgotten <- b.store.Forget(t.Context(), store.DefaultRetainSingles) }()
			await(t, "the file waits to be dropped", func() bool {
				return b.queryInt(t, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
					AND wait_event_type = 'Lock'`) == 1
			})
			_, err := w.SweepOnce(t.Context())
			return err
		})
	})
	if err := <-forgotten; err != nil {
		t.Fatal(err)
	}
	for what, want := range map[string]int{
		`imports WHERE status = 'staged'`: 1, `webhook_events`: 1, `webhook_deliveries`: 1, `idempotency_keys`: 1, `chunks
			WHERE state = 'pending'`: 2,
	} {
		if n := b.queryInt(t, `SELECT count(*) FROM `+what); n != want {
			t.Errorf("%d of %s are left, want %d", n, what, want)
		}
	}
}
