package store

import (
	"context"

	"github.com/google/uuid"

	"taskport/importer"
)

// writePermissions are the permissions that a key needs to create and change imports of a kind.
var writePermissions = map[importer.Kind]Permission{
	importer.Tasks: WriteActivities, importer.Contacts: WriteContacts, importer.Companies: WriteCompanies,
	importer.Deals: WriteDeals, importer.Events: WriteEvents, importer.Users: WriteUsers,
}

// WritePermission returns the permission that a key needs to create imports of a kind, and to
// cancel, retry, correct, commit, undo or discard them. ok is false for a kind that cannot be
// imported.
func WritePermission(kind importer.Kind) (p Permission, ok bool) {
	p, ok = writePermissions[kind]
	return p, ok
}

// MayChange reports whether the key may create and change imports of a kind.
func (k Key) MayChange(kind importer.Kind) bool {
	p, ok := WritePermission(kind)
	return ok && k.May(p)
}

// PermissionError names the permission that a key lacks.
type PermissionError struct{ Permission Permission }

// Error names the permission.
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

// MayWrite returns a *PermissionError when the key lacks the permission for rows of the kind.
func (k Key) MayWrite(kind importer.Kind) error { return k.Needs(writePermissions[kind]) }

// MayChangeImport returns a *PermissionError when the key lacks the permission for the import's
// kind, and ErrNotFound for an unknown import. A staged file counts as an import.
func (s *Store) MayChangeImport(ctx context.Context, k Key, id uuid.UUID) error {
	var kind importer.Kind
	err := s.pool.QueryRow(ctx, `SELECT kind FROM imports WHERE workspace_id = $1 AND id = $2
		UNION ALL SELECT 'tasks' FROM singles WHERE workspace_id = $1 AND id = $2`, k.WorkspaceID,
		id).Scan(&kind)
	if err != nil {
		return translate(err)
	}
	return k.MayWrite(kind)
}

// MayCorrect returns a *PermissionError when the key lacks a permission that a correction needs
// beside that of its import: for contacts when it creates one, for tasks when it remembers a name.
// Without the permission for companies it sets m.KnownCompany, so that no company is added.
func (k Key) MayCorrect(m *importer.Correction, remember bool) error {
	if m.NewContact != nil {
		if err := k.Needs(WriteContacts); err != nil {
			return err
		}
		m.KnownCompany = !k.May(WriteCompanies)
	}
	if m.NewCompany != nil {
		if err := k.Needs(WriteCompanies); err != nil {
			return err
		}
	}
	if remember {
		return k.Needs(WriteActivities)
	}
	return nil
}
