package store

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/importer/match"
)

// knownUser is a user of the directory, by what the rows of users are recognized.
type knownUser struct {
	id                        uuid.UUID
	external, assignee, email string // external as IDKey returns it
	name                      string
}

// users writes users. Those that already exist are recognized by external_id, then by assignee_id,
// then by email, as long as the other ids do not differ and the names may be those of one person. A
// row that completes the ids of a user updates it: the users of the two systems are often loaded
// one after the other. Any other row brings a user back who is not active, unless it says that the
// user is not.
func (w *directoryWriter) users(ctx context.Context, b *importer.Batch) (counts, error) {
	known, err := w.knownUsers(ctx, b.Users)
	if err != nil {
		return counts{}, err
	}
	var rows [][]any
	for _, u := range b.Users {
		is := known.find(&u)
		if is == nil {
			id := newID()
			if known.shares(&u) {
				b.Share(u.Source)
			}
			known.add(knownUserOf(&u, id))
			w.named = append(w.named, id)
			rows = append(rows, userTable.row(w, id, &u, u.Row))
			continue
		}
		w.named = append(w.named, is.id)
		back := w.inactive[is.id] && u.Active != "false"
		delete(w.inactive, is.id)
		switch {
		case u.ExternalID != "" && is.external == "" || u.AssigneeID != "" && is.assignee == "":
			w.n.updated++
			userTable.update(w, is.id, &u)
			added := knownUserOf(&u, is.id)
			known.add(&knownUser{is.id, orName(added.external, is.external), orName(added.assignee, is.assignee),
				orName(added.email, is.email), orName(u.Name, is.name)})
			continue
		case back:
			w.n.updated++
			u.Active = "true"
		case !w.repeated(is.id, skippedRow{Source: u.Source, key: orName(u.ExternalID, orName(u.AssigneeID, u.Email)),
			name: u.Name}, func() {
			b.Reject(u.Source, importer.DuplicateFault(orName(u.ExternalID, orName(u.AssigneeID, u.Email))))
		}):
			continue
		}
		userTable.update(w, is.id, &u)
	}
	return w.finish(ctx, userTable.name, userTable.copied(), rows)
}

func knownUserOf(u *importer.User, id uuid.UUID) *knownUser {
	return &knownUser{id, importer.IDKey(u.ExternalID), u.AssigneeID, u.Email, u.Name}
}

// keys are what a user is recognized by, in this order.
func (u *knownUser) keys() [3]string { return [...]string{u.external, u.assignee, u.email} }

// knownUsers are users by each of their keys.
type knownUsers [3]map[string][]*knownUser

func (k *knownUsers) add(u *knownUser) {
	for i, key := range u.keys() {
		if key != "" {
			others := slices.DeleteFunc(k[i][key], func(other *knownUser) bool { return other.id == u.id })
			k[i][key] = append(others, u)
		}
	}
}

// find returns the user that a row is about; nil for a new one.
func (k *knownUsers) find(u *importer.User) *knownUser {
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	row := knownUserOf(u, uuid.Nil)
	for i, key := range row.keys() {
		if key == "" {
			continue
		}
		for _, is := range k[i][key] {
			if i == 0 || !differ(row.external, is.external) && (i == 1 || !differ(row.assignee, is.assignee) &&
				importer.MayBeOnePerson(row.name, is.name)) {
				return is
			}
		}
	}
	return nil
}

// shares reports whether the address of a row is that of another person.
func (k *knownUsers) shares(u *importer.User) bool {
	const byEmail = 2
	return u.Email != "" && slices.ContainsFunc(k[byEmail][u.Email], func(is *knownUser) bool {
		return !importer.MayBeOnePerson(u.Name, is.name)
	})
}

// knownUsers returns the users with the keys of a chunk, and notes which of them are not active.
func (w *directoryWriter) knownUsers(ctx context.Context, users []importer.User) (*knownUsers, error) {
	k := &knownUsers{{}, {}, {}}
	rows, err := w.tx.Query(ctx, `SELECT id, coalesce(external_id, ''), coalesce(assignee_id, ''), coalesce(email, ''),
		coalesce(name, ''), active FROM users WHERE workspace_id = $1 AND deleted_at IS NULL
		AND (external_id = ANY ($2) OR assignee_id = ANY ($3) OR email = ANY ($4)) ORDER BY id`, w.workspace,
		importer.IDForms(collect(users, func(u importer.User) string { return u.ExternalID })),
		collect(users, func(u importer.User) string { return u.AssigneeID }),
		collect(users, func(u importer.User) string { return u.Email }))
	if err != nil {
		return nil, err
	}
	var id uuid.UUID
	var u importer.User
	var active bool
	_, err = pgx.ForEachRow(rows, []any{&id, &u.ExternalID, &u.AssigneeID, &u.Email, &u.Name, &active}, func() error {
		if !active {
			w.inactive[id] = true
		}
		k.add(knownUserOf(&u, id))
		return nil
	})
	return k, err
}

