package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

var deadLetterColumns = []string{"workspace_id", "import_id", "row_number", "line", "reason", "field", "message", "candidates", "details", "cells"}

func copyDeadLetters(ctx context.Context, tx pgx.Tx, workspace, importID uuid.UUID, dead []importer.DeadLetter) error {
	if len(dead) == 0 {
		return nil
	}
	rows := newCopy()
	defer rows.drop()
	for i := range dead {
		if err := rows.appendDeadLetter(workspace, importID, &dead[i]); err != nil {
			return err
		}
	}
	return rows.run(ctx, tx, "dead_letters", deadLetterColumns)
}

// appendDeadLetter adds a dead letter to a COPY, in the order of deadLetterColumns.
func (c *copyData) appendDeadLetter(workspace, importID uuid.UUID, d *importer.DeadLetter) error {
	c.row(len(deadLetterColumns))
	c.id(workspace)
	c.id(importID)
	c.bigint(int64(d.Row))
	c.bigint(int64(d.Line))
	c.text(string(d.Reason))
	c.textOrNull(d.Field)
	c.text(d.Message)
	if err := c.jsonOrNull(d.Candidates, len(d.Candidates) == 0); err != nil {
		return err
	}
	if err := c.jsonOrNull(d.Details, d.Details == nil); err != nil {
		return err
	}
	c.field(func(to []byte) []byte { return importer.PackCells(to, d.Cells) })
	return nil
}

func (c *copyData) jsonOrNull(v any, absent bool) error {
	if absent {
		c.null()
		return nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode %T: %w", v, err)
	}
	c.json(text)
	return nil
}

const readDeadLetters = `SELECT row_number, line, reason, coalesce(field, ''), message, candidates, details, cells FROM dead_letters WHERE workspace_id = $1 AND import_id = $2`

func scanDeadLetter(row pgx.CollectableRow) (importer.DeadLetter, error) {
	var d importer.DeadLetter
	var cells []byte
	if err := row.Scan(&d.Row, &d.Line, &d.Reason, &d.Field, &d.Message, &d.Candidates, &d.Details, &cells); err != nil {
		return d, err
	}
	var err error
	d.Cells, err = importer.UnpackCells(cells)
	return d, err
}

// DeadLetters gives a page of an import's dead letters by row, and their number.
func (s *Store) DeadLetters(ctx context.Context, workspace, importID uuid.UUID, p Page) ([]importer.DeadLetter, int, error) {
	rows, err := s.pool.Query(ctx, readDeadLetters+` ORDER BY row_number LIMIT $3 OFFSET $4`, workspace, importID, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	page, err := pgx.CollectRows(rows, scanDeadLetter)
	if err != nil {
		return nil, 0, translate(err)
	}
	total, err := s.count(ctx, `SELECT count(*) FROM dead_letters WHERE workspace_id = $1 AND import_id = $2`, workspace, importID)
	return page, total, err
}

// FirstDeadLetters gives the first dead letters of an import. It reads no further than the chunk in which the last of them stands: while an import runs,
// the database knows too little of its dead letters to choose that way by itself, and would read and sort them all each time a client asks.
// Which rows a chunk that mends has freed is not known; it counts as if they were the first of its range, so that no dead letter is overlooked.
func (s *Store) FirstDeadLetters(ctx context.Context, i Import, most int) ([]importer.DeadLetter, error) {
	if i.Rejected == 0 {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, readDeadLetters+` AND row_number < coalesce((SELECT min(beyond) FROM (
		SELECT beyond, sum(rejected_count) OVER (ORDER BY beyond) AS so_far FROM (
			SELECT CASE WHEN last_row IS NULL THEN first_row + row_count ELSE first_row + 1 END AS beyond, rejected_count
			FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND rejected_count <> 0) k) c
		WHERE so_far >= $3), $4) ORDER BY row_number LIMIT $3`, i.WorkspaceID, i.ID, most, int64(math.MaxInt64))
	if err != nil {
		return nil, translate(err)
	}
	first, err := pgx.CollectRows(rows, scanDeadLetter)
	return first, translate(err)
}

// eachPage is how many rows of a list are read at a time: between pages no connection is held, however slowly the client reads.
const eachPage = 1000

// EachDeadLetter calls do for all dead letters of an import in the order of their rows; memory does not grow with their number.
func (s *Store) EachDeadLetter(ctx context.Context, workspace, importID uuid.UUID, do func(importer.DeadLetter) error) error {
	for last := 0; ; {
		rows, err := s.pool.Query(ctx, readDeadLetters+` AND row_number > $3 ORDER BY row_number LIMIT $4`, workspace, importID, last, eachPage)
		if err != nil {
			return translate(err)
		}
		page, err := pgx.CollectRows(rows, scanDeadLetter)
		if err != nil {
			return translate(err)
		}
		for _, d := range page {
			if err := do(d); err != nil {
				return err
			}
			last = d.Row
		}
		if len(page) < eachPage {
			return nil
		}
	}
}

// orNull stores an absent text as NULL.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
