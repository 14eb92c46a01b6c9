package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// asyncWorkspaces are the numbers of workspaces that submissions come from.
var asyncWorkspaces = []int{1, 10, 100}

// asyncRun is one run of submissions.
type asyncRun struct {
	*load
	drained time.Duration // from the last acceptance until the last single was done
}

// done returns the singles that were done in a second, from the first submission on.
func (r *asyncRun) done() float64 {
	return float64(len(r.times)) / (r.took + r.drained).Seconds()
}

// async measures POST /v1/tasks with Prefer: respond-async against the same without it, and against
// one asynq job a task.
func (b *bench) async(ctx context.Context) error {
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	keys := []string{b.site.key}
	for len(keys) < slices.Max(asyncWorkspaces) {
		s, err := b.newSite(ctx)
		if err != nil {
			return err
		}
		people := "full_name\n" + strings.Join(b.asyncNames(), "\n") + "\n"
		if _, _, _, err := importStream(ctx, in.serve.url, s.key, "contacts", strings.NewReader(people)); err != nil {
			return err
		}
		keys = append(keys, s.key)
	}
	var plain sample
	now, nowP50 := map[int]sample{}, map[int]sample{}
	accepted, done, p50, p99, drained := map[int]sample{}, map[int]sample{}, map[int]sample{}, map[int]sample{},
		map[int]sample{}
	var bytes sample
	var beside asyncBeside
	for n := range b.runs {
		rate, err := b.jobsOnce(ctx)
		if err != nil {
			return err
		}
		plain = append(plain, rate)
		for _, w := range asyncWorkspaces {
			if err := b.empty(ctx); err != nil {
				return err
			}
			before := b.busyTimes(ctx, in)
			sync, err := b.submit(ctx, in.serve.url, keys[:w], "")
			if err != nil {
				return err
			}
			syncCPU := b.busyTimes(ctx, in).since(before).per(len(sync.times))
			now[w], nowP50[w] = append(now[w], sync.perSecond()), append(nowP50[w], sync.percentile(50))
			if err := b.empty(ctx); err != nil {
				return err
			}
			if n == 0 && b.profile != "" {
				go b.writeProfile(ctx, in.serveAdmin, fmt.Sprintf("%s.accept-%d", b.profile, w))
				go b.writeProfile(ctx, in.admin, fmt.Sprintf("%s.singles-%d", b.profile, w))
			}
			before = b.busyTimes(ctx, in)
			r, err := b.submitAsync(ctx, in.serve.url, keys[:w])
			if err != nil {
				return err
			}
			cpu := b.busyTimes(ctx, in).since(before).per(len(r.times))
			accepted[w], done[w] = append(accepted[w], r.perSecond()), append(done[w], r.done())
			p50[w], p99[w] = append(p50[w], r.percentile(50)), append(p99[w], r.percentile(99))
			drained[w] = append(drained[w], r.drained.Seconds())
			b.note("%s run %d, %d workspaces: accepted %.0f/s, done %.0f/s, the last %.2f s later; at once %.0f/s, "+
				"asynq %.0f/s; processor time of one %s, at once %s",
				b.elapsed(), n+1, w, r.perSecond(), r.done(), r.drained.Seconds(), sync.perSecond(), rate, cpu, syncCPU)
		}
		size, err := b.bytesOfSingles(ctx)
		if err != nil {
			return err
		}
		bytes = append(bytes, size)
		if err := b.asyncBeside(ctx, in, p99[1][n], &beside); err != nil {
			return err
		}
	}
	t := b.report.table(fmt.Sprintf("`POST /v1/tasks`, %d connections, with and without `Prefer: respond-async`",
		b.clients),
		"what", "accepted/s", "of at once", "p50", "p99", "done/s", "of at once", "of plain asynq", "last done after")
	t.add("one asynq job a task, its own INSERT", "", "", "", "", count(plain.median()), "", "1.00", "")
	for _, w := range asyncWorkspaces {
		t.add(fmt.Sprintf("at once, %d workspaces", w), count(now[w].median()), "1.00", milliseconds(nowP50[w].median()), "",
			"", "", "", "")
		t.add(fmt.Sprintf("`respond-async`, %d workspaces", w), count(accepted[w].median()),
			ratio(accepted[w].over(now[w]).median()), milliseconds(p50[w].median()), milliseconds(p99[w].median()),
			count(done[w].median()), ratio(done[w].over(now[w]).median()), ratio(done[w].over(plain).median()),
			seconds(drained[w].median()))
		name := fmt.Sprintf("async_%d_", w)
		b.report.figure(name+"accepted_vs_sync", accepted[w].over(now[w]).median())
		b.report.figure(name+"p50_vs_sync", p50[w].over(nowP50[w]).median())
		b.report.figure(name+"done_vs_sync", done[w].over(now[w]).median())
		b.report.figure(name+"done_vs_asynq", done[w].over(plain).median())
		b.report.figure(name+"last_done_seconds", drained[w].median())
	}
	t.note("A done single takes %s bytes beside its task: its row, its part of the indexes, and what vacuum has left.",
		count(bytes.median()))
	b.report.figure("single_bytes", bytes.median())
	b.reportBeside(&beside)
	return nil
}

