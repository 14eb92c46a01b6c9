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
	// The id is that of dead_letters: that of imports is unique, from which the planner concludes
	// that no two rows are of one group, and sorts them all.
	return `SELECT d.import_id, d.row_number, d.reason, d.field, d.subject_key, d.company FROM (SELECT i.id
		FROM imports i WHERE i.workspace_id = $1 AND ` + inInbox + ` ORDER BY i.id DESC) i CROSS JOIN LATERAL (
		SELECT d.import_id, d.row_number, d.reason, d.field, d.subject_key, d.company FROM dead_letters d
		WHERE d.workspace_id = $1
		AND d.import_id = i.id` + c.sql.String() + ` ORDER BY d.row_number LIMIT $2) d LIMIT $2`, &c
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

// InboxCount is how many open dead letters have a reason and a field whose value failed.
type InboxCount struct {
	Reason importer.Reason
	Field  string
	Count  int
}

// InboxNames lists the open dead letters of all imports that can be corrected by the value that
// failed, the most frequent first, at most limit: those after a place. It also counts them by
// reason and field, the most frequent first, whatever reason and field the filter selects.
func (s *Store) InboxNames(ctx context.Context, workspace uuid.UUID, f InboxFilter, after InboxPlace,
	limit int) ([]InboxName, []InboxCount, error) {
	if err := f.check(); err != nil {
		return nil, nil, err
	}
	of := f
	of.Reason, of.Field = "", ""
	sql, c := of.rows(workspace)
	only, next := conditions{args: c.args}, conditions{}
	if f.Reason != "" {
		only.and(`d.reason = $%d`, f.Reason)
	}
	if f.Field != "" {
		only.and(subjectField+` = $%d`, f.Field)
	}
	if next.args = only.args; after.Key != "" {
		next.and(`(n, key) < ($%d, $%d)`, after.Count, after.Key)
	}
	next.args = append(next.args, limit, mostInboxCompanies)
	first := `[1:` + argument(len(next.args)) + `]`
	var all []InboxName
	var counts []InboxCount
	err := s.inOrderOfKeys(ctx, func(rows pgx.Rows) (err error) {
		all, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (InboxName, error) {
			return scanInboxName(row, &counts)
		})
		return err
	}, `WITH by_import AS MATERIALIZED (
		SELECT import_id, reason, field, subject_key, company, count(*) AS n, min(row_number) AS row
		FROM (`+sql+`) d GROUP BY 1, 2, 3, 4, 5
	), counts AS (
		SELECT coalesce(json_agg(json_build_object('Reason', reason, 'Field', field, 'Count', n)
			ORDER BY n DESC, reason, field), '[]') AS counts
		FROM (SELECT reason, `+subjectField+` AS field, sum(n)::bigint AS n FROM by_import d GROUP BY 1, 2) d
	), by_company AS (
		SELECT i.kind, `+subjectField+` AS field, coalesce(subject_key, '') AS subject_key,
			CASE WHEN subject_key IS NULL THEN reason ELSE '' END AS fault, coalesce(company, '') AS company,
			sum(n)::bigint AS n, count(DISTINCT d.import_id) AS imports,
			(array_agg(d.import_id ORDER BY d.import_id DESC))[1] AS import_id,
			(array_agg(d.row ORDER BY d.import_id DESC, d.row))[1] AS row, string_agg(DISTINCT reason, ',') AS reasons
		FROM by_import d JOIN imports i ON i.workspace_id = $1 AND i.id = d.import_id
		WHERE true`+only.sql.String()+` GROUP BY 1, 2, 3, 4, 5
	), by_name AS (
		SELECT kind, field, fault, sum(n)::bigint AS n,
			md5(concat_ws(' ', kind, field, fault, subject_key)) AS key, string_agg(reasons, ',') AS reasons,
			array_agg(company ORDER BY n DESC, company) AS companies, array_agg(n ORDER BY n DESC, company) AS counts,
			array_agg(imports ORDER BY n DESC, company) AS imports, array_agg(import_id ORDER BY n DESC, company) AS ids,
			array_agg(row ORDER BY n DESC, company) AS rows, count(*) AS of
		FROM by_company GROUP BY kind, field, fault, subject_key
	), page AS (
		SELECT * FROM by_name WHERE true`+next.sql.String()+` ORDER BY n DESC, key DESC LIMIT `+argument(len(next.args)-1)+`
	) SELECT c.counts, coalesce(kind, ''), coalesce(field, ''), coalesce(fault, ''), coalesce((SELECT d.subject
		FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = p.ids[1] AND d.row_number = p.rows[1]), ''),
		coalesce(n, 0), coalesce(key, ''),
		ARRAY(SELECT DISTINCT unnest(string_to_array(reasons, ',')) ORDER BY 1), companies`+first+`, p.counts`+first+`,
		imports`+first+`, ids`+first+`, rows`+first+`, coalesce(of, 0)
	FROM counts c LEFT JOIN page p ON true ORDER BY n DESC, key DESC`, next.args...)
	if len(all) == 1 && all[0].Count == 0 { // the row with the counts alone
		all = nil
	}
	return all, counts, err
}

