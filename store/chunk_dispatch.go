package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Dispatch bounds how chunks are enqueued.
type Dispatch struct {
	// Window is how many chunks of an import are in the queue at a time, so that large imports share
	// the workers with small ones.
	Window int
	// RedeliverAfter is how long an enqueued chunk may wait for a claim before it is enqueued again.
	// It doubles each time without a claim, so that a long queue is not flooded with copies.
	RedeliverAfter time.Duration
}

// DefaultDispatch is the default of intake and worker.
var DefaultDispatch = Dispatch{Window: 4, RedeliverAfter: 5 * time.Second}

const maxDoublings = 6

// dueChunks returns the statement that selects the chunks to be enqueued now and notes that they
// are: of each unfinished import the first pending chunks within the window that are neither
// claimed nor still waiting in the queue. Its parameters are $1 window and $2 redeliver after. Rows
// are locked without waiting, so that a chunk at work is left alone. Each claim follows an enqueue,
// so enqueues - attempt is the number of enqueues without a claim.
func dueChunks(waited, filter string) string {
	return `WITH due AS (
		SELECT c.workspace_id, c.import_id, c.number FROM imports i
		CROSS JOIN LATERAL (SELECT number FROM chunks p WHERE p.workspace_id = i.workspace_id AND p.import_id = i.id
		AND p.state = 'pending' ORDER BY number LIMIT CASE WHEN i.in_order THEN 1 ELSE $1 END) w
		JOIN chunks c ON c.workspace_id = i.workspace_id AND c.import_id = i.id AND c.number = w.number
		WHERE i.status IN ('queued', 'processing') AND c.state = 'pending' AND ` + over("c.lease_until") + ` AND ` +
		waited + filter + `
		FOR UPDATE OF c SKIP LOCKED)
	UPDATE chunks c SET enqueues = enqueues + 1, enqueue_after = now() + $2::interval * (1 << greatest(0,
	least(enqueues - attempt, ` + itoa(maxDoublings) + `)))
	FROM due WHERE c.workspace_id = due.workspace_id AND c.import_id = due.import_id AND c.number = due.number
	RETURNING c.workspace_id, c.import_id, c.number, c.enqueues`
}

// DueOf returns the chunks of one import that are to be enqueued now. The caller enqueues them; if
// it crashes before, Sweep returns them again.
func (s *Store) DueOf(ctx context.Context, workspace, id uuid.UUID, d Dispatch) ([]ChunkRef, error) {
	rows, err := s.pool.Query(ctx, dueChunks(over("c.enqueue_after"), ` AND i.workspace_id = $3 AND i.id = $4`),
		d.Window, d.RedeliverAfter, workspace, id)
	if err != nil {
		return nil, translate(err)
	}
	due, err := pgx.CollectRows(rows, scanRef)
	return due, translate(err)
}

// Sweep repairs what crashes left behind, for all workspaces: it ends imports without pending
// chunks and returns the chunks to be enqueued now. One process sweeps at a time; for the others
// mine is false. emptied means that the queue has lost its content, so that chunks do not wait for
// a claim.
func (s *Store) Sweep(ctx context.Context, d Dispatch, emptied bool) (due []ChunkRef, mine bool, err error) {
	waited := over("c.enqueue_after")
	if emptied {
		waited = "true"
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('sweeper',
			0))`).Scan(&mine); err != nil || !mine {
			return err
		}
		if _, err := tx.Exec(ctx, finishImports(``)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, dueChunks(waited, ""), d.Window, d.RedeliverAfter)
		if err != nil {
			return err
		}
		due, err = pgx.CollectRows(rows, scanRef)
		return err
	})
	return due, mine, err
}

func scanRef(row pgx.CollectableRow) (ChunkRef, error) {
	var r ChunkRef
	err := row.Scan(&r.WorkspaceID, &r.ImportID, &r.Number, &r.Enqueue)
	return r, err
}

// Backlog is the work that waits in the database, of all workspaces. The queue holds only a window
// of it.
type Backlog struct {
	Chunks     int           // pending
	Rows       int64         // of these
	Oldest     time.Duration // how long the oldest unfinished import has been there
	Deliveries int           // of events, pending
}

// Backlog returns the work that waits.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	var oldest float64
	err := s.pool.QueryRow(ctx, `SELECT p.chunks, p.waiting,
		(SELECT coalesce(extract(epoch FROM now() - min(coalesce(started_at, created_at))), 0)::float8 FROM imports
		WHERE status IN ('queued', 'processing')),
		(SELECT count(*) FROM webhook_deliveries WHERE state = 'pending')
		FROM (SELECT count(*) AS chunks, coalesce(sum(c.row_count), 0) AS waiting FROM imports i JOIN chunks c
		ON c.workspace_id = i.workspace_id AND c.import_id = i.id
			WHERE i.status IN ('queued', 'processing') AND c.state = 'pending') p`).Scan(&b.Chunks, &b.Rows, &oldest,
		&b.Deliveries)
	b.Oldest = max(0, time.Duration(oldest*float64(time.Second)))
	return b, translate(err)
}
