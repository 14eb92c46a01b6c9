package web

import (
	"context"

	"github.com/google/uuid"

	"taskport/store"
)

// OfImport, in a table of routes, means the permission for the kind of the import in the path.
const OfImport store.Permission = "that of the import's kind"

// OfDirectory, in a table of routes, means either of the permissions to read the directory.
const OfDirectory = store.ReadContacts + " or " + store.ReadActivities

// Permit returns a *store.PermissionError if a key may not use a route that needs the permission.
// It calls importID only if the permission depends on the import of the path; the error is
// ErrNotFound if that does not exist.
func Permit(ctx context.Context, s *store.Store, k store.Key, needs store.Permission, importID func() (uuid.UUID,
	error)) error {
	switch {
	case needs == OfDirectory && (k.May(store.ReadContacts) || k.May(store.ReadActivities)):
		return nil
	case needs != OfImport:
		return k.Needs(needs)
	}
	id, err := importID()
	if err != nil {
		return err
	}
	return s.MayChangeImport(ctx, k, id)
}
