package store

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"taskport/importer"
)

// maxCachedNames bounds how many workspaces' names a process keeps in memory: those that were used last.
const maxCachedNames = 64

// namesCache keeps the names of each workspace as they were last read. They are immutable: another version replaces them whole.
type namesCache struct {
	slots *lru.Cache[uuid.UUID, *namesSlot]
}

type namesSlot struct {
	mu    sync.Mutex // held while the names are built, so that they are built once
	names *importer.Names
	read  time.Time // when it was begun to read them

	entries atomic.Int64 // of names, for who counts without waiting
}

func newNamesCache() *namesCache {
	return &namesCache{slots: newCache[uuid.UUID, *namesSlot](maxCachedNames)}
}

// get returns the names of a version, or such as were read after the call. load reads them; it is given the earlier ones, nil when there are none.
func (c *namesCache) get(workspace uuid.UUID, version int64, load func(earlier *importer.Names) (*importer.Names, error)) (*importer.Names, error) {
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

func (c *namesCache) slot(workspace uuid.UUID) *namesSlot {
	for {
		if slot, ok := c.slots.Get(workspace); ok {
			return slot
		}
		c.slots.ContainsOrAdd(workspace, &namesSlot{})
	}
}

// NamesSize is how much of directories the process keeps in memory.
type NamesSize struct {
	Workspaces int
	Entries    int
}

// NamesSize returns how large the indexes of names are. It waits for none that is just being built.
func (s *Store) NamesSize() NamesSize {
	slots := s.names.slots.Values()
	n := NamesSize{Workspaces: len(slots)}
	for _, slot := range slots {
		n.Entries += int(slot.entries.Load())
	}
	return n
}
