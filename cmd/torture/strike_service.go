package main

import (
	"context"
	"math/rand/v2"
	"syscall"
	"time"
)

func serviceKinds() []kind {
	return []kind{
		{name: "Redis restarted empty", service: true, strike: onRedis(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			return t.redis.restart(ctx, true)
		})},
		{name: "Redis restarted with AOF", service: true, strike: onRedis(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			return t.redis.restart(ctx, false)
		})},
		{name: "Redis FLUSHALL", service: true, strike: onRedis(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			return t.redis.tells(ctx, "FLUSHALL")
		})},
		{name: "Redis paused", service: true, strike: onRedis(func(ctx context.Context, t *torture, rng *rand.Rand) error {
			return t.pauseRedis(ctx, between(rng, 2*time.Second, 5*time.Second))
		})},
		{name: "Redis paused beyond leases", service: true, long: true, strike: onRedis(func(ctx context.Context,
			t *torture, _ *rand.Rand) error {
			return t.pauseRedis(ctx, t.longPause)
		})},
		{name: "Redis full", service: true, strike: onRedis(func(ctx context.Context, t *torture, rng *rand.Rand) error {
			return t.refuseWrites(ctx, rng, []any{"CONFIG", "SET", "maxmemory", "1"}, []any{"CONFIG", "SET", "maxmemory", "0"})
		})},
		{name: "Redis takes reads only", service: true, strike: onRedis(func(ctx context.Context, t *torture,
			rng *rand.Rand) error {
			return t.refuseWrites(ctx, rng, []any{"REPLICAOF", "127.0.0.1", "1"}, []any{"REPLICAOF", "NO", "ONE"})
		})},
		{name: "Postgres restarted", service: true, strike: onPostgres(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			if err := t.postgres.stop(); err != nil {
				return err
			}
			return t.postgres.start(ctx)
		})},
		{name: "Postgres crashed", service: true, strike: onPostgres(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			if err := t.postgres.crash(); err != nil {
				return err
			}
			return t.postgres.start(ctx)
		})},
		{name: "disk full", service: true, strike: onPostgres(diskFull)},
		{name: "clock jumps ahead", service: true, strike: onPostgres(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			return t.jump(ctx, "-1 hour")
		})},
		{name: "clock jumps back", service: true, strike: onPostgres(func(ctx context.Context, t *torture,
			_ *rand.Rand) error {
			return t.jump(ctx, "1 hour")
		})},
	}
}

type deed func(ctx context.Context, t *torture, rng *rand.Rand) error

// onRedis does something to Redis while nobody else does.
func onRedis(do deed) func(context.Context, *torture, *rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		t.redis.mu.Lock()
		defer t.redis.mu.Unlock()
		return t.done(do(context.WithoutCancel(ctx), t, rng))
	}
}

func onPostgres(do deed) func(context.Context, *torture, *rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		t.postgres.mu.Lock()
		defer t.postgres.mu.Unlock()
		return t.done(do(context.WithoutCancel(ctx), t, rng))
	}
}

// done ends a strike on a service; what went wrong is the harness's own fault, or it is left out.
func (t *torture) done(err error) hit {
	if err != nil {
		if err != errLeftOut { //nolint:errorlint // it is never wrapped
			t.note("a strike failed: %v", err)
		}
		return missed
	}
	return hit{back: time.Now()}
}

// refuseWrites lets Redis refuse writes for a while; reads are answered meanwhile.
func (t *torture) refuseWrites(ctx context.Context, rng *rand.Rand, begin, end []any) error {
	if err := t.redis.tells(ctx, begin...); err != nil {
		return err
	}
	pause(ctx, between(rng, time.Second, 4*time.Second))
	return t.redis.tells(ctx, end...)
}

func (t *torture) pauseRedis(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return errLeftOut
	}
	pid := t.redis.server.PID()
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		return err
	}
	pause(ctx, d)
	return syscall.Kill(pid, syscall.SIGCONT)
}

// jump moves all times that the database compares with its clock, which is what a jump of the clock
// comes to.
func (t *torture) jump(ctx context.Context, by string) error {
	return eventually(bounded(ctx), func() error {
		_, err := t.pool.Exec(ctx, `UPDATE chunks SET lease_until = lease_until + $1::interval,
			enqueue_after = enqueue_after + $1::interval
			WHERE (workspace_id, import_id, number) IN (SELECT workspace_id, import_id, number FROM chunks
			WHERE state = 'pending' FOR UPDATE SKIP LOCKED)`, by)
		return err
	})
}

// diskFull takes all room from Postgres for a while, and starts it again where it has not survived
// that.
func diskFull(ctx context.Context, t *torture, rng *rand.Rand) error {
	if t.disk == "" {
		return errLeftOut
	}
	free, err := t.fillDisk()
	if err != nil {
		return err
	}
	pause(ctx, between(rng, time.Second, 2*time.Second))
	if err := free(); err != nil {
		return err
	}
	soon, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	if eventually(soon, func() error { return t.pool.Ping(soon) }) == nil {
		return nil
	}
	if err := t.postgres.stop(); err != nil {
		return err
	}
	return t.postgres.start(ctx)
}