// inOrderOfKeys passes the result of a statement to read. The statement reads its tables by their
// keys: one that has rows of few imports would be read as a whole and sorted, which takes longer.
func (s *Store) inOrderOfKeys(ctx context.Context, read func(pgx.Rows) error, sql string, args ...any) error {
	together := &pgx.Batch{} // is one transaction
	together.Queue(`SELECT set_config('enable_seqscan', 'off', true)`)
	together.Queue(sql, args...).Query(read)
	return translate(s.pool.SendBatch(ctx, together).Close())
}

func scanInboxName(row pgx.CollectableRow, all *[]InboxCount) (InboxName, error) {
	var n InboxName
	var companies []string
	var counts, imports, rows []int
	var ids []uuid.UUID
	err := row.Scan(all, &n.Kind, &n.Field, &n.Fault, &n.Name, &n.Count, &n.After.Key, &n.Reasons, &companies, &counts,
		&imports, &ids, &rows, &n.Of)
	n.After.Count = n.Count
	for i := range companies {
		n.Companies = append(n.Companies, InboxCompany{companies[i], counts[i], imports[i], ids[i], rows[i]})
	}
	return n, err
}

// InboxOpen counts the open dead letters of all imports that can be corrected.
func (s *Store) InboxOpen(ctx context.Context, workspace uuid.UUID) (int, error) {
	some := func(which string) string {
		return `(SELECT count(*) FROM (SELECT FROM imports i CROSS JOIN LATERAL (SELECT FROM dead_letters d
			WHERE d.workspace_id = $1 AND d.import_id = i.id` + which + ` ORDER BY d.row_number LIMIT $2) d
			WHERE i.workspace_id = $1 AND ` + inInbox + ` LIMIT $2) d)`
	}
	// The indexes of each alone answer it; they do not have the open ones alone.
	return s.count(ctx, `SELECT `+some(``)+` - `+some(` AND d.dismissed_at IS NOT NULL`), workspace, mostInboxRows)
}

// InboxDone counts the rows that were rejected once and are imported or dismissed now, in the
// imports that still have open dead letters; in all, or in one where its id is not nil.
func (s *Store) InboxDone(ctx context.Context, workspace, importID uuid.UUID) (int, error) {
	only := ``
	args := []any{workspace}
	if importID != uuid.Nil {
		args, only = append(args, importID), ` AND i.id = $2`
	}
	return s.count(ctx, `WITH of AS MATERIALIZED (SELECT i.id FROM imports i CROSS JOIN LATERAL (SELECT FROM dead_letters d
			WHERE d.workspace_id = $1 AND d.import_id = i.id AND `+open+` ORDER BY d.row_number LIMIT 1) d
			WHERE i.workspace_id = $1 AND `+inInbox+only+`)
		SELECT (SELECT coalesce(-sum(c.rejected_count), 0) FROM of JOIN chunks c ON c.workspace_id = $1
			AND c.import_id = of.id AND c.last_row IS NOT NULL)
		+ (SELECT count(*) FROM of JOIN dead_letters d ON d.workspace_id = $1 AND d.import_id = of.id
			AND d.dismissed_at IS NOT NULL)`, args...)
}

// InboxRows returns the first open dead letters of all imports that match the filter, at most
// limit, those of the latest import first.
func (s *Store) InboxRows(ctx context.Context, workspace uuid.UUID, f InboxFilter, limit int) ([]InboxRow, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	sql, c := f.rows(workspace)
	c.args = append(c.args, limit)
	var places []inboxPlace
	if err := s.inOrderOfKeys(ctx, func(rows pgx.Rows) (err error) {
		places, err = pgx.CollectRows(rows, pgx.RowToStructByPos[inboxPlace])
		return err
	}, `SELECT import_id, row_number FROM (`+sql+`) d ORDER BY import_id DESC, row_number
		LIMIT `+argument(len(c.args)), c.args...); err != nil {
		return nil, err
	}
	return s.inboxRows(ctx, workspace, places)
}

// argument returns the placeholder of an argument of a statement.
func argument(n int) string { return "$" + strconv.Itoa(n) }
