package web

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"taskport/internal/embedded/testservices"
	"taskport/worker/queue"
)

func TestMain(m *testing.M) { os.Exit(testservices.Main(m)) }

// leaseBench has leases and the count that they draw on.
type leaseBench struct {
	leases
	remaining, asked int // of the count, and how often it was queried
	given            int // released
}

func newLeaseBench(perMinute int) *leaseBench {
	b := &leaseBench{remaining: perMinute}
	b.leases = leases{perMinute: perMinute, of: map[string]*lease{}, release: func(_ string,
		left int) {
		b.count(left)
		b.given += left
	}}
	return b
}

// count changes how many remain, and returns that with the rest of the lease.
func (b *leaseBench) count(change int) (remaining, left int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.remaining += change
	if e := b.of["k"]; e != nil {
		left = e.left
	}
	return b.remaining, left
}

// ask is one request, after expired leases were released.
func (b *leaseBench) ask(t *testing.T) {
	t.Helper()
	synctest.Wait()
	if limit, ok := b.take("k"); ok {
		if remaining, left := b.count(0); limit.Remaining != remaining+left {
			t.Errorf("a request counted ahead is told of %d remaining, want %d", limit.Remaining, remaining+left)
		}
		return
	}
	ahead := b.ahead("k")
	b.asked++
	remaining, _ := b.count(-1 - ahead)
	b.put("k", 1, ahead, Limit{PerMinute: b.perMinute, Remaining: remaining})
}

// A busy subject needs few queries of the count, and its unused requests are released.
func TestLeases(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name            string
		limit, requests int
		every           time.Duration
		from, to        int // questions
	}{
		{"busy", 1_000_000, 10_000, 50 * time.Microsecond, 10, 30},
		{"at the default limit", 60_000, 1000, time.Millisecond, 15, 40},
		{"now and then", 1_000_000, 100, leaseAge + time.Millisecond, 100, 100},
		{"low limit", leaseShare - 1, 500, time.Millisecond, 500, 500},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newLeaseBench(c.limit)
				for range c.requests {
					b.ask(t)
					time.Sleep(c.every)
				}
				if b.asked < c.from || b.asked > c.to {
					t.Errorf("%d requests asked %d times, want %d to %d", c.requests, b.asked, c.from, c.to)
				}
				time.Sleep(leaseAge)
				synctest.Wait()
				if remaining, _ := b.count(0); remaining != c.limit-c.requests || len(b.of) > 0 {
					t.Errorf("%d remain of %d after %d requests, and %d leases", remaining, c.limit, c.requests, len(b.of))
				}
			})
		})
	}
}

// The nearer the limit, the fewer requests are counted ahead; the last ones are counted one by one.
func TestLeasesNearTheLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit = 10_000
		b := newLeaseBench(limit)
		for n := range limit {
			b.ask(t)
			if _, left := b.count(0); left > (limit-n)/leaseRest {
				t.Fatalf("%d are counted ahead when %d remain", left, limit-n)
			}
		}
		if remaining, left := b.count(0); remaining != 0 || left != 0 || b.given != 0 {
			t.Errorf("%d remain, %d are left, %d were given back", remaining, left, b.given)
		}
	})
}

// Two processes that share a count allow as many requests as one.
func TestLimitOfTwoProcesses(t *testing.T) {
	t.Parallel()
	client, err := queue.Connect(testservices.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	const limit = 5000
	limiters := []Limiter{NewLimiter(client, limit), NewLimiter(client, limit)}
	subject, began := uuid.NewString(), time.Now()
	var work sync.WaitGroup
	var mu sync.Mutex
	passed := 0
	for n := range 16 {
		work.Go(func() {
			for {
				l, err := limiters[n%2].Allow(t.Context(), subject)
				if err != nil || l.RetryAfter > 0 {
					if err != nil {
						t.Error(err)
					}
					return
				}
				mu.Lock()
				passed++
				mu.Unlock()
			}
		})
	}
	work.Wait()
	most := limit + int(time.Since(began)*limit/time.Minute) + 1
	if passed < limit || passed > most {
		t.Errorf("%d requests passed in %s, want %d to %d", passed, time.Since(began), limit, most)
	}
}

// Released requests are available to another process.
func TestRequestsAreGivenBack(t *testing.T) {
	t.Parallel()
	client, err := queue.Connect(testservices.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	const limit = 1000
	subject := fmt.Sprint("back ", uuid.NewString())
	l, ok := NewLimiter(client, limit).(*redisLimiter)
	if !ok {
		t.Fatal("another limiter")
	}
	if _, err := l.limiter.AllowAtMost(t.Context(), redisName(subject), l.rate, 900); err != nil {
		t.Fatal(err)
	}
	l.release(subject, 800)
	got, err := NewLimiter(client, limit).Allow(t.Context(), subject)
	if err != nil || got.Remaining < limit-101 {
		t.Errorf("%d remain (%v), want at least %d", got.Remaining, err, limit-101)
	}
}
