package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/failpoint"
)

// NewImport is the input of an import, without its file.
type NewImport struct {
	WorkspaceID uuid.UUID
	Kind        importer.Kind
	FileName    string
	Options     importer.Options
	CreatedAt   time.Time
	Idempotency *Idempotency // nil without an Idempotency-Key
	Trace       RequestTrace
	// Users are those of the workspace, for the assignees of tasks; nil for imports of other kinds.
	Users *importer.Snapshot
	By    Actor
	// Staged stores the file without beginning the import; see Begin.
	Staged bool
	// Remember remembers the mapping for files with the same header.
	Remember bool
	// Buffered means that the file is in memory, so that it needs none of the connections for large
	// uploads.
	Buffered bool
}

// RequestTrace is the request that created an import, for logs and traces.
type RequestTrace struct {
	RequestID   string
	TraceParent string // as W3C Trace Context has it; empty unless the request is traced
}

// File passes a file's chunks to keep, in order. It returns the layout after the last chunk, and
// whether the rows are compared with those of earlier files.
type File func(keep func(file.Chunk) error) (layout importer.Layout, compared bool, err error)

// Stage stores a file whole or not at all: the import and all its chunks in one transaction. An
// error of read is returned unchanged.
func (s *Store) Stage(ctx context.Context, n NewImport, read File) (Import, error) {
	i := Import{WorkspaceID: n.WorkspaceID, ID: newID(), Kind: n.Kind, Status: Queued, FileName: n.FileName,
		Trace: n.Trace, Options: n.Options,
		Planned: planOf(n), ByReason: map[importer.Reason]int64{}, CreatedAt: n.CreatedAt.UTC().Truncate(time.Microsecond)}
	if n.Staged {
		i.Status = Staged
	}
	pool, idle := s.uploads, time.Duration(0)
	if n.Buffered {
		pool, idle = s.pool, idleTimeout
	}
	conn, err := uploadConn(ctx, pool)
	if err != nil {
		return i, err
	}
	defer conn.Release()
	var fileErr error
	compared := false
	err = s.pooler.transact(ctx, conn, "begin", idle, func(tx pgx.Tx) error {
		if err := insertImport(ctx, tx, i); err != nil {
			return err
		}
		var sample rowSample
		err := stageChunks(ctx, tx, i, &sample, func(keep func(file.Chunk) error) (err error) {
			i.Layout, compared, err = read(func(c file.Chunk) error {
				i.Total += int64(c.Rows)
				return keep(c)
			})
			if !errors.Is(err, errStaging) {
				fileErr = err
			}
			return err
		})
		if err != nil {
			return err
		}
		if n.Users != nil {
			if err := i.Layout.DecideAssignees(ctx, n.Users, holdersIn(tx, i.WorkspaceID), i.Options.Mapping); err != nil {
				return err
			}
		}
		if !n.Staged {
			if err := planRetries(ctx, tx, i, n.By); err != nil {
				return err
			}
		}
		if !n.Staged && !i.Options.DryRun {
			if err := rememberUsers(ctx, tx, i.WorkspaceID, n.Users, i.Options.Mapping, n.By); err != nil {
				return err
			}
		}
		if err := sealImport(ctx, tx, i); err != nil {
			return err
		}
		if n.Remember {
			if err := rememberMapping(ctx, tx, Mapping{WorkspaceID: i.WorkspaceID, Kind: i.Kind, Mapping: i.Options.Mapping,
				Header: importer.HeaderKey(i.Layout.Layout)}, i.CreatedAt); err != nil {
				return err
			}
		}
		if err := sample.end(ctx, tx, i, compared); err != nil {
			return err
		}
		if compared && !n.Staged {
			if err := compareFile(ctx, tx, i.WorkspaceID, i.ID); err != nil {
				return err
			}
		}
		if err := n.Idempotency.made(ctx, tx, importResource(i.ID)); err != nil {
			return err
		}
		return failpoint.At(ctx, failpoint.BeforeStaged, i.ID, 0)
	})
	if fileErr != nil {
		return i, fileErr
	}
	return i, translate(err)
}

