package intake_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/intake"
)

const streamTime = 30 * time.Second

// follow opens the event stream of a job and returns its lines. The channel is closed with the
// stream.
func (a *api) follow(id string) <-chan string {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), streamTime)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, a.server.URL+"/v1/import/jobs/"+id+"/events", nil)
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	resp, err := (&http.Client{}).Do(req) // the client of the tests would read the answer to its end first
	if err != nil || resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "text/event-stream" {
		a.t.Fatal(err, resp)
	}
	lines := make(chan string, 1000)
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(lines)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	a.t.Cleanup(func() { cancel(); <-done })
	return lines
}

// until reads lines up to one with this beginning, and reports whether it came.
func until(lines <-chan string, beginning string) bool {
	for line := range lines {
		if strings.HasPrefix(line, beginning) {
			return true
		}
	}
	return false
}

// heldImport begins an import whose rows cannot be written until release is called.
func (a *api) heldImport() (id string, release func()) {
	a.t.Helper()
	c, err := pgx.Connect(context.Background(), a.url)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = c.Close(context.Background()) })
	if _, err := c.Exec(context.Background(), `BEGIN; LOCK TABLE dead_letters IN EXCLUSIVE MODE`); err != nil {
		a.t.Fatal(err)
	}
	id, _ = a.csv("/v1/import/tasks", "title,contact_name\nCall,Nobody\n", "Prefer",
		"respond-async").get("data.job_id").(string)
	return id, func() { _, _ = c.Exec(context.Background(), `COMMIT`) }
}

func TestJobIsFollowedToItsEnd(t *testing.T) {
	a := setup(t)
	id, release := a.heldImport()
	lines := a.follow(id)
	if !until(lines, "event: progress") || !until(lines, `data: {"job_id":"`+id) {
		t.Fatal("no progress is told")
	}
	release()
	if !until(lines, "event: completed") || !until(lines, `data: {"job_id":"`+id) {
		t.Fatal("the end is not told")
	}
	if until(lines, "event:") {
		t.Error("the stream goes on after the last event")
	}
}

func TestStreamEndsWithTheProcess(t *testing.T) {
	stopping := make(chan struct{})
	a := setup(t, func(c *intake.Config) { c.Stopping = stopping })
	id, release := a.heldImport()
	defer release()
	lines := a.follow(id)
	if !until(lines, "event: progress") {
		t.Fatal("no progress is told")
	}
	close(stopping)
	if until(lines, "event: completed") {
		t.Error("an end is told that has not come")
	}
}

func TestStreamEndsWithItsKey(t *testing.T) {
	a := setup(t)
	id, release := a.heldImport()
	defer release()
	lines := a.follow(id)
	if !until(lines, "event: progress") {
		t.Fatal("no progress is told")
	}
	k, err := a.store.Authenticate(t.Context(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.store.RevokeKey(t.Context(), a.workspace, k.ID, clock); err != nil {
		t.Fatal(err)
	}
	if until(lines, "event: completed") {
		t.Error("an end is told that has not come")
	}
}
