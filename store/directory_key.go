package store

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Holders returns the records that have the keys. Each statement looks up the keys of a whole chunk
// by an index, and all go to the database at once.
func (r *Resolver) Holders(ctx context.Context, keys importer.Keys) (importer.Holders, error) {
	defer r.timed()()
	found := importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{},
		Emails: map[string][]importer.Holder{}, Domains: map[string][]importer.Holder{}}
	together := &pgx.Batch{}
	ask := func(kind importer.Kind, column string, values []string, add func(key string, h importer.Holder)) {
		if len(values) == 0 {
			return
		}
		sql := `SELECT r.` + column + `, ` + holderColumns[kind] + holding(kind, column, column == "external_id")
		together.Queue(sql, r.workspace, values).Query(func(rows pgx.Rows) error {
			var key string
			h := importer.Holder{Kind: kind}
			_, err := pgx.ForEachRow(rows, []any{&key, &h.ID, &h.Name, &h.Email, &h.ExternalID, &h.CompanyID, &h.CompanyName},
				func() error { add(key, h); return nil })
			return err
		})
	}
	for kind, ids := range keys.ExternalIDs {
		of := map[string]importer.Holder{}
		found.ExternalIDs[kind] = of
		ask(kind, "external_id", ids, func(key string, h importer.Holder) { of[key] = h })
	}
	ask(importer.Contacts, "email", keys.Emails,
		func(key string, h importer.Holder) { found.Emails[key] = append(found.Emails[key], h) })
	ask(importer.Companies, "domain", keys.Domains,
		func(key string, h importer.Holder) { found.Domains[key] = append(found.Domains[key], h) })
	if together.Len() == 0 {
		return found, nil
	}
	err := r.store.pool.SendBatch(ctx, together).Close()
	for _, of := range [...]map[string][]importer.Holder{found.Emails, found.Domains} {
		for _, all := range of {
			slices.SortFunc(all, func(a, b importer.Holder) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		}
	}
	return found, translate(err)
}

// holderColumns are those of a Holder besides its kind, of records r with their companies e.
var holderColumns = map[importer.Kind]string{
	importer.Contacts: `r.id, r.full_name, coalesce(r.email, ''), coalesce(r.external_id, ''),
		coalesce(e.id, '` + uuid.Nil.String() + `'),
		coalesce(e.name, '')`,
	importer.Companies: `r.id, r.name, '', coalesce(r.external_id, ''), '` + uuid.Nil.String() + `'::uuid, ''`,
	importer.Deals:     itemHolder,
	importer.Events:    itemHolder,
}

const itemHolder = `r.id, r.title, '', coalesce(r.external_id, ''), '00000000-0000-0000-0000-000000000000'::uuid, ''`

// holding finds the records r that have one of the values of $2 in a column: one for each value
// where the column is unique, else as far as MostHolders.
func holding(kind importer.Kind, column string, unique bool) string {
	where := ` FROM ` + directoryTable(kind) + ` d WHERE d.workspace_id = $1 AND d.` + column + ` = ANY ($2)
		AND d.active`
	from := ` FROM (SELECT *` + where + `) r`
	if !unique {
		from = ` FROM (SELECT *, row_number() OVER (PARTITION BY d.` + column + ` COLLATE "C" ORDER BY d.id) AS place` +
			where + `) r`
	}
	if kind == importer.Contacts {
		from += ` LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id AND e.active`
	}
	if !unique {
		from += fmt.Sprintf(` WHERE r.place <= %d`, importer.MostHolders)
	}
	return from
}
