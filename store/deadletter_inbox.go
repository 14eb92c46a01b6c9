package store

import (
	"context"
	"strconv"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

const (
	// mostInboxRows is how many open dead letters the inbox groups and counts: those of the latest
	// imports.
	mostInboxRows = 100_000
	// mostInboxCompanies is how many companies a name of the inbox has.
	mostInboxCompanies = 20
)

// InboxFilter selects open dead letters of all imports, or of one.
type InboxFilter struct {
	DeadLetterFilter
	ImportID uuid.UUID // nil for all
	Fields   []string  // whose value failed; nil for any
}

// rows returns the statement for the rows of a workspace, and its arguments: the workspace, the
// most rows, and those of the filter. It reads each import in the order of its key, without a sort.
func (f InboxFilter) rows(workspace uuid.UUID) (string, *conditions) {
	c := conditions{args: []any{workspace, mostInboxRows}}
	f.add(&c)
	if f.ImportID != uuid.Nil {
		c.and(`d.import_id = $%d`, f.ImportID)
	}
	if f.Fields != nil {
		c.and(subjectField+` = ANY ($%d)`, f.Fields)
	}
	return `SELECT d.import_id, d.row_number, d.reason, ` + subjectField + ` AS field, d.subject, d.subject_key,
		coalesce(d.company, '') AS company FROM (SELECT i.id FROM imports i WHERE i.workspace_id = $1 AND ` + inInbox + `
		ORDER BY i.id DESC) i CROSS JOIN LATERAL (SELECT d.* FROM dead_letters d WHERE d.workspace_id = $1
		AND d.import_id = i.id` + c.sql.String() + ` LIMIT $2) d LIMIT $2`, &c
}

// InboxName are open dead letters with the same failed value, or without a value the same fault.
type InboxName struct {
	Kind      importer.Kind
	Field     string          // whose value failed
	Fault     importer.Reason // of rows without a value; else empty
	Name      string          // that value, as one of the rows has it
	Count     int
	Reasons   []string
	Companies []InboxCompany // the most frequent, at most 20
	Of        int            // the number of companies
	After     InboxPlace     // to continue after it
}

// InboxCompany are the rows of a name beside one company.
type InboxCompany struct {
	Company  string // empty for rows without one
	Count    int
	Imports  int
	ImportID uuid.UUID // the latest
	Row      int       // its first row
}

// InboxPlace is a place in the list of names.
type InboxPlace struct {
	Count int
	Key   string // empty at the begin of the list
}

// InboxNames lists the open dead letters of all imports that can be corrected by the value that
// failed, the most frequent first, at most limit: those after a place.
func (s *Store) InboxNames(ctx context.Context, workspace uuid.UUID, f InboxFilter, after InboxPlace,
	limit int) ([]InboxName, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	sql, c := f.rows(workspace)
	next := conditions{args: c.args}
	if after.Key != "" {
		next.and(`(n, key) < ($%d, $%d)`, after.Count, after.Key)
	}
	next.args = append(next.args, limit, mostInboxCompanies)
	rows, err := s.pool.Query(ctx, `WITH d AS (`+sql+`), by_import AS (
		SELECT import_id, field, coalesce(subject_key, '') AS subject_key,
			CASE WHEN subject_key IS NULL THEN reason ELSE '' END AS fault, company, reason, count(*) AS n,
			min(row_number) AS row, coalesce(max(subject COLLATE "C"), '') AS name
		FROM d GROUP BY 1, 2, 3, 4, 5, 6
	), by_company AS (
		SELECT i.kind, field, subject_key, fault, company, sum(n)::bigint AS n, count(DISTINCT b.import_id) AS imports,
			max(name) AS name,
			(array_agg(b.import_id ORDER BY b.import_id DESC))[1] AS import_id,
			(array_agg(b.row ORDER BY b.import_id DESC, b.row))[1] AS row, string_agg(DISTINCT reason, ',') AS reasons
		FROM by_import b JOIN imports i ON i.workspace_id = $1 AND i.id = b.import_id GROUP BY 1, 2, 3, 4, 5
	), by_name AS (
		SELECT kind, field, fault, max(name COLLATE "C") AS name, sum(n)::bigint AS n,
			md5(concat_ws(' ', kind, field, fault, subject_key)) AS key, string_agg(reasons, ',') AS reasons,
			array_agg(company ORDER BY n DESC, company) AS companies, array_agg(n ORDER BY n DESC, company) AS counts,
			array_agg(imports ORDER BY n DESC, company) AS imports, array_agg(import_id ORDER BY n DESC, company) AS ids,
			array_agg(row ORDER BY n DESC, company) AS rows, count(*) AS of
		FROM by_company GROUP BY kind, field, fault, subject_key
	) SELECT kind, field, fault, name, n, key, ARRAY(SELECT DISTINCT unnest(string_to_array(reasons, ',')) ORDER BY 1),
		companies[1:`+argument(len(next.args))+`], counts[1:`+argument(len(next.args))+`],
		imports[1:`+argument(len(next.args))+`], ids[1:`+argument(len(next.args))+`],
		rows[1:`+argument(len(next.args))+`], of
	FROM by_name WHERE true`+next.sql.String()+` ORDER BY n DESC, key DESC LIMIT `+argument(len(next.args)-1),
		next.args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, scanInboxName)
	return all, translate(err)
}

func scanInboxName(row pgx.CollectableRow) (InboxName, error) {
	var n InboxName
	var companies []string
	var counts, imports, rows []int
	var ids []uuid.UUID
	err := row.Scan(&n.Kind, &n.Field, &n.Fault, &n.Name, &n.Count, &n.After.Key, &n.Reasons, &companies, &counts,
		&imports, &ids, &rows, &n.Of)
	n.After.Count = n.Count
	for i := range companies {
		n.Companies = append(n.Companies, InboxCompany{companies[i], counts[i], imports[i], ids[i], rows[i]})
	}
	return n, err
}

// InboxCount is how many open dead letters have a reason and a field whose value failed.
type InboxCount struct {
	Reason importer.Reason
	Field  string
	Count  int
}

// InboxCounts counts the open dead letters of all imports that can be corrected by reason and
// field, the most frequent first.
func (s *Store) InboxCounts(ctx context.Context, workspace uuid.UUID, f InboxFilter) ([]InboxCount, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	sql, c := f.rows(workspace)
	rows, err := s.pool.Query(ctx, `SELECT reason, field, count(*) FROM (`+sql+`) d GROUP BY 1, 2
		ORDER BY 3 DESC, 1, 2`, c.args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[InboxCount])
	return all, translate(err)
}

// InboxDone counts the rows that were rejected once and are imported or dismissed now, in the
// imports that still have open dead letters.
func (s *Store) InboxDone(ctx context.Context, workspace uuid.UUID, f InboxFilter) (int, error) {
	only := ``
	args := []any{workspace, mostInboxRows}
	if f.ImportID != uuid.Nil {
		args, only = append(args, f.ImportID), ` AND i.id = $3`
	}
	return s.count(ctx, `WITH of AS (SELECT i.id FROM imports i WHERE i.workspace_id = $1 AND `+inInbox+only+`
		AND EXISTS (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = i.id AND `+open+`))
		SELECT (SELECT count(*) FROM (SELECT FROM of JOIN corrections m ON m.workspace_id = $1 AND m.import_id = of.id
			WHERE NOT EXISTS (SELECT FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = m.import_id
			AND d.row_number = m.row_number) LIMIT $2) corrected)
		+ (SELECT count(*) FROM (SELECT FROM of JOIN dead_letters d ON d.workspace_id = $1 AND d.import_id = of.id
			AND d.dismissed_at IS NOT NULL LIMIT $2) dismissed)`, args...)
}

// InboxRows returns the first open dead letters of all imports that match the filter, at most
// limit, those of the latest import first.
func (s *Store) InboxRows(ctx context.Context, workspace uuid.UUID, f InboxFilter, limit int) ([]InboxRow, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	sql, c := f.rows(workspace)
	c.args = append(c.args, limit)
	rows, err := s.pool.Query(ctx, `SELECT import_id, row_number FROM (`+sql+`) d ORDER BY import_id DESC, row_number
		LIMIT `+argument(len(c.args)), c.args...)
	if err != nil {
		return nil, translate(err)
	}
	places, err := pgx.CollectRows(rows, pgx.RowToStructByPos[inboxPlace])
	if err != nil {
		return nil, translate(err)
	}
	return s.inboxRows(ctx, workspace, places)
}

// argument returns the placeholder of an argument of a statement.
func argument(n int) string { return "$" + strconv.Itoa(n) }
