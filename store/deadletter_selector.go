package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// DeadLetterFilter selects dead letters of an import; an empty field selects all.
type DeadLetterFilter struct {
	Reason importer.Reason
	Field  string // whose value failed
	Name   string // that value; names are compared normalized
	// Search is a part of the name, the company, the message or of a cell. Case is ignored, except
	// beyond ASCII in the cells of large rows.
	Search string
	// Company is the one that the row names beside a contact; nil for any.
	Company *string
	// Dismissed includes the dead letters that were dismissed.
	Dismissed bool
	// OnlyDismissed selects those alone.
	OnlyDismissed bool
	// Skipped adds to a report the rows that were skipped.
	Skipped bool
	// LargerThan is the size in bytes that the row's cells or corrections must exceed; 0 for any.
	LargerThan int
}

// Selector selects the dead letters of a decision; an empty field selects all.
type Selector struct {
	Rows    []int           `json:"rows,omitempty"`
	Reason  importer.Reason `json:"reason,omitempty"`
	Field   string          `json:"field,omitempty"`   // whose value failed
	Name    string          `json:"name,omitempty"`    // that value; names are compared normalized
	Company *string         `json:"company,omitempty"` // the one that the row names beside a contact; nil for any
	// Search is that of a DeadLetterFilter.
	Search string `json:"search,omitempty"`
	// Dismissed includes the dead letters that were dismissed; Rows always do.
	Dismissed bool `json:"dismissed,omitempty"`
}

func (s Selector) filter() DeadLetterFilter {
	return DeadLetterFilter{Reason: s.Reason, Field: s.Field, Name: s.Name, Company: s.Company,
		Search: s.Search}
}

func (s Selector) check() error { return s.filter().check() }

// add narrows dead letters d.
func (s Selector) add(c *conditions) {
	f := s.filter()
	if len(s.Rows) > 0 {
		c.and(`d.row_number = ANY ($%d)`, s.Rows)
	}
	f.Dismissed = s.Dismissed || len(s.Rows) > 0 // a dismissed row is corrected when it is named itself
	f.add(c)
}

// conditions collects conditions and their arguments; earlier arguments keep their numbers.
type conditions struct {
	sql  strings.Builder
	args []any
}

// and adds a condition; each %d in it is replaced by the number of an argument.
func (c *conditions) and(condition string, args ...any) {
	numbers := make([]any, len(args))
	for i := range args {
		numbers[i] = len(c.args) + 1 + i
	}
	c.args = append(c.args, args...)
	fmt.Fprintf(&c.sql, " AND "+condition, numbers...)
}

// subjectField is the field whose value failed, as importer.Fault.SubjectField returns it.
const subjectField = `CASE d.reason WHEN 'company_mismatch' THEN 'contact_name' ELSE coalesce(d.field, '') END`

// add narrows dead letters d.
func (f DeadLetterFilter) add(c *conditions) {
	switch {
	case f.OnlyDismissed:
		c.and(`NOT ` + open)
	case !f.Dismissed:
		c.and(open)
	}
	if f.Reason != "" {
		c.and(`d.reason = $%d`, f.Reason)
	}
	if f.Field != "" {
		c.and(subjectField+` = $%d`, f.Field)
	}
	if f.Name != "" {
		keys := importer.SubjectKeys(f.Name)
		c.and(`d.subject_key = ANY ($%d) AND hashtextextended(d.subject_key, 0) = ANY (ARRAY(SELECT
			hashtextextended(k, 0) FROM unnest($%d::text[]) k))`, keys, keys)
	}
	if f.Company != nil {
		c.and(`coalesce(d.company, '') = $%d`, *f.Company)
	}
	if f.LargerThan > 0 {
		c.and(`(octet_length(d.cells) > $%d OR EXISTS (SELECT FROM corrections l WHERE l.workspace_id = d.workspace_id
			AND l.import_id = d.import_id AND l.row_number = d.row_number
			AND octet_length(l.fields::text) > $%d))`, f.LargerThan, f.LargerThan)
	}
	if f.Search != "" {
		c.and(`(d.searched LIKE $%d OR d.searched IS NULL AND (concat_ws(' ', d.subject, d.company, d.message) ILIKE $%d
			OR encode(d.cells, 'escape') ILIKE $%d))`,
			containing(smallLetters(f.Search)), containing(f.Search), containing(escaped(f.Search)))
	}
}

