package intake

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// Retry-After is the time in which a tenth of the bound ends at the workspace's own rate.
func TestRetryAfterFollowsTheDrainOfTheWorkspace(t *testing.T) {
	quick, slow, stuck := uuid.New(), uuid.New(), uuid.New()
	const most = 1000
	rates := map[uuid.UUID]int64{quick: 100, slow: 4, stuck: 0} // a second
	seconds := int64(0)
	b := backlogs{most: most, seen: map[uuid.UUID]*backlog{}, count: func(_ context.Context, w uuid.UUID, _ int) (
		store.SingleBacklog, error) {
		return store.SingleBacklog{Waiting: most, Ended: seconds * rates[w]}, nil
	}}
	began := time.Now()
	for _, c := range []struct {
		at    int64
		after map[uuid.UUID]string
	}{
		{0, map[uuid.UUID]string{quick: "600", slow: "600", stuck: "600"}}, // no rate is known yet
		{5, map[uuid.UUID]string{quick: "1", slow: "25", stuck: "600"}},
		{10, map[uuid.UUID]string{quick: "1", slow: "25", stuck: "600"}},
	} {
		seconds = c.at
		for w, want := range c.after {
			var refused *apiError
			err := b.admit(t.Context(), w, began.Add(time.Duration(c.at)*time.Second))
			if !errors.As(err, &refused) || refused.status != http.StatusTooManyRequests ||
				refused.header["Retry-After"] != want {
				t.Errorf("after %d s: got %v, want 429 with Retry-After %s", c.at, err, want)
			}
		}
	}
	rates[slow] = 50 // its worker has got help
	seconds = 12
	var refused *apiError
	if err := b.admit(t.Context(), slow, began.Add(12*time.Second)); !errors.As(err, &refused) ||
		refused.header["Retry-After"] != "1" {
		t.Errorf("got %v, want Retry-After 1 once the rate has grown", err)
	}
}
