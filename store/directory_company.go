package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

var companyColumns = []string{"workspace_id", "id", "name", "match_key", "domain", "external_id", "created_at", "version", "import_id", "row_number"}

func (w *directoryWriter) companyRow(id uuid.UUID, c importer.Company) []any {
	importID, number := w.origin(c.Row)
	return []any{[16]byte(w.workspace), [16]byte(id), c.Name, c.Key, orNull(c.Domain), orNull(c.ExternalID), w.now, w.version, importID, number}
}

// companies writes companies. external_id tells which are there already; a company that has none, because a contact brought it along,
// is known by the spelling of its name, and takes over the external_id of the row that completes it. Names that differ in their legal form
// only are two companies.
func (w *directoryWriter) companies(ctx context.Context, b *importer.Batch) (counts, error) {
	byExternal, err := w.lookUp(ctx, "companies", "external_id", collect(b.Companies, func(c importer.Company) string { return c.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	bare, err := w.bareCompanies(ctx, b.Companies)
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, c := range b.Companies {
		id, known := byExternal[c.ExternalID]
		known = known && c.ExternalID != ""
		adopted := false
		if !known {
			id, adopted = bare[importer.Spelling(c.Name)]
		}
		switch {
		case adopted && c.ExternalID != "":
			delete(bare, importer.Spelling(c.Name))
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
				bare[importer.Spelling(c.Name)] = id
			}
			rows = append(rows, w.companyRow(id, c))
		}
	}
	return w.finish(ctx, "companies", companyColumns, rows)
}

// bareCompanies gives the ids of the companies without an external_id by the spelling of their names, as far as one of these may be meant; of several the oldest.
// They are looked for by what equality sees: which letters the database folds depends on its locale.
func (w *directoryWriter) bareCompanies(ctx context.Context, companies []importer.Company) (map[string]uuid.UUID, error) {
	keys := make([]string, len(companies))
	for i, c := range companies {
		keys[i] = c.Key
	}
	rows, err := w.tx.Query(ctx, `SELECT name, id FROM companies WHERE workspace_id = $1 AND match_key = ANY ($2) AND external_id IS NULL ORDER BY id DESC`, w.workspace, keys)
	if err != nil {
		return nil, err
	}
	found := map[string]uuid.UUID{}
	var name string
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&name, &id}, func() error { found[importer.Spelling(name)] = id; return nil })
	return found, err
}

func (w *directoryWriter) updateCompany(id uuid.UUID, c importer.Company) {
	w.updates.Queue(`UPDATE companies SET name = $3, match_key = $4, domain = coalesce($5, domain), external_id = coalesce($6, external_id), version = $7 WHERE workspace_id = $1 AND id = $2`,
		w.workspace, id, c.Name, c.Key, orNull(c.Domain), orNull(c.ExternalID), w.version)
}
