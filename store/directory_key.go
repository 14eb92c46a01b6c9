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
	found, err := holders(ctx, r.store.pool, r.workspace, keys)
	return found, translate(err)
}

// batcher is the common part of a pool and a transaction.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func holders(ctx context.Context, q batcher, workspace uuid.UUID, keys importer.Keys) (importer.Holders, error) {
	found := importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{},
		Emails: map[string][]importer.Holder{}, Domains: map[string][]importer.Holder{},
		UserIDs: map[string][]importer.Holder{}, UserEmails: map[string][]importer.Holder{},
		UserRecords: map[uuid.UUID]importer.Holder{}}
	together := &pgx.Batch{}
	ask := func(kind importer.Kind, column string, values []string, add func(key string, h importer.Holder)) {
		if len(values) == 0 {
			return
		}
		sql := `SELECT r.` + column + `::text, ` + holderColumns[kind] +
			holding(kind, column, column == "external_id" || column == "id")
		together.Queue(sql, workspace, values).Query(func(rows pgx.Rows) error {
			var key string
			h := importer.Holder{Kind: kind}
			_, err := pgx.ForEachRow(rows, []any{&key, &h.ID, &h.Name, &h.Email, &h.ExternalID, &h.CompanyID, &h.CompanyName,
				&h.Assignee, &h.Inactive}, func() error { add(key, h); return nil })
			return err
		})
	}
	listIn := func(all map[string][]importer.Holder) func(string, importer.Holder) {
		return func(key string, h importer.Holder) { all[key] = append(all[key], h) }
	}
	for kind, ids := range keys.ExternalIDs {
		of := map[string]importer.Holder{}
		found.ExternalIDs[kind] = of
		ask(kind, "external_id", ids, func(key string, h importer.Holder) { of[key] = h })
	}
	ask(importer.Contacts, "email", keys.Emails, listIn(found.Emails))
	ask(importer.Companies, "domain", keys.Domains, listIn(found.Domains))
	ask(importer.Users, "assignee_id", keys.UserIDs, listIn(found.UserIDs))
	ask(importer.Users, "email", keys.UserEmails, listIn(found.UserEmails))
	ask(importer.Users, "id", textsOf(keys.UserRecords),
		func(_ string, h importer.Holder) { found.UserRecords[h.ID] = h })
	if together.Len() == 0 {
		return found, nil
	}
	err := q.SendBatch(ctx, together).Close()
	for _, of := range [...]map[string][]importer.Holder{found.Emails, found.Domains, found.UserIDs, found.UserEmails} {
		for _, all := range of {
			slices.SortFunc(all, func(a, b importer.Holder) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		}
	}
	return found, err
}

func textsOf(ids []uuid.UUID) []string {
	all := make([]string, len(ids))
	for i, id := range ids {
		all[i] = id.String()
	}
	return all
}

// holderColumns are those of a Holder besides its kind, of records r with their companies e.
var holderColumns = map[importer.Kind]string{
	importer.Contacts: `r.id, r.full_name, coalesce(r.email, ''), coalesce(r.external_id, ''),
		coalesce(r.company_id, '` + uuid.Nil.String() + `'),
		coalesce(e.name, ''), '', false`,
	importer.Companies: `r.id, r.name, '', coalesce(r.external_id, ''), ` + noCompany + `, '', false`,
	importer.Deals:     itemHolder,
	importer.Events:    itemHolder,
	importer.Users: `r.id, r.name, coalesce(r.email, ''), coalesce(r.external_id, ''), ` + noCompany + `,
		coalesce(r.assignee_id, r.external_id, r.email), NOT r.active`,
}

const (
	noCompany  = `'00000000-0000-0000-0000-000000000000'::uuid, ''`
	itemHolder = `r.id, r.title, '', coalesce(r.external_id, ''), ` + noCompany + `, '', false`
)

// holding finds the records r that have one of the values of $2 in a column: one for each value
// where the column is unique, else as far as MostHolders.
func holding(kind importer.Kind, column string, unique bool) string {
	values := `$2`
	if column == "id" {
		values = `$2::uuid[]`
	}
	where := ` FROM ` + directoryTable(kind) + ` d WHERE d.workspace_id = $1 AND d.` + column + ` = ANY (` + values + `)`
	from := ` FROM (SELECT *` + where + `) r`
	if !unique {
		from = ` FROM (SELECT *, row_number() OVER (PARTITION BY d.` + column + ` COLLATE "C" ORDER BY d.id) AS place` +
			where + `) r`
	}
	if kind == importer.Contacts {
		from += ` LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id`
	}
	if !unique {
		from += fmt.Sprintf(` WHERE r.place <= %d`, importer.MostHolders)
	}
	return from
}
