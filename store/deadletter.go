package store

import (
	"context"
	"math"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/file"
)

var deadLetterColumns = []string{"workspace_id", "import_id", "row_number", "line", "reason", "field", "message",
	"remedy", "candidates", "details", "cells", "subject", "subject_key", "company", "searched"}

func copyDeadLetters(ctx context.Context, tx pgx.Tx, workspace, importID uuid.UUID, dead []importer.DeadLetter) error {
	if len(dead) == 0 {
		return nil
	}
	rows := newCopy()
	defer rows.drop()
	for i := range dead {
		rows.appendDeadLetter(workspace, importID, &dead[i])
	}
	return rows.run(ctx, tx, "dead_letters", deadLetterColumns)
}

// appendDeadLetter adds a dead letter to a COPY, in the order of deadLetterColumns.
func (c *copyData) appendDeadLetter(workspace, importID uuid.UUID, d *importer.DeadLetter) {
	c.row(len(deadLetterColumns))
	c.id(workspace)
	c.id(importID)
	c.bigint(int64(d.Row))
	c.bigint(int64(d.Line))
	c.text(string(d.Reason))
	c.textOrNull(d.Field)
	c.text(d.Message)
	c.fieldOrNull(d.Remedy.Code != "", func(to []byte) []byte { return importer.AppendRemedy(to, d.Remedy) })
	c.fieldOrNull(len(d.Candidates) > 0, func(to []byte) []byte { return importer.AppendCandidates(to, d.Candidates) })
	c.fieldOrNull(d.Details != nil, func(to []byte) []byte { return d.Details.AppendJSON(to) })
	c.field(func(to []byte) []byte { return importer.PackCells(to, d.Cells) })
	if d.Subject == "" {
		c.null()
		c.null()
	} else {
		c.text(d.Subject)
		c.text(d.SubjectKey())
	}
	c.textOrNull(d.Company)
	c.fieldOrNull(isSearchedAsOne(d), func(to []byte) []byte { return appendSearched(to, d) })
}

// mostSearched is the size in bytes of the text by which a dead letter is found; the columns of a
// larger one are searched themselves.
const mostSearched = 4 << 10

// isSearchedAsOne reports whether a dead letter is small enough to be found by one text.
func isSearchedAsOne(d *importer.DeadLetter) bool {
	size := len(d.Subject) + len(d.Company) + len(d.Message) + 3 + len(d.Cells)
	for _, cell := range d.Cells {
		size += len(cell)
	}
	return size <= mostSearched
}

// appendSearched appends the text by which a dead letter is found.
func appendSearched(to []byte, d *importer.DeadLetter) []byte {
	for _, part := range [...]string{d.Subject, d.Company, d.Message} {
		to = append(appendSmallLetters(to, part), ' ')
	}
	for _, cell := range d.Cells {
		to = append(appendSmallLetters(to, cell), '\n')
	}
	return to
}

// smallLetters returns a text as it is searched, in a form that the database takes.
func smallLetters(text string) string { return string(appendSmallLetters(nil, text)) }

// appendSmallLetters appends a text in small letters. A NUL becomes U+FFFD, and so do bytes in a
// row that are not UTF-8.
func appendSmallLetters(to []byte, text string) []byte {
	unsound := false // the bytes before are not UTF-8
	for i := 0; i < len(text); {
		if c := text[i]; c < utf8.RuneSelf && c != 0 {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			to = append(to, c)
			unsound = false
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[i:])
		i += size
		if isUnsound := r == utf8.RuneError && size == 1; !isUnsound || !unsound {
			if r == 0 {
				r = utf8.RuneError
			}
			to = utf8.AppendRune(to, unicode.ToLower(r))
			unsound = isUnsound
		}
	}
	return to
}

