package store

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// knownRows are the rows of a chunk c that an earlier import has taken in.
const knownRows = `(SELECT array_agg(s.row_number ORDER BY s.row_number) FROM skipped_rows s
	WHERE s.workspace_id = c.workspace_id AND s.import_id = c.import_id AND s.is_known
	AND s.row_number BETWEEN c.first_row AND c.first_row + c.row_count - 1)`

// dropSkippedRows deletes the skipped rows of an import.
const dropSkippedRows = `DELETE FROM skipped_rows WHERE workspace_id = $1 AND import_id = $2`

// skippedRow is a row that is skipped, and what it repeats.
type skippedRow struct {
	importer.Source
	key           string // the id that exists already
	record        uuid.UUID
	ofImport      uuid.UUID
	ofRow         int64
	differs       []string
	name, company string // of a row of the directory
}

func copySkipped(ctx context.Context, tx pgx.Tx, c *Claim, skipped []skippedRow) error {
	if len(skipped) == 0 {
		return nil
	}
	columns := []string{"workspace_id", "import_id", "row_number", "line", "cells", "external_id", "record_id",
		"of_import", "of_row", "differs"}
	rows := newCopy()
	defer rows.drop()
	for i := range skipped {
		s := &skipped[i]
		rows.row(len(columns))
		rows.id(c.WorkspaceID)
		rows.id(c.ImportID)
		rows.bigint(int64(s.Row))
		rows.bigint(int64(s.Line))
		rows.field(func(to []byte) []byte { return importer.PackCells(to, s.Cells) })
		rows.textOrNull(s.key)
		rows.idOrNull(s.record)
		rows.idOrNull(s.ofImport)
		if s.ofRow == 0 {
			rows.null()
		} else {
			rows.bigint(s.ofRow)
		}
		rows.textOrNull(strings.Join(s.differs, ","))
	}
	return rows.run(ctx, tx, "skipped_rows", columns)
}

// keepSkippedTasks stores the skipped rows of a chunk of tasks, with what they repeat.
func keepSkippedTasks(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch) error {
	if err := keepKnown(ctx, tx, c, b.Known); err != nil || c.Import.Options.OnDuplicate == importer.DuplicateUpdate {
		return err
	}
	by, err := repeatedTasks(ctx, tx, c, b)
	if err != nil {
		return err
	}
	skipped := make([]skippedRow, len(b.Repeats))
	for i := range b.Repeats {
		d := &b.Repeats[i]
		s := skippedRow{Source: d.Source, key: d.ExternalID, record: originTask(d)}
		is, known := by[s.record.String()]
		if !known {
			is, known = by[" "+s.key]
		}
		if known {
			s.record, s.ofImport, s.ofRow, s.differs = is.id, is.of, int64(is.Row), d.Look(0).Differs(is.Look)
		}
		skipped[i] = s
	}
	return copySkipped(ctx, tx, c, skipped)
}

// keepKnown adds the cells to the rows that were noted when the file was staged.
func keepKnown(ctx context.Context, tx pgx.Tx, c *Claim, known []importer.Source) error {
	if len(known) == 0 {
		return nil
	}
	rows, lines, cells := make([]int, len(known)), make([]int, len(known)), make([][]byte, len(known))
	for i, k := range known {
		rows[i], lines[i], cells[i] = k.Row, k.Line, importer.PackCells(nil, k.Cells)
	}
	_, err := tx.Exec(ctx, `UPDATE skipped_rows s SET line = u.line, cells = u.cells
		FROM unnest($3::bigint[], $4::bigint[], $5::bytea[]) u (row, line, cells)
		WHERE s.workspace_id = $1 AND s.import_id = $2 AND s.row_number = u.row`, c.WorkspaceID, c.ImportID, rows,
		lines, cells)
	return err
}

// repeatedTask is a task that a row repeats.
type repeatedTask struct {
	importer.Look
	id, of uuid.UUID
}

