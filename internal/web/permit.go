package web

import (
	"context"

	"github.com/google/uuid"

	"taskport/store"
)

// OfImport stands in a door's table for the permission of a route that changes the import of its
// path: that of the import's kind.
const OfImport store.Permission = "that of the import's kind"

// Permit returns a *store.PermissionError when a key may not use a route that needs the permission.
// It asks for the id of the path's import only where the permission depends on that; ErrNotFound
// then says that there is no such import.
func Permit(ctx context.Context, s *store.Store, k store.Key, needs store.Permission, importID func() (uuid.UUID,
	error)) error {
	if needs != OfImport {
		return k.Needs(needs)
	}
	id, err := importID()
	if err != nil {
		return err
	}
	return s.MayChangeImport(ctx, k, id)
}
