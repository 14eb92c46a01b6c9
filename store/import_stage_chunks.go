package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"taskport/importer/file"
	"taskport/internal/failpoint"
)

// packing bounds how many chunks of an upload are on their way into the database at once: while one is written, the next are packed, and the file is read on.
const packing = 2

// packed is a chunk whose bytes are being packed.
type packed struct {
	chunk file.Chunk
	data  chan []byte
}

// errStaging stops the reading of a file whose chunks can no longer be written; the cause is told by the writer.
var errStaging = errors.New("the chunks cannot be written")

// stageChunks writes the chunks that cut hands to keep, in order. Reading, packing and writing go on side by side.
func stageChunks(ctx context.Context, tx pgx.Tx, i Import, cut func(keep func(file.Chunk) error) error) error {
	queue, written, failed := make(chan packed, packing-1), make(chan error, 1), make(chan struct{})
	go func() {
		written <- insertChunks(ctx, tx, i, queue, failed)
	}()
	cutErr := cut(func(c file.Chunk) error {
		p := packed{chunk: c, data: make(chan []byte, 1)}
		go func() { p.data <- compress(c.Data) }()
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

// insertChunks writes chunks until there are no more; when one cannot be written it closes failed.
func insertChunks(ctx context.Context, tx pgx.Tx, i Import, queue <-chan packed, failed chan<- struct{}) error {
	for p := range queue {
		_, err := tx.Exec(ctx, `INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count, data, repeats) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			i.WorkspaceID, i.ID, p.chunk.Number, p.chunk.FirstRow, p.chunk.FirstLine, p.chunk.Rows, <-p.data, p.chunk.Repeats)
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
