package store

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
)

// Holders returns the records that have the keys. Each statement looks up the keys of a whole chunk
// by an index, and all go to the database at once. The resolver of a chunk remembers records for
// the next chunks with the same directory, because most records have several tasks.
func (r *Resolver) Holders(ctx context.Context, keys importer.Keys) (importer.Holders, error) {
	defer r.timed()()
	if r.holders == nil {
		return holders(ctx, r.store.pool, r.workspace, keys)
	}
	at := heldKey{r.workspace, r.Version}
	held, ok := r.holders.Get(at)
	if !ok {
		held = &heldRecords{}
	}
	asked := held.lacks(keys)
	if kind := held.worthReading(asked); kind != "" {
		var err error
		if held, err = r.readAll(ctx, held, kind); err != nil {
			return importer.Holders{}, err
		}
		r.holders.Add(at, held)
		asked = held.lacks(keys)
	}
	found, err := holders(ctx, r.store.pool, r.workspace, asked)
	if err != nil {
		return found, err
	}
	if grown := held.with(keys, asked, found); grown != held {
		held = grown
		r.holders.Add(at, held)
	}
	found.ExternalIDs, found.Emails, found.Domains = held.ids, held.emails, held.domains
	return found, nil
}

// maxHeld bounds the keys of a directory that are remembered, some 30 MB, and maxDirectories the
// directories.
const maxHeld, maxDirectories = 1 << 17, 2

// heldKey is a version of a directory. It is never another one, so that what is remembered under it
// stays true.
type heldKey struct {
	workspace uuid.UUID
	version   int64
}

// heldRecords are the records of a directory that have an external id, an address or a domain. It
// does not change, so that chunks may read it at the same time.
type heldRecords struct {
	ids             map[importer.Kind]map[string]importer.Holder
	emails, domains map[string][]importer.Holder
	nobodys         map[nobodysKey]bool    // keys that no record has
	size            int                    // the keys in all of them
	read            map[importer.Kind]bool // all records that have an external id were asked for
}

type nobodysKey struct {
	kind  importer.Kind
	value string
}

// lacks returns the keys that must be looked up.
func (h *heldRecords) lacks(keys importer.Keys) importer.Keys {
	asked := keys
	asked.ExternalIDs = map[importer.Kind][]string{}
	for kind, ids := range keys.ExternalIDs {
		of := h.ids[kind]
		var missing []string
		for _, id := range ids {
			if _, ok := of[id]; !ok && !h.nobodys[nobodysKey{kind, id}] {
				missing = append(missing, id)
			}
		}
		if len(missing) > 0 {
			asked.ExternalIDs[kind] = missing
		}
	}
	listed := func(values []string, of map[string][]importer.Holder) (missing []string) {
		for _, v := range values {
			if _, ok := of[v]; !ok {
				missing = append(missing, v)
			}
		}
		return missing
	}
	asked.Emails, asked.Domains = listed(keys.Emails, h.emails), listed(keys.Domains, h.domains)
	return asked
}

// with returns what is remembered together with the records that were found for further keys. Where
// that is too much, it forgets all but the keys of the chunk.
func (h *heldRecords) with(keys, asked importer.Keys, found importer.Holders) *heldRecords {
	further := sizeOf(asked)
	if further == 0 && h.ids != nil {
		return h
	}
	all := &heldRecords{ids: map[importer.Kind]map[string]importer.Holder{}, emails: map[string][]importer.Holder{},
		domains: map[string][]importer.Holder{}, nobodys: map[nobodysKey]bool{}, size: h.size + further, read: h.read}
	if all.size > maxHeld {
		all.size = sizeOf(keys)
		all.keep(keys, importer.Holders{ExternalIDs: h.ids, Emails: h.emails, Domains: h.domains})
	} else {
		for kind, of := range h.ids {
			all.ids[kind] = maps.Clone(of)
		}
		maps.Copy(all.emails, h.emails)
		maps.Copy(all.domains, h.domains)
		maps.Copy(all.nobodys, h.nobodys)
	}
	all.keep(asked, found)
	return all
}

