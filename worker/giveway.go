package worker

import "context"

// giveWay lets no more than half of the worker's chunks run at a time while clients wait for single tasks: on a database that is busy with
// chunks an answer takes several times as long, and nobody waits for a chunk. It is called before a chunk is claimed; the caller calls what it gives afterwards.
func (w *Worker) giveWay(ctx context.Context) (done func()) {
	if !w.queue.Pressed(ctx) {
		return func() {}
	}
	select {
	case w.narrow <- struct{}{}:
		return func() { <-w.narrow }
	case <-ctx.Done():
		return func() {}
	}
}
