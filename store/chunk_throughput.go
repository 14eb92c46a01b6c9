package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Throughput is the number of rows that an import processed in a span of time.
type Throughput struct {
	Begin time.Time
	Span  time.Duration
	Rows  int64
}

// Throughput divides the time in which the chunks of an import were finished into equal spans, at
// most so many, and returns the rows of each. The rows of a chunk count at the time at which it was
// finished. Without a finished chunk there are none.
func (s *Store) Throughput(ctx context.Context, i Import, spans int) ([]Throughput, error) {
	rows, err := s.pool.Query(ctx, `SELECT done_at, row_count FROM chunks WHERE workspace_id = $1 AND import_id = $2
		AND state = 'done' AND last_row IS NULL AND done_at IS NOT NULL ORDER BY done_at`,
		i.WorkspaceID, i.ID)
	if err != nil {
		return nil, translate(err)
	}
	var done []Throughput
	var at time.Time
	var n int64
	if _, err = pgx.ForEachRow(rows, []any{&at, &n}, func() error {
		done = append(done, Throughput{Begin: at.UTC(), Rows: n})
		return nil
	}); err != nil || len(done) == 0 || i.StartedAt == nil {
		return nil, translate(err)
	}
	return inSpans(done, *i.StartedAt, spans), nil
}

// inSpans sums the rows since begin, by spans of equal length.
func inSpans(done []Throughput, begin time.Time, spans int) []Throughput {
	spans = min(spans, len(done))
	span := max(done[len(done)-1].Begin.Sub(begin)/time.Duration(spans)+1, time.Millisecond)
	out := make([]Throughput, spans)
	for n := range out {
		out[n] = Throughput{Begin: begin.Add(time.Duration(n) * span), Span: span}
	}
	for _, d := range done {
		out[min(max(int(d.Begin.Sub(begin)/span), 0), spans-1)].Rows += d.Rows
	}
	return out
}

// ParkedChunk is a chunk whose attempts are exhausted.
type ParkedChunk struct {
	ImportID uuid.UUID
	Kind     importer.Kind
	FileName string
	Number   int
	FirstRow int64
	Rows     int
	Attempts int
	Error    string
}

// ParkedChunks lists the parked chunks of a workspace, at most so many, those of the newest import
// first.
func (s *Store) ParkedChunks(ctx context.Context, workspace uuid.UUID, most int) ([]ParkedChunk, error) {
	rows, err := s.pool.Query(ctx, `SELECT c.import_id, i.kind, i.file_name, c.number, c.first_row, c.row_count,
		c.attempt - c.attempts_from, coalesce(c.last_error, '')
		FROM imports i JOIN chunks c ON c.workspace_id = i.workspace_id AND c.import_id = i.id
		WHERE i.workspace_id = $1 AND i.status IN ('failed', 'processing') AND c.state = 'parked'
		ORDER BY c.import_id DESC, c.number LIMIT $2`, workspace, most)
	if err != nil {
		return nil, translate(err)
	}
	parked, err := pgx.CollectRows(rows, pgx.RowToStructByPos[ParkedChunk])
	return parked, translate(err)
}

// WorkspaceBacklog is the work that waits in one workspace.
type WorkspaceBacklog struct {
	Chunks  int
	Rows    int64
	Running int // chunks that a worker holds
}

// WorkspaceBacklog returns the waiting and running work of a workspace.
func (s *Store) WorkspaceBacklog(ctx context.Context, workspace uuid.UUID) (WorkspaceBacklog, error) {
	var b WorkspaceBacklog
	err := s.pool.QueryRow(ctx, `SELECT count(*), coalesce(sum(c.row_count), 0), count(*) FILTER (WHERE c.lease_until >
		now())
		FROM imports i JOIN chunks c ON c.workspace_id = i.workspace_id AND c.import_id = i.id
		WHERE i.workspace_id = $1 AND i.status IN ('queued', 'processing') AND c.state = 'pending'`,
		workspace).Scan(&b.Chunks, &b.Rows, &b.Running)
	return b, translate(err)
}
