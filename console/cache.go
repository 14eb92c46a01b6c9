package console

import (
	"context"
	"sync"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"

	"taskport/importer"
	"taskport/store"
)

const (
	// countAge is how long a slow count holds while an import runs. For an import that has ended it
	// holds until the import changes.
	countAge  = 2 * time.Second
	maxCounts = 500 // imports, and workspaces
	// mostGroups is how many groups of dead letters are kept, the largest.
	mostGroups = 1000
)

// countCache keeps slow counts. It is safe for concurrent use.
type countCache struct {
	mu     sync.Mutex // held by decided, which reads and replaces an entry
	groups *lru.Cache[uuid.UUID, keptGroups]
	names  *lru.Cache[uuid.UUID, string] // of workspaces, which do not change
	done   *lru.Cache[inboxKey, doneCount]
	listed *lru.Cache[inboxListKey, inboxList]
	open   *lru.Cache[uuid.UUID, openCount]
}

// openCount is how many rejected rows of a workspace are open.
type openCount struct {
	n     int
	until time.Time
}

// openOf counts the open rejected rows of a workspace. Between two counts it subtracts what this
// process has decided.
func (c *countCache) openOf(ctx context.Context, s *store.Store, workspace uuid.UUID) (int, error) {
	if kept, ok := c.open.Get(workspace); ok && time.Now().Before(kept.until) {
		return kept.n, nil
	}
	n, err := s.InboxOpen(ctx, workspace)
	if err == nil {
		c.open.Add(workspace, openCount{n, time.Now().Add(inboxAge)})
	}
	return n, err
}

// inboxListKey is a page of names of an inbox.
type inboxListKey struct {
	workspace uuid.UUID
	inboxFilter
	limit int
}

// inboxList is a page of names, and how many rows there are of each reason and field.
type inboxList struct {
	names []store.InboxName
	by    []store.InboxCount
	until time.Time
}

// namesOf returns a page of names of the inbox.
func (c *countCache) namesOf(ctx context.Context, s *store.Store, workspace uuid.UUID,
	f inboxFilter, limit int) (inboxList, error) {
	key := inboxListKey{workspace, f, limit}
	if kept, ok := c.listed.Get(key); ok && time.Now().Before(kept.until) {
		return kept, nil
	}
	list := inboxList{until: time.Now().Add(inboxAge)}
	var err error
	if list.names, list.by, err = s.InboxNames(ctx, workspace, f.store(), f.After, limit); err == nil {
		c.listed.Add(key, list)
	}
	return list, err
}

// changed removes what is kept of the inbox, after so many rows of a workspace were decided, or
// opened again where that is negative.
func (c *countCache) changed(workspace uuid.UUID, rows int) {
	if kept, ok := c.open.Get(workspace); ok {
		kept.n = max(kept.n-rows, 0)
		c.open.Add(workspace, kept)
	}
	c.done.Purge()
	c.listed.Purge()
}

// inboxKey is an import of a workspace, or all where that is nil.
type inboxKey struct{ workspace, only uuid.UUID }

// doneCount is how many rows were corrected or dismissed.
type doneCount struct {
	n     int
	until time.Time
}

// inboxAge is how long the counts of the inbox hold unless this process decides about rows.
const inboxAge = 5 * time.Second

// doneOf counts the rows that were decided.
func (c *countCache) doneOf(ctx context.Context, s *store.Store, workspace, only uuid.UUID) (int, error) {
	key := inboxKey{workspace, only}
	if kept, ok := c.done.Get(key); ok && time.Now().Before(kept.until) {
		return kept.n, nil
	}
	n, err := s.InboxDone(ctx, workspace, only)
	if err == nil {
		c.done.Add(key, doneCount{n, time.Now().Add(inboxAge)})
	}
	return n, err
}

type keptGroups struct {
	groupList
	of    state
	until time.Time
	moved bool // changed by decided since the count
}

// groupList holds the largest groups of an import's dead letters, and the number of all groups.
type groupList struct {
	groups []store.DeadLetterGroup
	total  int
}