// uploadWait is how long an upload waits for a free connection.
const uploadWait = 5 * time.Second

func uploadConn(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, uploadWait)
	defer cancel()
	conn, err := pool.Acquire(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return nil, fmt.Errorf("%w: all connections for uploads are taken", ErrUnavailable)
	}
	return conn, translate(err)
}

func insertImport(ctx context.Context, tx pgx.Tx, i Import) error {
	options, err := toJSON(i.Options)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options,
		total_count, created_at, request_id, trace_parent, plan, in_order, mirror, mirror_from)
		VALUES ($1, $2, $3, $4, $5, '{}', $6, 0, $7, nullif($8, ''), nullif($9, ''), nullif($10, ''), $11, nullif($12, ''),
		clock_timestamp())`, i.WorkspaceID,
		i.ID, i.Kind, i.Status, i.FileName, options, i.CreatedAt, i.Trace.RequestID, i.Trace.TraceParent, i.Planned,
		i.inOrder(), mirrorOf(i.Options))
	return err
}

// sealImport writes what is known only after the whole file was read.
func sealImport(ctx context.Context, tx pgx.Tx, i Import) error {
	layout, err := toJSON(i.Layout)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE imports SET layout = $3, total_count = $4 WHERE workspace_id = $1
		AND id = $2`, i.WorkspaceID, i.ID, layout, i.Total)
	return err
}

// packing is how many chunks of an upload are on their way into the database at once: while one is
// written, the next are packed, and reading goes on.
const packing = 2

// packed is a chunk whose bytes are being packed.
type packed struct {
	chunk  file.Chunk
	data   chan []byte
	sample []int64
}

// errStaging stops the reading of a file whose chunks cannot be written; the writer returns the
// cause.
var errStaging = errors.New("the chunks cannot be written")

// stageChunks writes the chunks that cut passes to keep, in order. Reading, packing and writing
// run concurrently.
func stageChunks(ctx context.Context, tx pgx.Tx, i Import, sample *rowSample,
	cut func(keep func(file.Chunk) error) error) error {
	queue, written, failed := make(chan packed, packing-1), make(chan error, 1), make(chan struct{})
	go func() {
		written <- insertChunks(ctx, tx, i, queue, failed)
	}()
	cutErr := cut(func(c file.Chunk) error {
		p := packed{chunk: c, data: make(chan []byte, 1), sample: sample.add(c.Sums)}
		go func() { p.data <- pack(c.Data) }()
		select {
		case queue <- p:
			return nil
		case <-failed:
			return errStaging
		}
	})
	close(queue)
	writeErr := <-written
	if cutErr != nil && !errors.Is(cutErr, errStaging) {
		return cutErr
	}
	return writeErr
}

// insertChunks writes all chunks of the queue; when one cannot be written, it closes failed.
func insertChunks(ctx context.Context, tx pgx.Tx, i Import, queue <-chan packed, failed chan<- struct{}) error {
	for p := range queue {
		_, err := tx.Exec(ctx, `INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count,
			data, repeats, row_sums) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
			i.WorkspaceID, i.ID, p.chunk.Number, p.chunk.FirstRow, p.chunk.FirstLine, p.chunk.Rows, <-p.data, p.chunk.Repeats,
			p.chunk.Sums)
		if err == nil && len(p.sample) > 0 {
			_, err = tx.Exec(ctx, insertSample, i.WorkspaceID, i.ID, p.sample)
		}
		if err == nil {
			err = failpoint.At(ctx, failpoint.ChunkStaged, i.ID, p.chunk.Number)
		}
		if err != nil {
			close(failed)
			return fmt.Errorf("stage chunk %d: %w", p.chunk.Number, err)
		}
	}
	return nil
}
