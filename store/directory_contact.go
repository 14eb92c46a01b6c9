package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// contacts writes contacts. Those that already exist are recognized by external_id, or by email
// where either side has no external_id. A row with neither is always a new contact. A company that
// is named and unknown is added.
func (w *directoryWriter) contacts(ctx context.Context, b *importer.Batch) (counts, error) {
	employers, err := w.employers(ctx,
		collect(b.Contacts, func(c importer.Contact) string { return c.CompanyName }),
		collect(b.Contacts, func(c importer.Contact) string { return c.CompanyExternalID }))
	if err != nil {
		return counts{}, err
	}
	byExternal, err := w.byExternalID(ctx, "contacts", collect(b.Contacts,
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
		if fault := employers.ambiguous(c.CompanyName, c.CompanyExternalID); fault != nil {
			b.Reject(c.Source, fault)
			continue
		}
		key := importer.IDKey(c.ExternalID)
		id, known := byExternal[key]
		known = known && key != ""
		if key == "" && c.Email != "" {
			id, known = byEmail[c.Email]
		}
		adopted := false
		if !known && key != "" && c.Email != "" {
			id, adopted = bare[c.Email]
		}
		update := func() {
			employed := &employedContact{&c, employers.of(c.CompanyName, c.CompanyExternalID, true)}
			w.noLonger(id, "company_ref", employed.company)
			contactTable.update(w, id, employed)
		}
		switch {
		case adopted:
			delete(bare, c.Email)
			byExternal[key] = id
			w.n.updated++
			w.contactArrives(id, &c)
			update()
		case known:
			if w.repeated(id, skippedRow{Source: c.Source, key: orName(c.ExternalID, c.Email), name: c.FullName,
				company: c.CompanyName}, func() {
				b.Reject(c.Source, importer.DuplicateFault(orName(c.ExternalID, c.Email)))
			}) {
				update()
			}
		default:
			id = newID()
			if key != "" {
				byExternal[key] = id
			} else if c.Email != "" {
				bare[c.Email] = id
			}
			if _, ok := byEmail[c.Email]; c.Email != "" && !ok {
				byEmail[c.Email] = id
			}
			w.contactArrives(id, &c)
			rows = append(rows, contactTable.row(w, id,
				&employedContact{&c, employers.of(c.CompanyName, c.CompanyExternalID, true)}, c.Row))
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
	for _, company := range employers.fresh {
		if id, ok := company[1].([16]byte); ok {
			w.named = append(w.named, id)
		}
	}
	return w.finish(ctx, contactTable.name, contactTable.copied(), rows)
}

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
