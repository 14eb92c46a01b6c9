package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// torment imports files, several at a time, while faults strike: first each kind alone, then mixed.
func (t *torture) torment(ctx context.Context) {
	ctx, abort := context.WithCancel(ctx)
	defer abort()
	t.mu.Lock()
	t.abort = abort
	t.mu.Unlock()
	striking, calm := context.WithCancel(ctx)
	if t.limit > 0 {
		striking, calm = context.WithTimeout(ctx, t.limit)
	}
	defer calm()
	all := t.chosen(t.kinds())
	var importers, strikers sync.WaitGroup
	var number, ended atomic.Int64
	number.Store(int64(len(t.files)))
	for range t.parallel {
		importers.Go(func() {
			for striking.Err() == nil {
				n := int(number.Add(1))
				t.importOne(ctx, n)
				if int(ended.Add(1)) >= t.options.imports && t.struck.faults() >= t.faults {
					calm()
				}
			}
		})
	}
	importers.Go(func() { t.submit(ctx, striking) })
	importers.Go(func() { t.intrude(ctx, striking) })
	importers.Go(func() { t.trickle(striking) })
	if t.failover != "" {
		importers.Go(func() { t.receiveNewcomers(ctx, striking) })
	} else {
		if err := t.receiveEvents(ctx); err != nil {
			t.tell(losses{misplaced: 1}, fmt.Sprintf("no receiver: %v", err))
		}
		t.subscribed = time.Now()
		importers.Go(func() { t.operate(ctx, striking) })
		importers.Go(func() { t.annoy(ctx, striking) })
		importers.Go(func() { t.forget(ctx, striking) })
	}
	strikers.Go(func() {
		t.alone(striking, all)
		t.mixed(striking, all)
	})
	reports := time.NewTicker(15 * time.Second)
	defer reports.Stop()
	for striking.Err() == nil {
		select {
		case <-striking.Done():
		case <-reports.C:
			t.progress()
		}
	}
	strikers.Wait()
	t.note("no more faults; waiting for the imports that are under way")
	importers.Wait()
}

func (t *torture) importOne(ctx context.Context, n int) {
	rng := newRand(t.seed, 1_000+uint64(n))
	f := t.files[rng.IntN(len(t.files))]
	what := draw(rng)
	if t.loses() && what != cancel {
		what = plain // its outcome is judged at the end, from its file
	}
	if what == poisoned && t.limit > 0 && time.Since(t.began) > t.limit/2 {
		what = plain // its attempts would outlast the rest of the run
	}
	if what == undo && f.onDuplicate == "update" {
		what = plain // its own updates are changes that undo spares
	}
	replaced := t.replaced.Load()
	r, err := t.importFile(ctx, f, n, what)
	if ctx.Err() != nil || t.loses() && t.replaced.Load() != replaced {
		return
	}
	if err != nil {
		t.tellStuck("import %s of %s (%s, number %d): %v", r.id, f.name, what, n, err)
	}
	if err == nil && !t.loses() {
		t.retire(ctx, r.id)
	}
	if r.verdict.losses != (losses{}) {
		t.tell(r.verdict.losses, fmt.Sprintf("import %s of %s (%s, number %d): %s", r.id, f.name, what, n, r.verdict.first))
	}
}

func (t *torture) progress() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note("faults=%d imports=%d singles=%d lost=%d doubled=%d misplaced=%d stuck=%d", t.struck.faults(),
		len(t.imports), t.singlesDone+len(t.singles), t.found.lost, t.found.doubled, t.found.misplaced, t.stuck)
}

// lookAround compares what no single import shows, at the end.
func (t *torture) lookAround(ctx context.Context) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	for _, old := range t.lingering {
		t.unchanged(ctx, old)
	}
	known := []uuid.UUID{}
	phantoms := []uuid.UUID{}
	if err := t.singlesAtEnd(ctx); err != nil {
		return err
	}
	t.mu.Lock()
	for id := range t.imports {
		if !t.gone[id] {
			known = append(known, id)
		}
	}
	singles := slices.Collect(maps.Keys(t.singles))
	ours := slices.Concat(known, singles)
	for id := range t.unclaimed {
		if t.imports[id] == nil && !t.loses() { // the queue remembers what the database has lost
			phantoms = append(phantoms, id)
		}
	}
	t.mu.Unlock()
	for _, look := range []struct {
		story string
		sql   string
		ids   []uuid.UUID
		count func(n int)
	}{
		{"imports exist that no client was told about", `SELECT count(*) FROM imports WHERE id <> ALL($1)`, ours,
			func(n int) { t.found.doubled += n }},
		{"tasks belong to no import of ours", `SELECT count(*) FROM tasks WHERE import_id IS NULL OR import_id <> ALL($1)`,
			ours, func(n int) { t.found.doubled += n }},
		{"imports that a client was told of are gone", `SELECT count(*) FROM unnest($1::uuid[]) k WHERE NOT EXISTS (SELECT
			FROM imports WHERE id = k)`, known, func(n int) { t.found.lost += n }},
		{"imports are unfinished", `SELECT count(*) FROM imports WHERE id = ANY($1) AND finished_at IS NULL`, known,
			func(n int) { t.stuck = max(t.stuck, n) }},
		{"chunks are pending in imports that have ended", `SELECT count(*) FROM chunks c JOIN imports i
			ON i.workspace_id = c.workspace_id AND i.id = c.import_id
			WHERE i.id = ANY($1) AND c.state = 'pending' AND i.status NOT IN ('cancelled', 'queued', 'processing')`, known,
			func(n int) { t.found.misplaced += n }},
		{"imports were in the queue that are not in the database", `SELECT count(*) FROM unnest($1::uuid[]) k
			WHERE NOT EXISTS (SELECT FROM imports WHERE id = k)`, phantoms,
			func(n int) { t.found.misplaced += n }},
	} {
		var n int
		if err := eventually(ctx, func() error { return t.one(ctx, &n, look.sql, look.ids) }); err != nil {
			return fmt.Errorf("%s: %w", look.story, err)
		}
		if n > 0 {
			t.mu.Lock()
			look.count(n)
			t.stories = append(t.stories, fmt.Sprintf("%d %s", n, look.story))
			t.mu.Unlock()
			t.note("FOUND: %d %s", n, look.story)
		}
	}
	return nil
}
