package intake_test

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/intake"
	"taskport/internal/web"
	"taskport/store"
	"taskport/worker/queue"
)

func TestKeys(t *testing.T) {
	a := setup(t)
	expired, revoked := clock.Add(-time.Second), a.newKey(a.workspace, store.ReadActivities)
	_, old, err := a.store.CreateKey(t.Context(), store.NewKey{WorkspaceID: a.workspace,
		Permissions: store.Permissions(), ExpiresAt: &expired}, clock)
	if err != nil {
		t.Fatal(err)
	}
	key, err := a.store.Authenticate(t.Context(), revoked)
	if err != nil {
		t.Fatal(err)
	}
	if r := a.do("GET", "/v1/tasks", "", "Authorization", "Bearer "+revoked); r.status != http.StatusOK {
		t.Errorf("a live key: %d", r.status)
	}
	if err := a.store.RevokeKey(t.Context(), a.workspace, key.ID, clock); err != nil {
		t.Fatal(err)
	}
	for name, header := range map[string]string{
		"missing": "", "malformed": "Bearer abc", "another scheme": "Basic " + a.key, "unknown": "Bearer wbk_" +
			strings.Repeat("A", 40),
		"almost": "Bearer " + a.key[:43] + "!", "expired": "Bearer " + old, "revoked": "Bearer " + revoked,
	} {
		r := a.do("GET", "/v1/tasks", "", "Authorization", header)
		r.wantError(http.StatusUnauthorized, "invalid_key", "", "Authorization: Bearer")
		if r.header.Get("WWW-Authenticate") != "Bearer" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	if n := a.query(`SELECT count(*) FROM api_keys WHERE encode(hash, 'escape') LIKE '%wbk_%' OR length(hint) >
		8`); n != 0 {
		t.Errorf("%d keys are stored readably", n)
	}
}

func TestEveryEndpointNamesItsPermission(t *testing.T) {
	a := setup(t)
	none := *a
	none.key = a.newKey(a.workspace)
	for endpoint, permission := range map[string]string{
		"POST /v1/tasks": "activities:write", "GET /v1/tasks": "activities:read", "GET /v1/tasks/" +
			uuid.NewString(): "activities:read",
		"POST /v1/import/tasks": "activities:write", "POST /v1/import/contacts": "contacts:write",
		"POST /v1/import/companies": "companies:write",
		"POST /v1/import/deals":     "deals:write", "POST /v1/import/events": "events:write",
		"POST /v1/import/users":                                "users:write",
		"GET /v1/import/jobs":                                  "activities:read",
		"GET /v1/import/jobs/" + uuid.NewString() + "/rejects": "activities:read",
	} {
		method, path, _ := strings.Cut(endpoint, " ")
		none.do(method, path, "").wantError(http.StatusForbidden, "insufficient_permissions", "", permission)
	}
}

func TestWrongPathsAndMethods(t *testing.T) {
	a := setup(t)
	a.do("GET", "/v1/nothing", "").wantError(http.StatusNotFound, "not_found", "", "/v1/nothing")
	a.do("GET", "/", "", "Authorization", "").wantError(http.StatusNotFound, "not_found", "", "/v1/")
	r := a.do("DELETE", "/v1/tasks", "")
	r.wantError(http.StatusMethodNotAllowed, "method_not_allowed", "", "GET, HEAD, POST")
	if r.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("Allow is %q", r.header.Get("Allow"))
	}
	a.do("GET", "/v1/tasks/42", "").wantError(http.StatusNotFound, "not_found", "", "task")
	a.do("GET", "/v1/import/jobs/42", "").wantError(http.StatusNotFound, "not_found", "", "import job")
	a.do("POST", "/v1/tasks", "title=x", "Content-Type", "application/x-www-form-urlencoded").wantError(
		http.StatusUnsupportedMediaType, "unsupported_media_type", "", "application/json")
}

func TestEveryAnswerHasItsHeaders(t *testing.T) {
	a := setup(t)
	for _, r := range []reply{a.do("GET", "/v1/tasks", ""), a.do("GET", "/v1/tasks", "", "Authorization", ""),
		a.do("GET", "/nowhere", ""), a.do("POST", "/v1/tasks", "{")} {
		for _, name := range []string{"X-Request-Id", "X-Ratelimit-Limit", "X-Ratelimit-Remaining", "X-Ratelimit-Reset"} {
			if r.header.Get(name) == "" {
				t.Errorf("%d has no %s", r.status, name)
			}
		}
	}
	if r := a.do("GET", "/v1/tasks", "", "X-Request-ID", "my-id.1"); r.header.Get("X-Request-ID") != "my-id.1" {
		t.Errorf("X-Request-ID is %q", r.header.Get("X-Request-ID"))
	}
	if r := a.do("GET", "/v1/tasks", "", "X-Request-ID", "no spaces"); r.header.Get("X-Request-ID") == "no spaces" {
		t.Error("an unfit X-Request-ID was taken over")
	}
}

