package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// ChunkRef names a chunk; it is all that travels through the queue. Enqueue counts how often it was handed over.
type ChunkRef struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	ImportID    uuid.UUID `json:"import_id"`
	Number      int       `json:"number"`
	Enqueue     int       `json:"enqueue"`
}

// Claim is the right to process a chunk until the lease ends or another claim follows.
type Claim struct {
	ChunkRef
	Attempt int
	Import  Import // without counts
	Chunk   importer.Chunk
	// Repeats says that external ids of the chunk may be taken, so that Finish must ask. It is set once Finish has failed with ErrExists.
	Repeats bool
}

// longestWait is more than any lease, delay or wait for a claim. A time that lies further ahead was written before the database's clock was set back.
const longestWait = `interval '10 minutes'`

// over is the condition that a time up to which something waits has come.
func over(until string) string {
	return `(` + until + ` < now() OR ` + until + ` > now() + ` + longestWait + `)`
}

// Claim takes a pending chunk whose lease has lapsed, for the length of lease. It gives nil when there is nothing to do:
// the chunk is done, parked, or another worker's, or its import has ended.
func (s *Store) Claim(ctx context.Context, ref ChunkRef, lease time.Duration) (*Claim, error) {
	rows, err := s.pool.Query(ctx, `
		WITH claimed AS (
			UPDATE chunks c SET attempt = attempt + 1, lease_until = now() + $4::interval, enqueue_after = '-infinity'
			WHERE workspace_id = $1 AND import_id = $2 AND number = $3 AND state = 'pending' AND `+over("lease_until")+`
			AND EXISTS (SELECT FROM imports i WHERE i.workspace_id = $1 AND i.id = $2 AND i.status IN ('queued', 'processing'))
			RETURNING attempt, first_row, first_line, row_count, data
		), started AS (
			UPDATE imports SET status = 'processing', started_at = greatest(now(), created_at)
			WHERE workspace_id = $1 AND id = $2 AND status = 'queued' AND EXISTS (SELECT FROM claimed)
		)
		SELECT attempt, first_row, first_line, row_count, data, i.kind, i.file_name, i.layout, i.options, i.total_count, i.created_at
		FROM claimed, imports i WHERE i.workspace_id = $1 AND i.id = $2`, ref.WorkspaceID, ref.ImportID, ref.Number, lease)
	if err != nil {
		return nil, translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Claim, error) {
		c := &Claim{ChunkRef: ref, Import: Import{WorkspaceID: ref.WorkspaceID, ID: ref.ImportID, Status: Processing}, Chunk: importer.Chunk{Number: ref.Number}}
		i := &c.Import
		err := row.Scan(&c.Attempt, &c.Chunk.FirstRow, &c.Chunk.FirstLine, &c.Chunk.Rows, &c.Chunk.Data, &i.Kind, &i.FileName, &i.Layout, &i.Options, &i.Total, &i.CreatedAt)
		return c, err
	})
	if err != nil || len(found) == 0 {
		return nil, translate(err)
	}
	found[0].Chunk.Data, err = decompress(found[0].Chunk.Data)
	return found[0], err
}

// Renew extends the lease of a claim; ErrFenced when the chunk is no longer its own.
func (s *Store) Renew(ctx context.Context, c *Claim, lease time.Duration) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET lease_until = now() + $5::interval`, lease)
}

// Release gives a chunk back after a fault; it is offered again after the delay.
func (s *Store) Release(ctx context.Context, c *Claim, cause string, delay time.Duration) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET last_error = $5, lease_until = now() + $6::interval, enqueue_after = now() + $6::interval`, cause, delay)
}

// Park takes a chunk out of work for good: it has used up its attempts.
func (s *Store) Park(ctx context.Context, c *Claim, cause string) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET state = 'parked', last_error = $5`, cause)
}

func (s *Store) onClaim(ctx context.Context, c *Claim, update string, args ...any) error {
	args = append([]any{c.WorkspaceID, c.ImportID, c.Number, c.Attempt}, args...)
	tag, err := s.pool.Exec(ctx, update+` WHERE workspace_id = $1 AND import_id = $2 AND number = $3 AND attempt = $4 AND state = 'pending'`, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return translate(err)
}
