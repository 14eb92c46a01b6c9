package queue

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// longestRest is how long a server that found nothing in its queue waits for a call before it looks again. A call can be lost:
// Redis keeps none for a listener whose connection is broken.
const longestRest = 250 * time.Millisecond

// callChannel is where those who hand chunks over call the servers.
func (q *Queue) callChannel() string { return "taskport:call:" + q.name }

// call wakes the servers that rest. It is a courtesy: unheard, they look again after longestRest.
func (q *Queue) call(ctx context.Context) { _ = q.redis.Publish(ctx, q.callChannel(), "").Err() }

// Resting gives a client for an asynq server of this queue, and stop to end its listening. asynq polls: its server asks an empty queue again after a
// pause, and a chunk waits for half of that on average. Through this client an answer of "nothing there" is kept back until chunks are handed over,
// for longestRest at most, so that the pause of the server can be short and an idle worker still asks seldom. Once ctx ends nothing is kept back.
func (q *Queue) Resting(ctx context.Context) (client redis.UniversalClient, stop func()) {
	return q.resting(ctx, longestRest)
}

func (q *Queue) resting(ctx context.Context, longest time.Duration) (*restingClient, func()) {
	calls := q.redis.Subscribe(ctx, q.callChannel())
	c := &restingClient{UniversalClient: q.redis, pending: "asynq:{" + q.name + "}:pending", longest: longest, called: make(chan struct{}, 1), ended: ctx.Done()}
	heard := calls.Channel() // closed by stop
	go func() {
		for range heard {
			c.wake()
		}
	}()
	return c, func() { _ = calls.Close() }
}

// restingClient is the client of a server that polls a queue.
type restingClient struct {
	redis.UniversalClient
	pending string // the key of the list that asynq takes jobs from
	longest time.Duration
	called  chan struct{} // holds a call that came while the server was busy or asking
	ended   <-chan struct{}
}

func (c *restingClient) wake() {
	select {
	case c.called <- struct{}{}:
	default: // it holds one already
	}
}

// EvalSha runs a script. The one that takes a job names the list of pending jobs first, and gives nil when there is none.
func (c *restingClient) EvalSha(ctx context.Context, sha1 string, keys []string, args ...any) *redis.Cmd {
	answer := c.UniversalClient.EvalSha(ctx, sha1, keys, args...)
	if len(keys) > 0 && keys[0] == c.pending && errors.Is(answer.Err(), redis.Nil) {
		c.rest()
	}
	return answer
}

func (c *restingClient) rest() {
	timer := time.NewTimer(c.longest)
	defer timer.Stop()
	select {
	case <-c.called:
	case <-timer.C:
	case <-c.ended:
	}
}