func TestRateLimit(t *testing.T) {
	var a *api
	var limited web.Limiter
	a = setup(t, func(c *intake.Config) { c.Limiter = limiterFunc(func() web.Limiter { return limited }) })
	limited = web.NewLimiter(a.redis, 3)
	for i := 2; i >= 0; i-- {
		r := a.do("GET", "/v1/tasks", "")
		if r.status != http.StatusOK || r.header.Get("X-RateLimit-Limit") != "3" ||
			r.header.Get("X-RateLimit-Remaining") != strconv.Itoa(i) {
			t.Errorf("%d: %d %v", i, r.status, r.header)
		}
	}
	r := a.do("GET", "/v1/tasks", "")
	r.wantError(http.StatusTooManyRequests, "rate_limited", "", "wait")
	if seconds, err := strconv.Atoi(r.header.Get("Retry-After")); err != nil || seconds < 1 || seconds > 20 {
		t.Errorf("Retry-After is %q", r.header.Get("Retry-After"))
	}
	if r := a.other.do("GET", "/v1/tasks", ""); r.status != http.StatusOK {
		t.Errorf("another key is limited too: %d", r.status)
	}
}

// limiterFunc lets a test set the limiter of a running server.
type limiterFunc func() web.Limiter

func (f limiterFunc) Allow(ctx context.Context, subject string) (web.Limit, error) {
	return f().Allow(ctx, subject)
}

func (f limiterFunc) Full() web.Limit { return f().Full() }

func TestIdempotencyKey(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	body := `{"title": "Once", "contact_name": "Hans Müller"}`
	first := a.do("POST", "/v1/tasks", body, "Idempotency-Key", "k1")
	again := a.do("POST", "/v1/tasks", body, "Idempotency-Key", "k1")
	if first.status != http.StatusCreated || again.status != first.status || again.raw != first.raw ||
		again.header.Get("Idempotency-Replayed") != "true" ||
		again.header.Get("Location") != first.header.Get("Location") || first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("first %s, again %s %v", first.raw, again.raw, again.header)
	}
	a.do("POST", "/v1/tasks", `{"title": "Other"}`, "Idempotency-Key", "k1").wantError(http.StatusUnprocessableEntity,
		"idempotency_key_reused", "Idempotency-Key", "new key")
	a.do("POST", "/v1/tasks?on_duplicate=update", body, "Idempotency-Key",
		"k1").wantError(http.StatusUnprocessableEntity, "idempotency_key_reused", "Idempotency-Key", "new key")
	if r := a.other.do("POST", "/v1/tasks", body, "Idempotency-Key", "k1"); r.header.Get("Idempotency-Replayed") != "" {
		t.Error("a key of another workspace was replayed")
	}
	// Failures are not kept.
	a.do("POST", "/v1/tasks", `{"title": ""}`, "Idempotency-Key", "k2").wantError(400, "validation_error", "title", "")
	if r := a.do("POST", "/v1/tasks", body, "Idempotency-Key", "k2"); r.status != http.StatusCreated {
		t.Errorf("after a failure: %d %s", r.status, r.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 2 {
		t.Errorf("%d tasks, want 3", n)
	}
	file := "title,contact_name\nCall,Hans Müller\n"
	one := a.csv("/v1/import/tasks", file, "Idempotency-Key", "k3")
	two := a.csv("/v1/import/tasks", file, "Idempotency-Key", "k3")
	if one.status != http.StatusOK || two.raw != one.raw || two.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("import: %s, then %s", one.raw, two.raw)
	}
	a.csv("/v1/import/tasks", file+"More,Hans Müller\n", "Idempotency-Key", "k3").wantError(422,
		"idempotency_key_reused", "Idempotency-Key", "")
	a.do("POST", "/v1/tasks", body, "Idempotency-Key", strings.Repeat("k", 256)).wantError(400, "validation_error",
		"Idempotency-Key", "255")
}

// An Idempotency-Key that is empty, too long, malformed or repeated is refused before anything is
// done.
func TestIdempotencyKeyMisused(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for name, keys := range map[string][]string{"empty": {""}, "blank": {"  "}, "long": {strings.Repeat("k", 256)},
		"no UTF-8": {"\xff"}, "two": {"a", "b"}, "twice": {"a", "a"}} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.server.URL+"/v1/tasks",
			strings.NewReader(taskBody))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = http.Header{"Authorization": {"Bearer " + a.key}, "Content-Type": {"application/json"},
			"Idempotency-Key": keys}
		resp, err := http.DefaultClient.Do(req) // these requests are not described
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != http.StatusBadRequest || !strings.Contains(string(text),
			`"field":"Idempotency-Key"`) {
			t.Errorf("%s: %d %s %v", name, resp.StatusCode, text, err)
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d tasks were created", n)
	}
	for _, key := range []string{strings.Repeat("k", 255), "schlüssel"} {
		if r := a.do("POST", "/v1/tasks", taskBody, "Idempotency-Key", key); r.status != http.StatusCreated {
			t.Errorf("%s: %d %s", key, r.status, r.raw)
		}
	}
}

