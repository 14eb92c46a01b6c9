package console

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

const (
	// countAge is how long a slow count is believed while an import moves; of one that stands still it is believed until the import moves.
	countAge  = 2 * time.Second
	maxCounts = 500
	// mostGroups is how many groups of dead letters are kept, the largest.
	mostGroups = 1000
)

// countCache keeps what is slow to count. It is safe for concurrent use.
type countCache struct {
	mu     sync.Mutex
	groups map[uuid.UUID]keptGroups
	names  map[uuid.UUID]string // of workspaces, which do not change
}

type keptGroups struct {
	groups []store.DeadLetterGroup
	of     state
	until  time.Time
}

// state is what an import looked like when something about it was counted. An import that goes on and ends again has another end.
type state struct {
	status                              store.Status
	finished                            time.Time
	created, updated, skipped, rejected int64
}

func stateOf(i store.Import) state {
	s := state{status: i.Status, created: i.Created, updated: i.Updated, skipped: i.Skipped, rejected: i.Rejected}
	if i.FinishedAt != nil {
		s.finished = *i.FinishedAt
	}
	return s
}

func newCountCache() *countCache {
	return &countCache{groups: map[uuid.UUID]keptGroups{}, names: map[uuid.UUID]string{}}
}

// groupsOf gives the groups of an import's dead letters, the largest first.
func (c *countCache) groupsOf(ctx context.Context, s *store.Store, i store.Import) ([]store.DeadLetterGroup, error) {
	now, of := time.Now(), stateOf(i)
	c.mu.Lock()
	kept, ok := c.groups[i.ID]
	c.mu.Unlock()
	if ok && kept.of == of && (i.Status.Final() || now.Before(kept.until)) {
		return kept.groups, nil
	}
	groups, err := s.DeadLetterGroups(ctx, i.WorkspaceID, i.ID, mostGroups)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.groups) >= maxCounts {
		c.groups = map[uuid.UUID]keptGroups{}
	}
	c.groups[i.ID] = keptGroups{groups, of, now.Add(countAge)}
	return groups, nil
}

// forget makes an import be counted again: somebody has decided about its dead letters.
func (c *countCache) forget(importID uuid.UUID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.groups, importID)
}

func (c *countCache) workspaceName(ctx context.Context, s *store.Store, id uuid.UUID) (string, error) {
	c.mu.Lock()
	name, ok := c.names[id]
	c.mu.Unlock()
	if ok {
		return name, nil
	}
	name, err := s.WorkspaceName(ctx, id)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.names[id] = name
	return name, nil
}
