package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// contacts writes contacts. Those that already exist are recognized by external_id, or by email
// where either side has no external_id. A row with neither is always a new contact. A company that
// is named and unknown is added.
func (w *directoryWriter) contacts(ctx context.Context, b *importer.Batch) (counts, error) {
	employers, err := w.employers(ctx, b)
	if err != nil {
		return counts{}, err
	}
	byExternal, err := w.lookUp(ctx, "contacts", "external_id", collect(b.Contacts,
		func(c importer.Contact) string { return c.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	emails := collect(b.Contacts, func(c importer.Contact) string { return c.Email })
	byEmail, err := w.lookUp(ctx, "contacts", "email", emails)
	if err != nil {
		return counts{}, err
	}
	bare, err := w.lookUp(ctx, "contacts", "email", emails, "external_id IS NULL")
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, c := range b.Contacts {
		id, known := byExternal[c.ExternalID]
		known = known && c.ExternalID != ""
		if c.ExternalID == "" && c.Email != "" {
			id, known = byEmail[c.Email]
		}
		adopted := false
		if !known && c.ExternalID != "" && c.Email != "" {
			id, adopted = bare[c.Email]
		}
		switch {
		case adopted:
			delete(bare, c.Email)
			byExternal[c.ExternalID] = id
			w.n.updated++
			contactTable.update(w, id, &employedContact{&c, employers.of(c)})
		case known:
			if w.repeated(id, func() { b.Reject(c.Source, importer.DuplicateFault(orName(c.ExternalID, c.Email))) }) {
				contactTable.update(w, id, &employedContact{&c, employers.of(c)})
			}
		default:
			id = newID()
			if c.ExternalID != "" {
				byExternal[c.ExternalID] = id
			} else if c.Email != "" {
				bare[c.Email] = id
			}
			if _, ok := byEmail[c.Email]; c.Email != "" && !ok {
				byEmail[c.Email] = id
			}
			rows = append(rows, contactTable.row(w, id, &employedContact{&c, employers.of(c)}, c.Row))
		}
		w.named = append(w.named, id)
	}
	if w.knownCompanies && len(employers.fresh)+len(w.returned) > 0 {
		return counts{}, &PermissionError{WriteCompanies}
	}
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{"companies"}, companyTable.copied(),
		pgx.CopyFromRows(employers.fresh)); err != nil {
		return counts{}, err
	}
	return w.finish(ctx, contactTable.name, contactTable.copied(), rows)
}

// employers are the companies that contacts name. An unknown company is added when a contact that
// needs it is written.
type employers struct {
	w     *directoryWriter
	byKey map[string][]importer.Candidate
	byID  map[string]importer.Holder // by their external ids
	fresh [][]any
}

// employers finds the companies of all contacts. A name that matches several companies rejects its
// contacts: a wrong company would be worse.
func (w *directoryWriter) employers(ctx context.Context, b *importer.Batch) (*employers, error) {
	byKey, err := w.companiesByKey(ctx, collect(b.Contacts, companyKey))
	if err != nil {
		return nil, err
	}
	byID := map[string]importer.Holder{}
	found, err := w.lookUp(ctx, "companies", "external_id", importer.EmployerIDs(b.Contacts))
	if err != nil {
		return nil, err
	}
	for external, id := range found {
		byID[external] = importer.Holder{ID: id}
	}
	kept := b.Contacts[:0]
	for _, c := range b.Contacts {
		_, certain := importer.EmployerOf(c, byID)
		if fits := importer.SameSpelling(c.CompanyName, byKey[companyKey(c)]); len(fits) > 1 && !certain {
			b.Reject(c.Source, importer.AmbiguousCompany(c.CompanyName, fits))
			continue
		}
		kept = append(kept, c)
	}
	b.Contacts = kept
	return &employers{w: w, byKey: byKey, byID: byID}, nil
}

// of returns the company of a contact, adding it if necessary; the nil id when the contact names
// none.
func (e *employers) of(c importer.Contact) uuid.UUID {
	if h, ok := importer.EmployerOf(c, e.byID); ok {
		e.w.comesBack(h.ID)
		return h.ID
	}
	key := companyKey(c)
	if key == "" {
		return uuid.Nil
	}
	if len(e.byKey[key]) == 0 {
		id := newID()
		e.byKey[key] = []importer.Candidate{{ID: id, Name: c.CompanyName, Score: 1}}
		e.fresh = append(e.fresh, companyTable.row(e.w, id, &importer.Company{Name: c.CompanyName, Key: key}, 0))
	}
	id := importer.SameSpelling(c.CompanyName, e.byKey[key])[0].ID
	e.w.comesBack(id)
	return id
}

func companyKey(c importer.Contact) string { return match.Key(match.Company, c.CompanyName) }

func (w *directoryWriter) companiesByKey(ctx context.Context, keys []string) (map[string][]importer.Candidate, error) {
	rows, err := w.tx.Query(ctx, `SELECT match_key, id, name, active FROM companies WHERE workspace_id = $1
		AND match_key = ANY ($2) AND deleted_at IS NULL ORDER BY active DESC, id`, w.workspace, keys)
	if err != nil {
		return nil, err
	}
	found := map[string][]importer.Candidate{}
	var key string
	var active bool
	c := importer.Candidate{Score: 1}
	_, err = pgx.ForEachRow(rows, []any{&key, &c.ID, &c.Name, &active}, func() error {
		switch {
		case active:
			found[key] = append(found[key], c)
		case len(found[key]) == 0 || w.inactive[found[key][0].ID]: // an active one comes first, and is meant
			w.inactive[c.ID] = true
			found[key] = append(found[key], c)
		}
		return nil
	})
	return found, err
}