// asyncBeside are the figures of submissions to a workspace whose large file is being imported, one
// for each run.
type asyncBeside struct {
	accepted, p99, slow sample // slow is p99 over the quiet one
	slowest             sample // seconds from the acceptance of a single to its end, at most
	outlasted           bool   // an import ended before the submissions beside it
}

// asyncBeside submits tasks to a workspace while a large file of it is being imported.
func (b *bench) asyncBeside(ctx context.Context, in *installation, quiet float64, to *asyncBeside) error {
	if err := b.empty(ctx); err != nil {
		return err
	}
	f, err := os.Open(b.files.tasks)
	if err != nil {
		return err
	}
	defer f.Close()
	large, err := upload(ctx, in.serve.url, b.site.key, "tasks", f)
	if err != nil {
		return err
	}
	r, err := b.submitAsync(ctx, in.serve.url, []string{b.site.key})
	if err != nil {
		return err
	}
	ended := time.Now()
	var slowest float64
	if err := b.pool.QueryRow(ctx, `SELECT max(extract(epoch FROM finished_at - created_at))::float8
		FROM singles`).Scan(&slowest); err != nil {
		return err
	}
	large, err = b.follow(ctx, in.serve.url, large)
	if err != nil {
		return err
	}
	if ended.Sub(*large.FinishedAt) > time.Second {
		to.outlasted = true
	}
	to.accepted, to.p99 = append(to.accepted, r.perSecond()), append(to.p99, r.percentile(99))
	to.slow, to.slowest = append(to.slow, r.percentile(99)/quiet), append(to.slowest, slowest)
	b.note("%s beside an import: accepted %.0f/s, p99 %.1f ms (quiet %.1f ms), done after %.2f s at most", b.elapsed(),
		r.perSecond(), 1000*r.percentile(99), 1000*quiet, slowest)
	return nil
}

func (b *bench) reportBeside(r *asyncBeside) {
	t := b.report.table(fmt.Sprintf("`respond-async` beside an import of %s rows of the same workspace",
		count(float64(b.rows))), "accepted/s", "p99", "of the quiet p99", "done after, at most")
	t.add(count(r.accepted.median()), milliseconds(r.p99.median()), ratio(r.slow.median()), seconds(r.slowest.median()))
	if r.outlasted {
		t.note("The import ended before the submissions beside it did: take more --rows, or fewer --seconds.")
	}
	b.report.figure("async_p99_beside_import_vs_quiet", r.slow.median())
	b.report.figure("async_beside_import_done_seconds", r.slowest.median())
}

// busy are the processor seconds that the processes have used.
type busy struct{ serve, work, database float64 }

func (b *bench) busyTimes(ctx context.Context, in *installation) busy {
	return busy{in.serve.busy(), in.work.busy(), b.databaseBusy(ctx)}
}

func (t busy) since(earlier busy) busy {
	return busy{t.serve - earlier.serve, t.work - earlier.work, t.database - earlier.database}
}

