package main

import (
	"slices"
	"sync"
	"time"
)

// record is what has struck, and how long it took until work went on.
type record struct {
	mu    sync.Mutex
	begun int
	total int
	kinds map[string]*tally
}

// tally is the record of a kind of fault: recoveries after strikes that were alone, and after those
// that others fell in with.
type tally struct {
	struck       int
	alone, mixed []time.Duration
}

func newRecord() *record { return &record{kinds: map[string]*tally{}} }

// begin returns the number of a strike.
func (r *record) begin() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.begun++
	return r.begun
}

func (r *record) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.begun
}

func (r *record) faults() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

func (r *record) of(name string) *tally {
	if r.kinds[name] == nil {
		r.kinds[name] = &tally{}
	}
	return r.kinds[name]
}

func (r *record) hit(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total++
	r.of(name).struck++
}

func (r *record) recovered(name string, took time.Duration, alone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.of(name)
	if alone {
		t.alone = append(t.alone, took)
	} else {
		t.mixed = append(t.mixed, took)
	}
}

// median and worst of some durations; 0 without any.
func median(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func worst(all []time.Duration) time.Duration {
	if len(all) == 0 {
		return 0
	}
	return slices.Max(all)
}
