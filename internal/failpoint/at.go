//go:build !torture

package failpoint

import (
	"context"

	"github.com/google/uuid"
)

// At marks that a failpoint is reached, with the import and the chunk, if any. Treat its error as
// one of the work itself.
func At(context.Context, Name, uuid.UUID, int) error { return nil }
