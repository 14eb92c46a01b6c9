package store

import (
	"context"
	"io"

	"github.com/gocarina/gocsv"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Result is a task, or a record of the directory, that an import created, and the row it came from.
type Result struct {
	Row int       `csv:"row_number" json:"row_number"`
	ID  uuid.UUID `csv:"id" json:"id"`
}

// resultTable returns the table that an import creates records in.
func resultTable(i Import) string {
	if i.Kind == importer.Tasks {
		return "tasks"
	}
	return directoryTable(i.Kind)
}

// WriteResults writes all results of an import as CSV, in the order of the rows.
func (s *Store) WriteResults(ctx context.Context, i Import, w io.Writer) error {
	to, marshal := gocsv.DefaultCSVWriter(w), gocsv.MarshalCSV
	for last := 0; ; {
		rows, err := s.pool.Query(ctx, `SELECT row_number, id FROM `+resultTable(i)+` WHERE workspace_id = $1
			AND import_id = $2 AND row_number > $3 ORDER BY row_number LIMIT $4`,
			i.WorkspaceID, i.ID, last, eachPage)
		if err != nil {
			return translate(err)
		}
		page, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Result])
		if err != nil {
			return translate(err)
		}
		if err := marshal(page, to); err != nil {
			return err
		}
		marshal = gocsv.MarshalCSVWithoutHeaders
		if len(page) < eachPage {
			return nil
		}
		last = page[len(page)-1].Row
	}
}

// Result returns the id of the record that an import created from a row; ErrNotFound without one.
func (s *Store) Result(ctx context.Context, i Import, row int) (uuid.UUID, error) {
	var id uuid.UUID
	err := s.pool.QueryRow(ctx, `SELECT id FROM `+resultTable(i)+` WHERE workspace_id = $1 AND import_id = $2
		AND row_number = $3`, i.WorkspaceID, i.ID, row).Scan(&id)
	return id, translate(err)
}

// Results returns a page of the records that an import created, by row.
func (s *Store) Results(ctx context.Context, i Import, p Page) (Listed[Result], error) {
	all := `FROM ` + resultTable(i) + ` WHERE workspace_id = $1 AND import_id = $2`
	return list[Result]{read: `SELECT row_number, id ` + all, count: all,
		where: &conditions{args: []any{i.WorkspaceID, i.ID}}, by: order{{"row_number", "bigint", false}},
		scan: pgx.RowToStructByPos[Result], key: func(r Result) Cursor { return Cursor{itoa(r.Row)} }}.page(ctx, s, p)
}
