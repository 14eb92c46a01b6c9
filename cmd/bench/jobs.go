package main

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/hibiken/asynq"

	"taskport/worker/queue"
)

// jobRows is how many rows are sent as jobs of their own: at their pace, a million would take
// minutes.
const jobRows = 20_000

const rowJob = "bench:row"

// jobs measures one asynq job a row, each with an INSERT of its own and no name to resolve, to show
// what chunks buy.
func (b *bench) jobs(ctx context.Context) error {
	var rates sample
	for n := range b.runs {
		rate, err := b.jobsOnce(ctx)
		if err != nil {
			return err
		}
		rates = append(rates, rate)
		b.note("%s run %d: %.0f jobs/s", b.elapsed(), n+1, rate)
	}
	t := b.report.table("One asynq job a row, each with its own INSERT and nothing to resolve", "what", "rows/s", "spread")
	t.add("enqueue and process", count(rates.median()), percent(rates.spread()))
	b.report.figure("jobs_per_second", rates.median())
	return nil
}

func (b *bench) jobsOnce(ctx context.Context) (float64, error) {
	if err := b.empty(ctx); err != nil {
		return 0, err
	}
	if err := b.makeCopied(ctx); err != nil {
		return 0, err
	}
	redis, err := queue.Connect(b.redis)
	if err != nil {
		return 0, err
	}
	defer redis.Close()
	name := newQueue()
	var done atomic.Int64
	all := make(chan struct{})
	server := asynq.NewServerFromRedisClient(redis, asynq.Config{Concurrency: 8, Queues: map[string]int{name: 1},
		LogLevel: asynq.FatalLevel, TaskCheckInterval: 50 * time.Millisecond})
	workspace := uuid.New()
	began := time.Now()
	err = server.Start(asynq.HandlerFunc(func(ctx context.Context, _ *asynq.Task) error {
		_, err := b.pool.Exec(ctx, `INSERT INTO `+copied+` (workspace_id, id, title, status, due_is_day, contact_id,
			created_date, created_at)
			VALUES ($1, $2, 'Follow up', 'open', false, $2, '2026-03-01', now())`, workspace, uuid.New())
		if err == nil && done.Add(1) == jobRows {
			close(all)
		}
		return err
	}))
	if err != nil {
		return 0, err
	}
	defer server.Shutdown()
	if err := enqueueRows(ctx, asynq.NewClientFromRedisClient(redis), name); err != nil {
		return 0, err
	}
	select {
	case <-all:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	return jobRows / time.Since(began).Seconds(), nil
}

func enqueueRows(ctx context.Context, client *asynq.Client, name string) error {
	const senders = 8
	failed := make(chan error, senders)
	var work sync.WaitGroup
	for sender := range senders {
		work.Go(func() {
			for row := sender; row < jobRows; row += senders {
				payload, err := json.Marshal(row)
				if err == nil {
					_, err = client.EnqueueContext(ctx, asynq.NewTask(rowJob, payload), asynq.Queue(name), asynq.MaxRetry(1))
				}
				if err != nil {
					failed <- err
					return
				}
			}
		})
	}
	work.Wait()
	close(failed)
	return <-failed
}
