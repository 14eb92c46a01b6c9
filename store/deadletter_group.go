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

// DeadLetterGroups parts the dead letters of an import into groups, the largest first, and gives the first of these.
func (s *Store) DeadLetterGroups(ctx context.Context, workspace, importID uuid.UUID, limit int) ([]DeadLetterGroup, error) {
	return s.groups(ctx, workspace, importID, Page{Number: 1, Size: limit})
}

// DeadLetterGroupPage gives a page of them, and their number.
func (s *Store) DeadLetterGroupPage(ctx context.Context, workspace, importID uuid.UUID, p Page) ([]DeadLetterGroup, int, error) {
	page, err := s.groups(ctx, workspace, importID, p)
	if err != nil {
		return nil, 0, err
	}
	total, err := s.CountDeadLetterGroups(ctx, workspace, importID)
	return page, total, err
}

// CountDeadLetterGroups gives the number of groups.
func (s *Store) CountDeadLetterGroups(ctx context.Context, workspace, importID uuid.UUID) (int, error) {
	return s.count(ctx, `SELECT count(*) FROM (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2 GROUP BY `+groupedBy+`) g`, workspace, importID)
}

func (s *Store) groups(ctx context.Context, workspace, importID uuid.UUID, p Page) ([]DeadLetterGroup, error) {
	rows, err := s.pool.Query(ctx, `WITH `+busy+`
		SELECT d.reason, `+subjectField+` AS field, coalesce((array_agg(d.subject ORDER BY d.row_number))[1], ''), coalesce(d.company, ''), count(*), min(d.row_number),
			count(*) FILTER (WHERE `+taken+`)
		FROM dead_letters d LEFT JOIN mends m ON m.workspace_id = d.workspace_id AND m.import_id = d.import_id AND m.row_number = d.row_number
		WHERE d.workspace_id = $1 AND d.import_id = $2
		GROUP BY `+groupedBy+` ORDER BY count(*) DESC, min(d.row_number) LIMIT $3 OFFSET $4`, workspace, importID, p.Size, p.offset())
	if err != nil {
		return nil, translate(err)
	}
	groups, err := pgx.CollectRows(rows, pgx.RowToStructByPos[DeadLetterGroup])
	return groups, translate(err)
}
