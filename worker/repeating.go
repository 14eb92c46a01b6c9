package worker

import (
	"sync"

	"github.com/google/uuid"
)

// repeating remembers the imports of which this worker has met a row whose external_id was taken. Where there is one there are mostly many: their chunks ask
// before they write, instead of failing first. To have forgotten costs a chunk a second try, nothing else.
type repeating struct {
	mu      sync.Mutex
	imports map[uuid.UUID]struct{}
}

// maxRepeating is how many imports are remembered.
const maxRepeating = 1000

func (r *repeating) note(id uuid.UUID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.imports == nil || len(r.imports) >= maxRepeating {
		r.imports = map[uuid.UUID]struct{}{}
	}
	r.imports[id] = struct{}{}
}

func (r *repeating) has(id uuid.UUID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, ok := r.imports[id]
	return ok
}
