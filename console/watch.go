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

// How old an answer may be that the open pages of all operators share. Together they keep a page at
// less than one query a second, however many people look at it.
const (
	importAge = 2 * time.Second
	letterAge = 8 * time.Second
	movingAge = 2500 * time.Millisecond
	tabsAge   = 5 * time.Second
	keysAge   = 3 * time.Second
)

// shared asks a question once for all who ask it within some time. It is safe for concurrent use.
type shared[K comparable, V any] struct {
	age     time.Duration
	mu      sync.Mutex // held by entry, which reads and adds
	answers *lru.Cache[K, *sharedAnswer[V]]
}

type sharedAnswer[V any] struct {
	mu    sync.Mutex // held while the question is asked
	value V
	until time.Time
}

func newShared[K comparable, V any](age time.Duration) *shared[K, V] {
	answers, _ := lru.New[K, *sharedAnswer[V]](maxCounts) // fails for a size of 0 alone
	return &shared[K, V]{age: age, answers: answers}
}

func (s *shared[K, V]) entry(key K) *sharedAnswer[V] {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.answers.Get(key)
	if !ok {
		a = &sharedAnswer[V]{}
		s.answers.Add(key, a)
	}
	return a
}

// get returns the answer to a question that somebody asked a moment ago, or asks it. An error is
// nobody else's.
func (s *shared[K, V]) get(key K, ask func() (V, error)) (V, error) {
	a := s.entry(key)
	a.mu.Lock()
	defer a.mu.Unlock()
	if time.Now().Before(a.until) {
		return a.value, nil
	}
	value, err := ask()
	if err == nil {
		a.value, a.until = value, time.Now().Add(s.age)
	}
	return value, err
}

// watched are the answers that open pages share.
type watched struct {
	imports *shared[uuid.UUID, store.Import]
	letters *shared[uuid.UUID, []importer.DeadLetter]
	moving  *shared[uuid.UUID, []store.Import] // by workspace, like the following ones
	tabs    *shared[uuid.UUID, stateCounts]
	keys    *shared[uuid.UUID, map[uuid.UUID]store.Key]
}

func newWatched() watched {
	return watched{newShared[uuid.UUID, store.Import](importAge),
		newShared[uuid.UUID, []importer.DeadLetter](letterAge), newShared[uuid.UUID, []store.Import](movingAge),
		newShared[uuid.UUID, stateCounts](tabsAge), newShared[uuid.UUID, map[uuid.UUID]store.Key](keysAge)}
}

// watchedImport returns an import as it was a moment ago. Its caller has checked the workspace.
func (s *server) watchedImport(ctx context.Context, workspace, id uuid.UUID) (store.Import, error) {
	return s.watched.imports.get(id, func() (store.Import, error) { return s.Store.Import(ctx, workspace, id) })
}

// watchedLetters returns the first open dead letters of an import as they were a moment ago.
func (s *server) watchedLetters(ctx context.Context, i store.Import) ([]importer.DeadLetter, error) {
	return s.watched.letters.get(i.ID, func() ([]importer.DeadLetter, error) {
		return s.Store.ShownDeadLetters(ctx, i, pageRows)
	})
}

// watchedKey returns a key of a workspace as it was a moment ago; false if it was deleted.
func (s *server) watchedKey(ctx context.Context, workspace, id uuid.UUID) (store.Key, bool, error) {
	keys, err := s.watched.keys.get(workspace, func() (map[uuid.UUID]store.Key, error) {
		all, err := s.Store.Keys(ctx, workspace)
		keys := make(map[uuid.UUID]store.Key, len(all))
		for _, k := range all {
			keys[k.ID] = k
		}
		return keys, err
	})
	k, ok := keys[id]
	return k, ok, err
}
