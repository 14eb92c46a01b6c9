package store

import (
	"context"

	"github.com/google/uuid"

	"taskport/importer"
)

// writePermissions are what a key needs to make imports of a kind, and to change them.
var writePermissions = map[importer.Kind]Permission{
	importer.Tasks: WriteActivities, importer.Contacts: WriteContacts, importer.Companies: WriteCompanies,
	importer.Deals: WriteDeals, importer.Events: WriteEvents,
}

// WritePermission returns what a key needs to make imports of a kind, and to cancel, retry,
// correct, commit, undo or discard them. ok is false for a kind that cannot be imported.
func WritePermission(kind importer.Kind) (p Permission, ok bool) {
	p, ok = writePermissions[kind]
	return p, ok
}

// MayChange reports whether the key may make imports of a kind, and change them.
func (k Key) MayChange(kind importer.Kind) bool {
	p, ok := WritePermission(kind)
	return ok && k.May(p)
}

// PermissionError says which permission a key lacks.
type PermissionError struct{ Permission Permission }

func (e *PermissionError) Error() string {
	return "the key lacks the permission " + string(e.Permission)
}

// Needs returns a *PermissionError when the key lacks the permission.
func (k Key) Needs(p Permission) error {
	if k.May(p) {
		return nil
	}
	return &PermissionError{p}
}

// MayChangeImport returns a *PermissionError when the key lacks the permission of the import's
// kind, and ErrNotFound where there is no such import. A file that waits to be begun counts as one.
func (s *Store) MayChangeImport(ctx context.Context, k Key, id uuid.UUID) error {
	var kind importer.Kind
	err := s.pool.QueryRow(ctx, `SELECT kind FROM imports WHERE workspace_id = $1 AND id = $2`, k.WorkspaceID,
		id).Scan(&kind)
	if err != nil {
		return translate(err)
	}
	return k.Needs(writePermissions[kind])
}

// MayCorrect returns a *PermissionError when the key lacks what a correction needs beside the
// permission of its import: a contact that is created is one of contacts, its company, where that
// is new, one of companies, and a name that is remembered means the same to tasks.
func (k Key) MayCorrect(m *importer.Correction, remember bool) error {
	if m.NewContact != nil {
		if err := k.Needs(WriteContacts); err != nil {
			return err
		}
		m.KnownCompany = !k.May(WriteCompanies)
	}
	if remember {
		return k.Needs(WriteActivities)
	}
	return nil
}
