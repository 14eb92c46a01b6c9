package store

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"taskport/importer"
)

// A process keeps the names of so many workspaces in memory: those last used. Small ones cost
// little, so fewWorkspaces is the limit only once there are many names.
const (
	maxWorkspaces = 1000
	fewWorkspaces = 64
	manyNames     = 200_000
)

// snapshotCache keeps the names of each workspace as they were last read. A snapshot is immutable;
// another version replaces it.
type snapshotCache struct {
	slots *lru.Cache[uuid.UUID, *snapshotSlot]
}

type snapshotSlot struct {
	mu    sync.Mutex // held while the names are built, so that they are built once
	names *importer.Snapshot
	read  time.Time // when their reading began

	entries atomic.Int64 // number of names, readable without mu
}

func newSnapshotCache() *snapshotCache {
	return &snapshotCache{slots: newCache[uuid.UUID, *snapshotSlot](maxWorkspaces)}
}

// get returns the names of a version, or names that were read after the call began. load reads
// them, given the earlier ones or nil.
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
	slot.entries.Store(int64(names.Len()))
	c.evict()
	return names, nil
}

// evict forgets the workspaces that were not used for the longest time.
func (c *snapshotCache) evict() {
	all, names := c.slots.Values(), 0 // the oldest first
	for _, slot := range all {
		names += int(slot.entries.Load())
	}
	for n := 0; len(all)-n > fewWorkspaces && names > manyNames; n++ {
		names -= int(all[n].entries.Load())
		c.slots.RemoveOldest()
	}
}

func (c *snapshotCache) slot(workspace uuid.UUID) *snapshotSlot {
	for {
		if slot, ok := c.slots.Get(workspace); ok {
			return slot
		}
		c.slots.ContainsOrAdd(workspace, &snapshotSlot{})
	}
}

// SnapshotSize is the number of workspaces, and of their names, in memory.
type SnapshotSize struct {
	Workspaces int
	Entries    int
}

// SnapshotSize returns the size of the indexes of names. It does not wait for one that is being
// built.
func (s *Store) SnapshotSize() SnapshotSize {
	slots := s.names.slots.Values()
	n := SnapshotSize{Workspaces: len(slots)}
	for _, slot := range slots {
		n.Entries += int(slot.entries.Load())
	}
	return n
}
