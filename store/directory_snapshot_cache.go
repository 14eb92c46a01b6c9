package store

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"taskport/importer"
)

// maxCachedNames bounds how many workspaces' names a process keeps in memory: those that were used
// last.
const maxCachedNames = 64

// snapshotCache keeps the names of each workspace as they were last read. They are immutable:
// another version replaces them whole.
type snapshotCache struct {
	slots *lru.Cache[uuid.UUID, *snapshotSlot]
}

type snapshotSlot struct {
	mu    sync.Mutex // held while the names are built, so that they are built once
	names *importer.Snapshot
	read  time.Time // when it was begun to read them

	entries atomic.Int64 // of names, for who counts without waiting
}

func newSnapshotCache() *snapshotCache {
	return &snapshotCache{slots: newCache[uuid.UUID, *snapshotSlot](maxCachedNames)}
}

// get returns the names of a version, or such as were read after the call. load reads them; it is
// given the earlier ones, nil when there are none.
func (c *snapshotCache) get(workspace uuid.UUID, version int64,
	load func(earlier *importer.Snapshot) (*importer.Snapshot, error)) (*importer.Snapshot, error) {
	called := time.Now()
	slot := c.slot(workspace)
	slot.mu.Lock()
	defer slot.mu.Unlock()
	if slot.names != nil && (slot.names.Version == version || slot.read.After(called)) {
		return slot.names, nil
	}
	began := time.Now()
	names, err := load(slot.names)
	if err != nil {
		return nil, err
	}
	slot.names, slot.read = names, began
	slot.entries.Store(int64(names.People.Len() + names.Companies.Len()))
	return names, nil
}

func (c *snapshotCache) slot(workspace uuid.UUID) *snapshotSlot {
	for {
		if slot, ok := c.slots.Get(workspace); ok {
			return slot
		}
		c.slots.ContainsOrAdd(workspace, &snapshotSlot{})
	}
}

// SnapshotSize is how much of directories the process keeps in memory.
type SnapshotSize struct {
	Workspaces int
	Entries    int
}

// SnapshotSize returns how large the indexes of names are. It waits for none that is just being
// built.
func (s *Store) SnapshotSize() SnapshotSize {
	slots := s.names.slots.Values()
	n := SnapshotSize{Workspaces: len(slots)}
	for _, slot := range slots {
		n.Entries += int(slot.entries.Load())
	}
	return n
}
