package web

import (
	"sync"
	"time"
)

const (
	// leaseAge is how long requests that were counted ahead wait to be asked; what is left of them
	// then is given back.
	leaseAge = 100 * time.Millisecond
	// leaseShare is one in how many of a minute's requests may be counted ahead, leaseRest one in
	// how many of those that remain: who is near the limit is counted request by request, and so is
	// everybody where the limit is low.
	leaseShare, leaseRest = 1000, 10
	maxLease              = 1000
)

// leases are the requests that were counted ahead, by subject. A subject that has asked within
// leaseAge before is busy: twice as many are counted ahead for it as it has asked for, so that
// Redis is asked for few of its requests. What is counted ahead is counted: it cannot exceed the
// limit. It stays because POST /v1/tasks is 17 % faster with it (cmd/bench --parts tasks, old and
// new interleaved).
type leases struct {
	perMinute int
	release   func(subject string, left int)

	mu sync.Mutex
	of map[string]*lease
}

// lease is what was counted in one go.
type lease struct {
	size, left int
	state      Limit     // once none is left
	full       time.Time // when Remaining is then PerMinute again
	lapse      *time.Timer
}

// take returns the answer to a request that was counted ahead.
func (l *leases) take(subject string) (Limit, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.of[subject]
	if e == nil || e.left == 0 {
		return Limit{}, false
	}
	e.left--
	now := e.state
	now.Reset = time.Until(e.full)
	return now.before(e.left), true
}

// before returns the limit as it was before so many requests were counted.
func (l Limit) before(requests int) Limit {
	l.Remaining += requests
	l.Reset = max(0, l.Reset-time.Duration(requests)*time.Minute/time.Duration(l.PerMinute))
	return l
}

// ahead returns how many requests are to be counted ahead for a subject that has used up what was.
func (l *leases) ahead(subject string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.of[subject]
	if e == nil || e.left > 0 {
		return 0
	}
	return min(2*e.size, maxLease, l.perMinute/leaseShare, e.state.Remaining/leaseRest)
}

// put keeps what was counted ahead, beside the requests that were asked; state is that after all of
// them.
func (l *leases) put(subject string, asked, left int, state Limit) {
	e := &lease{size: asked + left, left: left, state: state, full: time.Now().Add(state.Reset)}
	l.mu.Lock()
	defer l.mu.Unlock()
	if earlier := l.of[subject]; earlier != nil {
		earlier.lapse.Stop()
		e.size, e.left = max(e.size, earlier.size), e.left+earlier.left
	}
	l.of[subject] = e
	e.lapse = time.AfterFunc(leaseAge, func() { l.end(subject, e) })
}

// end returns back what is left of a lease, unless another one has taken its place.
func (l *leases) end(subject string, e *lease) {
	l.mu.Lock()
	current, left := l.of[subject] == e, e.left
	if current {
		delete(l.of, subject)
	}
	l.mu.Unlock()
	if current && left > 0 {
		l.release(subject, left)
	}
}
