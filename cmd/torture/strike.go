package main

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"taskport/internal/failpoint"
)

// kind is a kind of fault.
type kind struct {
	name    string
	service bool // it strikes Postgres, Redis or the way to them, and so all processes at once
	long    bool // it takes so long that it strikes only now and then
	strike  func(ctx context.Context, t *torture, rng *rand.Rand) hit
}

// hit says what a strike has done.
type hit struct {
	missed bool               // the moment for it did not come
	back   time.Time          // when the process had died, or the service was back
	work   func(reached) bool // the commit that shows that work goes on; nil for any
}

var missed = hit{missed: true}

func anyCommit(reached) bool { return true }

func kinds() []kind {
	return slices.Concat(processKinds(), transactionKinds(), serviceKinds(), networkKinds())
}

func names(all []kind) []string {
	var n []string
	for _, k := range all {
		n = append(n, k.name)
	}
	return n
}

// strikeOnce strikes and waits, at most that long, for the work to go on.
func (t *torture) strikeOnce(ctx context.Context, k kind, rng *rand.Rand, alone bool, wait time.Duration) bool {
	n := t.struck.begin()
	h := k.strike(ctx, t, rng)
	if h.missed {
		return false
	}
	if h.work == nil {
		h.work = anyCommit
	}
	w := t.failpoints.watch(h.work)
	t.struck.hit(k.name)
	measured := make(chan struct{})
	go func() {
		defer close(measured)
		select {
		case <-w.seen:
			t.struck.recovered(k.name, time.Since(h.back), alone && t.struck.count() == n)
		case <-time.After(t.patience):
			t.failpoints.unwatch(w)
		case <-ctx.Done():
			t.failpoints.unwatch(w)
		}
	}()
	if wait > 0 {
		select {
		case <-measured:
		case <-time.After(wait):
			t.note("%s: no work has been seen for %s", k.name, wait)
		case <-ctx.Done():
		}
	}
	return true
}

// alone strikes with each kind by itself, so often, and each time waits until work goes on.
func (t *torture) alone(ctx context.Context, all []kind) {
	rng := newRand(t.seed, 10)
	const longest = 45 * time.Second
	for round := range t.rounds {
		for _, i := range rng.Perm(len(all)) {
			if ctx.Err() != nil {
				return
			}
			if k := all[i]; !k.long || round == 0 {
				t.strikeOnce(ctx, k, rng, true, longest)
			}
		}
		t.progress()
	}
}

// mixed strikes from several sides at once until ctx ends.
func (t *torture) mixed(ctx context.Context, all []kind) {
	var sides sync.WaitGroup
	side := func(stream uint64, service bool, wait time.Duration) {
		mine := slices.DeleteFunc(slices.Clone(all), func(k kind) bool { return k.service != service })
		if len(mine) == 0 {
			return
		}
		sides.Go(func() {
			rng := newRand(t.seed, stream)
			const longOnes = 40 // of so many, one strikes for long
			for ctx.Err() == nil {
				k := mine[rng.IntN(len(mine))]
				if k.long && rng.IntN(longOnes) > 0 {
					continue
				}
				t.strikeOnce(ctx, k, rng, false, wait)
				pause(ctx, time.Duration(rng.Int64N(int64(pace))))
			}
		})
	}
	side(11, false, 0)
	side(12, false, 0)
	side(13, true, 10*time.Second)
	sides.Wait()
}

// pace is the longest pause between two strikes from one side.
const pace = 500 * time.Millisecond

// pause lets a fault last, or the next one wait.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// between draws a duration.
func between(rng *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(rng.Int64N(int64(most-least)))
}

const (
	// trapTime is how long a trap waits for a process.
	trapTime = 8 * time.Second
	// mostStrikes is what a chunk may suffer: each may cost it an attempt, and it must not be taken
	// for one that kills its worker.
	mostStrikes = 3
)

func anyWork(reached) bool { return true }

// ofSingles reports whether a batch of singles reached the failpoint; its chunk has no number.
func ofSingles(r reached) bool { return r.Chunk == 0 }

// at waits for a process to reach one of the failpoints, drawn at random, with work that matches,
// and strikes there.
func (t *torture) at(ctx context.Context, rng *rand.Rand, where []failpoint.Name, matches func(reached) bool,
	strike func(reached) string) (reached, bool) {
	name := where[rng.IntN(len(where))]
	later := rng.IntN(6) // not the first that comes along
	trap := t.failpoints.set(&trap{
		matches: func(r reached) bool {
			if r.Failpoint != name || !matches(r) || t.processOf(r.PID) == nil || !t.mayStrike(r) {
				return false
			}
			later--
			return later < 0
		},
		strike: func(r reached) string { t.spend(r); return strike(r) },
	})
	timer := time.NewTimer(trapTime)
	defer timer.Stop()
	select {
	case r := <-trap.sprung:
		return r, true
	case <-timer.C:
	case <-ctx.Done():
	}
	if t.failpoints.remove(trap) {
		return reached{}, false
	}
	return <-trap.sprung, true
}

func (t *torture) mayStrike(r reached) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return r.Chunk == 0 || t.budget[r.key()] < mostStrikes && t.poisons[r.Import] == 0
}

func (t *torture) spend(r reached) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.budget[r.key()]++
}
