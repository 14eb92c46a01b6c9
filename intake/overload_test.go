package intake_test

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taskport/intake"
)

// overloads counts the calls of SignalOverload.
type overloads struct {
	intake.Queue
	signals atomic.Int64
}

func (o *overloads) SignalOverload(ctx context.Context, lasts time.Duration) error {
	o.signals.Add(1)
	return o.Queue.SignalOverload(ctx, lasts)
}

// TestOverloadIsSignaled posts as many tasks as clients can; the workers are told to slow down,
// whether the tasks are created at once or only accepted.
func TestOverloadIsSignaled(t *testing.T) {
	for _, prefer := range []string{"wait=0", "respond-async"} {
		t.Run(prefer, func(t *testing.T) {
			o := &overloads{}
			a := setup(t, func(c *intake.Config) { o.Queue, c.Queue = c.Queue, o })
			a.load("contacts", people)
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			var clients sync.WaitGroup
			for range 16 {
				clients.Go(func() {
					for ctx.Err() == nil && o.signals.Load() == 0 {
						r := a.do("POST", "/v1/tasks", `{"title":"A","contact_name":"Hans Müller"}`, "Prefer", prefer)
						if r.status != http.StatusCreated && r.status != http.StatusAccepted {
							t.Error(r.raw)
							return
						}
					}
				})
			}
			clients.Wait()
			if o.signals.Load() == 0 {
				t.Error("the workers were not told to slow down")
			}
		})
	}
}
