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
	// WorkspaceWindow is how many chunks of all imports of a workspace are in the queue at a time, so
	// that workspaces share the workers; at least Window.
	WorkspaceWindow int
	// RedeliverAfter is how long an enqueued chunk may wait for a claim before it is enqueued again.
	// It doubles each time without a claim, so that a long queue is not flooded with copies.
	RedeliverAfter time.Duration
}

// DefaultDispatch is the default of intake and worker.
var DefaultDispatch = Dispatch{Window: 4, WorkspaceWindow: 8, RedeliverAfter: 5 * time.Second}

// args are the first parameters of dueChunks.
func (d Dispatch) args(more ...any) []any {
	return append([]any{d.Window, d.RedeliverAfter, max(d.Window, d.WorkspaceWindow)}, more...)
}

const maxDoublings = 6

// dueChunks returns the statement that selects the chunks to be enqueued now and notes that they
// are. Its parameters are $1 window, $2 redeliver after and $3 the window of a workspace.
//
// Of each unfinished import the first pending chunks fill its window, and of these, the first ones
// of each import before the second ones, the window of the workspace. Those that are neither
// claimed nor still waiting in the queue are due. Of the imports the oldest are enough: they have
// more chunks than the window. A chunk that was released for a while takes no place of the
// workspace.
//
// A workspace without a chunk that is being processed has one at the front of the queue. This one
// waits only for the chunks that are being processed, however many others wait.
//
// Rows are locked without waiting, so that a chunk at work is left alone. Each claim follows an
// enqueue, so enqueues - attempt is the number of enqueues without a claim.
func dueChunks(waited func(string) string, workspaces string) string {
	return `WITH window_ AS MATERIALIZED (
		SELECT o.*, ` + over("o.lease_until") + ` AS free, ` + waited("o.enqueue_after") + ` AS lost
		FROM (` + workspaces + `) s CROSS JOIN LATERAL (
			SELECT i.workspace_id, i.id AS import_id, p.* FROM
			(SELECT workspace_id, id, in_order FROM imports WHERE workspace_id = s.workspace_id
				AND status IN ('queued', 'processing') ORDER BY id LIMIT 4 * $3::int) i
			CROSS JOIN LATERAL (SELECT number, lease_until, enqueue_after, at_front,
				row_number() OVER (ORDER BY number) AS place FROM chunks c
				WHERE c.workspace_id = i.workspace_id AND c.import_id = i.id AND c.state = 'pending'
				ORDER BY number LIMIT CASE WHEN i.in_order THEN 1 ELSE $1::int END) p
			WHERE ` + over("p.lease_until") + ` OR ` + over("p.enqueue_after") + `
			ORDER BY p.place, i.id LIMIT $3) o
	), due AS (
		SELECT c.workspace_id, c.import_id, c.number, w.place FROM window_ w
		JOIN chunks c ON c.workspace_id = w.workspace_id AND c.import_id = w.import_id AND c.number = w.number
		WHERE w.free AND w.lost AND c.state = 'pending' AND ` + over("c.lease_until") + `
			AND ` + waited("c.enqueue_after") + `
		FOR UPDATE OF c SKIP LOCKED
	), turns AS (
		SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY place, import_id) AS turn FROM due
	)
	UPDATE chunks c SET enqueues = enqueues + 1, enqueue_after = now() + $2::interval * (1 << greatest(0,
	least(enqueues - attempt, ` + itoa(maxDoublings) + `))),
	at_front = t.turn = 1 AND NOT EXISTS (SELECT FROM window_ w WHERE w.workspace_id = t.workspace_id
		AND (NOT w.free OR w.at_front AND NOT w.lost))
	FROM turns t WHERE c.workspace_id = t.workspace_id AND c.import_id = t.import_id AND c.number = t.number
	RETURNING c.workspace_id, c.import_id, c.number, c.enqueues, c.at_front`
}

// DueOf returns the chunks of a workspace that are to be enqueued now. The caller enqueues them; if
// it crashes before, Sweep returns them again.
func (s *Store) DueOf(ctx context.Context, workspace uuid.UUID, d Dispatch) ([]ChunkRef, error) {
	rows, err := s.pool.Query(ctx, dueChunks(over, `SELECT $4::uuid AS workspace_id`), d.args(workspace)...)
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
	waited := over
	if emptied {
		waited = func(string) string { return "true" }
	}
	err = s.inTx(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('sweeper',
			0))`).Scan(&mine); err != nil || !mine {
			return err
		}
		if err := endLapsedStreams(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, finishImports(``)); err != nil {
			return err
		}
		rows, err := tx.Query(ctx, dueChunks(waited, `SELECT DISTINCT workspace_id FROM imports
			WHERE status IN ('queued', 'processing')`), d.args()...)
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
	err := row.Scan(&r.WorkspaceID, &r.ImportID, &r.Number, &r.Enqueue, &r.AtFront)
	return r, err
}

// Backlog is the work that waits in the database, of all workspaces. The queue holds only a window
// of it.
type Backlog struct {
	Chunks     int           // pending
	Rows       int64         // of these
	Oldest     time.Duration // how long the oldest unfinished import has been there
	Deliveries int           // of events, pending
	Singles    int           // that wait, counted up to maxCountedSingles
	OldestOne  time.Duration // how long the oldest of these has waited
}

// maxCountedSingles bounds the singles that Backlog counts, of all workspaces.
const maxCountedSingles = 1_000_000

// Backlog returns the work that waits.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	var oldest, oldestOne float64
	err := s.pool.QueryRow(ctx, `SELECT p.chunks, p.waiting,
		(SELECT coalesce(extract(epoch FROM now() - min(coalesce(started_at, created_at))), 0)::float8 FROM imports
		WHERE status IN ('queued', 'processing')),
		(SELECT count(*) FROM webhook_deliveries WHERE state = 'pending'), s.singles, s.oldest
		FROM (SELECT count(*) AS singles, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS oldest
			FROM (SELECT created_at FROM singles WHERE state = 'queued' LIMIT $1) q) s,
		(SELECT count(*) AS chunks, coalesce(sum(c.row_count), 0) AS waiting FROM imports i JOIN chunks c
		ON c.workspace_id = i.workspace_id AND c.import_id = i.id
			WHERE i.status IN ('queued', 'processing') AND c.state = 'pending') p`, maxCountedSingles).Scan(&b.Chunks, &b.Rows,
		&oldest, &b.Deliveries, &b.Singles, &oldestOne)
	b.Oldest = max(0, time.Duration(oldest*float64(time.Second)))
	b.OldestOne = max(0, time.Duration(oldestOne*float64(time.Second)))
	return b, translate(err)
}