// readDeadLetters selects dead letters with their corrections; more conditions may follow.
const readDeadLetters = `SELECT d.row_number, d.line, d.reason, coalesce(d.field, ''), d.message, d.remedy,
	d.candidates, d.details, d.cells, coalesce(d.subject, ''), coalesce(d.company, ''),
	m.fields, coalesce(m.replaced, false), 1 + coalesce(m.version, 0), a.actor_name, a.created_at,
	coalesce(c.state = 'pending', false), d.dismissed_at, coalesce(d.dismissed_by, ''), coalesce(d.dismissed_why, '')
	FROM dead_letters d ` + withCorrections + `
	LEFT JOIN audit a ON a.workspace_id = m.workspace_id AND a.id = m.decision_id
	LEFT JOIN chunks c ON c.workspace_id = m.workspace_id AND c.import_id = m.import_id AND c.number = m.chunk
	WHERE d.workspace_id = $1 AND d.import_id = $2`

func scanDeadLetter(row pgx.CollectableRow) (importer.DeadLetter, error) {
	var d importer.DeadLetter
	var cells []byte
	var remedy *file.Remedy
	var by *string
	var at, dismissed *time.Time
	var closed importer.Dismissed
	var pending bool
	err := row.Scan(&d.Row, &d.Line, &d.Reason, &d.Field, &d.Message, &remedy, &d.Candidates, &d.Details, &cells,
		&d.Subject, &d.Company, &d.Corrections, &d.Replaced, &d.Version, &by, &at, &pending, &dismissed,
		&closed.By, &closed.Why)
	if err != nil {
		return d, err
	}
	if remedy != nil {
		d.Remedy = *remedy
	}
	if by != nil {
		d.Decision = &importer.Decision{By: *by, At: at.UTC(), Pending: pending}
	}
	if dismissed != nil {
		closed.At = dismissed.UTC()
		d.Dismissed = &closed
	}
	d.Cells, err = importer.UnpackCells(cells)
	return d, err
}

// DeadLetters returns a page of the dead letters that match the filter, by row.
func (s *Store) DeadLetters(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter,
	p Page) (Listed[importer.DeadLetter], error) {
	if err := f.check(); err != nil {
		return Listed[importer.DeadLetter]{}, err
	}
	c := &conditions{args: []any{workspace, importID}}
	f.add(c)
	page, err := list[importer.DeadLetter]{read: readDeadLetters, where: c, by: order{{"d.row_number", "bigint", false}},
		count: `FROM dead_letters d WHERE d.workspace_id = $1 AND d.import_id = $2`, scan: scanDeadLetter,
		key: func(d importer.DeadLetter) Cursor { return Cursor{itoa(d.Row)} }}.page(ctx, s, p)
	if err == nil {
		err = s.CompleteCandidates(ctx, workspace, page.Rows)
	}
	return page, err
}

// DeadLetter returns one dead letter; ErrNotFound when the row is not one.
func (s *Store) DeadLetter(ctx context.Context, workspace, importID uuid.UUID, row int) (importer.DeadLetter, error) {
	rows, err := s.pool.Query(ctx, readDeadLetters+` AND d.row_number = $3`, workspace, importID, row)
	if err != nil {
		return importer.DeadLetter{}, translate(err)
	}
	d, err := pgx.CollectExactlyOneRow(rows, scanDeadLetter)
	if err != nil {
		return d, translate(err)
	}
	one := []importer.DeadLetter{d}
	err = s.CompleteCandidates(ctx, workspace, one)
	return one[0], err
}

// DeadLettersAfter returns the first dead letters after afterRow that match the filter, at most
// limit, by row.
func (s *Store) DeadLettersAfter(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter, afterRow,
	limit int) ([]importer.DeadLetter, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c := conditions{args: []any{workspace, importID, afterRow, limit}}
	f.add(&c)
	rows, err := s.pool.Query(ctx, readDeadLetters+` AND d.row_number > $3`+c.sql.String()+` ORDER BY d.row_number
		LIMIT $4`, c.args...)
	if err != nil {
		return nil, translate(err)
	}
	page, err := pgx.CollectRows(rows, scanDeadLetter)
	if err != nil {
		return nil, translate(err)
	}
	return page, s.CompleteCandidates(ctx, workspace, page)
}

