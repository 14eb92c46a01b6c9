package store

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// writeDirectory adds a chunk's records to the directory, or handles those that already exist as
// the import's options require. It returns the records that the rows name, and the rows that were
// skipped.
func writeDirectory(ctx context.Context, tx pgx.Tx, c *Claim, b *importer.Batch, now time.Time) (n counts,
	named []uuid.UUID, skipped []skippedRow, err error) {
	version, err := changeDirectory(ctx, tx, c.WorkspaceID)
	if err != nil {
		return n, nil, nil, err
	}
	w := &directoryWriter{tx: tx, workspace: c.WorkspaceID, importID: c.Import.ID, version: version,
		on: c.Import.Options.OnDuplicate, now: now, inactive: map[uuid.UUID]bool{}}
	switch c.Import.Kind {
	case importer.Companies:
		n, err = w.companies(ctx, b)
	case importer.Contacts:
		n, err = w.contacts(ctx, b)
	case importer.Deals, importer.Events:
		n, err = w.items(ctx, c.Import.Kind, b)
	case importer.Users:
		n, err = w.users(ctx, b)
	case importer.Tasks:
	}
	if err == nil && len(w.skipped) > 0 {
		err = w.lookAtSkipped(ctx, c.Import.Kind)
	}
	return n, w.named, w.skipped, err
}

// directoryWriter writes the records of one chunk.
type directoryWriter struct {
	tx        pgx.Tx
	workspace uuid.UUID
	importID  uuid.UUID // nil for a record that comes from no import
	version   int64     // of the directory, with these records
	on        importer.OnDuplicate
	now       time.Time
	// knownCompanies forbids adding the company that a contact names.
	knownCompanies bool
	n              counts
	updates        pgx.Batch
	inactive       map[uuid.UUID]bool // of the records that were looked up
	returned       []uuid.UUID        // companies that are active again
	named          []uuid.UUID        // records that the rows name
	skipped        []skippedRow
	arrived        map[string]map[string]uuid.UUID // companies and contacts of this chunk, by their refs
	settled        map[string][]uuid.UUID          // by column: records that wait for nothing any more
}

// source returns the values of import_id and row_number for a record of a row, or NULLs for row 0.
func (w *directoryWriter) source(row int) (importID, number any) {
	if w.importID == uuid.Nil || row == 0 {
		return nil, nil
	}
	return idOrNull(w.importID), int64(row)
}

// repeated counts a record that already exists, and reports whether it is to be updated: an
// inactive one always, because the row brings it back. It calls reject for one that is to be
// rejected.
func (w *directoryWriter) repeated(id uuid.UUID, row skippedRow, reject func()) bool {
	if w.inactive[id] {
		w.n.updated++
		return true
	}
	switch w.on {
	case importer.DuplicateUpdate:
		w.n.updated++
		return true
	case importer.DuplicateReject:
		reject()
	case importer.DuplicateSkip:
		w.n.skipped++
		row.record = id
		w.skipped = append(w.skipped, row)
	}
	return false
}

// lookUp returns the ids of records by the value of a column; the oldest active record of several
// with the same value.
func (w *directoryWriter) lookUp(ctx context.Context, table, column string, values []string,
	conditions ...string) (map[string]uuid.UUID, error) {
	found := map[string]uuid.UUID{}
	if len(values) == 0 {
		return found, nil
	}
	where := strings.Join(append([]string{"workspace_id = $1", column + " = ANY ($2)"}, conditions...), " AND ")
	err := w.each(ctx, `SELECT `+column+`, id, active FROM `+table+` WHERE `+where+` ORDER BY active, id DESC`, values,
		func(value string, id uuid.UUID) { found[value] = id })
	return found, err
}

// each calls add with the text and the id of each row of a query for keys, and notes which records
// are inactive.
func (w *directoryWriter) each(ctx context.Context, sql string, keys []string, add func(text string,
	id uuid.UUID)) error {
	rows, err := w.tx.Query(ctx, sql, w.workspace, keys)
	if err != nil {
		return err
	}
	var text string
	var id uuid.UUID
	var active bool
	_, err = pgx.ForEachRow(rows, []any{&text, &id, &active}, func() error {
		if !active {
			w.inactive[id] = true
		}
		add(text, id)
		return nil
	})
	return err
}

// comesBack makes an inactive company active again.
func (w *directoryWriter) comesBack(company uuid.UUID) {
	if w.inactive[company] {
		delete(w.inactive, company)
		w.returned = append(w.returned, company)
	}
}

// touchEmployees notes that the companies of contacts have changed.
const touchEmployees = `UPDATE contacts SET version = $3 WHERE workspace_id = $1 AND company_id = ANY ($2)`

func (w *directoryWriter) finish(ctx context.Context, table string, columns []string, rows [][]any) (counts, error) {
	w.n.created = len(rows)
	if _, err := w.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return counts{}, err
	}
	if len(w.returned) > 0 { // a contact belongs to a company while it is active
		w.updates.Queue(`UPDATE companies SET active = true, version = $3 WHERE workspace_id = $1 AND id = ANY ($2)`,
			w.workspace, w.returned, w.version)
		w.updates.Queue(touchEmployees, w.workspace, w.returned, w.version)
	}
	if err := w.settleWaiting(ctx, table); err != nil {
		return counts{}, err
	}
	if w.updates.Len() > 0 {
		if err := w.tx.SendBatch(ctx, &w.updates).Close(); err != nil {
			return counts{}, err
		}
	}
	return w.n, nil
}

// items writes deals or events. Records that already exist are recognized by external_id. The
// company and the contact that they name wait for them where nobody has them yet.
func (w *directoryWriter) items(ctx context.Context, kind importer.Kind, b *importer.Batch) (counts, error) {
	companies, err := w.employers(ctx,
		collect(b.Items, func(it importer.Item) string { return it.CompanyName }),
		collect(b.Items, func(it importer.Item) string { return it.CompanyExternalID }))
	if err != nil {
		return counts{}, err
	}
	contacts, err := w.byExternalID(ctx, "contacts",
		collect(b.Items, func(it importer.Item) string { return it.ContactExternalID }))
	if err != nil {
		return counts{}, err
	}
	table := itemTable(kind)
	known, err := w.byExternalID(ctx, table.name, collect(b.Items,
		func(it importer.Item) string { return it.ExternalID }))
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, it := range b.Items {
		if fault := companies.ambiguous(it.CompanyName, it.CompanyExternalID); fault != nil {
			b.Reject(it.Source, fault)
			continue
		}
		owned := &ownedItem{&it, companies.of(it.CompanyName, it.CompanyExternalID, false),
			w.waiting(contacts[importer.IDKey(it.ContactExternalID)], it.ContactExternalID)}
		key := importer.IDKey(it.ExternalID)
		if id, ok := known[key]; ok && key != "" {
			w.named = append(w.named, id)
			if w.repeated(id, skippedRow{Source: it.Source, key: it.ExternalID, name: it.Title, company: it.CompanyName},
				func() { b.Reject(it.Source, importer.DuplicateFault(it.ExternalID)) }) {
				w.noLonger(id, "company_ref", owned.company)
				w.noLonger(id, "contact_ref", owned.contact)
				table.update(w, id, owned)
			}
			continue
		}
		id := newID()
		known[key] = id
		w.named = append(w.named, id)
		rows = append(rows, table.row(w, id, owned, it.Row))
	}
	return w.finish(ctx, table.name, table.copied(), rows)
}

// collect returns the distinct values of a column, without the empty one.
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