// Users returns the names of the users of the directory.
func (r *Resolver) Users(ctx context.Context) (*importer.Snapshot, error) {
	defer r.timed()()
	return r.store.usersAt(ctx, r.workspace, r.Version)
}

// Users returns the current names of a workspace's users.
func (s *Store) Users(ctx context.Context, workspace uuid.UUID) (*importer.Snapshot, error) {
	version, err := s.DirectoryVersion(ctx, workspace)
	if err != nil {
		return nil, err
	}
	return s.usersAt(ctx, workspace, version)
}

func (s *Store) usersAt(ctx context.Context, workspace uuid.UUID, version int64) (*importer.Snapshot, error) {
	return s.users.get(workspace, version, func(earlier *importer.Snapshot) (*importer.Snapshot, error) {
		return s.loadSnapshot(ctx, workspace, earlier, loadUsers)
	})
}

// MeantUser returns the user that a text means by an id, an address or a name; the nil id for an
// empty one. The error is an *importer.Fault where it means no user, or several.
func (s *Store) MeantUser(ctx context.Context, workspace uuid.UUID, text string) (uuid.UUID, error) {
	users, err := s.Users(ctx, workspace)
	if err != nil {
		return uuid.Nil, err
	}
	meant, err := importer.MeantUsers(ctx, users, holdersIn(s.pool, workspace),
		importer.Mapping{Values: map[string]map[string]string{importer.Assignee: {text: text}}})
	return meant[text], err
}

// DecideAssignees lists the assignees of a file who are not users of the workspace in its layout.
func (s *Store) DecideAssignees(ctx context.Context, workspace uuid.UUID, l *importer.Layout,
	m importer.Mapping) error {
	users, err := s.Users(ctx, workspace)
	if err != nil {
		return err
	}
	return l.DecideAssignees(ctx, users, holdersIn(s.pool, workspace), m)
}

func holdersIn(q batcher, workspace uuid.UUID) importer.HoldersOf {
	return func(ctx context.Context, keys importer.Keys) (importer.Holders, error) {
		return holders(ctx, q, workspace, keys)
	}
}

// rememberUsers keeps the users that a mapping means as aliases, so that a later import need not be
// told again.
func rememberUsers(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, users *importer.Snapshot, m importer.Mapping,
	by Actor) error {
	if users == nil || users.Users == nil || !m.MeansUsers() {
		return nil
	}
	meant, err := importer.MeantUsers(ctx, users, holdersIn(tx, workspace), m)
	if err != nil {
		return err
	}
	for _, text := range slices.Sorted(maps.Keys(meant)) {
		if id, ok := users.UserAliases[importer.UserKey(text)]; ok && id == match.ID(meant[text]) {
			continue
		}
		err := keepAlias(ctx, tx, workspace, importer.Users, text, meant[text], by)
		if err != nil && !errors.Is(err, ErrNotFound) { // the user is gone meanwhile
			return err
		}
	}
	return nil
}

// loadUsers reads the users that have changed since a version, also those who are not active: a row
// that names one is told so.
func loadUsers(ctx context.Context, tx pgx.Tx, workspace uuid.UUID, n, earlier *importer.Snapshot, since int64) error {
	var are bool
	err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM users WHERE workspace_id = $1 AND deleted_at IS NULL)`,
		workspace).Scan(&are)
	if err != nil || !are {
		return err
	}
	users := match.NewDirectory(match.Person, nil, nil)
	if earlier != nil && earlier.Users != nil {
		users = earlier.Users
	}
	if n.Users, err = changed(ctx, tx, users, importer.Users, workspace, `SELECT id,
		CASE WHEN deleted_at IS NULL THEN name ELSE '' END, NULL::uuid FROM users WHERE workspace_id = $1 AND version > $2
		AND (deleted_at IS NULL AND name <> '' OR $2 >= 0) ORDER BY id`, since); err != nil {
		return err
	}
	n.UserAliases, err = aliases(ctx, tx, workspace, importer.Users)
	return err
}
