package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// writeDirectory adds a chunk's records to the directory, or brings those that are there already up to date.
func writeDirectory(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, now time.Time) (counts, error) {
	if err := changeDirectory(ctx, tx, c.WorkspaceID); err != nil {
		return counts{}, err
	}
	w := &directoryWriter{tx: tx, workspace: c.WorkspaceID, on: c.Import.Options.OnDuplicate, now: now}
	switch c.Import.Kind {
	case importer.Companies:
		return w.companies(ctx, b)
	case importer.Contacts:
		return w.contacts(ctx, b)
	case importer.Deals, importer.Events:
		return w.items(ctx, c.Import.Kind, b)
	case importer.Tasks:
	}
	return counts{}, nil
}

// directoryWriter writes the records of one chunk.
type directoryWriter struct {
	tx        pgx.Tx
	workspace uuid.UUID
	on        importer.OnDuplicate
	now       time.Time
	n         counts
	updates   pgx.Batch
}

// repeated settles a record that is there already; it reports whether the record is to be updated. A refusal goes to reject.
func (w *directoryWriter) repeated(reject func()) bool {
	switch w.on {
	case importer.DuplicateUpdate:
		w.n.updated++
		return true
	case importer.DuplicateReject:
		reject()
	case importer.DuplicateSkip:
		w.n.skipped++
	}
	return false
}

// lookUp gives the ids of records by the value of a column; where several share a value, the oldest.
func (w *directoryWriter) lookUp(ctx context.Context, table, column string, values []string) (map[string]uuid.UUID, error) {
	found := map[string]uuid.UUID{}
	if len(values) == 0 {
		return found, nil
	}
	rows, err := w.tx.Query(ctx, `SELECT `+column+`, id FROM `+table+` WHERE workspace_id = $1 AND `+column+` = ANY ($2) ORDER BY id DESC`, w.workspace, values)
	if err != nil {
		return nil, err
	}
	var value string
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&value, &id}, func() error { found[value] = id; return nil })
	return found, err
}

func (w *directoryWriter) finish(ctx context.Context, table string, columns []string, rows [][]any) (counts, error) {
	w.n.created = len(rows)
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return counts{}, err
	}
	if w.updates.Len() > 0 {
		if err := w.tx.SendBatch(ctx, &w.updates).Close(); err != nil {
			return counts{}, err
		}
	}
	return w.n, nil
}

