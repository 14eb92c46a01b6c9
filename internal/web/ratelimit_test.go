package web

import (
	"net/http"
	"testing"
	"time"
)

// At X-RateLimit-Reset the limit is full: its second is never rounded down.
func TestResetIsNotTooEarly(t *testing.T) {
	t.Parallel()
	now := time.Unix(1000, 400_000_000)
	for reset, want := range map[time.Duration]string{time.Millisecond: "1001", 600 * time.Millisecond: "1001",
		601 * time.Millisecond: "1002", 59 * time.Second: "1060"} {
		h := http.Header{}
		Limit{PerMinute: 60, Remaining: 59, Reset: reset}.SetHeaders(h, now)
		if got := h.Get("X-RateLimit-Reset"); got != want {
			t.Errorf("%v: %s, want %s", reset, got, want)
		}
	}
}
