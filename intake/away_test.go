package intake_test

import (
	"context"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/intake"
)

// untilAnswered retries, as clients should, until the answer is neither unavailable nor
// request_in_progress.
func untilAnswered(t *testing.T, ask func() reply) reply {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		r := ask()
		if again := r.status == http.StatusServiceUnavailable || r.status == http.StatusConflict; !again ||
			time.Now().After(end) {
			return r
		}
	}
}

// If the database hangs during a request, the answer is 503. A retried request takes effect once.
func TestStandstillOfTheDatabase(t *testing.T) {
	var still atomic.Bool
	a := setup(t, func(c *intake.Config) {
		c.Answers = func(ctx context.Context) error {
			if still.Load() {
				<-ctx.Done()
			}
			return ctx.Err()
		}
	})
	a.load("contacts", "full_name\nHans Müller\n")
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	tx, err := conn.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, `LOCK TABLE tasks`); err != nil {
		t.Fatal(err)
	}
	still.Store(true)
	post := func() reply {
		return a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Hans Müller"}`, "Idempotency-Key", "standstill")
	}
	for _, r := range []reply{post(), a.do("GET", "/v1/tasks", "")} {
		r.wantError(http.StatusServiceUnavailable, "unavailable", "", "try again")
		if r.header.Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	still.Store(false)
	if err := tx.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if r := untilAnswered(t, post); r.status != http.StatusCreated {
		t.Errorf("the repeated request got %d %s", r.status, r.raw)
	}
	if tasks := a.do("GET", "/v1/tasks", "").get("data").([]any); len(tasks) != 1 {
		t.Errorf("%d tasks, want one", len(tasks))
	}
}

// A process that is shutting down refuses new requests and closes their connections.
func TestStoppingProcessRefuses(t *testing.T) {
	stopping := make(chan struct{})
	a := setup(t, func(c *intake.Config) { c.Stopping = stopping })
	if r := a.do("GET", "/v1/tasks", ""); r.status != http.StatusOK {
		t.Fatalf("before: %d %s", r.status, r.raw)
	}
	close(stopping)
	r := a.do("GET", "/v1/tasks", "")
	r.wantError(http.StatusServiceUnavailable, "unavailable", "", "being stopped")
	if r.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
}
