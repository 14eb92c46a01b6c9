package intake

import (
	"testing"
	"time"
)

// Many tasks within a window are pressure, reported once. The same number over more time is not.
func TestPressure(t *testing.T) {
	t.Parallel()
	var p pressure
	now, told := time.Unix(0, 0), 0
	count := func(tasks int, apart time.Duration) int {
		told = 0
		for range tasks {
			now = now.Add(apart)
			if p.add(now) {
				told++
			}
		}
		return told
	}
	if n := count(1000, pressureWindow/10); n != 0 {
		t.Errorf("40 tasks a second are told %d times as pressure", n)
	}
	if n := count(1000, time.Millisecond); n < 3 || n > 4 {
		t.Errorf("a second of 1,000 tasks is told %d times, want once a window", n)
	}
}
