package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Result is a task that an import created, and the row it came from.
type Result struct {
	Row int       `csv:"row_number" json:"row_number"`
	ID  uuid.UUID `csv:"id" json:"id"`
}

// EachResult calls do for all tasks that an import created, in the order of their rows.
func (s *Store) EachResult(ctx context.Context, workspace, importID uuid.UUID, do func(Result) error) error {
	for last := 0; ; {
		rows, err := s.pool.Query(ctx, `SELECT row_number, id FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4`,
			workspace, importID, last, eachPage)
		if err != nil {
			return translate(err)
		}
		page, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Result])
		if err != nil {
			return translate(err)
		}
		for _, r := range page {
			if err := do(r); err != nil {
				return err
			}
			last = r.Row
		}
		if len(page) < eachPage {
			return nil
		}
	}
}

// Result gives the task that an import created of a row. ErrNotFound: there is none, or none any more.
func (s *Store) Result(ctx context.Context, workspace, importID uuid.UUID, row int) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.pool.QueryRow(ctx, `SELECT id FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND row_number = $3`, workspace, importID, row).Scan(&id)
	return id, translate(err)
}

// Results gives a page of the tasks that an import created, by row, and their number.
func (s *Store) Results(ctx context.Context, workspace, importID uuid.UUID, p Page) ([]Result, int, error) {
	rows, err := s.pool.Query(ctx, `SELECT row_number, id FROM tasks WHERE workspace_id = $1 AND import_id = $2 ORDER BY row_number LIMIT $3 OFFSET $4`,
		workspace, importID, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	page, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Result])
	if err != nil {
		return nil, 0, translate(err)
	}
	total, err := s.count(ctx, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2`, workspace, importID)
	return page, total, err
}
