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
			go func() { forgotten <- b.store.Forget(t.Context(), store.Retention{Singles: store.DefaultRetainSingles}) }()
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

// What is older than its retention is removed, and nothing is while there is none.
func TestRetention(t *testing.T) {
	t.Parallel()
	b := setup(t)
	var imports []store.Import
	for range 3 {
		i := b.stage(t, importer.Tasks, tasksFile(10), 10)
		if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
			t.Fatal(err)
		}
		imports = append(imports, b.await(t, i))
	}
	const day = 24 * time.Hour
	for n, age := range []time.Duration{100 * day, 50 * day, day} {
		b.exec(t, `UPDATE imports SET created_at = created_at - $2::interval, finished_at = finished_at - $2::interval
			WHERE id = $1`, imports[n].ID, age)
	}
	b.exec(t, `UPDATE audit SET created_at = now() - interval '100 days'`)
	for _, age := range []int{100, 1} {
		b.exec(t, `INSERT INTO audit (workspace_id, id, action, actor_name, detail, created_at)
			VALUES ($1, gen_random_uuid(), 'cancel', 'x', '{}', now() - make_interval(days => $2))`, b.workspace, age)
	}
	count := func() [4]int {
		t.Helper()
		var n [4]int
		for i, of := range []string{`imports WHERE kind = 'tasks'`, `dead_letters`, `audit`, `tasks`} {
			n[i] = b.queryInt(t, `SELECT count(*) FROM `+of)
		}
		return n
	}
	before := count()
	for _, c := range []struct {
		r    store.Retention
		want [4]int
	}{
		{store.Retention{}, before},
		{store.Retention{Rejects: 30 * day}, [4]int{3, 1, before[2], 27}},
		{store.Retention{Imports: 90 * day}, [4]int{2, 1, before[2], 27}},
		{store.Retention{Audit: 90 * day}, [4]int{2, 1, 1, 27}},
	} {
		for range 4 {
			if err := b.store.Forget(t.Context(), c.r); err != nil {
				t.Fatal(err)
			}
		}
		if got := count(); got != c.want {
			t.Errorf("%+v leaves %v, want %v", c.r, got, c.want)
		}
	}
	if i, err := b.store.Import(t.Context(), b.workspace, imports[1].ID); err != nil || i.PurgedAt == nil ||
		i.Rejected != 1 || i.Created != 9 {
		t.Errorf("%+v, %v", i, err)
	}
}
