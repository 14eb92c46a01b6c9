package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/intake"
)

var later = []string{"Prefer", "respond-async"}

// Many clients submit at once: each gets a job of its own, which ends with its own task, and the
// same Idempotency-Key the first answer.
func TestSubmissionsAtOnce(t *testing.T) {
	const clients, each = 16, 5
	a := setup(t)
	a.load("contacts", people)
	ids := make([][each]string, clients)
	var work sync.WaitGroup
	for c := range clients {
		work.Go(func() {
			for n := range each {
				body := fmt.Sprintf(`{"title":"Call %d of %d","contact_name":"Hans Müller","external_id":"s-%d-%d"}`, n, c, c, n)
				key := append([]string{"Idempotency-Key", fmt.Sprintf("k-%d-%d", c, n)}, later...)
				first, again := a.do("POST", "/v1/tasks", body, key...), a.do("POST", "/v1/tasks", body, key...)
				if first.status != http.StatusAccepted || again.raw != first.raw ||
					again.header.Get("Idempotency-Replayed") != "true" {
					t.Errorf("got %d %s, then %d %s", first.status, first.raw, again.status, again.raw)
				}
				ids[c][n], _ = first.get("data.job_id").(string)
			}
		})
	}
	work.Wait()
	seen := map[string]bool{}
	for c := range ids {
		for n, id := range ids[c] {
			if seen[id] {
				t.Fatalf("job %s is there twice", id)
			}
			seen[id] = true
			a.await(id).wantCounts(1, 0, 0, 0)
			task := a.do("GET", "/v1/tasks?import_id="+id, "")
			if !strings.Contains(task.raw, fmt.Sprintf(`"title":"Call %d of %d"`, n, c)) || task.get("meta.total") != 1.0 {
				t.Fatalf("job %s has the tasks %s", id, task.raw)
			}
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != clients*each {
		t.Errorf("got %d tasks, want %d", n, clients*each)
	}
	if r := a.do("GET", "/v1/import/jobs", ""); r.get("meta.total") != 1.0 {
		t.Errorf("got %s, want the load of the contacts alone", r.raw)
	}
	if r := a.do("GET", "/v1/import/jobs?singles=true&status=completed", ""); r.get("meta.total") != float64(
		clients*each) {
		t.Errorf("got %v singles, want %d", r.get("meta.total"), clients*each)
	}
	if r := a.do("GET", "/v1/import/jobs?singles=true&kind=contacts", ""); r.get("meta.total") != 0.0 {
		t.Errorf("got %s, want none", r.raw)
	}
	a.do("GET", "/v1/import/jobs?status=done", "").wantError(http.StatusBadRequest, "validation_error", "status",
		"completed")
	a.other.do("GET", "/v1/import/jobs/"+ids[0][0], "").wantError(http.StatusNotFound, "not_found", "", "")
	a.other.do("POST", "/v1/import/jobs/"+ids[0][0]+"/undo", "").wantError(http.StatusNotFound, "not_found", "", "")
}

// A rejected submission is an import with a dead letter: it is seen, corrected and undone as any.
func TestRejectedSubmission(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	r := a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"Nobody Atall","external_id":"x"}`,
		"Prefer", "respond-async, wait=20")
	id, _ := r.get("data.job_id").(string)
	if r.status != http.StatusAccepted || r.get("data.rejected_count") != 1.0 ||
		!strings.Contains(r.raw, `"code":"unresolved_reference"`) {
		t.Fatalf("got %d %s, want the rejected job", r.status, r.raw)
	}
	path := "/v1/import/jobs/" + id
	if r := a.do("GET", path+"/rejects", "", "Accept", "text/csv"); !strings.Contains(r.raw, "Nobody Atall") ||
		!strings.Contains(r.raw, "contact_name") {
		t.Errorf("got the report %s", r.raw)
	}
	a.do("POST", path+"/rejects/1", jsonOf(t, map[string]any{"fields": map[string]string{"contact_name": "Hans Müller"}}))
	a.await(id).wantCounts(1, 0, 0, 0)
	if r := a.do("POST", path+"/undo", ""); r.get("data.undone_count") != 1.0 {
		t.Errorf("got %s, want one task undone", r.raw)
	}
	// One that went in is undone too, and cannot be cancelled.
	r = a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"Hans Müller"}`, "Prefer", "respond-async, wait=20")
	id, _ = r.get("data.job_id").(string)
	if r.status != http.StatusAccepted || r.get("data.created_count") != 1.0 {
		t.Fatalf("got %d %s", r.status, r.raw)
	}
	path = "/v1/import/jobs/" + id
	a.do("POST", path+"/cancel", "").wantError(http.StatusConflict, "conflict", "", "completed")
	if r := a.do("POST", path+"/undo", ""); r.get("data.undone_count") != 1.0 || r.get("data.status") != "undone" {
		t.Errorf("got %s, want one task undone", r.raw)
	}
}

