package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Record is a contact or a company of the directory, as a person sees it.
type Record struct {
	ID      uuid.UUID
	Name    string // the email of a contact without a name
	Email   string
	Company string // of a contact
	// ExternalID is its id in another system; empty without one.
	ExternalID string
}

// SearchDirectory finds the contacts or companies whose name, email or domain, or external_id
// contains every word of the text, at most limit; those that begin with it come first.
func (s *Store) SearchDirectory(ctx context.Context, workspace uuid.UUID, kind importer.Kind, text string,
	limit int) ([]Record, error) {
	if err := importer.CheckShort("search", text); err != nil {
		return nil, err
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, nil
	}
	sql, searched := searchContacts, `concat_ws(' ', r.full_name, r.email, r.external_id)`
	if kind == importer.Companies {
		sql, searched = searchCompanies, `concat_ws(' ', r.name, r.domain, r.external_id)`
	}
	c := conditions{args: []any{workspace, limit, strings.TrimPrefix(containing(strings.Join(words, " ")), "%")}}
	for _, w := range words {
		c.and(searched+` ILIKE $%d`, containing(w))
	}
	rows, err := s.pool.Query(ctx, strings.Replace(sql, "{words}", c.sql.String(), 1), c.args...)
	if err != nil {
		return nil, translate(err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
	return found, translate(err)
}

const (
	searchContacts = `SELECT ` + contactRecord + ` FROM (
		SELECT r.id, r.full_name, r.email, r.company_id, r.external_id, r.full_name ILIKE $3 OR coalesce(r.email ILIKE $3,
		false) AS begins FROM contacts r WHERE r.workspace_id = $1 AND r.active{words}
		ORDER BY begins DESC, r.full_name, r.id LIMIT $2) r LEFT JOIN companies e ON e.workspace_id = $1
		AND e.id = r.company_id ORDER BY r.begins DESC, r.full_name, r.id`
	searchCompanies = `SELECT ` + companyRecord + ` FROM companies r WHERE r.workspace_id = $1 AND r.active{words}
		ORDER BY r.name ILIKE $3 DESC, r.name, r.id LIMIT $2`
)

// addContact adds a contact to the directory, as an import of contacts does: the company that it
// names is found, or added. It returns an *importer.Fault when the email or external_id is taken,
// or the company is ambiguous; and, with knownCompany, a *PermissionError when the company would
// have to be added.
func addContact(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, contact importer.Contact, knownCompany bool,
	by Actor, now time.Time) (Record, error) {
	version, err := changeDirectory(ctx, tx, workspace)
	if err != nil {
		return Record{}, err
	}
	b := &importer.Batch{Contacts: []importer.Contact{contact}}
	w := &directoryWriter{tx: tx, workspace: workspace, version: version, on: importer.DuplicateReject, now: now,
		knownCompanies: knownCompany, inactive: map[uuid.UUID]bool{}}
	if _, err := w.contacts(ctx, b); err != nil {
		return Record{}, err
	}
	if len(b.Dead) > 0 {
		return Record{}, &b.Dead[0].Fault
	}
	rows, err := tx.Query(ctx, `SELECT `+contactRecord+` FROM contacts r`+employersOfR+`WHERE r.workspace_id = $1
		AND r.version = $2 ORDER BY r.id DESC LIMIT 1`, workspace, version)
	if err != nil {
		return Record{}, err
	}
	made, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[Record])
	if err != nil {
		return Record{}, err
	}
	d := AuditDetail{Kind: string(importer.Contacts), Name: made.Name, RecordID: made.ID, Version: version}
	var added uuid.NullUUID
	err = tx.QueryRow(ctx, `SELECT e.id FROM contacts r JOIN companies e ON e.workspace_id = $1 AND e.id = r.company_id
		WHERE r.workspace_id = $1 AND r.id = $2 AND e.version = $3 AND e.created_at = $4`, workspace, made.ID, version,
		now).Scan(&added)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return Record{}, err
	}
	d.Company = added.UUID
	return made, note(ctx, tx, newNote(workspace, ActionCreateContact, by, uuid.Nil, &d))
}

// addCompany adds a company to the directory, as an import of companies does. It returns an
// *importer.Fault when a company is spelt so.
func addCompany(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, company importer.Company, by Actor,
	now time.Time) (uuid.UUID, error) {
	version, err := changeDirectory(ctx, tx, workspace)
	if err != nil {
		return uuid.Nil, err
	}
	b := &importer.Batch{Companies: []importer.Company{company}}
	w := &directoryWriter{tx: tx, workspace: workspace, version: version, on: importer.DuplicateReject, now: now,
		inactive: map[uuid.UUID]bool{}}
	if _, err := w.companies(ctx, b); err != nil {
		return uuid.Nil, err
	}
	if len(b.Dead) > 0 {
		return uuid.Nil, &b.Dead[0].Fault
	}
	id := w.named[0]
	return id, note(ctx, tx, newNote(workspace, ActionCreateCompany, by, uuid.Nil, &AuditDetail{
		Kind: string(importer.Companies), Name: company.Name, RecordID: id, Version: version}))
}

// Records returns the contacts or companies of the workspace with these ids.
func (s *Store) Records(ctx context.Context, workspace uuid.UUID, kind importer.Kind,
	ids []uuid.UUID) (map[uuid.UUID]Record, error) {
	sql := `SELECT ` + contactRecord + ` FROM contacts r` + employersOfR + `WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
	if kind == importer.Companies {
		sql = `SELECT ` + companyRecord + ` FROM companies r WHERE r.workspace_id = $1 AND r.id = ANY ($2)`
	}
	rows, err := s.pool.Query(ctx, sql, workspace, ids)
	if err != nil {
		return nil, translate(err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Record])
	found := make(map[uuid.UUID]Record, len(all))
	for _, r := range all {
		found[r.ID] = r
	}
	return found, translate(err)
}
