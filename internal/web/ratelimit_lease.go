package web

import (
	"sync"
	"time"
)

const (
	// leaseAge is how long requests that were counted ahead are kept. Unused ones are then released.
	leaseAge = 100 * time.Millisecond
	// At most one in leaseShare of a minute's requests and one in leaseRest of the remaining ones are
	// counted ahead. So the requests of a client near the limit are counted one by one, as are all
	// requests under a low limit.
	leaseShare, leaseRest = 1000, 10
	maxLease              = 1000
)

// leases are the requests that were counted ahead, by subject. A subject with a request within the
// last leaseAge is busy: twice as many requests are counted ahead for it as it has sent, so that
// few of them need Redis. Requests counted ahead count fully, so the limit cannot be exceeded. With
// leases POST /v1/tasks is 17 % faster (cmd/bench --parts tasks, old and new interleaved).
type leases struct {
	perMinute int
	release   func(subject string, left int)

	mu sync.Mutex
	of map[string]*lease
}

// lease is a number of requests that were counted together.
type lease struct {
	size, left int
	state      Limit     // when the lease is used up
	full       time.Time // when Remaining is again PerMinute
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

// before returns the limit before so many requests were counted.
func (l Limit) before(requests int) Limit {
	l.Remaining += requests
	l.Reset = max(0, l.Reset-time.Duration(requests)*time.Minute/time.Duration(l.PerMinute))
	return l
}

// ahead returns how many requests to count ahead for a subject whose lease is used up.
func (l *leases) ahead(subject string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.of[subject]
	if e == nil || e.left > 0 {
		return 0
	}
	return min(2*e.size, maxLease, l.perMinute/leaseShare, e.state.Remaining/leaseRest)
}

// put stores the requests that were counted ahead, in addition to those asked; state is the limit
// after all of them.
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

// end releases the rest of a lease, unless another one has replaced it.
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
