package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// load is what came of a run of requests.
type load struct {
	took  time.Duration
	times []time.Duration // of each request, sorted
}

func (l *load) perSecond() float64 { return float64(len(l.times)) / l.took.Seconds() }

// percentile returns the time in seconds within which so many of a hundred requests were answered.
func (l *load) percentile(p float64) float64 {
	if len(l.times) == 0 {
		return 0
	}
	return l.times[min(len(l.times)-1, int(p/100*float64(len(l.times))))].Seconds()
}

// postTasks lets clients create tasks one after the other, each over its own connection, until the
// time is up.
func (b *bench) postTasks(ctx context.Context, url string, during time.Duration) (*load, error) {
	all := make([][]time.Duration, b.clients)
	failed := make([]error, b.clients)
	var work sync.WaitGroup
	began := time.Now()
	for n := range b.clients {
		work.Go(func() { all[n], failed[n] = b.postUntil(ctx, url, began.Add(during), uint64(n)) })
	}
	work.Wait()
	l := &load{took: time.Since(began), times: slices.Concat(all...)}
	slices.Sort(l.times)
	return l, errors.Join(failed...)
}

func (b *bench) postUntil(ctx context.Context, url string, end time.Time, seed uint64) ([]time.Duration, error) {
	c, err := dialAPI(ctx, url, b.site.key)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	rng := rand.New(rand.NewPCG(b.seed, seed))
	var times []time.Duration
	for sent := time.Now(); sent.Before(end); {
		name := b.data.unmistakable(rng).name
		if err := c.post(`{"title":"Follow up with ` + name +
			`","description":"asked for the terms","due_date":"2026-03-10","priority":"high","contact_name":"` + name +
			`"}`); err != nil {
			return times, err
		}
		answered := time.Now()
		times = append(times, answered.Sub(sent))
		sent = answered
	}
	return times, ctx.Err()
}
