package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// errLeftOut: this strike is not possible here.
var errLeftOut = errors.New("left out")

// bounded keeps the harness itself from waiting for ever.
func bounded(ctx context.Context) context.Context {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	context.AfterFunc(ctx, stop)
	return ctx
}

// networkKinds are what may happen on the way to a server, for both servers.
func networkKinds() []kind {
	var all []kind
	for _, way := range []struct {
		to    string
		proxy func(*torture) *proxy
	}{
		{"Postgres", func(t *torture) *proxy { return t.postgres.proxy }},
		{"Redis", func(t *torture) *proxy { return t.redis.proxy }},
	} {
		on := func(do func(context.Context, *proxy, *rand.Rand)) func(context.Context, *torture, *rand.Rand) hit {
			return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
				do(ctx, way.proxy(t), rng)
				return hit{back: time.Now()}
			}
		}
		all = append(all,
			kind{name: way.to + " refuses connections", service: true, strike: on(refuse)},
			kind{name: "network to " + way.to + " cut", service: true, strike: on(func(_ context.Context, p *proxy,
				_ *rand.Rand) {
				p.cut()
			})},
			kind{name: "network to " + way.to + " cut in a message", service: true,
				strike: on(func(_ context.Context, p *proxy, _ *rand.Rand) { p.halve() })},
			kind{name: "network to " + way.to + " slow", service: true, strike: on(slow)},
			kind{name: "network to " + way.to + " silent", service: true, strike: on(silent)},
		)
	}
	return all
}

func refuse(ctx context.Context, p *proxy, rng *rand.Rand) {
	p.setRefuse(true)
	pause(ctx, between(rng, time.Second, 3*time.Second))
	p.setRefuse(false)
}

func slow(ctx context.Context, p *proxy, rng *rand.Rand) {
	p.setDelay(between(rng, 20*time.Millisecond, 80*time.Millisecond))
	pause(ctx, between(rng, time.Second, 3*time.Second))
	p.setDelay(0)
}

func silent(ctx context.Context, p *proxy, rng *rand.Rand) {
	release := p.hold()
	defer release()
	pause(ctx, between(rng, time.Second, 4*time.Second))
}
