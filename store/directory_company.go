package store

import (
	"context"

	"github.com/google/uuid"

	"taskport/importer"
)

// companies writes companies. Those that already exist are recognized by external_id. A company
// without one, because a contact added it, is recognized by the spelling of its name, and gets the
// external_id of the row that completes it. Names that differ only in their legal form are two
// companies.
func (w *directoryWriter) companies(ctx context.Context, b *importer.Batch) (counts, error) {
	byExternal, err := w.byExternalID(ctx, "companies", collect(b.Companies,
		func(c importer.Company) string { return c.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	bare, err := w.bareCompanies(ctx, b.Companies)
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, c := range b.Companies {
		key := importer.IDKey(c.ExternalID)
		id, known := byExternal[key]
		known = known && key != ""
		adopted := false
		if !known {
			id, adopted = bare[importer.Spelling(c.Name)]
		}
		switch {
		case adopted && c.ExternalID != "":
			delete(bare, importer.Spelling(c.Name))
			byExternal[key] = id
			w.n.updated++
			w.companyArrives(id, &c)
			companyTable.update(w, id, &c)
		case known || adopted:
			if w.repeated(id, skippedRow{Source: c.Source, key: c.ExternalID, name: c.Name}, func() {
				b.Reject(c.Source, importer.DuplicateFault(orName(c.ExternalID, c.Name)))
			}) {
				companyTable.update(w, id, &c)
			}
		default:
			id = newID()
			if key != "" {
				byExternal[key] = id
			} else {
				bare[importer.Spelling(c.Name)] = id
			}
			w.companyArrives(id, &c)
			rows = append(rows, companyTable.row(w, id, &c, c.Row))
		}
		w.named = append(w.named, id)
	}
	return w.finish(ctx, companyTable.name, companyTable.copied(), rows)
}

// bareCompanies returns the ids of the companies without an external_id by the spelling of their
// names; the oldest of several. The query compares normalized names, because case folding in the
// database depends on its locale.
func (w *directoryWriter) bareCompanies(ctx context.Context, companies []importer.Company) (map[string]uuid.UUID,
	error) {
	keys := make([]string, len(companies))
	for i, c := range companies {
		keys[i] = c.Key
	}
	found := map[string]uuid.UUID{}
	err := w.each(ctx, `SELECT name, id, active FROM companies WHERE workspace_id = $1 AND match_key = ANY ($2)
		AND external_id IS NULL AND deleted_at IS NULL ORDER BY active, id DESC`, keys,
		func(name string, id uuid.UUID) { found[importer.Spelling(name)] = id })
	return found, err
}