// Concurrent requests with the same key create one task. The others get request_in_progress or the
// first answer.
func TestIdempotencyKeyAtOnce(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			r := a.do("POST", "/v1/tasks", `{"title": "Once", "contact_name": "Hans Müller"}`, "Idempotency-Key", "k")
			if r.status != http.StatusCreated && r.get("error.code") != "request_in_progress" {
				t.Errorf("%d %s", r.status, r.raw)
			}
		})
	}
	group.Wait()
	if n := a.query(`SELECT count(*) FROM tasks`); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}

// If a process crashes after it created a task or an import but before it kept the answer, a
// repeated request is answered from the resource.
func TestIdempotencyKeyAfterACrash(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	requests := map[string]func() reply{
		"task": func() reply {
			return a.do("POST", "/v1/tasks", `{"title": "Once", "contact_name": "Hans Müller"}`, "Idempotency-Key", "task")
		},
		"import": func() reply {
			return a.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\n", "Idempotency-Key", "import")
		},
		"skipped": func() reply {
			return a.do("POST", "/v1/tasks", `{"title": "Again", "contact_name": "Hans Müller", "external_id": "x"}`,
				"Idempotency-Key", "skipped")
		},
		"updated": func() reply {
			return a.do("POST", "/v1/tasks?on_duplicate=update",
				`{"title": "Replaced", "contact_name": "Hans Müller", "external_id": "x"}`, "Idempotency-Key", "updated")
		},
	}
	a.do("POST", "/v1/tasks", `{"title": "First", "contact_name": "Hans Müller", "external_id": "x"}`)
	for name, send := range requests {
		first := send()
		a.forgetAnswer(name)
		again := send()
		if again.status != first.status || again.get("data.id") != first.get("data.id") ||
			again.get("data.job_id") != first.get("data.job_id") || again.header.Get("Idempotency-Replayed") != "true" {
			t.Errorf("%s: first %d %s, again %d %s", name, first.status, first.raw, again.status, again.raw)
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 3 {
		t.Errorf("%d tasks, want 2", n)
	}
}

// forgetAnswer puts an Idempotency-Key into the state after a crash before the answer.
func (a *api) forgetAnswer(key string) {
	a.t.Helper()
	if n := a.query(`WITH u AS (UPDATE idempotency_keys SET status = NULL, header = NULL, body = NULL,
		lease_until = '-infinity' WHERE key = $1 AND resource IS NOT NULL RETURNING 1) SELECT count(*) FROM u`, key); n != 1 {
		a.t.Fatalf("%d keys %s with something made", n, key)
	}
}

// Without Redis, requests pass with the headers of an unused limit: the limit protects, it does
// not authorize.
func TestRateLimitWhileRedisIsAway(t *testing.T) {
	nowhere, err := queue.Connect("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nowhere.Close() })
	a := setup(t, func(c *intake.Config) { c.Limiter = web.NewLimiter(nowhere, 7) })
	for range 10 {
		if r := a.do("GET", "/v1/tasks", ""); r.status != http.StatusOK || r.header.Get("X-RateLimit-Limit") != "7" ||
			r.header.Get("X-RateLimit-Remaining") != "7" {
			t.Errorf("%d %v", r.status, r.header)
		}
	}
}

// The pages of a list have each item once, and the page after the last is empty.
func TestPagesOfLists(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.csv("/v1/import/tasks", "title,contact_name\n"+strings.Repeat("Call,Hans Müller\nWho,Nobody at all\n",
		7)).wantCounts(7, 0, 0, 7)
	for range 6 {
		a.do("POST", "/v1/webhooks", hookBody)
	}
	jobs := a.do("GET", "/v1/import/jobs", "")
	job, _ := jobs.get("data").([]any)[0].(map[string]any)["job_id"].(string)
	for path, c := range map[string]struct {
		name  string
		total int
	}{"/v1/tasks": {"id", 7}, "/v1/import/jobs": {"job_id", 2}, "/v1/webhooks": {"id", 6}, "/v1/import/jobs/" + job +
		"/rejects": {"row_number", 7}, "/v1/import/jobs/" + job + "/results": {"row_number", 7}} {
		seen := map[any]bool{}
		pages := (c.total+2)/3 + 1
		for page := 1; page <= pages; page++ {
			r := a.do("GET", path+"?per_page=3&page="+strconv.Itoa(page), "")
			rows, _ := r.get("data").([]any)
			if r.status != http.StatusOK || r.get("meta.total") != float64(c.total) || r.get("meta.page") != float64(page) ||
				page == pages && len(rows) > 0 {
				t.Errorf("page %d of %s: %s", page, path, r.raw)
			}
			for _, row := range rows {
				seen[row.(map[string]any)[c.name]] = true
			}
		}
		if len(seen) != c.total {
			t.Errorf("%s has %d of %d", path, len(seen), c.total)
		}
	}
}
