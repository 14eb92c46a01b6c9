package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// contacts writes contacts. Those that already exist are recognized by external_id, or by email
// where either side has no external_id and the names may be those of one person. Any other row is a
// new contact. A company that is named and unknown is added.
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
	sharing, err := w.sharing(ctx, emails)
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
			id, known = sharing.find(&c, false)
		}
		adopted := false
		if !known && key != "" && c.Email != "" {
			id, adopted = sharing.find(&c, true)
		}
		update := func() {
			employed := &employedContact{&c, employers.of(c.CompanyName, c.CompanyExternalID, true)}
			w.noLonger(id, "company_ref", employed.company)
			contactTable.update(w, id, employed)
		}
		switch {
		case adopted:
			sharing.identify(c.Email, id)
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
			}
			if sharing.add(&c, id) {
				b.Share(c.Source)
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

// addressee is a contact with an address.
type addressee struct {
	id   uuid.UUID
	name string
	bare bool // it has no external_id
}

// addressees are contacts by their addresses, the active ones first.
type addressees map[string][]addressee

// sharing returns the contacts with the addresses, and notes which of them are inactive.
func (w *directoryWriter) sharing(ctx context.Context, emails []string) (addressees, error) {
	found := addressees{}
	if len(emails) == 0 {
		return found, nil
	}
	rows, err := w.tx.Query(ctx, `SELECT email, id, full_name, external_id IS NULL, active FROM contacts
		WHERE workspace_id = $1 AND email = ANY ($2) ORDER BY active DESC, id`, w.workspace, emails)
	if err != nil {
		return nil, err
	}
	var email string
	var a addressee
	var active bool
	_, err = pgx.ForEachRow(rows, []any{&email, &a.id, &a.name, &a.bare, &active}, func() error {
		if !active {
			w.inactive[a.id] = true
		}
		found[email] = append(found[email], a)
		return nil
	})
	return found, err
}

// find returns the contact with the address of a row that may be the person of the row. bare leaves
// out those with an external_id.
func (all addressees) find(c *importer.Contact, bare bool) (id uuid.UUID, ok bool) {
	for _, a := range all[c.Email] {
		if (a.bare || !bare) && importer.MayBeOnePerson(a.name, c.FullName) {
			return a.id, true
		}
	}
	return id, false
}

// identify notes that a contact has an external_id now.
func (all addressees) identify(email string, id uuid.UUID) {
	for i := range all[email] {
		if all[email][i].id == id {
			all[email][i].bare = false
		}
	}
}

// add adds the contact of a row, and reports whether its address is that of another person.
func (all addressees) add(c *importer.Contact, id uuid.UUID) (shared bool) {
	if c.Email == "" {
		return false
	}
	for _, a := range all[c.Email] {
		shared = shared || !importer.MayBeOnePerson(a.name, c.FullName)
	}
	all[c.Email] = append(all[c.Email], addressee{id, c.FullName, c.ExternalID == ""})
	return shared
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
