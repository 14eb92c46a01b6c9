// Package queue is the contract between the doors and the worker: what a job is called, what it
// carries, and how it is handed over. Redis only says what to do next; the truth about every chunk
// is in the store.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"taskport/store"
)

// DefaultName is the queue that a taskport installation uses unless told otherwise.
const DefaultName = "taskport"

// ChunkJob is the type of the job that names a chunk.
const ChunkJob = "import:chunk"

// jobTimeout bounds what asynq gives a job; the lease in the store is what counts.
const jobTimeout = 30 * time.Minute

// Queue hands chunks to the workers.
type Queue struct {
	redis  redis.UniversalClient
	client *asynq.Client
	name   string
}

// New returns a queue of that name over a client, which stays the caller's to close.
func New(client redis.UniversalClient, name string) *Queue {
	return &Queue{redis: client, client: asynq.NewClientFromRedisClient(client), name: name}
}

// hand hands a job over, under an id. Each handing-over has one of its own, so that one that got
// stuck in Redis cannot block the next; a repeated one is a success: the reply to the first was
// lost.
func (q *Queue) hand(ctx context.Context, queue, job, id string, payload any, timeout time.Duration) error {
	text, err := json.Marshal(payload)
	if err != nil {
		return fmt.Errorf("encode the job: %w", err)
	}
	_, err = q.client.EnqueueContext(ctx, asynq.NewTask(job, text), asynq.Queue(queue), asynq.TaskID(id),
		asynq.MaxRetry(0), asynq.Timeout(timeout), asynq.Retention(0))
	if errors.Is(err, asynq.ErrTaskIDConflict) || errors.Is(err, asynq.ErrDuplicateTask) {
		return nil
	}
	return err
}

// enqueue hands a chunk over.
func (q *Queue) enqueue(ctx context.Context, ref store.ChunkRef) error {
	id := fmt.Sprintf("chunk:%s:%d:%d", ref.ImportID, ref.Number, ref.Enqueue)
	if err := q.hand(ctx, q.name, ChunkJob, id, ref, jobTimeout); err != nil {
		return fmt.Errorf("hand chunk %d of import %s to the queue: %w", ref.Number, ref.ImportID, err)
	}
	return nil
}

// EnqueueAll hands chunks over until one fails. What is left is not lost: the sweeper hands over
// what nobody claims.
func (q *Queue) EnqueueAll(ctx context.Context, refs []store.ChunkRef) error {
	for _, ref := range refs {
		if err := q.enqueue(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

// overloadKey says that many single tasks are being created; it vanishes by itself.
func (q *Queue) overloadKey() string { return "taskport:pressure:" + q.name }

// Press tells the workers that clients wait for answers, for so long: they then take fewer chunks
// at a time.
func (q *Queue) SignalOverload(ctx context.Context, lasts time.Duration) error {
	if err := q.redis.Set(ctx, q.overloadKey(), 1, lasts).Err(); err != nil {
		return fmt.Errorf("tell the workers that clients wait: %w", err)
	}
	return nil
}

// Pressed reports whether clients wait for answers. It is a courtesy: when Redis does not tell,
// nobody waits.
func (q *Queue) Overloaded(ctx context.Context) bool {
	n, err := q.redis.Exists(ctx, q.overloadKey()).Result()
	return err == nil && n > 0
}

// Ping reports whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	if err := q.redis.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis does not answer: %w", err)
	}
	return nil
}

// Emptied reports whether Redis has lost what was in the queue since it was last asked, by
// whomever: the mark that was left then is gone.
func (q *Queue) Emptied(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	err := q.redis.SetArgs(ctx, "taskport:{"+q.name+"}:filled", 1, redis.SetArgs{Mode: "NX"}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look for the mark of the queue: %w", err)
	}
	return true, nil
}

// ReadChunk reads what enqueue wrote.
func ReadChunk(t *asynq.Task) (store.ChunkRef, error) {
	var ref store.ChunkRef
	if err := json.Unmarshal(t.Payload(), &ref); err != nil {
		return ref, fmt.Errorf("read chunk job: %w", err)
	}
	return ref, nil
}