// repeatedTasks returns the tasks that the rows of a batch repeat, by id, and by external_id after
// a space. Rows of a dry run may repeat earlier rows of it.
func repeatedTasks(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch) (map[string]repeatedTask, error) {
	var keys []string
	var origins []uuid.UUID
	for i := range b.Repeats {
		if id := b.Repeats[i].ExternalID; id != "" {
			keys = append(keys, id)
		}
		if id := originTask(&b.Repeats[i]); id != uuid.Nil {
			origins = append(origins, id)
		}
	}
	if len(keys)+len(origins) == 0 {
		return nil, nil //nolint:nilnil // a map without entries
	}
	const task = `SELECT t.id, coalesce(t.external_id, ''), t.import_id, coalesce(t.row_number, 0), ` + lookOfTask
	rows, err := tx.Query(ctx, task+` FROM unnest($2::text[]) AS asked (id) CROSS JOIN LATERAL (SELECT * FROM tasks t
		WHERE t.workspace_id = $1 AND t.external_id = asked.id LIMIT 1) AS t UNION ALL
		`+task+` FROM tasks t WHERE t.workspace_id = $1 AND t.id = ANY ($3) UNION ALL
		SELECT p.task_id, coalesce(p.external_id, ''), $4, p.row_number, p.title, p.contact_id, p.company_id, p.deal_id,
		p.event_id FROM plan_ids p WHERE p.workspace_id = $1 AND p.import_id = $4 AND p.is_new AND $5
		AND (p.external_id = ANY ($2) OR p.task_id = ANY ($3))`, c.WorkspaceID, keys, origins, c.ImportID, c.plans())
	if err != nil {
		return nil, err
	}
	found := map[string]repeatedTask{}
	var id, of uuid.NullUUID
	var links [4]uuid.NullUUID
	var external string
	var t repeatedTask
	_, err = pgx.ForEachRow(rows, []any{&id, &external, &of, &t.Row, &t.Title, &links[0], &links[1], &links[2],
		&links[3]},
		func() error {
			t.id, t.of = id.UUID, of.UUID
			for i := range links {
				t.Links[i] = links[i].UUID
			}
			if id.Valid {
				found[t.id.String()] = t
			}
			if external != "" {
				found[" "+external] = t
			}
			return nil
		})
	return found, err
}

const lookOfTask = `t.title, t.contact_id, t.company_id, t.deal_id, t.event_id`

// lookAtSkipped completes the skipped rows: where the records that they repeat come from, and in
// what the rows differ from them.
func (w *directoryWriter) lookAtSkipped(ctx context.Context, kind importer.Kind) error {
	ids := make([]uuid.UUID, len(w.skipped))
	for i := range w.skipped {
		ids[i] = w.skipped[i].record
	}
	name := orName(map[importer.Kind]string{importer.Contacts: "full_name", importer.Deals: "title",
		importer.Events: "title"}[kind], "name")
	company := `''`
	if kind == importer.Contacts || kind == importer.Deals || kind == importer.Events {
		company = `coalesce((SELECT e.name FROM companies e WHERE e.workspace_id = r.workspace_id
			AND e.id = r.company_id), '')`
	}
	rows, err := w.tx.Query(ctx, `SELECT r.id, r.import_id, coalesce(r.row_number, 0), coalesce(r.`+name+`, ''),
		`+company+` FROM `+directoryTable(kind)+` r WHERE r.workspace_id = $1 AND r.id = ANY ($2)`, w.workspace, ids)
	if err != nil {
		return err
	}
	found := map[uuid.UUID]skippedRow{}
	var id uuid.UUID
	var of uuid.NullUUID
	var is skippedRow
	if _, err := pgx.ForEachRow(rows, []any{&id, &of, &is.ofRow, &is.name, &is.company}, func() error {
		is.ofImport = of.UUID
		found[id] = is
		return nil
	}); err != nil {
		return err
	}
	for i := range w.skipped {
		s := &w.skipped[i]
		is := found[s.record]
		s.ofImport, s.ofRow = is.ofImport, is.ofRow
		if s.name != "" && !strings.EqualFold(s.name, is.name) {
			s.differs = append(s.differs, name)
		}
		if key := match.Key(match.Company, s.company); key != "" && key != match.Key(match.Company, is.company) {
			s.differs = append(s.differs, "reference")
		}
	}
	return nil
}

