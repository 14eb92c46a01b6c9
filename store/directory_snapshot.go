package store

import (
	"context"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// View is what a batch of tasks needs to know of the directory to be linked, and the version of the directory that it holds for.
type View struct {
	Version int64
	Known   importer.Known
	Names   *importer.Names // nil when no task of the batch gives a name
}

// View reads the directory for a batch: which of its explicit ids exist, and the names if it gives any.
func (s *Store) View(ctx context.Context, workspace uuid.UUID, b *importer.Batch) (View, error) {
	version, err := s.DirectoryVersion(ctx, workspace)
	if err != nil {
		return View{}, err
	}
	return s.ViewAt(ctx, workspace, b, version)
}

// ViewAt does what View does, for a caller who knows the version of the directory: it reads that version, or a later one.
func (s *Store) ViewAt(ctx context.Context, workspace uuid.UUID, b *importer.Batch, version int64) (View, error) {
	v := View{Version: version}
	err := s.identify(ctx, workspace, b)
	if err != nil {
		return v, translate(err)
	}
	if b.NeedsNames() {
		if v.Names, err = s.names.get(workspace, version, func(earlier *importer.Names) (*importer.Names, error) { return s.loadNames(ctx, workspace, earlier) }); err != nil {
			return v, err
		}
		v.Version = v.Names.Version
	}
	// After the names: what is known now holds for their version, or a later one is noticed when the links are written.
	v.Known, err = s.known(ctx, workspace, b.References())
	return v, translate(err)
}

// reference is an id that a task gives.
type reference struct {
	workspace uuid.UUID
	kind      importer.Kind
	id        uuid.UUID
}

// known tells which of a batch's references exist. Those of a single task are asked together with those of others.
func (s *Store) known(ctx context.Context, workspace uuid.UUID, refs importer.References) (importer.Known, error) {
	k := importer.Known{}
	for kind, ids := range refs {
		if len(ids) > 1 {
			return known(ctx, s.pool, workspace, refs)
		}
		there, err := s.existing.Ask(ctx, reference{workspace, kind, ids[0]})
		if err != nil {
			return nil, err
		}
		k[kind] = map[uuid.UUID]bool{ids[0]: there}
	}
	return k, nil
}

// findExisting tells which references exist.
func (s *Store) findExisting(ctx context.Context, refs []reference) ([]bool, error) {
	found := map[reference]bool{}
	workspaces, ids := map[importer.Kind][]uuid.UUID{}, map[importer.Kind][]uuid.UUID{}
	for _, r := range refs {
		workspaces[r.kind], ids[r.kind] = append(workspaces[r.kind], r.workspace), append(ids[r.kind], r.id)
	}
	for kind := range ids {
		rows, err := s.pool.Query(ctx, `SELECT d.workspace_id, d.id FROM unnest($1::uuid[], $2::uuid[]) AS asked (workspace_id, id)
			JOIN `+directoryTable(kind)+` d ON d.workspace_id = asked.workspace_id AND d.id = asked.id`, workspaces[kind], ids[kind])
		if err != nil {
			return nil, err
		}
		r := reference{kind: kind}
		if _, err := pgx.ForEachRow(rows, []any{&r.workspace, &r.id}, func() error { found[r] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return inOrderOf(refs, found), nil
}

// queryer is what the pool and a transaction have in common.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func known(ctx context.Context, q queryer, workspace uuid.UUID, refs importer.References) (importer.Known, error) {
	k := importer.Known{}
	for kind, ids := range refs {
		rows, err := q.Query(ctx, `SELECT id FROM `+directoryTable(kind)+` WHERE workspace_id = $1 AND id = ANY ($2)`, workspace, ids)
		if err != nil {
			return nil, err
		}
		k[kind] = make(map[uuid.UUID]bool, len(ids))
		var id uuid.UUID
		if _, err := pgx.ForEachRow(rows, []any{&id}, func() error { k[kind][id] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return k, nil
}

func directoryTable(kind importer.Kind) string { return pgx.Identifier{string(kind)}.Sanitize() }

// loadNames reads the names of a workspace from one view of the database: all of them, or what has changed since earlier, which may be nil.
// It returns earlier itself where nothing has changed. A version that the directory never had, or no longer knows, is none to go on from: the
// database was restored, or it is another one than before.
func (s *Store) loadNames(ctx context.Context, workspace uuid.UUID, earlier *importer.Names) (*importer.Names, error) {
	n := &importer.Names{}
	err := pgx.BeginTxFunc(ctx, s.pool, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		since, people, companies := int64(-1), match.NewDirectory(match.Person, nil, nil), match.NewDirectory(match.Company, nil, nil)
		if earlier != nil {
			since = earlier.Version
		}
		grown := false
		if err := tx.QueryRow(ctx, `SELECT w.directory_version, w.settings, (SELECT coalesce(min(c.version) = $2 AND NOT bool_or(c.removed AND c.version > $2), false)
				FROM directory_changes c WHERE c.workspace_id = $1 AND c.version >= $2) FROM workspaces w WHERE w.id = $1`, workspace, since).Scan(&n.Version, &n.Settings, &grown); err != nil {
			return err
		}
		switch {
		case n.Version == since:
			n = earlier
			return nil
		case grown:
			people, companies = earlier.People, earlier.Companies
		default:
			since = -1
		}
		var err error
		if n.People, err = changed(ctx, tx, people, importer.Contacts, workspace,
			`SELECT id, full_name, company_id FROM contacts WHERE workspace_id = $1 AND version > $2 AND full_name <> '' ORDER BY id`, since); err != nil {
			return err
		}
		n.Companies, err = changed(ctx, tx, companies, importer.Companies, workspace, `SELECT id, name, NULL::uuid FROM companies WHERE workspace_id = $1 AND version > $2 ORDER BY id`, since)
		return err
	})
	return n, translate(err)
}

// changed brings a directory up to date: sql gives the records that have changed since a version.
func changed(ctx context.Context, tx pgx.Tx, d *match.Directory, kind importer.Kind, workspace uuid.UUID, sql string, since int64) (*match.Directory, error) {
	most := 0
	if since < 0 { // to let a large slice grow would take three times its size
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+directoryTable(kind)+` WHERE workspace_id = $1`, workspace).Scan(&most); err != nil {
			return nil, err
		}
	}
	rows, err := tx.Query(ctx, sql, workspace, since)
	if err != nil {
		return nil, err
	}
	entries := make([]match.Entry, 0, most)
	var e match.Entry
	var company uuid.NullUUID
	_, err = pgx.ForEachRow(rows, []any{&e.ID, &e.Name, &company}, func() error {
		e.Company = company.UUID
		entries = append(entries, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	kept, err := aliases(ctx, tx, workspace, kind)
	if err != nil {
		return nil, err
	}
	return d.With(entries, kept), nil
}

func aliases(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, kind importer.Kind) (map[string]match.ID, error) {
	rows, err := tx.Query(ctx, `SELECT match_key, record_id FROM aliases WHERE workspace_id = $1 AND kind = $2`, workspace, kind)
	if err != nil {
		return nil, err
	}
	all := map[string]match.ID{}
	var key string
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error { all[key] = id; return nil })
	return all, err
}
