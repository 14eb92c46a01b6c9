package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/klauspost/compress/s2"

	"taskport/importer/file"
)

// ChunkRef identifies a chunk; only this travels through the queue. Enqueue counts how often the
// chunk was enqueued.
type ChunkRef struct {
	WorkspaceID uuid.UUID `json:"workspace_id"`
	ImportID    uuid.UUID `json:"import_id"`
	Number      int       `json:"number"`
	Enqueue     int       `json:"enqueue"`
	// AtFront means that no other chunk of its workspace is being processed, so that it goes before
	// those of workspaces with more than one.
	AtFront bool `json:"-"`
}

// Claim is the right to process a chunk until the lease ends or another claim follows.
type Claim struct {
	ChunkRef
	Attempt int        // the fence; it never repeats
	Tries   int        // how often the chunk was claimed since the import or its last retry
	Import  Import     // without counts
	Chunk   file.Chunk // without the bytes of its rows; see Unpacked
	// LastRow is set for a correction chunk, which retries the open dead letters from Chunk.FirstRow
	// to LastRow.
	LastRow int
	// Repeats reports that external ids of the chunk may be taken, so that Finish must look them up.
	// It is set after Finish has failed with ErrExists.
	Repeats  bool
	packed   []byte // the bytes of the rows
	decided  bool   // of a correction chunk: it retries only the rows of one decision
	retried  []int  // rows that RetriedRows returned
	outcomes []byte
	shown    *shownChunk // set for a chunk of a committed plan
}

// IsCorrection reports whether the chunk retries dead letters instead of rows of the file.
func (c *Claim) IsCorrection() bool { return c.LastRow > 0 }

// Unpacked returns the chunk with the bytes of its rows. Damaged bytes are an error of the chunk:
// it is released, and parked after its last attempt.
func (c *Claim) Unpacked() (file.Chunk, error) {
	chunk := c.Chunk
	var err error
	chunk.Data, err = unpack(c.packed)
	return chunk, err
}

// longestWait is longer than any lease, delay or wait for a claim. A later time was written before
// the database's clock was set back.
const longestWait = `interval '10 minutes'`

// over returns the condition that a waiting time has passed.
func over(until string) string {
	return `(` + until + ` < now() OR ` + until + ` > now() + ` + longestWait + `)`
}

// Claim claims a pending chunk whose lease has lapsed, for the length of lease. It returns nil when
// there is nothing to do: the chunk is done, parked, cancelled or claimed by another worker, or its
// import has ended.
//
// Transactions lock the rows of an import in one order: the import, its chunks by number, dead
// letters, tasks. The claim keeps this order too, because a cancel holds the import while it waits
// for chunks. A locked chunk is not waited for.
func (s *Store) Claim(ctx context.Context, ref ChunkRef, lease time.Duration) (*Claim, error) {
	rows, err := s.pool.Query(ctx, `
		WITH open AS (
			SELECT id, in_order FROM imports WHERE workspace_id = $1 AND id = $2 AND status IN ('queued', 'processing')
			FOR NO KEY UPDATE
		), free AS (
			SELECT c.number FROM chunks c, open WHERE c.workspace_id = $1 AND c.import_id = open.id AND c.number = $3
			AND c.state = 'pending' AND `+over("c.lease_until")+`
				AND NOT (open.in_order AND EXISTS (SELECT FROM chunks e WHERE e.workspace_id = $1 AND e.import_id = open.id
				AND e.number < $3 AND e.state = 'pending'))
			FOR UPDATE OF c SKIP LOCKED
		), claimed AS (
			UPDATE chunks c SET attempt = attempt + 1, lease_until = now() + $4::interval, enqueue_after = '-infinity' FROM free
			WHERE c.workspace_id = $1 AND c.import_id = $2 AND c.number = free.number
			RETURNING attempt, attempt - attempts_from AS tries, first_row, coalesce(last_row, 0) AS last_row,
			decision_id IS NOT NULL AS decided, first_line, row_count, data,
			coalesce(planned_outcomes, '') AS planned_outcomes, repeats, `+knownRows+` AS known
		), started AS (
			UPDATE imports SET status = 'processing', started_at = greatest(now(), created_at)
			WHERE workspace_id = $1 AND id = $2 AND status = 'queued' AND EXISTS (SELECT FROM claimed)
		)
		SELECT attempt, tries, first_row, last_row, decided, first_line, row_count, data, planned_outcomes, repeats, known,
		coalesce(i.plan, ''), i.kind, i.file_name, i.layout, i.options, i.total_count, i.created_at,
		coalesce(i.request_id, ''), coalesce(i.trace_parent, '')
		FROM claimed, imports i WHERE i.workspace_id = $1 AND i.id = $2`, ref.WorkspaceID, ref.ImportID, ref.Number, lease)
	if err != nil {
		return nil, translate(err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (*Claim, error) {
		c := &Claim{ChunkRef: ref, Import: Import{WorkspaceID: ref.WorkspaceID, ID: ref.ImportID, Status: Processing},
			Chunk: file.Chunk{Number: ref.Number}}
		i := &c.Import
		err := row.Scan(&c.Attempt, &c.Tries, &c.Chunk.FirstRow, &c.LastRow, &c.decided, &c.Chunk.FirstLine, &c.Chunk.Rows,
			&c.packed, &c.outcomes, &c.Chunk.Repeats, &c.Chunk.Known, &i.Planned, &i.Kind, &i.FileName, &i.Layout, &i.Options,
			&i.Total, &i.CreatedAt, &i.Trace.RequestID, &i.Trace.TraceParent)
		return c, err
	})
	if err != nil || len(found) == 0 {
		return nil, translate(err)
	}
	return found[0], nil
}

// Renew extends the lease of a claim; ErrFenced when the claim has ended.
func (s *Store) Renew(ctx context.Context, c *Claim, lease time.Duration) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET lease_until = now() + $5::interval`, lease)
}

// Holds returns ErrFenced when the claim has ended, because its import was cancelled or another
// claim followed. It waits for no lock.
func (s *Store) Holds(ctx context.Context, c *Claim) error {
	var holds bool
	err := s.pool.QueryRow(ctx, `SELECT EXISTS (SELECT FROM chunks WHERE workspace_id = $1 AND import_id = $2
		AND number = $3 AND attempt = $4 AND state = 'pending')`,
		c.WorkspaceID, c.ImportID, c.Number, c.Attempt).Scan(&holds)
	if err == nil && !holds {
		return ErrFenced
	}
	return translate(err)
}

// Release ends the claim after an error; the chunk is offered again after the delay.
func (s *Store) Release(ctx context.Context, c *Claim, cause string, delay time.Duration) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET last_error = $5, lease_until = now() + $6::interval,
		enqueue_after = now() + $6::interval`, cause, delay)
}

