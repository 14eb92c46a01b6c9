package store

import (
	"context"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// Resolver is the importer.Workspace of the database: it answers the questions of a batch of tasks
// about the directory.
type Resolver struct {
	Version   int64 // of the directory; what is resolved holds for it
	store     *Store
	workspace uuid.UUID
	taken     func(context.Context, *importer.Batch) (map[string]bool, error)
	asked     time.Duration
	holders   *lru.Cache[heldKey, *heldRecords] // nil for a resolver whose version may be old
}

// Resolver returns a Resolver for the chunk of a claim, with the current directory.
func (s *Store) Resolver(ctx context.Context, c *Claim) (*Resolver, error) {
	r := s.resolverAt(c.WorkspaceID, 0)
	r.holders = s.held
	defer r.timed()()
	var err error
	if r.Version, err = s.DirectoryVersion(ctx, c.WorkspaceID); err != nil {
		return nil, err
	}
	r.taken = func(ctx context.Context, b *importer.Batch) (map[string]bool, error) { return c.taken(ctx, s.pool, b) }
	return r, nil
}

// ResolverAt returns a Resolver for a single task, with the directory of the given version or a
// later one. It looks up whether the task's external id is taken only with askTaken: most are new,
// and CreateTask checks in any case.
func (s *Store) ResolverAt(workspace uuid.UUID, version int64, askTaken bool) *Resolver {
	r := s.resolverAt(workspace, version)
	if askTaken {
		r.taken = func(ctx context.Context, b *importer.Batch) (map[string]bool, error) {
			return takenIDs(ctx, s.pool, Import{WorkspaceID: workspace}, b)
		}
	}
	return r
}

func (s *Store) resolverAt(workspace uuid.UUID, version int64) *Resolver {
	return &Resolver{Version: version, store: s, workspace: workspace,
		taken: func(context.Context, *importer.Batch) (map[string]bool, error) { return map[string]bool{}, nil }}
}

// Asked returns the time that the answers have taken so far.
func (r *Resolver) Asked() time.Duration { return r.asked }

// timed adds the time until the returned function is called.
func (r *Resolver) timed() func() {
	began := time.Now()
	return func() { r.asked += time.Since(began) }
}

// Known returns which of the ids exist.
func (r *Resolver) Known(ctx context.Context, ids importer.References) (importer.Known, error) {
	defer r.timed()()
	known, err := r.store.known(ctx, r.workspace, ids)
	return known, translate(err)
}

// Snapshot returns the names of the directory, and sets Version to their version.
func (r *Resolver) Snapshot(ctx context.Context) (*importer.Snapshot, error) {
	defer r.timed()()
	names, err := r.store.names.get(r.workspace, r.Version, func(earlier *importer.Snapshot) (*importer.Snapshot, error) {
		return r.store.loadSnapshot(ctx, r.workspace, earlier, loadNames)
	})
	if err == nil {
		r.Version = names.Version
	}
	return names, err
}

// Taken returns the external ids and origins of the batch that are tasks already, if they are to be
// looked up.
func (r *Resolver) Taken(ctx context.Context, b *importer.Batch) (map[string]bool, error) {
	defer r.timed()()
	taken, err := r.taken(ctx, b)
	return taken, translate(err)
}

// reference is the id of a record that a task names.
type reference struct {
	workspace uuid.UUID
	kind      importer.Kind
	id        uuid.UUID
}

// known returns which of a batch's references exist. Those of single tasks are looked up together.
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

// findExisting reports for each reference whether it exists.
func (s *Store) findExisting(ctx context.Context, refs []reference) ([]bool, error) {
	found := map[reference]bool{}
	workspaces, ids := map[importer.Kind][]uuid.UUID{}, map[importer.Kind][]uuid.UUID{}
	for _, r := range refs {
		workspaces[r.kind], ids[r.kind] = append(workspaces[r.kind], r.workspace), append(ids[r.kind], r.id)
	}
	for kind := range ids {
		rows, err := s.pool.Query(ctx, `SELECT d.workspace_id, d.id FROM unnest($1::uuid[], $2::uuid[]) AS asked
			(workspace_id, id)
			JOIN `+directoryTable(kind)+` d ON d.workspace_id = asked.workspace_id AND d.id = asked.id AND d.active`,
			workspaces[kind], ids[kind])
		if err != nil {
			return nil, err
		}
		r := reference{kind: kind}
		if _, err := pgx.ForEachRow(rows, []any{&r.workspace, &r.id},
			func() error { found[r] = true; return nil }); err != nil {
			return nil, err
		}
	}
	return inOrderOf(refs, found), nil
}

// queryer is the common part of a pool and a transaction.
type queryer interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func known(ctx context.Context, q queryer, workspace uuid.UUID, refs importer.References) (importer.Known, error) {
	k := importer.Known{}
	for kind, ids := range refs {
		rows, err := q.Query(ctx, `SELECT id FROM `+directoryTable(kind)+` WHERE workspace_id = $1 AND id = ANY ($2)
			AND active`, workspace, ids)
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

// loadSnapshot reads a snapshot of a workspace in one transaction: all of it, or only the changes
// since earlier, which may be nil. It returns earlier itself when nothing has changed. All records
// are read when the directory has no record of earlier's version: that is too old, or the database
// was restored or replaced. fill reads the names into n; earlier is nil and since is negative for
// all of them.
func (s *Store) loadSnapshot(ctx context.Context, workspace uuid.UUID, earlier *importer.Snapshot,
	fill func(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, n, earlier *importer.Snapshot, since int64) error) (
	*importer.Snapshot, error) {
	n := &importer.Snapshot{}
	err := s.pooler.transact(ctx, s.pool, "begin isolation level repeatable read read only", idleTimeout,
		func(tx pgx.Tx) error {
			since := int64(-1)
			if earlier != nil {
				since = earlier.Version
			}
			grown := false
			if err := tx.QueryRow(ctx, `SELECT w.directory_version, w.settings, (SELECT coalesce(min(c.version) = $2
			AND NOT bool_or(c.removed AND c.version > $2), false)
				FROM directory_changes c WHERE c.workspace_id = $1 AND c.version >= $2) FROM workspaces w WHERE w.id = $1`,
				workspace, since).Scan(&n.Version, &n.Settings, &grown); err != nil {
				return err
			}
			switch {
			case n.Version == since:
				n = earlier
				return nil
			case grown:
				return fill(ctx, tx, workspace, n, earlier, since)
			}
			return fill(ctx, tx, workspace, n, nil, -1)
		})
	return n, translate(err)
}

// loadNames reads the contacts and companies that have changed since a version.
func loadNames(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, n, earlier *importer.Snapshot, since int64) error {
	people, companies := match.NewDirectory(match.Person, nil, nil), match.NewDirectory(match.Company, nil, nil)
	if earlier != nil {
		people, companies = earlier.People, earlier.Companies
	}
	var err error
	if n.People, err = changed(ctx, tx, people, importer.Contacts, workspace,
		`SELECT r.id, CASE WHEN r.active THEN r.full_name ELSE '' END, e.id FROM contacts r
		LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id AND e.active
		WHERE r.workspace_id = $1 AND r.version > $2 AND (r.active AND r.full_name <> '' OR $2 >= 0)
		ORDER BY r.id`, since); err != nil {
		return err
	}
	n.Companies, err = changed(ctx, tx, companies, importer.Companies, workspace, `SELECT id,
		CASE WHEN active THEN name ELSE '' END, NULL::uuid FROM companies WHERE workspace_id = $1 AND version > $2
		AND (active OR $2 >= 0) ORDER BY id`, since)
	return err
}

// changed brings a directory up to date; sql selects the records that have changed since a version,
// those that are nothing to link to any more without their name.
func changed(ctx context.Context, tx pgx.Tx, d *match.Directory, kind importer.Kind, workspace uuid.UUID, sql string,
	since int64) (*match.Directory, error) {
	most := 0
	if since < 0 { // growing a large slice would take three times its size
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM `+directoryTable(kind)+` WHERE workspace_id = $1 AND active`,
			workspace).Scan(&most); err != nil {
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
	rows, err := tx.Query(ctx, `SELECT a.match_key, a.record_id FROM aliases a LEFT JOIN `+directoryTable(kind)+` r
		ON r.workspace_id = a.workspace_id AND r.id = a.record_id WHERE a.workspace_id = $1 AND a.kind = $2
		AND (r.active OR a.kind = 'users')`, workspace, kind)
	if err != nil {
		return nil, err
	}
	all := map[string]match.ID{}
	var key string
	var id uuid.UUID
	_, err = pgx.ForEachRow(rows, []any{&key, &id}, func() error { all[key] = id; return nil })
	return all, err
}
