package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"syscall"
	"time"

	"taskport/internal/failpoint"
)

func (r reached) key() string { return fmt.Sprintf("%s/%d", r.Import, r.Chunk) }

// Failpoints by the part of the program that reaches them.
var (
	intakePoints = []failpoint.Name{failpoint.UploadBegun, failpoint.ChunkStaged, failpoint.BeforeStaged,
		failpoint.BeforeEnqueue, failpoint.AfterEnqueue}
	beforeTx = []failpoint.Name{failpoint.Claimed, failpoint.Decoding, failpoint.Read, failpoint.Linked}
	insideTx = []failpoint.Name{failpoint.Fenced, failpoint.TasksWritten, failpoint.DeadWritten,
		failpoint.BeforeCommit}
	afterTx         = []failpoint.Name{failpoint.AfterCommit, failpoint.BeforeNext}
	sweeperPoints   = []failpoint.Name{failpoint.BeforeSweep, failpoint.AfterSweep}
	insideStagingTx = []failpoint.Name{failpoint.ChunkStaged, failpoint.BeforeStaged}
)

func workerPoints() []failpoint.Name {
	return append(append(append([]failpoint.Name{}, beforeTx...), insideTx...), afterTx...)
}

// sameChunk is the commit of the chunk that was struck; after its commit, any other.
func sameChunk(r reached) func(reached) bool {
	if !slices.Contains(beforeTx, r.Failpoint) && !slices.Contains(insideTx, r.Failpoint) {
		return nil
	}
	// A batch of singles, which has no number, may be made up differently the next time.
	return func(later reached) bool { return later.Chunk == r.Chunk && (r.Chunk == 0 || later.Import == r.Import) }
}

func processKinds() []kind {
	return []kind{
		{name: "worker kill -9", strike: signalAt(workerPoints(), syscall.SIGKILL)},
		{name: "worker SIGTERM", strike: signalAt(workerPoints(), syscall.SIGTERM)},
		{name: "intake kill -9", strike: signalAt(intakePoints, syscall.SIGKILL)},
		{name: "intake SIGTERM", strike: signalAt(intakePoints, syscall.SIGTERM)},
		{name: "sweeper kill -9", strike: signalAt(sweeperPoints, syscall.SIGKILL)},
		{name: "worker stalled beyond its lease", strike: stallBefore(beforeTx, anyWork)},
		{name: "worker stalled beyond the lease of singles", strike: stallBefore([]failpoint.Name{failpoint.Linked},
			ofSingles)},
		{name: "worker stalled in its transaction", strike: stallInside},
		{name: "decoder panic", strike: answerAt([]failpoint.Name{failpoint.Decoding}, "panic")},
		{name: "rolling restart", long: true, strike: rollingRestart},
	}
}

// signalAt returns a strike that sends a process a signal at a failpoint.
func signalAt(where []failpoint.Name, s syscall.Signal) func(context.Context, *torture, *rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		r, ok := t.at(ctx, rng, where, anyWork, func(r reached) string {
			if p := t.processOf(r.PID); p != nil {
				p.signal(s)
			}
			return goOn
		})
		if !ok {
			return missed
		}
		return hit{back: time.Now(), work: sameChunk(r)}
	}
}

// answerAt returns a strike that makes a failpoint fail, by its answer.
func answerAt(where []failpoint.Name, answer string) func(context.Context, *torture, *rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		r, ok := t.at(ctx, rng, where, anyWork, func(reached) string { return answer })
		if !ok {
			return missed
		}
		return hit{back: time.Now(), work: sameChunk(r)}
	}
}

// stopAt halts a process at a failpoint.
func (t *torture) stopAt(ctx context.Context, rng *rand.Rand, where []failpoint.Name, matches func(reached) bool) (
	r reached, p *role, ok bool) {
	r, ok = t.at(ctx, rng, where, matches, func(r reached) string {
		if p = t.processOf(r.PID); p != nil {
			p.signal(syscall.SIGSTOP)
		}
		return goOn
	})
	return r, p, ok && p != nil
}

// stallBefore returns a strike that halts a worker between its claim and its transaction, lets its
// lease lapse, and lets it go on once another has done the work.
func stallBefore(where []failpoint.Name, matches func(reached) bool) func(context.Context, *torture,
	*rand.Rand) hit {
	return func(ctx context.Context, t *torture, rng *rand.Rand) hit {
		r, p, ok := t.stopAt(ctx, rng, where, matches)
		if !ok {
			return missed
		}
		begun := time.Now()
		defer p.signal(syscall.SIGCONT)
		ctx, stop := context.WithTimeout(ctx, 20*time.Second)
		defer stop()
		lapse, done := lapseChunk, `SELECT EXISTS (SELECT FROM chunks WHERE import_id = $1 AND number = $2
			AND state <> 'pending')`
		if ofSingles(r) {
			lapse, done = lapseLane, `SELECT NOT EXISTS (SELECT FROM singles WHERE id = $1 AND state = 'queued') AND $2 = 0`
		}
		if _, err := t.pool.Exec(ctx, lapse, r.Import, r.Chunk); err != nil {
			return hit{back: begun, work: sameChunk(r)}
		}
		_ = eventually(ctx, func() error { // where nobody does it, the worker itself goes on
			var over bool
			if err := t.one(ctx, &over, done, r.Import, r.Chunk); err != nil || !over {
				return errors.Join(err, errNotYet)
			}
			return nil
		})
		return hit{back: time.Now()}
	}
}

var errNotYet = errors.New("not yet")

const (
	lapseChunk = `UPDATE chunks SET lease_until = '-infinity', enqueue_after = '-infinity'
		WHERE import_id = $1 AND number = $2 AND state = 'pending'`
	lapseLane = `UPDATE lanes SET lease_until = '-infinity'
		WHERE workspace_id = (SELECT workspace_id FROM singles WHERE id = $1) AND $2 = 0`
)

// stallInside halts a worker in the middle of its transaction for a while.
func stallInside(ctx context.Context, t *torture, rng *rand.Rand) hit {
	r, p, ok := t.stopAt(ctx, rng, insideTx, anyWork)
	if !ok {
		return missed
	}
	pause(ctx, between(rng, time.Second, 4*time.Second))
	p.signal(syscall.SIGCONT)
	return hit{back: time.Now(), work: sameChunk(r)}
}

// rollingRestart ends each process in good order, one after the other, each once the one before is
// there again.
func rollingRestart(ctx context.Context, t *torture, _ *rand.Rand) hit {
	for _, r := range t.roles() {
		before := r.started()
		if !r.signal(syscall.SIGTERM) {
			continue
		}
		for begun := time.Now(); r.started() == before && ctx.Err() == nil && time.Since(begun) < 40*time.Second; {
			pause(ctx, 20*time.Millisecond)
		}
	}
	return hit{back: time.Now()}
}