const readSkipped = `SELECT s.row_number, s.line, s.cells, coalesce(s.external_id, ''), coalesce(s.record_id, t.id),
	s.of_import, coalesce(s.of_row, 0), coalesce(s.differs, '') FROM skipped_rows s LEFT JOIN tasks t ON s.is_known
	AND t.workspace_id = s.workspace_id AND t.import_id = s.of_import AND t.row_number = s.of_row
	WHERE s.workspace_id = $1 AND s.import_id = $2`

// SkippedSource is a skipped row with its cells.
type SkippedSource struct {
	importer.SkippedRow
	Line  int
	Cells []string
}

func scanSkipped(row pgx.CollectableRow) (SkippedSource, error) {
	var s SkippedSource
	var record, of uuid.NullUUID
	var cells []byte
	var differs string
	err := row.Scan(&s.Row, &s.Line, &cells, &s.ExternalID, &record, &of, &s.Repeats.Row, &differs)
	if err != nil {
		return s, err
	}
	if record.Valid {
		s.Repeats.ID = &record.UUID
	}
	if of.Valid {
		s.Repeats.Import = &of.UUID
	}
	if differs != "" {
		s.Differs = strings.Split(differs, ",")
	}
	if len(cells) > 0 {
		s.Cells, err = importer.UnpackCells(cells)
	}
	return s, err
}

// SkippedRows returns the skipped rows of an import behind a row, at most so many, in the order of
// the file.
func (s *Store) SkippedRows(ctx context.Context, i Import, after, most int) ([]SkippedSource, error) {
	rows, err := s.pool.Query(ctx, readSkipped+` AND s.row_number > $3 ORDER BY s.row_number LIMIT $4`, i.WorkspaceID,
		i.ID, after, most)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanSkipped)
	return all, translate(err)
}

// SkippedRowPage returns a page of the skipped rows of an import, in the order of the file.
func (s *Store) SkippedRowPage(ctx context.Context, i Import, p Page) (Listed[SkippedSource], error) {
	return list[SkippedSource]{read: readSkipped,
		count: `FROM skipped_rows s WHERE s.workspace_id = $1 AND s.import_id = $2`,
		where: &conditions{args: []any{i.WorkspaceID, i.ID}}, by: order{{"s.row_number", "bigint", false}},
		scan: scanSkipped, key: func(s SkippedSource) Cursor { return Cursor{itoa(s.Row)} }}.page(ctx, s, p)
}

// DifferentRows returns the skipped rows of an import that differ from what they repeat.
func (s *Store) DifferentRows(ctx context.Context, i Import) (importer.DifferentRows, error) {
	var d importer.DifferentRows
	err := s.pool.QueryRow(ctx, `SELECT count(*), coalesce((array_agg(row_number ORDER BY row_number))[1:5], '{}')
		FROM skipped_rows WHERE workspace_id = $1 AND import_id = $2 AND differs IS NOT NULL`, i.WorkspaceID, i.ID).
		Scan(&d.Count, &d.First)
	return d, translate(err)
}

// eachSkipped calls do with each skipped row of an import, in the order of the file.
func (s *Store) eachSkipped(ctx context.Context, i Import, do func(SkippedSource) error) error {
	for after := 0; ; {
		page, err := s.SkippedRows(ctx, i, after, eachPage)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := do(row); err != nil {
				return err
			}
			after = row.Row
		}
		if len(page) < eachPage {
			return nil
		}
	}
}
