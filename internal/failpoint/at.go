//go:build !torture

package failpoint

import (
	"context"

	"github.com/google/uuid"
)

// At says that a step is reached, with the import and the chunk where there are. Its error is to be
// treated as one of the work itself.
func At(context.Context, Name, uuid.UUID, int) error { return nil }
