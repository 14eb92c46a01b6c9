package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// taskRuns is what tasks measures, a figure for each run.
type taskRuns struct {
	bare, ours, ratios                 sample // a second
	p50, p95, p99, busyP99, busy, slow sample
	small                              sample // seconds that a small import took beside the large one
	outlasted                          bool   // an import ended before the requests beside it
}

// tasks measures POST /v1/tasks against pgbench, then beside an import, during which a small import
// must get through as well.
func (b *bench) tasks(ctx context.Context) error {
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.stop()
	r := &taskRuns{}
	for n := range b.runs {
		if err := b.tasksOnce(ctx, in, n, r); err != nil {
			return err
		}
		b.note("%s run %d: POST %.0f/s, pgbench %.0f/s: ratio %.2f; p99 %.1f ms, beside an import %.1f ms; 100 rows "+
			"beside it %.2f s",
			b.elapsed(), n+1, r.ours[n], r.bare[n], r.ratios[n], 1000*r.p99[n], 1000*r.busyP99[n], r.small[n])
	}
	b.reportTasks(r)
	return nil
}

func (b *bench) tasksOnce(ctx context.Context, in *installation, n int, r *taskRuns) error {
	if err := b.empty(ctx); err != nil {
		return err
	}
	bare, err := b.pgbench(ctx)
	if err != nil {
		return err
	}
	if err := b.empty(ctx); err != nil {
		return err
	}
	if n == 0 && b.profile != "" {
		go b.writeProfile(ctx, in.serveAdmin, b.profile+".requests")
	}
	quiet, err := b.postTasks(ctx, in.serve.url, time.Duration(b.seconds)*time.Second)
	if err != nil {
		return err
	}
	if err := b.empty(ctx); err != nil {
		return err
	}
	busy, small, err := b.besideImport(ctx, in, n, r)
	if err != nil {
		return err
	}
	r.bare, r.ours, r.ratios = append(r.bare, bare), append(r.ours, quiet.perSecond()),
		append(r.ratios, quiet.perSecond()/bare)
	r.p50, r.p95, r.p99 = append(r.p50, quiet.percentile(50)), append(r.p95, quiet.percentile(95)),
		append(r.p99, quiet.percentile(99))
	r.busy, r.busyP99, r.slow = append(r.busy, busy.perSecond()), append(r.busyP99, busy.percentile(99)),
		append(r.slow, busy.percentile(99)/quiet.percentile(99))
	r.small = append(r.small, small.Seconds())
	return nil
}

// besideImport lets the requests run while a large file is being imported, and imports a small one
// meanwhile.
func (b *bench) besideImport(ctx context.Context, in *installation, n int, r *taskRuns) (*load, time.Duration, error) {
	f, err := os.Open(b.files.tasks)
	if err != nil {
		return nil, 0, err
	}
	defer f.Close()
	large, err := upload(ctx, in.serve.url, b.site.key, "tasks", f)
	if err != nil {
		return nil, 0, err
	}
	type outcome struct {
		took time.Duration
		err  error
	}
	small := make(chan outcome, 1)
	go func() {
		time.Sleep(time.Second) // the requests and the large import are at work by then
		_, _, took, err := importStream(ctx, in.serve.url, b.site.key, "tasks", strings.NewReader(b.smallFile(n)))
		small <- outcome{took, err}
	}()
	busy, err := b.postTasks(ctx, in.serve.url, time.Duration(b.seconds)*time.Second)
	if err != nil {
		return nil, 0, err
	}
	answered := time.Now()
	s := <-small
	if s.err != nil {
		return nil, 0, s.err
	}
	ended, err := b.follow(ctx, in.serve.url, large)
	if err == nil && answered.Sub(*ended.FinishedAt) > time.Second {
		r.outlasted = true
	}
	return busy, s.took, err
}

// follow waits for the end of an import.
func (b *bench) follow(ctx context.Context, url string, j job) (job, error) {
	err := await(ctx, url, b.site.key, &j)
	return j, err
}

// smallFile has a hundred rows.
func (b *bench) smallFile(n int) string {
	var out strings.Builder
	if err := b.data.writeTasks(&out, 100, fmt.Sprintf("S%d-", n)); err != nil {
		return header // a builder does not fail
	}
	return out.String()
}

func (b *bench) reportTasks(r *taskRuns) {
	t := b.report.table(fmt.Sprintf("`POST /v1/tasks`, %d connections, a contact by name in each, against `pgbench` "+
		"with the bare INSERT", b.clients), "what", "a second", "spread", "ratio")
	t.add("`POST /v1/tasks`", count(r.ours.median()), percent(r.ours.spread()), ratio(r.ratios.median()))
	t.add("`pgbench`, prepared, as many clients", count(r.bare.median()), percent(r.bare.spread()), "1.00")
	t.add("`POST /v1/tasks` beside an import", count(r.busy.median()), percent(r.busy.spread()),
		ratio(r.busy.over(r.bare).median()))
	l := b.report.table("How long an answer takes", "what", "p50", "p95", "p99")
	l.add("quiet", milliseconds(r.p50.median()), milliseconds(r.p95.median()), milliseconds(r.p99.median()))
	l.add(fmt.Sprintf("beside an import of %s rows", count(float64(b.rows))), "", "", fmt.Sprintf("%s (%.2f times)",
		milliseconds(r.busyP99.median()), r.slow.median()))
	l.note("An import of 100 rows that is started beside the large one is completed after %s.", seconds(r.small.median()))
	if r.outlasted {
		l.note("The large import ended before the requests beside it did: take more --rows, or fewer --seconds.")
	}
	b.report.figure("tasks_per_second", r.ours.median())
	b.report.figure("pgbench_per_second", r.bare.median())
	b.report.figure("tasks_vs_pgbench", r.ratios.median())
	b.report.figure("tasks_p50_ms", 1000*r.p50.median())
	b.report.figure("tasks_p95_ms", 1000*r.p95.median())
	b.report.figure("tasks_p99_ms", 1000*r.p99.median())
	b.report.figure("tasks_p99_beside_import_vs_quiet", r.slow.median())
	b.report.figure("small_import_beside_large_seconds", r.small.median())
}