// check refuses texts that the database cannot compare.
func (f DeadLetterFilter) check() error {
	company := ""
	if f.Company != nil {
		company = *f.Company
	}
	return errors.Join(importer.CheckShort("reason", string(f.Reason)), importer.CheckShort("field", f.Field),
		importer.CheckShort("name", f.Name),
		importer.CheckShort("search", f.Search), importer.CheckShort("company", company))
}

// escaped returns a text in the form of encode(…, 'escape'): bytes beyond ASCII in octal,
// backslashes doubled.
func escaped(text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == '\\':
			b.WriteString(`\\`)
		case c >= utf8.RuneSelf:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

var likeEscapes = strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`)

// containing returns the LIKE pattern of texts that contain this one.
func containing(text string) string { return "%" + likeEscapes.Replace(text) + "%" }

// DeadLetterGroup are dead letters of an import that one decision may correct: the same value
// failed for the same reason, or, without a value, the same field.
type DeadLetterGroup struct {
	Reason   importer.Reason
	Field    string // whose value failed
	Name     string // that value, as the first of the rows has it
	Company  string // the one that the rows name beside a contact
	Count    int
	FirstRow int
	Pending  int // how many of them are being retried
}

// Selector returns the selector of the group.
func (g DeadLetterGroup) Selector() Selector {
	return Selector{Reason: g.Reason, Field: g.Field, Name: g.Name, Company: &g.Company}
}

// groupedBy is what the dead letters of a group have in common.
const groupedBy = `d.reason, ` + subjectField + `, d.subject_key, coalesce(d.company, '')`

// DeadLetterGroupPage groups the dead letters of an import and returns a page of the groups, the
// largest first, and their total number.
func (s *Store) DeadLetterGroupPage(ctx context.Context, workspace, importID uuid.UUID,
	p Page) ([]DeadLetterGroup, int, error) {
	if err := checkPlace(p.After); err != nil {
		return nil, 0, err
	}
	rows, err := s.pool.Query(ctx, `WITH `+busy+`, pending AS MATERIALIZED (
		SELECT d.row_number FROM dead_letters d
		WHERE d.workspace_id = $1 AND d.import_id = $2 AND EXISTS (SELECT FROM busy) AND `+taken+`
	), page AS (
		SELECT d.reason, `+subjectField+` AS field, coalesce(d.company, '') AS company, count(*) AS n,
			min(d.row_number) AS row, count(*) FILTER (WHERE d.row_number IN (SELECT row_number FROM pending)) AS pending,
			count(*) OVER () AS total
		FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2 AND `+open+`
		GROUP BY `+groupedBy+` ORDER BY count(*) DESC, min(d.row_number) LIMIT $3 OFFSET $4
	) SELECT p.reason, p.field, coalesce((SELECT d.subject FROM dead_letters d WHERE d.workspace_id = $1
		AND d.import_id = $2 AND d.row_number = p.row), ''), p.company, p.n, p.row, p.pending, p.total FROM page p
		ORDER BY p.n DESC, p.row`, workspace, importID, p.Size, p.offset())
	if err != nil {
		return nil, 0, translate(err)
	}
	var total int
	page, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g DeadLetterGroup, err error) {
		return g, row.Scan(&g.Reason, &g.Field, &g.Name, &g.Company, &g.Count, &g.FirstRow, &g.Pending, &total)
	})
	if err == nil && len(page) == 0 && p.offset() > 0 { // a page after the last has no row with the total
		total, err = s.count(ctx, `SELECT count(*) FROM (SELECT FROM dead_letters d WHERE d.workspace_id = $1
			AND d.import_id = $2 AND `+open+` GROUP BY `+groupedBy+`) g`, workspace, importID)
	}
	return page, total, translate(err)
}
