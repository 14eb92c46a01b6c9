package intake_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"taskport/intake"
)

// overloads passes the calls of SignalOverload on to a channel.
type overloads struct {
	intake.Queue
	signals chan struct{}
}

func (o *overloads) SignalOverload(ctx context.Context, lasts time.Duration) error {
	o.signals <- struct{}{}
	return o.Queue.SignalOverload(ctx, lasts)
}

// TestOverloadIsSignaled posts fifty tasks at one time of the server's clock; the workers
// are told to slow down, whether the tasks are created at once or only accepted.
func TestOverloadIsSignaled(t *testing.T) {
	for _, prefer := range []string{"wait=0", "respond-async"} {
		t.Run(prefer, func(t *testing.T) {
			const pressing = 50
			o := &overloads{signals: make(chan struct{}, pressing)}
			a := setup(t, func(c *intake.Config) { o.Queue, c.Queue = c.Queue, o })
			a.load("contacts", people)
			for n := range pressing {
				if n == pressing-1 && len(o.signals) > 0 {
					t.Error("the workers are told to slow down too soon")
				}
				r := a.do("POST", "/v1/tasks", `{"title":"A","contact_name":"Hans Müller"}`, "Prefer", prefer)
				if r.status != http.StatusCreated && r.status != http.StatusAccepted {
					t.Fatal(r.raw)
				}
			}
			select {
			case <-o.signals:
			case <-time.After(time.Minute):
				t.Error("the workers are not told to slow down")
			}
		})
	}
}
