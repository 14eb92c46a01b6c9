package store

import (
	"sync"
	"sync/atomic"

	"github.com/google/uuid"

	"taskport/importer"
)

// maxCachedNames bounds how many workspaces' names a process keeps in memory.
const maxCachedNames = 64

// namesCache keeps the newest names of each workspace. They are immutable: a new version replaces them whole.
type namesCache struct {
	mu    sync.Mutex
	tick  int64
	slots map[uuid.UUID]*namesSlot

	collector collector
}

type namesSlot struct {
	mu    sync.Mutex // held while the names are built, so that they are built once
	names *importer.Names
	used  int64

	entries atomic.Int64 // of names, for who counts without waiting
}

func newNamesCache() *namesCache { return &namesCache{slots: map[uuid.UUID]*namesSlot{}} }

// get gives names that are at least as new as version; load brings the earlier ones, nil when there are none, up to date.
func (c *namesCache) get(workspace uuid.UUID, version int64, load func(earlier *importer.Names) (*importer.Names, error)) (*importer.Names, error) {
	slot := c.slot(workspace)
	slot.mu.Lock()
	defer slot.mu.Unlock()
	if slot.names != nil && slot.names.Version >= version {
		return slot.names, nil
	}
	names, err := load(slot.names)
	if err == nil {
		slot.names = names
		slot.entries.Store(int64(names.People.Len() + names.Companies.Len()))
	}
	return names, err
}

func (c *namesCache) slot(workspace uuid.UUID) *namesSlot {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tick++
	slot, ok := c.slots[workspace]
	if !ok {
		c.evict()
		slot = &namesSlot{}
		c.slots[workspace] = slot
	}
	slot.used = c.tick
	return slot
}

func (c *namesCache) evict() {
	if len(c.slots) < maxCachedNames {
		return
	}
	var oldest uuid.UUID
	least := c.tick + 1
	for id, s := range c.slots {
		if s.used < least {
			oldest, least = id, s.used
		}
	}
	delete(c.slots, oldest)
}