// Return ends the claim without a result, for example when a worker stops: the claim does not count
// as an attempt. Calling it twice has the same effect as once.
func (s *Store) Return(ctx context.Context, c *Claim, delay time.Duration) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET attempts_from = attempt - $6::int + 1, lease_until = now() +
		$5::interval, enqueue_after = now() + $5::interval`, delay, c.Tries)
}

// Park takes a chunk out of processing: its attempts are exhausted.
func (s *Store) Park(ctx context.Context, c *Claim, cause string) error {
	return s.onClaim(ctx, c, `UPDATE chunks SET state = 'parked', last_error = $5`, cause)
}

func (s *Store) onClaim(ctx context.Context, c *Claim, update string, args ...any) error {
	args = append([]any{c.WorkspaceID, c.ImportID, c.Number, c.Attempt}, args...)
	tag, err := s.pool.Exec(ctx, update+` WHERE workspace_id = $1 AND import_id = $2 AND number = $3 AND attempt = $4
		AND state = 'pending'`, args...)
	if err == nil && tag.RowsAffected() == 0 {
		return ErrFenced
	}
	return translate(err)
}

// packMemory has the memory into which rows are packed, as *[]byte. Their packed form is copied out
// of it, since its size is not known before.
var packMemory sync.Pool

// sumSize is the size of the checksum behind packed rows.
const sumSize = 8

// pack returns rows in a smaller form, with a checksum.
func pack(data []byte) []byte {
	memory, _ := packMemory.Get().(*[]byte)
	if memory == nil {
		memory = new([]byte)
	}
	if most := s2.MaxEncodedLen(len(data)); cap(*memory) < most {
		*memory = make([]byte, most)
	}
	packed := s2.Encode((*memory)[:cap(*memory)], data)
	all := append(make([]byte, 0, len(packed)+sumSize), packed...)
	packMemory.Put(memory)
	return binary.BigEndian.AppendUint64(all, xxhash.Sum64(all))
}

// unpack returns the rows that pack has packed; an error when they are damaged. Of removed rows
// there is nothing, and nothing is returned.
func unpack(all []byte) ([]byte, error) {
	if len(all) == 0 {
		return nil, nil
	}
	at := len(all) - sumSize
	if at < 0 || binary.BigEndian.Uint64(all[at:]) != xxhash.Sum64(all[:at]) {
		return nil, errors.New("unpack stored rows: they are damaged")
	}
	data, err := s2.Decode(nil, all[:at])
	if err != nil {
		return nil, fmt.Errorf("unpack stored rows: %w", err)
	}
	return data, nil
}
