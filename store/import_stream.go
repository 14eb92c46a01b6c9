package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/failpoint"
)

// streamLease is how long a stream may be without further rows before it counts as cut off. A
// client that sends nothing is disconnected earlier.
const streamLease = 90 * time.Second

// OpenStream stores an import whose rows are worked on before all have arrived, with its first
// chunk. Append adds further ones. The import does not end before EndStream, or before the lease of
// a process that has died lapses. Chunks get their number and their first row here.
func (s *Store) OpenStream(ctx context.Context, n NewImport, layout importer.Layout, c file.Chunk) (Import, error) {
	i := Import{WorkspaceID: n.WorkspaceID, ID: newID(), Kind: n.Kind, Status: Queued, FileName: n.FileName,
		Trace: n.Trace, Options: n.Options, Layout: layout, ByReason: map[importer.Reason]int64{},
		CreatedAt: n.CreatedAt.UTC().Truncate(time.Microsecond), Receiving: true}
	err := s.inTx(ctx, func(tx pgx.Tx) error {
		if err := insertImport(ctx, tx, i); err != nil {
			return err
		}
		if err := sealImport(ctx, tx, i); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `UPDATE imports SET open_until = now() + $3::interval WHERE workspace_id = $1
			AND id = $2`, i.WorkspaceID, i.ID, streamLease); err != nil {
			return err
		}
		return appendChunk(ctx, tx, &i, c)
	})
	return i, translate(err)
}

// Append adds a chunk to an open stream, and sets the number of rows in i. It returns a *StateError
// when the import was cancelled, or its lease has lapsed.
func (s *Store) Append(ctx context.Context, i *Import, c file.Chunk) error {
	added := *i
	err := s.inTx(ctx, func(tx pgx.Tx) error { return appendChunk(ctx, tx, &added, c) })
	if err == nil {
		*i = added
	}
	return err
}

// appendChunk locks the import, so that no correction takes the number of the chunk.
func appendChunk(ctx context.Context, tx pgx.Tx, i *Import, c file.Chunk) error {
	rows, err := tx.Query(ctx, `UPDATE imports SET total_count = total_count + $3, open_until = now() + $4::interval
		WHERE workspace_id = $1 AND id = $2 AND open_until IS NOT NULL AND status IN ('queued', 'processing')
		RETURNING total_count`, i.WorkspaceID, i.ID, c.Rows, streamLease)
	if err != nil {
		return err
	}
	totals, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return err
	}
	if len(totals) == 0 {
		return &StateError{Transition: TransitionReceive, Why: "the import was cancelled, or has ended"}
	}
	i.Total = totals[0]
	if _, err := tx.Exec(ctx, `INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count, data)
		SELECT $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6 FROM chunks WHERE workspace_id = $1
		AND import_id = $2`, i.WorkspaceID, i.ID, i.Total-int64(c.Rows)+1, c.FirstLine, c.Rows,
		pack(c.Data)); err != nil {
		return err
	}
	return failpoint.At(ctx, failpoint.ChunkStaged, i.ID, int(i.Total))
}

// EndStream ends a stream after its last row; early means that the client has not sent the end of
// the body. The import ends with its last chunk.
func (s *Store) EndStream(ctx context.Context, i Import, early bool) error {
	_, err := s.pool.Exec(ctx, `UPDATE imports SET open_until = NULL, ended_early = $3 WHERE workspace_id = $1
		AND id = $2 AND open_until IS NOT NULL`, i.WorkspaceID, i.ID, early)
	if err == nil {
		_, err = s.FinishImport(ctx, i.WorkspaceID, i.ID)
	}
	return translate(err)
}

// endLapsedStreams ends the streams of processes that have died.
func endLapsedStreams(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `UPDATE imports SET open_until = NULL, ended_early = true WHERE open_until IS NOT NULL
		AND `+over("open_until"))
	return err
}
