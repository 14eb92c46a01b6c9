// Package queue is the contract between intake and console on one side and the worker on the other:
// what a job is called, what it carries, and how it is queued. Redis only says what to do next; the
// truth about every chunk is in the store.
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

// DefaultName is the queue that a taskport installation uses unless another is configured.
const DefaultName = "taskport"

// ChunkJob is the type of the job that names a chunk.
const ChunkJob = "import:chunk"

// jobTimeout is asynq's limit for a job; the lease in the store is what counts.
const jobTimeout = 30 * time.Minute

// Queue queues chunks and deliveries for the workers.
type Queue struct {
	redis  redis.UniversalClient
	client *asynq.Client
	name   string
}

// New returns the queue of that name over a client, which the caller closes.
func New(client redis.UniversalClient, name string) *Queue {
	return &Queue{redis: client, client: asynq.NewClientFromRedisClient(client), name: name}
}

// hand queues a job under an id. Each enqueue has its own id, so that a job that is stuck in Redis
// cannot block the next. A repeated id is a success: the reply to the first enqueue was lost.
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

// Front returns the name of the queue that goes before the one of that name: a chunk there is taken
// as soon as a worker is free.
func Front(name string) string { return name + ":front" }

// enqueue queues a chunk.
func (q *Queue) enqueue(ctx context.Context, ref store.ChunkRef) error {
	id := fmt.Sprintf("chunk:%s:%d:%d", ref.ImportID, ref.Number, ref.Enqueue)
	name := q.name
	if ref.AtFront {
		name = Front(name)
	}
	if err := q.hand(ctx, name, ChunkJob, id, ref, jobTimeout); err != nil {
		return fmt.Errorf("hand chunk %d of import %s to the queue: %w", ref.Number, ref.ImportID, err)
	}
	return nil
}

// EnqueueAll queues chunks until one fails. The rest is not lost: the sweeper queues the chunks
// that no worker claims.
func (q *Queue) EnqueueAll(ctx context.Context, refs []store.ChunkRef) error {
	for _, ref := range refs {
		if err := q.enqueue(ctx, ref); err != nil {
			return err
		}
	}
	return nil
}

// overloadKey returns the Redis key that signals an overload; it expires by itself.
func (q *Queue) overloadKey() string { return "taskport:pressure:" + q.name }

// SignalOverload makes the workers throttle for so long, because clients wait for answers.
func (q *Queue) SignalOverload(ctx context.Context, lasts time.Duration) error {
	if err := q.redis.Set(ctx, q.overloadKey(), 1, lasts).Err(); err != nil {
		return fmt.Errorf("signal an overload to the workers: %w", err)
	}
	return nil
}

// Overloaded reports whether the workers should throttle. It reports false when Redis does not
// answer.
func (q *Queue) Overloaded(ctx context.Context) bool {
	n, err := q.redis.Exists(ctx, q.overloadKey()).Result()
	return err == nil && n > 0
}

// probeAge is how long the key that Ping writes is kept.
const probeAge = time.Minute

// Ping returns an error unless Redis writes within a second. One that is full, or is a replica,
// answers and takes no job.
func (q *Queue) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	err := q.redis.Set(ctx, "taskport:{"+q.name+"}:probe", 1, probeAge).Err()
	if refusal, answered := errors.AsType[redis.Error](err); answered {
		return fmt.Errorf("redis refuses to write: %w", refusal)
	}
	if err != nil {
		return fmt.Errorf("redis does not answer: %w", err)
	}
	return nil
}

// Emptied reports whether Redis has lost the queue since the last call of any process, which left a
// key there.
func (q *Queue) Emptied(ctx context.Context) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, redisTimeout)
	defer cancel()
	err := q.redis.SetArgs(ctx, "taskport:{"+q.name+"}:filled", 1, redis.SetArgs{Mode: "NX"}).Err()
	if errors.Is(err, redis.Nil) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check whether Redis has lost the queue: %w", err)
	}
	return true, nil
}

// ReadChunk parses a job of EnqueueAll.
func ReadChunk(t *asynq.Task) (store.ChunkRef, error) {
	var ref store.ChunkRef
	if err := json.Unmarshal(t.Payload(), &ref); err != nil {
		return ref, fmt.Errorf("read chunk job: %w", err)
	}
	return ref, nil
}