// fresh reports whether the groups still hold for an import in this state.
func (k keptGroups) fresh(of state, now time.Time) bool {
	if k.moved || !of.status.Final() {
		return now.Before(k.until) && (k.moved || k.of == of)
	}
	return k.of == of
}

// state is the state of an import at the time of a count. A retry changes finished.
type state struct {
	status                              store.Status
	finished                            time.Time
	created, updated, skipped, rejected int64
	dismissed                           int64
}

func stateOf(i store.Import) state {
	s := state{status: i.Status, created: i.Created, updated: i.Updated, skipped: i.Skipped, rejected: i.Rejected,
		dismissed: i.Dismissed}
	if i.FinishedAt != nil {
		s.finished = *i.FinishedAt
	}
	return s
}

func newCountCache() *countCache {
	groups, _ := lru.New[uuid.UUID, keptGroups](maxCounts) // fails for a size of 0 alone
	names, _ := lru.New[uuid.UUID, string](maxCounts)
	open, _ := lru.New[uuid.UUID, openCount](maxCounts)
	listed, _ := lru.New[inboxListKey, inboxList](maxCounts)
	done, _ := lru.New[inboxKey, doneCount](maxCounts)
	return &countCache{groups: groups, names: names, done: done, listed: listed, open: open}
}

// groupsOf returns the groups of an import's dead letters, the largest first.
func (c *countCache) groupsOf(ctx context.Context, s *store.Store, i store.Import) (groupList, error) {
	now, of := time.Now(), stateOf(i)
	if kept, ok := c.groups.Get(i.ID); ok && kept.fresh(of, now) {
		return kept.groupList, nil
	}
	groups, total, err := s.DeadLetterGroupPage(ctx, i.WorkspaceID, i.ID, store.Page{Number: 1, Size: mostGroups})
	if err != nil {
		return groupList{}, err
	}
	list := groupList{groups, total}
	c.groups.Add(i.ID, keptGroups{groupList: list, of: of, until: now.Add(countAge)})
	return list, nil
}

// same returns the number of dead letters that a decision about d can cover, including d. It asks
// the store when the cached groups are not all groups.
func (c *countCache) same(ctx context.Context, s *store.Store, i store.Import, d importer.DeadLetter) (int, error) {
	if d.Reason == importer.MalformedRow {
		return 1, nil // no two are malformed alike
	}
	kept, ok := c.groups.Get(i.ID)
	if !ok || !kept.fresh(stateOf(i), time.Now()) || kept.total > len(kept.groups) {
		return s.CountDeadLetters(ctx, i.WorkspaceID, i.ID, likeIt(d))
	}
	n := 0
	for _, g := range kept.groups {
		if sameGroup(g, d) {
			n += g.Count
		}
	}
	return n, nil
}

// decided removes the groups whose rows are all decided from the cached groups, so that the next
// decision does not wait for a new count. Rows that are rejected again reappear with that count.
func (c *countCache) decided(i store.Import, d importer.DeadLetter, rows int) {
	importID := i.ID
	c.changed(i.WorkspaceID, rows)
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.groups.Get(importID)
	if !ok {
		return
	}
	left := make([]store.DeadLetterGroup, 0, len(kept.groups))
	for _, g := range kept.groups {
		if !sameGroup(g, d) {
			left = append(left, g)
			continue
		}
		if rows -= g.Count; rows < 0 {
			c.groups.Remove(importID) // the remaining rows of the group are unknown
			return
		}
	}
	total := kept.total - len(kept.groups) + len(left)
	c.groups.Add(importID, keptGroups{groupList: groupList{left, total}, of: kept.of,
		until: time.Now().Add(countAge), moved: true})
}

// forget removes the counts of an import.
func (c *countCache) forget(importID uuid.UUID) {
	c.groups.Remove(importID)
	c.open.Purge()
	c.changed(uuid.Nil, 0)
}

func (c *countCache) workspaceName(ctx context.Context, s *store.Store, id uuid.UUID) (string, error) {
	if name, ok := c.names.Get(id); ok {
		return name, nil
	}
	name, err := s.WorkspaceName(ctx, id)
	if err == nil {
		c.names.Add(id, name)
	}
	return name, err
}
