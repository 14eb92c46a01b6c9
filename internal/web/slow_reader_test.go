package web

import (
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"
)

// slowBody returns so many bytes a read, and delays each.
type slowBody struct {
	bytes int
	takes time.Duration
}

func (b slowBody) Read(p []byte) (int, error) {
	time.Sleep(b.takes)
	return min(b.bytes, len(p)), nil
}

// deadlines is a connection that records its read deadlines.
type deadlines struct {
	http.ResponseWriter
	until time.Time
}

func (d *deadlines) SetReadDeadline(at time.Time) error {
	d.until = at
	return nil
}

// A client that sends a byte now and then is disconnected after Idle of waiting; one that sends
// enough is not. The server's own time does not count.
func TestPatienceWithBodies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		left := func(body slowBody, pause time.Duration, reads int) time.Duration {
			w := &deadlines{}
			from := NewSlowReader(w, body)
			buf := make([]byte, 64<<10)
			for range reads {
				if _, err := io.ReadAtLeast(from, buf, 1); err != nil {
					t.Fatal(err)
				}
				time.Sleep(pause)
			}
			began := time.Now()
			_, _ = from.Read(buf)
			return w.until.Sub(began)
		}
		if d := left(slowBody{1, 10 * time.Second}, 0, 3); d > grace {
			t.Errorf("a client that drips has %v left", d)
		}
		if d := left(slowBody{Quota, 29 * time.Second}, 0, 5); d != Idle+grace {
			t.Errorf("a client that sends enough has %v left", d)
		}
		if d := left(slowBody{1, time.Second}, time.Hour, 5); d != Idle-5*time.Second+grace {
			t.Errorf("a client whose server takes its time has %v left", d)
		}
	})
}

// A client that still sends when its time is over is refused between two reads. Its chunked body
// can be read on, so that it sees the answer.
func TestLateBodyCanBeReadOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, test := range []struct {
			name   string
			body   slowBody
			within time.Duration
		}{{"total time", slowBody{Quota, time.Second}, 10 * time.Second}, {"drips", slowBody{1, time.Second}, 0}} {
			w := &deadlines{}
			from := NewSlowReader(w, test.body)
			if test.within > 0 {
				from.Within(test.within)
			}
			buf := make([]byte, 64<<10)
			for began := time.Now(); ; {
				_, err := from.Read(buf)
				if err != nil {
					break
				}
				if !time.Now().Before(w.until) {
					t.Fatalf("%s: a read was cut off after %v", test.name, time.Since(began))
				}
				if time.Since(began) > 2*Idle {
					t.Fatalf("%s: still allowed after %v", test.name, time.Since(began))
				}
			}
		}
	})
}