// A workspace whose backlog is at its bound is asked to wait; another one is not.
func TestBacklogIsBounded(t *testing.T) {
	a := setup(t, func(c *intake.Config) { c.MaxWaiting = 3 })
	a.load("contacts", people)
	// Another process holds the lanes, so that nothing is worked on.
	for _, workspace := range []uuid.UUID{a.workspace, a.other.workspace} {
		a.query(`WITH held AS (INSERT INTO lanes (workspace_id, lease_until) VALUES ($1, now() + interval '5 minutes')
			RETURNING 1) SELECT count(*) FROM held`, workspace)
	}
	body := `{"title":"Call","contact_name":"Hans Müller"}`
	refused := 0
	for range 40 {
		switch r := a.do("POST", "/v1/tasks", body, later...); r.status {
		case http.StatusAccepted:
		case http.StatusTooManyRequests:
			refused++
			r.wantError(http.StatusTooManyRequests, "rate_limited", "", "wait to be created")
			if after := r.header.Get("Retry-After"); after != "600" {
				t.Errorf("got Retry-After %q, want the longest while nothing is worked on", after)
			}
		default:
			t.Fatalf("got %d %s", r.status, r.raw)
		}
	}
	if waiting := a.query(`SELECT count(*) FROM singles WHERE state = 'queued'`); waiting != 3 || refused != 37 {
		t.Errorf("got %d waiting and %d refused of 40, want 3 and 37", waiting, refused)
	}
	if r := a.other.do("POST", "/v1/tasks", body, later...); r.status != http.StatusAccepted {
		t.Errorf("another workspace: got %d %s", r.status, r.raw)
	}
	if r := a.do("POST", "/v1/tasks", body); r.status != http.StatusCreated {
		t.Errorf("at once: got %d %s", r.status, r.raw)
	}
}

// The events of submissions name their job and the client's own reference, whatever their outcome.
func TestSubmissionsAreAnnounced(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	if r := a.do("POST", "/v1/webhooks", `{"url": "https://receiver.example/hook", "events": ["task.created",
		"import.completed"]}`); r.status != http.StatusCreated {
		t.Fatalf("got %d %s", r.status, r.raw)
	}
	for external, contact := range map[string]string{"in": "Hans Müller", "out": "Nobody Atall"} {
		began := time.Now()
		r := a.do("POST", "/v1/tasks", `{"title":"Call","contact_name":"`+contact+`","external_id":"`+external+`"}`,
			"Prefer", "respond-async, wait=30")
		if r.get("data.status") != "completed" || time.Since(began) > 25*time.Second {
			t.Fatalf("got %s after %s, want the answer as soon as it is done", r.raw, time.Since(began))
		}
		for of, want := range map[string]int{"import.completed": 1, "task.created": map[string]int{"in": 1}[external]} {
			if n := a.query(`SELECT count(*) FROM webhook_events WHERE type = $1 AND data->>'job_id' = $2
				AND data->>'external_id' = $3`, of, r.get("data.job_id"), external); n != want {
				t.Errorf("%s: got %d events %s, want %d", external, n, of, want)
			}
		}
	}
}
