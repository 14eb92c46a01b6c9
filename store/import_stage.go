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
	"taskport/internal/failpoint"
)

// NewImport is what an import is made of, besides its file.
type NewImport struct {
	WorkspaceID uuid.UUID
	Kind        importer.Kind
	FileName    string
	Options     importer.Options
	CreatedAt   time.Time
	Idempotency *Idempotency // nil without an Idempotency-Key
	Origin      Origin
	// Staged keeps the file without beginning with it: that is for Begin.
	Staged bool
	// AllowDuplicate takes the file although the workspace has an import of the same one.
	AllowDuplicate bool
	// Buffered says that the file is in memory: it then needs none of the connections that large files share.
	Buffered bool
}

// Origin is the request that made an import, for the log and the traces of whoever works on it.
type Origin struct {
	RequestID   string
	TraceParent string // as W3C Trace Context has it; empty unless the request is traced
}

// File hands a file's chunks to keep, in order, and gives the layout once all are cut, and the digest by which the same file is known again; nil for one that is not to be.
type File func(keep func(importer.Chunk) error) (importer.Layout, []byte, error)

// Stage takes a file whole or not at all: the import and all its chunks in one transaction.
// An error of file is passed on as it is.
func (s *Store) Stage(ctx context.Context, n NewImport, file File) (Import, error) {
	i := Import{WorkspaceID: n.WorkspaceID, ID: newID(), Kind: n.Kind, Status: Queued, FileName: n.FileName, Origin: n.Origin, Options: n.Options,
		Planned: planOf(n), ByReason: map[importer.Reason]int64{}, CreatedAt: n.CreatedAt.UTC().Truncate(time.Microsecond)}
	if n.Staged {
		i.Status = Staged
	}
	pool := s.uploads
	if n.Buffered {
		pool = s.pool
	}
	conn, err := uploadConn(ctx, pool)
	if err != nil {
		return i, err
	}
	defer conn.Release()
	var fileErr error
	var digest []byte
	err = pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := insertImport(ctx, tx, i); err != nil {
			return err
		}
		err := stageChunks(ctx, tx, i, func(keep func(importer.Chunk) error) (err error) {
			i.Layout, digest, err = file(func(c importer.Chunk) error {
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
		if err := sealImport(ctx, tx, i); err != nil {
			return err
		}
		if err := noteFile(ctx, tx, i, digest, n.AllowDuplicate); err != nil {
			return err
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

// uploadWait is how long an upload waits for a connection while others hold them all.
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
	_, err = tx.Exec(ctx, `INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at, request_id, trace_parent, plan, in_order)
		VALUES ($1, $2, $3, $4, $5, '{}', $6, 0, $7, nullif($8, ''), nullif($9, ''), nullif($10, ''), $11)`, i.WorkspaceID, i.ID, i.Kind, i.Status, i.FileName, options, i.CreatedAt, i.Origin.RequestID, i.Origin.TraceParent, i.Planned, i.inOrder())
	return err
}

// sealImport writes what is known only once the whole file has been read.
func sealImport(ctx context.Context, tx pgx.Tx, i Import) error {
	layout, err := toJSON(i.Layout)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE imports SET layout = $3, total_count = $4 WHERE workspace_id = $1 AND id = $2`, i.WorkspaceID, i.ID, layout, i.Total)
	return err
}