// FirstDeadLetters returns the first open dead letters of an import, at most so many, without their
// cells.
//
// It stops at the chunk that contains the last of them. While an import runs, the planner of the
// database has no statistics of its dead letters, and would read and sort them all for every
// request. Which rows a correction chunk has freed is unknown; it counts as if they were the first
// of its range, so that no dead letter is missed.
func (s *Store) FirstDeadLetters(ctx context.Context, i Import, most int) ([]importer.DeadLetter, error) {
	first, err := s.firstDeadLetters(ctx, i, most, strings.Replace(readDeadLetters, `d.cells`, `''::bytea`, 1))
	if err != nil {
		return nil, err
	}
	return first, s.CompleteCandidates(ctx, i.WorkspaceID, first)
}

// ShownDeadLetters is FirstDeadLetters with their cells, as a list shows them, in one query.
func (s *Store) ShownDeadLetters(ctx context.Context, i Import, most int) ([]importer.DeadLetter, error) {
	return s.firstDeadLetters(ctx, i, most, readDeadLetters)
}

func (s *Store) firstDeadLetters(ctx context.Context, i Import, most int, read string) ([]importer.DeadLetter, error) {
	if i.Rejected == 0 {
		return nil, nil
	}
	rows, err := s.pool.Query(ctx, read+` AND d.row_number < coalesce((SELECT min(beyond) FROM (
		SELECT beyond, sum(rejected_count) OVER (ORDER BY beyond) AS so_far FROM (
			SELECT CASE WHEN last_row IS NULL THEN first_row + row_count ELSE first_row + 1 END AS beyond, rejected_count
			FROM chunks WHERE workspace_id = $1 AND import_id = $2 AND rejected_count <> 0) k) c
		WHERE so_far >= $3 + $5::bigint), $4) AND `+open+` ORDER BY d.row_number LIMIT $3`, i.WorkspaceID, i.ID, most,
		int64(math.MaxInt64), i.Dismissed)
	if err != nil {
		return nil, translate(err)
	}
	first, err := pgx.CollectRows(rows, scanDeadLetter)
	return first, translate(err)
}

const (
	// eachPage is how many rows of a list are read at a time. Between pages no connection is held,
	// however slowly the client reads.
	eachPage = 1000
	// eachBytes is the number of bytes of cells after which such a page ends, so that large rows are
	// not in memory all at once.
	eachBytes = 16 << 20
)

// EachDeadLetter calls do for all dead letters that match the filter, in the order of their rows.
// Its memory is bounded.
func (s *Store) EachDeadLetter(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter,
	do func(importer.DeadLetter) error) error {
	for last := 0; ; {
		page, err := s.boundedPage(ctx, workspace, importID, f, last)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, d := range page {
			if err := do(d); err != nil {
				return err
			}
			last = d.Row
		}
	}
}

// boundedPage returns some of the dead letters after a row, at least one if any is left. How many
// fit is a query of its own: as a condition of the page it would make the planner, without
// statistics of new rows, compare each row with each.
func (s *Store) boundedPage(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter,
	afterRow int) ([]importer.DeadLetter, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c := conditions{args: []any{workspace, importID, afterRow, eachPage, eachBytes}}
	f.add(&c)
	var fit int
	err := s.pool.QueryRow(ctx, `SELECT count(*) FROM (SELECT sum(size) OVER (ORDER BY row_number ROWS UNBOUNDED
		PRECEDING) - size AS before FROM (
		SELECT d.row_number, octet_length(d.cells)::bigint AS size FROM dead_letters d WHERE d.workspace_id = $1
		AND d.import_id = $2 AND d.row_number > $3`+c.sql.String()+`
		ORDER BY d.row_number LIMIT $4) sized) summed WHERE before < $5::bigint`, c.args...).Scan(&fit)
	if err != nil || fit == 0 {
		return nil, translate(err)
	}
	return s.DeadLettersAfter(ctx, workspace, importID, f, afterRow, fit)
}

// orNull stores an absent text as NULL.
func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// CountDeadLetters returns the number of dead letters that match the filter.
func (s *Store) CountDeadLetters(ctx context.Context, workspace, importID uuid.UUID, f DeadLetterFilter) (int, error) {
	if err := f.check(); err != nil {
		return 0, err
	}
	c := conditions{args: []any{workspace, importID}}
	f.add(&c)
	return s.count(ctx, `SELECT count(*) FROM dead_letters d WHERE d.workspace_id = $1
		AND d.import_id = $2`+c.sql.String(), c.args...)
}
