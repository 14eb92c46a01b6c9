package store

import (
	"context"
	"time"
)

// Backlog is what waits in the database, of all workspaces: the queue knows no more of it than a window.
type Backlog struct {
	Chunks     int           // pending
	Rows       int64         // of these
	Oldest     time.Duration // how long the oldest unfinished import has been there
	Deliveries int           // of events, pending
}

// Backlog reads what waits.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var b Backlog
	var oldest float64
	err := s.pool.QueryRow(ctx, `SELECT p.chunks, p.waiting,
		(SELECT coalesce(extract(epoch FROM now() - min(coalesce(started_at, created_at))), 0)::float8 FROM imports WHERE status IN ('queued', 'processing')),
		(SELECT count(*) FROM webhook_deliveries WHERE state = 'pending')
		FROM (SELECT count(*) AS chunks, coalesce(sum(c.row_count), 0) AS waiting FROM imports i JOIN chunks c ON c.workspace_id = i.workspace_id AND c.import_id = i.id
			WHERE i.status IN ('queued', 'processing') AND c.state = 'pending') p`).Scan(&b.Chunks, &b.Rows, &oldest, &b.Deliveries)
	b.Oldest = max(0, time.Duration(oldest*float64(time.Second)))
	return b, translate(err)
}