// manyIDs is the number of external ids of a chunk from which on all records with one are read at
// once, where the kind has at most maxRead of them. That takes as long as to look up some thousands.
const manyIDs, maxRead = 2_000, maxHeld - maxHeld/8

// worthReading returns the kind whose records are all to be read, because so many must be looked up;
// empty for none. It is one at a time, so that what is remembered stays bounded.
func (h *heldRecords) worthReading(asked importer.Keys) (most importer.Kind) {
	for kind, ids := range asked.ExternalIDs {
		if len(ids) >= max(manyIDs, len(asked.ExternalIDs[most])) && kind != importer.Users && !h.read[kind] {
			most = kind
		}
	}
	return most
}

// readAll returns what is remembered together with all records of a kind that have an external id,
// unless they are too many. Each kind is asked for once.
func (r *Resolver) readAll(ctx context.Context, held *heldRecords, kind importer.Kind) (*heldRecords, error) {
	q := &holderQueries{workspace: r.workspace}
	var ids []string
	of := map[string]importer.Holder{}
	identified := fmt.Sprintf(`FROM %s d WHERE d.workspace_id = $1 AND d.external_id IS NOT NULL`, directoryTable(kind))
	from := fmt.Sprintf(` FROM (SELECT d.* %s AND %s AND (SELECT count(*) FROM (SELECT %[1]s LIMIT $2 + 1) few) <= $2) r`,
		identified, mayBeMeant(kind))
	q.queue(kind, "external_id", from, `LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id
		AND e.active`, maxRead, func(id string, h importer.Holder) { of[id], ids = h, append(ids, id) })
	if err := q.send(ctx, r.store.pool); err != nil {
		return nil, err
	}
	keys := importer.Keys{ExternalIDs: map[importer.Kind][]string{kind: ids}}
	all := *held.with(keys, held.lacks(keys), importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{
		kind: of}})
	all.read = map[importer.Kind]bool{kind: true}
	maps.Copy(all.read, held.read)
	return &all, nil
}

func sizeOf(keys importer.Keys) int {
	n := len(keys.Emails) + len(keys.Domains)
	for _, ids := range keys.ExternalIDs {
		n += len(ids)
	}
	return n
}

// keep adds the records that were found for keys; also that nobody has one.
func (h *heldRecords) keep(keys importer.Keys, found importer.Holders) {
	for kind, ids := range keys.ExternalIDs {
		if h.ids[kind] == nil {
			h.ids[kind] = make(map[string]importer.Holder, len(ids))
		}
		for _, id := range ids {
			holder, ok := found.ExternalIDs[kind][id]
			id = strings.Clone(id) // it is a part of the chunk
			if ok {
				h.ids[kind][id] = holder
				delete(h.nobodys, nobodysKey{kind, id})
			} else {
				h.nobodys[nobodysKey{kind, id}] = true
			}
		}
	}
	for _, email := range keys.Emails {
		h.emails[strings.Clone(email)] = found.Emails[email]
	}
	for _, domain := range keys.Domains {
		h.domains[strings.Clone(domain)] = found.Domains[domain]
	}
}

