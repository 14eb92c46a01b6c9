package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// DeadLetterGroup are dead letters of an import for which one decision may do: the same value failed for the same reason, or, where no value did, the same field.
type DeadLetterGroup struct {
	Reason   importer.Reason
	Field    string // whose value failed
	Name     string // that value, as the first of the rows has it
	Company  string // that the rows name beside a contact
	Count    int
	FirstRow int
	Pending  int // how many of them are being taken up again
}

// Selector selects the dead letters of the group.
func (g DeadLetterGroup) Selector() Selector {
	return Selector{Reason: g.Reason, Field: g.Field, Name: g.Name, Company: &g.Company}
}

// groupedBy is what the dead letters of a group have in common.
const groupedBy = `d.reason, ` + subjectField + `, d.subject_key, coalesce(d.company, '')`

// DeadLetterGroupPage parts the dead letters of an import into groups, the largest first, and gives a page of them, and their number.
func (s *Store) DeadLetterGroupPage(ctx context.Context, workspace, importID uuid.UUID, p Page) ([]DeadLetterGroup, int, error) {
	rows, err := s.pool.Query(ctx, `WITH `+busy+`
		SELECT d.reason, `+subjectField+` AS field, coalesce((array_agg(d.subject ORDER BY d.row_number))[1], ''), coalesce(d.company, ''), count(*), min(d.row_number),
			count(*) FILTER (WHERE `+taken+`), count(*) OVER ()
		FROM dead_letters d LEFT JOIN mends m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2
		GROUP BY `+groupedBy+` ORDER BY count(*) DESC, min(d.row_number) LIMIT $3 OFFSET $4`, workspace, importID, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	var total int
	page, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g DeadLetterGroup, err error) {
		return g, row.Scan(&g.Reason, &g.Field, &g.Name, &g.Company, &g.Count, &g.FirstRow, &g.Pending, &total)
	})
	if err == nil && len(page) == 0 && p.offset() > 0 { // behind the last one no row tells their number
		total, err = s.count(ctx, `SELECT count(*) FROM (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2 GROUP BY `+groupedBy+`) g`, workspace, importID)
	}
	return page, total, translate(err)
}
