package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// shownTable is a table of the directory as its records are listed and read.
type shownTable struct {
	columns []shownColumn
	words   string // its columns in the index of words, as the migration has them
	cleared string // what a deletion sets besides
}

// shownColumn is a field of a record in the API, and the SQL of its value.
type shownColumn struct{ name, sql string }

// shownTables has a line for each kind of record. Their columns are those of the record tables.
var shownTables = map[importer.Kind]shownTable{
	importer.Contacts: {append(shownColumns(contactTable), shownColumn{"company_name",
		`(SELECT e.name FROM companies e WHERE e.workspace_id = r.workspace_id AND e.id = r.company_id)`}),
		"r.full_name, r.email, r.external_id", "email = NULL, company_id = NULL, company_ref = NULL, external_id = NULL"},
	importer.Companies: {shownColumns(companyTable), "r.name, r.domain, r.external_id",
		"match_key = '', domain = NULL, external_id = NULL"},
	importer.Deals:  {shownColumns(itemTable(importer.Deals)), "r.title, r.external_id, NULL", clearedItem},
	importer.Events: {shownColumns(itemTable(importer.Events)), "r.title, r.external_id, NULL", clearedItem},
	importer.Users: {shownColumns(userTable), "r.name, r.email, r.external_id",
		"email = NULL, assignee_id = NULL, external_id = NULL"},
}

const clearedItem = `match_key = '', company_ref = NULL, contact_ref = NULL, external_id = NULL`

// DirectoryKinds returns the kinds of record of the directory, in alphabetical order.
func DirectoryKinds() []importer.Kind {
	kinds := make([]importer.Kind, 0, len(shownTables))
	for kind := range shownTables {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

func shownColumns[R any](t recordTable[R]) []shownColumn {
	var all []shownColumn
	for i := range t.columns {
		name := t.columns[i].name
		if name != "match_key" && name != "active" && !strings.HasSuffix(name, "_ref") { // those are not for clients
			all = append(all, shownColumn{name, "r." + name})
		}
	}
	return all
}

// DirectoryRecord is a record of the directory as the API returns it.
type DirectoryRecord struct {
	ID        uuid.UUID
	Fields    []RecordField // in the order of the table
	Active    bool          // nothing is linked to an inactive record
	CreatedAt time.Time
}

// RecordField is a field of a record; Value is nil without one.
type RecordField struct {
	Name  string
	Value *string
}

// Field returns the value of a field; empty without one.
func (r DirectoryRecord) Field(name string) string {
	for _, f := range r.Fields {
		if f.Name == name && f.Value != nil {
			return *f.Value
		}
	}
	return ""
}

// DirectoryFilter selects records of the directory; a zero value selects all.
type DirectoryFilter struct {
	Search     string // words, each the beginning of a word in the name, the email or the external id
	ExternalID string
	Active     *bool
}

// commonSearch is the number of records from which on a search is common: it is then cheaper to
// read the newest records until enough fit than to read all that fit.
const commonSearch = 20_000

// Directory returns a page of the records of a kind that match the filter, newest first.
func (s *Store) Directory(ctx context.Context, workspace uuid.UUID, kind importer.Kind, f DirectoryFilter,
	p Page) (Listed[DirectoryRecord], error) {
	t := shownTables[kind]
	if err := importer.CheckShort("search", f.Search); err != nil {
		return Listed[DirectoryRecord]{}, err
	}
	by := newestFirst("r.id")
	if err := by.check(p.After); err != nil {
		return Listed[DirectoryRecord]{}, err
	}
	c := conditions{args: []any{workspace}}
	if f.ExternalID != "" {
		c.and(`r.external_id = $%d`, f.ExternalID)
	}
	if f.Active != nil {
		c.and(`r.active = $%d`, *f.Active)
	}
	from := directoryTable(kind) + ` r WHERE r.workspace_id = $1 AND r.deleted_at IS NULL`
	if f.Search != "" {
		c.and(`directory_words(r.workspace_id, `+t.words+`) @@ directory_query($1, $%d)`, f.Search)
	}
	all := from + c.sql.String()
	out := Listed[DirectoryRecord]{}
	var err error
	if p.Total {
		if out.Total, err = s.count(ctx, `SELECT count(*) FROM `+all, c.args...); err != nil {
			return out, err
		}
	}
	if f.Search != "" {
		n, err := s.count(ctx, `SELECT count(*) FROM (SELECT FROM `+all+` LIMIT `+itoa(commonSearch+1)+`) found`, c.args...)
		if err != nil {
			return out, err
		}
		if n <= commonSearch { // OFFSET 0 keeps Postgres from reading the newest records instead of the index
			all = `(SELECT * FROM ` + all + ` OFFSET 0) r WHERE true`
		}
	}
	page, offset := conditions{args: c.args}, 0
	if by.add(&page, p.After); p.After == nil {
		offset = p.offset()
	}
	out.Rows, err = s.readRecords(ctx, t, all+page.sql.String()+by.sql()+` LIMIT `+itoa(p.Size+1)+` OFFSET `+
		itoa(offset), page.args...)
	out.cut(p.Size, func(r DirectoryRecord) Cursor { return Cursor{r.ID.String()} })
	return out, err
}

// DirectoryRecord returns a record of the directory; ErrNotFound without one of this id.
func (s *Store) DirectoryRecord(ctx context.Context, workspace uuid.UUID, kind importer.Kind,
	id uuid.UUID) (DirectoryRecord, error) {
	found, err := s.readRecords(ctx, shownTables[kind], directoryTable(kind)+` r WHERE r.workspace_id = $1 AND r.id = $2
		AND r.deleted_at IS NULL`, workspace, id)
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return DirectoryRecord{}, err
	}
	return found[0], nil
}

func (s *Store) readRecords(ctx context.Context, t shownTable, from string, args ...any) ([]DirectoryRecord, error) {
	values := make([]string, len(t.columns))
	for i, c := range t.columns {
		values[i] = c.sql + `::text`
	}
	rows, err := s.pool.Query(ctx, `SELECT r.id, r.active, r.created_at, ARRAY[`+strings.Join(values, ", ")+`] FROM `+from,
		args...)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (DirectoryRecord, error) {
		r := DirectoryRecord{Fields: make([]RecordField, len(t.columns))}
		var values []*string
		err := row.Scan(&r.ID, &r.Active, &r.CreatedAt, &values)
		for i := range values {
			r.Fields[i] = RecordField{t.columns[i].name, values[i]}
		}
		r.CreatedAt = r.CreatedAt.UTC()
		return r, err
	})
	return all, translate(err)
}