// batcher is the common part of a pool and a transaction.
type batcher interface {
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

func holders(ctx context.Context, on batcher, workspace uuid.UUID, keys importer.Keys) (importer.Holders, error) {
	found := importer.Holders{ExternalIDs: map[importer.Kind]map[string]importer.Holder{},
		Titles: map[importer.Kind]map[string][]importer.Holder{},
		Emails: map[string][]importer.Holder{}, Domains: map[string][]importer.Holder{},
		UserIDs: map[string][]importer.Holder{}, UserEmails: map[string][]importer.Holder{},
		UserRecords: map[uuid.UUID]importer.Holder{}, Items: map[uuid.UUID]importer.Holder{}}
	q := &holderQueries{workspace: workspace}
	listIn := func(all map[string][]importer.Holder) func(string, importer.Holder) {
		return func(key string, h importer.Holder) { all[key] = append(all[key], h) }
	}
	for kind, ids := range keys.ExternalIDs {
		of := make(map[string]importer.Holder, len(ids))
		found.ExternalIDs[kind] = of
		q.ask(kind, "external_id", holding(kind, "external_id", 0), ids,
			func(key string, h importer.Holder) { of[key] = h })
	}
	for kind, titles := range keys.Titles {
		of := map[string][]importer.Holder{}
		found.Titles[kind] = of
		q.ask(kind, "match_key", holding(kind, "match_key", importer.MostTitles), titles, listIn(of))
		q.ask(kind, "alias", ` FROM (SELECT d.*, a.match_key AS alias FROM aliases a JOIN `+directoryTable(kind)+` d
			ON d.workspace_id = a.workspace_id AND d.id = a.record_id
			WHERE a.workspace_id = $1 AND a.match_key = ANY ($2) AND a.kind = '`+string(kind)+`'
			AND d.active) r`, titles,
			func(key string, h importer.Holder) { of[key] = []importer.Holder{h} })
	}
	for _, of := range [...]struct {
		kind   importer.Kind
		column string
		values []string
		found  map[string][]importer.Holder
	}{{importer.Contacts, "email", keys.Emails, found.Emails}, {importer.Companies, "domain", keys.Domains, found.Domains},
		{importer.Users, "assignee_id", keys.UserIDs, found.UserIDs},
		{importer.Users, "email", keys.UserEmails, found.UserEmails}} {
		q.ask(of.kind, of.column, holding(of.kind, of.column, importer.MostHolders), of.values, listIn(of.found))
	}
	for kind, ids := range keys.Items {
		q.ask(kind, "external_id", holding(kind, "id", 0), ids,
			func(_ string, h importer.Holder) { found.Items[h.ID] = h })
	}
	q.ask(importer.Users, "external_id", holding(importer.Users, "id", 0), keys.UserRecords,
		func(_ string, h importer.Holder) { found.UserRecords[h.ID] = h })
	err := q.send(ctx, on)
	for _, of := range [...]map[string][]importer.Holder{found.Emails, found.Domains, found.UserIDs, found.UserEmails,
		found.Titles[importer.Deals], found.Titles[importer.Events]} {
		for _, all := range of {
			slices.SortFunc(all, func(a, b importer.Holder) int { return bytes.Compare(a.ID[:], b.ID[:]) })
		}
	}
	return found, err
}

// CompleteCandidates adds the addresses and external ids of now to the candidates of dead letters.
func (s *Store) CompleteCandidates(ctx context.Context, workspace uuid.UUID, dead []importer.DeadLetter) error {
	return importer.CompleteCandidates(ctx, dead, func(ctx context.Context,
		ids importer.References) (map[uuid.UUID]importer.Holder, error) {
		found := map[uuid.UUID]importer.Holder{}
		q := &holderQueries{workspace: workspace}
		for kind, of := range ids {
			q.ask(kind, "external_id", holding(kind, "id", 0), of, func(_ string, h importer.Holder) { found[h.ID] = h })
		}
		return found, q.send(ctx, s.pool)
	})
}

// NearTitles returns the deals and events whose titles are next to these.
func (r *Resolver) NearTitles(ctx context.Context,
	titles map[importer.Kind][]string) (map[importer.Kind]map[string][]importer.Holder, error) {
	defer r.timed()()
	found := map[importer.Kind]map[string][]importer.Holder{}
	q := &holderQueries{workspace: r.workspace}
	for kind, keys := range titles {
		of := map[string][]importer.Holder{}
		found[kind] = of
		side := func(compared, order string) string {
			return fmt.Sprintf(`(SELECT d.*, asked.title AS asked FROM %s d WHERE d.workspace_id = $1
				AND d.active AND d.match_key %s asked.title ORDER BY d.match_key %s, d.id %[3]s LIMIT %d)`, directoryTable(kind),
				compared,
				order, importer.NearTitles)
		}
		q.ask(kind, "asked", ` FROM (SELECT n.* FROM unnest($2::text[]) AS asked (title) CROSS JOIN LATERAL (`+
			side("<", "DESC")+` UNION ALL `+side(">=", "ASC")+`) n) r`, keys,
			func(key string, h importer.Holder) { of[key] = append(of[key], h) })
	}
	return found, q.send(ctx, r.store.pool)
}

// holderQueries are statements for records that go to the database at once.
type holderQueries struct {
	workspace uuid.UUID
	batch     pgx.Batch
}

// ask calls add with a column and the other values of each record r that from finds for values, its
// parameter $2; $1 is the workspace.
func (q *holderQueries) ask(kind importer.Kind, column, from string, values any, add func(key string,
	h importer.Holder)) {
	if reflect.ValueOf(values).Len() > 0 {
		q.queue(kind, column, from, `LEFT JOIN LATERAL (SELECT * FROM companies e WHERE e.workspace_id = r.workspace_id
			AND e.id = r.company_id AND e.active OFFSET 0) e ON true`, values, add)
	}
}

// queue is ask with one more choice: how the companies e of the records are joined.
func (q *holderQueries) queue(kind importer.Kind, column, from, companies string, parameter any,
	add func(key string, h importer.Holder)) {
	columns := holderColumns[kind]
	if kind != importer.Users {
		columns += `, '', false`
	}
	if kind != importer.Companies && kind != importer.Users {
		from += ` ` + companies
	}
	sql := `SELECT coalesce(r.` + column + `, ''), ` + columns + from
	q.batch.Queue(sql, q.workspace, parameter).Query(func(rows pgx.Rows) error {
		var key string
		h := importer.Holder{Kind: kind}
		_, err := pgx.ForEachRow(rows, []any{&key, &h.ID, &h.Name, &h.Email, &h.ExternalID, &h.CompanyID, &h.CompanyName,
			&h.ContactID, &h.Assignee, &h.Inactive}, func() error { add(key, h); return nil })
		return err
	})
}

func (q *holderQueries) send(ctx context.Context, on batcher) error {
	if q.batch.Len() == 0 {
		return nil
	}
	return translate(on.SendBatch(ctx, &q.batch).Close())
}

const noID = `'00000000-0000-0000-0000-000000000000'::uuid`

// holderColumns are those of a Holder besides its kind, of records r with their companies e.
var holderColumns = map[importer.Kind]string{
	importer.Contacts: `r.id, r.full_name, coalesce(r.email, ''), coalesce(r.external_id, ''),
		coalesce(e.id, ` + noID + `), coalesce(e.name, ''), ` + noID,
	importer.Companies: `r.id, r.name, '', coalesce(r.external_id, ''), ` + noID + `, '', ` + noID,
	importer.Deals:     itemHolder,
	importer.Events:    itemHolder,
	importer.Users: `r.id, r.name, coalesce(r.email, ''), coalesce(r.external_id, ''), ` + noID + `, '', ` + noID + `,
		coalesce(r.assignee_id, r.external_id, r.email), NOT r.active`,
}

const itemHolder = `r.id, r.title, '', coalesce(r.external_id, ''), coalesce(e.id, ` + noID + `),
	coalesce(e.name, ''), coalesce(r.contact_id, ` + noID + `)`

// mayBeMeant is the condition on a record d of the directory that a row may mean it. That a user is
// not active is said to those who mean them.
func mayBeMeant(kind importer.Kind) string {
	if kind == importer.Users {
		return `d.deleted_at IS NULL`
	}
	return `d.active`
}

// holding finds the records r that have one of the values of $2 in a column: of each value as far
// as most, in the order of their ids, or all with 0. Each value is looked up by itself. Without
// that Postgres, until it has analyzed a table, reads all records of a workspace to find a few.
func holding(kind importer.Kind, column string, most int) string {
	values, first := `text[]`, ``
	if column == "id" {
		values = `uuid[]`
	}
	if most > 0 {
		first = fmt.Sprintf(`ORDER BY one.id LIMIT %d`, most)
	}
	// OFFSET 0 keeps the planner from joining the values with the whole table.
	return fmt.Sprintf(` FROM (SELECT DISTINCT unnest($2::%s) AS value) asked CROSS JOIN LATERAL (SELECT * FROM (SELECT *
		FROM %s d WHERE d.workspace_id = $1 AND d.%s = asked.value AND %s OFFSET 0) one %s) r`, values,
		directoryTable(kind), column, mayBeMeant(kind), first)
}
