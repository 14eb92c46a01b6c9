package console

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Many who ask the same question cost one answer in its time, and an error is not kept.
func TestOpenPagesShareTheirQuestions(t *testing.T) {
	t.Parallel()
	s := newShared[string, int64](200 * time.Millisecond)
	var asked, failed atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			for time.Since(began) < time.Second {
				got, err := s.get("import", func() (int64, error) {
					if failed.Add(1) == 1 {
						return 0, errors.New("away")
					}
					return asked.Add(1), nil
				})
				if err == nil && got == 0 {
					t.Error("an answer that nobody gave")
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
	all.Wait()
	if n := asked.Load(); n < 2 || n > int64(time.Since(began)/s.age)+1 {
		t.Errorf("asked %d times in %v", n, time.Since(began))
	}
}
