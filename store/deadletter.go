package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

var deadLetterColumns = []string{"workspace_id", "import_id", "row_number", "line", "reason", "field", "message", "candidates", "details", "cells"}

func copyDeadLetters(ctx context.Context, tx pgx.Tx, workspace, importID uuid.UUID, dead []importer.DeadLetter) error {
	if len(dead) == 0 {
		return nil
	}
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"dead_letters"}, deadLetterColumns, pgx.CopyFromSlice(len(dead), func(i int) ([]any, error) {
		d := &dead[i]
		var candidates, details any
		if len(d.Candidates) > 0 {
			candidates = d.Candidates
		}
		if d.Details != nil {
			details = d.Details
		}
		return []any{[16]byte(workspace), [16]byte(importID), int64(d.Row), int64(d.Line), string(d.Reason), orNull(d.Field), d.Message, candidates, details,
			importer.PackCells(d.Cells)}, nil
	}))
	return err
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