// belongings are the records that belong to one of a kind, and by which column.
var belongings = map[importer.Kind]map[string]string{
	importer.Companies: {"contacts": "company_id", "deals": "company_id", "events": "company_id"},
	importer.Contacts:  {"deals": "contact_id", "events": "contact_id"},
}

// DeleteRecord takes a record out of the directory: one of this id, or else of this external id. It
// is linked and listed no more, and its email, domain and external id are free for another. Its
// name is kept for the tasks that refer to it, because a task must not refer to nothing. Aliases to
// it are removed, and the contacts of a company belong to none. ErrNotFound without such a record.
func (s *Store) DeleteRecord(ctx context.Context, workspace uuid.UUID, kind importer.Kind, id uuid.UUID,
	externalID string, by Actor) error {
	which, key := `id = $2`, any(id)
	if id == uuid.Nil {
		which, key = `external_id = $2`, externalID
	}
	return s.repeated(ctx, func(tx pgx.Tx) error {
		version, err := changeDirectory(ctx, tx, workspace)
		if err != nil {
			return err
		}
		d := AuditDetail{Kind: string(kind)}
		name, _, _ := strings.Cut(shownTables[kind].words, ",")
		if err := tx.QueryRow(ctx, `UPDATE `+directoryTable(kind)+` r SET active = false, deleted_at = now(), version = $3, `+
			shownTables[kind].cleared+` WHERE workspace_id = $1 AND `+which+` AND deleted_at IS NULL RETURNING id, `+name,
			workspace, key, version).Scan(&d.RecordID, &d.Name); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM aliases WHERE workspace_id = $1 AND kind = $2 AND record_id = $3`,
			workspace, kind, d.RecordID); err != nil {
			return err
		}
		for table, column := range belongings[kind] {
			if _, err := tx.Exec(ctx, `UPDATE `+table+` SET `+column+` = NULL, version = $3 WHERE workspace_id = $1
				AND `+column+` = $2`, workspace, d.RecordID, version); err != nil {
				return err
			}
		}
		return note(ctx, tx, newNote(workspace, ActionDeleteRecord, by, uuid.Nil, &d))
	})
}
