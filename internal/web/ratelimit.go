package web

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"

	"taskport/internal/batch"
)

// Limit is what a client may still do.
type Limit struct {
	PerMinute  int
	Remaining  int
	Reset      time.Duration // until Remaining is PerMinute again
	RetryAfter time.Duration // > 0 if this request exceeds the limit
}

// Limiter counts requests. Full returns the state of a client without requests.
type Limiter interface {
	Allow(ctx context.Context, subject string) (Limit, error)
	Full() Limit
}

// redisLimiter counts in Redis, so that all servers share the count. Concurrent requests of a
// client are counted together, and the next ones of a busy client are counted ahead.
type redisLimiter struct {
	limiter *redis_rate.Limiter
	rate    redis_rate.Limit
	leases  leases
	counts  *batch.Batcher[string, Limit]
}

var _ Limiter = (*redisLimiter)(nil)

// NewLimiter returns a limiter of so many requests a minute for each key.
func NewLimiter(client redis.UniversalClient, perMinute int) Limiter {
	l := &redisLimiter{limiter: redis_rate.NewLimiter(client), rate: redis_rate.PerMinute(perMinute)}
	l.leases = leases{perMinute: perMinute, release: l.release, of: map[string]*lease{}}
	l.counts = batch.New(countRounds, countTimeout, l.count)
	return l
}

const (
	// countTimeout limits the wait for the count if Redis does not answer.
	countTimeout = 300 * time.Millisecond
	countRounds  = 1 // at a time: the more requests are counted together, the less each costs
)

func (l *redisLimiter) Full() Limit { return Limit{PerMinute: l.rate.Rate, Remaining: l.rate.Rate} }

func (l *redisLimiter) Allow(ctx context.Context, subject string) (Limit, error) {
	if limit, ok := l.leases.take(subject); ok {
		return limit, nil
	}
	ctx, cancel := context.WithTimeout(ctx, countTimeout)
	defer cancel()
	limit, err := l.counts.Ask(ctx, subject)
	if err != nil {
		return l.Full(), fmt.Errorf("count the request: %w", err)
	}
	return limit, nil
}

// count counts requests, those of one subject together; the first of them are allowed.
func (l *redisLimiter) count(ctx context.Context, subjects []string) ([]Limit, error) {
	limits := make([]Limit, len(subjects))
	bySubject := map[string][]int{}
	for i, s := range subjects {
		bySubject[s] = append(bySubject[s], i)
	}
	for subject, requests := range bySubject {
		res, err := l.limiter.AllowAtMost(ctx, redisName(subject), l.rate, len(requests)+l.leases.ahead(subject))
		if err != nil {
			return nil, err
		}
		state := Limit{PerMinute: l.rate.Rate, Remaining: res.Remaining, Reset: res.ResetAfter}
		for n, i := range requests {
			if n < res.Allowed {
				limits[i] = state.before(res.Allowed - 1 - n)
			} else {
				limits[i] = state
				limits[i].RetryAfter = max(res.RetryAfter, l.rate.Period/time.Duration(l.rate.Rate))
			}
		}
		l.leases.put(subject, len(requests), max(0, res.Allowed-len(requests)), state)
	}
	return limits, nil
}

// release removes requests that were counted ahead from the count. If that fails, the client has so
// many fewer.
func (l *redisLimiter) release(subject string, left int) {
	ctx, cancel := context.WithTimeout(context.Background(), countTimeout)
	defer cancel()
	_, _ = l.limiter.AllowN(ctx, redisName(subject), l.rate, -left)
}

func redisName(subject string) string { return "taskport:" + subject }

// Unlimited allows all requests. Its headers show a limit that no client reaches.
type Unlimited struct{}

var _ Limiter = Unlimited{}

// Full returns the limit.
func (Unlimited) Full() Limit {
	const plenty = 1_000_000
	return Limit{PerMinute: plenty, Remaining: plenty}
}

// Allow allows the request.
func (u Unlimited) Allow(context.Context, string) (Limit, error) { return u.Full(), nil }

// SetHeaders writes the limit per minute, the rest of it, and the Unix second by which it is full.
func (l Limit) SetHeaders(h http.Header, now time.Time) {
	h.Set("X-RateLimit-Limit", strconv.Itoa(l.PerMinute))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(l.Remaining))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(now.Add(l.Reset+time.Second-time.Nanosecond).Unix(), 10))
}

// Seconds returns a wait for Retry-After: whole seconds, at least one.
func Seconds(wait time.Duration) int { return max(1, int((wait+time.Second-1)/time.Second)) }
