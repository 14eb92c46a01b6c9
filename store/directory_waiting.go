package store

import (
	"context"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/importer/match"
)

// A record may name its company or its contact before that one is loaded. It then waits:
// company_ref or contact_ref says for what, and the record that arrives takes its place there.

// idRef is what waits for a record with an external id, and nameRef for a company of a name.
func idRef(externalID string) string {
	if externalID == "" {
		return ""
	}
	return "#" + importer.IDKey(externalID)
}

func nameRef(key string) string { return "~" + key }

// waiting returns a record that another one names by its external id; what waits for it without
// one.
func (w *directoryWriter) waiting(id uuid.UUID, externalID string) employer {
	if id != uuid.Nil {
		return employer{id: id}
	}
	return employer{ref: idRef(externalID)}
}

// companyArrives and contactArrives note records for which others may wait.
func (w *directoryWriter) companyArrives(id uuid.UUID, c *importer.Company) {
	w.arrives("company", id, idRef(c.ExternalID), nameRef(c.Key))
}

func (w *directoryWriter) contactArrives(id uuid.UUID, c *importer.Contact) {
	w.arrives("contact", id, idRef(c.ExternalID))
}

func (w *directoryWriter) arrives(as string, id uuid.UUID, refs ...string) {
	if w.arrived == nil {
		w.arrived = map[string]map[string]uuid.UUID{"company": {}, "contact": {}}
	}
	for _, ref := range refs {
		if _, ok := w.arrived[as][ref]; !ok && ref != "" {
			w.arrived[as][ref] = id
		}
	}
}

// noLonger notes that a record which is updated has what a column waited for.
func (w *directoryWriter) noLonger(id uuid.UUID, column string, has employer) {
	if has.id == uuid.Nil {
		return
	}
	if w.settled == nil {
		w.settled = map[string][]uuid.UUID{}
	}
	w.settled[column] = append(w.settled[column], id)
}

// settleWaiting links the records that wait for those of the chunk. table is that of the chunk.
func (w *directoryWriter) settleWaiting(ctx context.Context, table string) error {
	for column, ids := range w.settled {
		if _, err := w.tx.Exec(ctx, `UPDATE `+table+` SET `+column+` = NULL WHERE workspace_id = $1 AND id = ANY ($2)
			AND `+column+` IS NOT NULL`, w.workspace, ids); err != nil {
			return err
		}
	}
	for as, of := range w.arrived {
		refs, ids := make([]string, 0, len(of)), make([]uuid.UUID, 0, len(of))
		for ref, id := range of {
			refs, ids = append(refs, ref), append(ids, id)
		}
		for _, t := range [...]string{"contacts", "deals", "events"} {
			set, args := ``, []any{w.workspace, refs, ids}
			switch {
			case len(refs) == 0, t == "contacts" && as == "contact":
				continue
			case t == "contacts":
				set, args = `, version = $4`, append(args, w.version)
			}
			if _, err := w.tx.Exec(ctx, `UPDATE `+t+` t SET `+as+`_id = a.id, `+as+`_ref = NULL`+set+`
				FROM unnest($2::text[], $3::uuid[]) AS a (ref, id)
				WHERE t.workspace_id = $1 AND t.`+as+`_ref = a.ref AND t.deleted_at IS NULL`, args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// byExternalID returns the ids of records by the keys of their external ids; the oldest of several.
func (w *directoryWriter) byExternalID(ctx context.Context, table string, externalIDs []string) (map[string]uuid.UUID,
	error) {
	all, err := w.lookUp(ctx, table, "external_id", importer.IDForms(externalIDs))
	if err != nil {
		return nil, err
	}
	found := make(map[string]uuid.UUID, len(all))
	for external, id := range all {
		key := importer.IDKey(external)
		if earlier, ok := found[key]; !ok || id.String() < earlier.String() {
			found[key] = id
		}
	}
	return found, nil
}

// employers are the companies that records name. An unknown company is added when a contact that
// needs it is written.
type employers struct {
	w     *directoryWriter
	byKey map[string][]importer.Candidate
	byID  map[string]uuid.UUID // by the keys of their external ids
	fresh [][]any
}

// employers finds companies by their names and external ids.
func (w *directoryWriter) employers(ctx context.Context, names, externalIDs []string) (*employers, error) {
	byKey, err := w.companiesByKey(ctx, collect(names, companyKey))
	if err != nil {
		return nil, err
	}
	byID, err := w.byExternalID(ctx, "companies", externalIDs)
	return &employers{w: w, byKey: byKey, byID: byID}, err
}

// ambiguous returns the fault of a record whose company's name fits several: a wrong company would
// be worse.
func (e *employers) ambiguous(name, externalID string) *importer.Fault {
	if _, certain := e.byID[importer.IDKey(externalID)]; certain {
		return nil
	}
	if fits := importer.SameSpelling(name, e.byKey[companyKey(name)]); len(fits) > 1 {
		return importer.AmbiguousCompany(name, fits)
	}
	return nil
}

// of returns the company of a record that names one by its external id or its name. With add it
// adds a company of this name if there is none, and makes an inactive one active.
func (e *employers) of(name, externalID string, add bool) employer {
	if id, ok := e.byID[importer.IDKey(externalID)]; ok {
		if add {
			e.w.comesBack(id)
		}
		return employer{id: id}
	}
	found, key := employer{ref: idRef(externalID)}, companyKey(name)
	if key == "" {
		return found
	}
	if len(e.byKey[key]) == 0 && !add {
		if found.ref == "" {
			found.ref = nameRef(key)
		}
		return found
	}
	if len(e.byKey[key]) == 0 {
		id := newID()
		company := importer.Company{Name: name, Key: key}
		e.byKey[key] = []importer.Candidate{{ID: id, Name: name, Score: 1}}
		e.fresh = append(e.fresh, companyTable.row(e.w, id, &company, 0))
		e.w.companyArrives(id, &company)
	}
	if found.id = importer.SameSpelling(name, e.byKey[key])[0].ID; add {
		e.w.comesBack(found.id)
	}
	return found
}

func companyKey(name string) string { return match.Key(match.Company, name) }