func (t busy) per(n int) busy {
	return busy{t.serve / float64(n), t.work / float64(n), t.database / float64(n)}
}

func (t busy) String() string {
	return fmt.Sprintf("%.0f µs (serve %.0f, work %.0f, Postgres %.0f)", 1e6*(t.serve+t.work+t.database), 1e6*t.serve,
		1e6*t.work, 1e6*t.database)
}

// asyncNames are the people of each workspace but the first.
func (b *bench) asyncNames() []string {
	names := make([]string, 0, 100)
	for _, p := range b.data.people[:min(cap(names), len(b.data.people))] {
		names = append(names, p.name)
	}
	return names
}

// submitAsync submits tasks and waits until all are done.
func (b *bench) submitAsync(ctx context.Context, url string, keys []string) (*asyncRun, error) {
	l, err := b.submit(ctx, url, keys, "Prefer: respond-async\r\n")
	if err != nil {
		return nil, err
	}
	r, ended := &asyncRun{load: l}, time.Now()
	for waiting := 1; waiting > 0; {
		if err := b.pool.QueryRow(ctx, `SELECT count(*) FROM singles WHERE state = 'queued'`).Scan(&waiting); err != nil {
			return nil, err
		}
		if waiting > 0 {
			time.Sleep(10 * time.Millisecond)
		}
	}
	r.drained = time.Since(ended)
	var made int
	if err := b.pool.QueryRow(ctx, `SELECT count(*) FROM singles WHERE state = 'created'`).Scan(&made); err != nil ||
		made != len(l.times) {
		return nil, fmt.Errorf("%d of %d tasks were created: %w", made, len(l.times), err)
	}
	return r, nil
}

// submit lets clients post tasks for the seconds of a run, each to a workspace at random.
func (b *bench) submit(ctx context.Context, url string, keys []string, header string) (*load, error) {
	names := b.asyncNames()
	if len(keys) > 1 {
		names = names[:1]
	} else { // the first workspace has the whole directory
		rng := rand.New(rand.NewPCG(b.seed, 0))
		for n := range names {
			names[n] = b.data.unmistakable(rng).name
		}
	}
	all, failed := make([][]time.Duration, b.clients), make([]error, b.clients)
	var work sync.WaitGroup
	began := time.Now()
	end := began.Add(time.Duration(b.seconds) * time.Second)
	for n := range b.clients {
		work.Go(func() {
			rng := rand.New(rand.NewPCG(b.seed, uint64(n)))
			c, err := dialAPI(ctx, url, keys[0])
			if err != nil {
				failed[n] = err
				return
			}
			defer c.conn.Close()
			heads := make([]string, len(keys))
			for k, key := range keys {
				heads[k] = c.headWith(key, header)
			}
			for sent := time.Now(); sent.Before(end) && ctx.Err() == nil; {
				k := rng.IntN(len(keys))
				c.head = heads[k]
				name := names[rng.IntN(len(names))]
				if failed[n] = c.post(`{"title":"Follow up with ` + name +
					`","description":"asked for the terms","due_date":"2026-03-10","priority":"high","contact_name":"` + name +
					`"}`); failed[n] != nil {
					return
				}
				answered := time.Now()
				all[n] = append(all[n], answered.Sub(sent))
				sent = answered
			}
		})
	}
	work.Wait()
	l := &load{took: time.Since(began), times: slices.Concat(all...)}
	slices.Sort(l.times)
	return l, errors.Join(errors.Join(failed...), ctx.Err())
}

// bytesOfSingles returns the bytes that a done single takes beside its task, once what is dead was
// vacuumed.
func (b *bench) bytesOfSingles(ctx context.Context) (float64, error) {
	if _, err := b.pool.Exec(ctx, `VACUUM singles`); err != nil {
		return 0, err
	}
	var size float64
	err := b.pool.QueryRow(ctx, `SELECT (pg_total_relation_size('singles') + pg_relation_size('tasks_import'))::float8 /
		greatest(1, (SELECT count(*) FROM singles))`).Scan(&size)
	return size, err
}
