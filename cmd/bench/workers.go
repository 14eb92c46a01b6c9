package main

import (
	"context"
	"fmt"
	"os/exec"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// workers measures one worker process against two, each on a core of its own and with one chunk at
// a time.
func (b *bench) workers(ctx context.Context) error {
	if _, err := exec.LookPath("taskset"); err != nil || cores() < 2 {
		b.note("workers: left out, because taskset or a second core is missing")
		return nil
	}
	in, err := b.install(ctx, b.files)
	if err != nil {
		return err
	}
	defer in.serve.stop()
	in.work.stop() // those that are measured take its place
	var one, two, databaseOne, databaseTwo sample
	for n := range b.runs {
		for count, into := range []*sample{&one, &two} {
			took, database, err := b.importWith(ctx, in, count+1)
			if err != nil {
				return err
			}
			*into = append(*into, float64(b.rows)/took.Seconds())
			if count == 0 {
				databaseOne = append(databaseOne, database/took.Seconds())
			} else {
				databaseTwo = append(databaseTwo, database/took.Seconds())
			}
		}
		b.note("%s run %d: two workers %.2f times one", b.elapsed(), n+1, two[n]/one[n])
	}
	ratios := two.over(one)
	t := b.report.table("Worker processes, each pinned to a core and with one chunk at a time", "workers", "rows/s",
		"spread", "ratio", "cores that Postgres keeps busy")
	t.add("1", count(one.median()), percent(one.spread()), "1.00", ratio(databaseOne.median()))
	t.add("2", count(two.median()), percent(two.spread()), ratio(ratios.median()), ratio(databaseTwo.median()))
	b.report.figure("two_workers_vs_one", ratios.median())
	return nil
}

// importWith imports the file with so many worker processes; it returns the time and the processor
// seconds of Postgres.
func (b *bench) importWith(ctx context.Context, in *installation, workers int) (time.Duration, float64, error) {
	if err := b.empty(ctx); err != nil {
		return 0, 0, err
	}
	for n := range workers {
		p, err := b.start(ctx, in.queue, []string{"taskset", "--cpu-list", strconv.Itoa(n)}, "work", "--concurrency", "1")
		if err != nil {
			return 0, 0, err
		}
		defer p.stop()
	}
	for range 4 { // each worker reads the directory once
		if err := b.warm(ctx, in.serve.url); err != nil {
			return 0, 0, err
		}
	}
	before := b.databaseBusy(ctx)
	_, _, took, err := importFile(ctx, in.serve.url, b.site.key, "tasks", b.files.tasks)
	return took, b.databaseBusy(ctx) - before, err
}

// newQueue returns the name of a queue that nobody else uses.
func newQueue() string { return fmt.Sprintf("bench-%s", uuid.NewString()) }