// items writes deals or events; external_id tells which are there already.
func (w *directoryWriter) items(ctx context.Context, kind importer.Kind, b *importer.Batch) (counts, error) {
	known, err := w.lookUp(ctx, string(kind), "external_id", collect(b.Items, func(it importer.Item) string { return it.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, it := range b.Items {
		if id, ok := known[it.ExternalID]; ok && it.ExternalID != "" {
			if w.repeated(func() { b.Reject(it.Source, importer.DuplicateFault(it.ExternalID)) }) {
				w.updates.Queue(`UPDATE `+directoryTable(kind)+` SET title = $3 WHERE workspace_id = $1 AND id = $2`, w.workspace, id, it.Title)
			}
			continue
		}
		id := newID()
		known[it.ExternalID] = id
		rows = append(rows, []any{[16]byte(w.workspace), [16]byte(id), it.Title, orNull(it.ExternalID), w.now})
	}
	return w.finish(ctx, string(kind), []string{"workspace_id", "id", "title", "external_id", "created_at"}, rows)
}

var companyColumns = []string{"workspace_id", "id", "name", "match_key", "domain", "external_id", "created_at"}

func (w *directoryWriter) companyRow(id uuid.UUID, c importer.Company) []any {
	return []any{[16]byte(w.workspace), [16]byte(id), c.Name, c.Key, orNull(c.Domain), orNull(c.ExternalID), w.now}
}

// companies writes companies. external_id tells which are there already; a company that has none, because a contact brought it along,
// is known by its name, and takes over the external_id of the row that completes it.
func (w *directoryWriter) companies(ctx context.Context, b *importer.Batch) (counts, error) {
	byExternal, err := w.lookUp(ctx, "companies", "external_id", collect(b.Companies, func(c importer.Company) string { return c.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	bare, err := w.bareCompanies(ctx, collect(b.Companies, func(c importer.Company) string { return c.Key }))
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, c := range b.Companies {
		id, known := byExternal[c.ExternalID]
		known = known && c.ExternalID != ""
		adopted := false
		if !known && c.Key != "" {
			id, adopted = bare[c.Key]
		}
		switch {
		case adopted && c.ExternalID != "":
			delete(bare, c.Key)
			byExternal[c.ExternalID] = id
			w.n.updated++
			w.updateCompany(id, c)
		case known || adopted:
			if w.repeated(func() { b.Reject(c.Source, importer.DuplicateFault(orName(c.ExternalID, c.Name))) }) {
				w.updateCompany(id, c)
			}
		default:
			id = newID()
			if c.ExternalID != "" {
				byExternal[c.ExternalID] = id
			} else {
				bare[c.Key] = id
			}
			rows = append(rows, w.companyRow(id, c))
		}
	}
	return w.finish(ctx, "companies", companyColumns, rows)
}

func (w *directoryWriter) updateCompany(id uuid.UUID, c importer.Company) {
	w.updates.Queue(`UPDATE companies SET name = $3, match_key = $4, domain = coalesce($5, domain), external_id = coalesce($6, external_id) WHERE workspace_id = $1 AND id = $2`,
		w.workspace, id, c.Name, c.Key, orNull(c.Domain), orNull(c.ExternalID))
}

// bareCompanies finds the companies without an external_id by their key.
func (w *directoryWriter) bareCompanies(ctx context.Context, keys []string) (map[string]uuid.UUID, error) {
	return w.lookUp(ctx, "(SELECT * FROM companies WHERE external_id IS NULL) bare", "match_key", keys)
}

var contactColumns = []string{"workspace_id", "id", "full_name", "first_name", "last_name", "email", "company_id", "external_id", "created_at"}

// contacts writes contacts. external_id tells which are there already, or the email where a row has no external_id;
// a row with neither is always a new contact. A company that is named and not there yet is added.
func (w *directoryWriter) contacts(ctx context.Context, b *importer.Batch) (counts, error) {
	employers, err := w.employers(ctx, b)
	if err != nil {
		return counts{}, err
	}
	byExternal, err := w.lookUp(ctx, "contacts", "external_id", collect(b.Contacts, func(c importer.Contact) string { return c.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	byEmail, err := w.lookUp(ctx, "contacts", "email", collect(b.Contacts, func(c importer.Contact) string { return c.Email }))
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, c := range b.Contacts {
		company := employers[c.CompanyName]
		id, known := byExternal[c.ExternalID]
		if c.ExternalID == "" {
			id, known = byEmail[c.Email]
			known = known && c.Email != ""
		}
		if known {
			if w.repeated(func() { b.Reject(c.Source, importer.DuplicateFault(orName(c.ExternalID, c.Email))) }) {
				w.updateContact(id, c, company)
			}
			continue
		}
		id = newID()
		if c.ExternalID != "" {
			byExternal[c.ExternalID] = id
		}
		if _, ok := byEmail[c.Email]; c.Email != "" && !ok {
			byEmail[c.Email] = id
		}
		rows = append(rows, []any{[16]byte(w.workspace), [16]byte(id), c.FullName, c.FirstName, c.LastName, orNull(c.Email), idOrNull(company), orNull(c.ExternalID), w.now})
	}
	return w.finish(ctx, "contacts", contactColumns, rows)
}

func (w *directoryWriter) updateContact(id uuid.UUID, c importer.Contact, company uuid.UUID) {
	w.updates.Queue(`UPDATE contacts SET full_name = coalesce($3, full_name), first_name = coalesce($4, first_name), last_name = coalesce($5, last_name),
		email = coalesce($6, email), company_id = coalesce($7, company_id) WHERE workspace_id = $1 AND id = $2`,
		w.workspace, id, orNull(c.FullName), orNull(c.FirstName), orNull(c.LastName), orNull(c.Email), idOrNull(company))
}

// employers gives the company of each name that the contacts bring, adding those that are not there yet.
// A name that fits several companies rejects its contacts: a wrong company would be worse.
func (w *directoryWriter) employers(ctx context.Context, b *importer.Batch) (map[string]uuid.UUID, error) {
	byKey, err := w.companiesByKey(ctx, collect(b.Contacts, func(c importer.Contact) string { return match.Key(match.Company, c.CompanyName) }))
	if err != nil {
		return nil, err
	}
	employers := map[string]uuid.UUID{}
	var rows [][]any
	kept := b.Contacts[:0]
	for _, c := range b.Contacts {
		key := match.Key(match.Company, c.CompanyName)
		if key != "" && len(byKey[key]) == 0 {
			id := newID()
			byKey[key] = []importer.Candidate{{ID: id, Name: c.CompanyName, Score: 1}}
			rows = append(rows, w.companyRow(id, importer.Company{Name: c.CompanyName, Key: key}))
		}
		fits := importer.SameSpelling(c.CompanyName, byKey[key])
		if len(fits) > 1 {
			b.Reject(c.Source, importer.AmbiguousCompany(c.CompanyName, fits))
			continue
		}
		if len(fits) == 1 {
			employers[c.CompanyName] = fits[0].ID
		}
		kept = append(kept, c)
	}
	b.Contacts = kept
	_, err = w.tx.CopyFrom(ctx, pgx.Identifier{"companies"}, companyColumns, pgx.CopyFromRows(rows))
	return employers, err
}

func (w *directoryWriter) companiesByKey(ctx context.Context, keys []string) (map[string][]importer.Candidate, error) {
	rows, err := w.tx.Query(ctx, `SELECT match_key, id, name FROM companies WHERE workspace_id = $1 AND match_key = ANY ($2) ORDER BY id`, w.workspace, keys)
	if err != nil {
		return nil, err
	}
	found := map[string][]importer.Candidate{}
	var key string
	var c importer.Candidate
	_, err = pgx.ForEachRow(rows, []any{&key, &c.ID, &c.Name}, func() error {
		c.Score = 1
		found[key] = append(found[key], c)
		return nil
	})
	return found, err
}

// collect gives the distinct values of a column, without the empty one.
func collect[T any](records []T, value func(T) string) []string {
	seen := map[string]bool{"": true}
	var out []string
	for _, r := range records {
		if v := value(r); !seen[v] {
			seen[v] = true
			out = append(out, v)
		}
	}
	return out
}

func orName(id, name string) string {
	if id != "" {
		return id
	}
	return name
}
