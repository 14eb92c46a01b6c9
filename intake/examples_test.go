package intake_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"taskport/store"
)

// examplePeter is the id in openapi.yaml of a contact with an ambiguous name.
const examplePeter = "0198c5a1-7b3e-7000-8000-000000000001"

// scenario is a request whose answer is an example of openapi.yaml. If the operation has a body
// example with the same name, that body is sent.
type scenario struct {
	route, name string
	query       string
	headers     []string
	id          string // the scenario that created the id in the path
	before      func(*api)
	shape       bool // the job is in progress: its counts are unknown
}

// scenarios are ordered by their dependencies.
var scenarios = []scenario{
	{route: "POST /v1/webhooks", name: "made"},
	{route: "GET /v1/webhooks", name: "one_page"},
	{route: "GET /v1/webhooks/{id}", name: "webhook", id: "POST /v1/webhooks made"},
	{route: "GET /v1/webhooks/{id}/deliveries", name: "one_page", id: "POST /v1/webhooks made",
		before: (*api).eventThatFailed},
	{route: "POST /v1/webhooks/{id}/deliveries/{event}/replay", name: "again", id: "POST /v1/webhooks made"},
	{route: "POST /v1/webhooks/{id}/rotate", name: "rotated", id: "POST /v1/webhooks made", before: (*api).noWebhooks},
	{route: "PUT /v1/import/mappings/{name}", name: "saved"},
	{route: "GET /v1/import/mappings/{name}", name: "saved"},
	{route: "GET /v1/import/mappings", name: "one_page"},
	{route: "POST /v1/tasks", name: "by_name"},
	{route: "POST /v1/tasks", name: "by_id"},
	{route: "POST /v1/tasks", name: "again"},
	{route: "POST /v1/tasks", name: "no_parent"},
	{route: "POST /v1/tasks", name: "ambiguous"},
	{route: "POST /v1/tasks", name: "unresolved"},
	{route: "POST /v1/import/tasks", name: "rows"},
	{route: "POST /v1/import/tasks", name: "file", query: "?mapping=" +
		url.QueryEscape(`{"Subject":"title","Who":"contact_name"}`)},
	{route: "GET /v1/tasks", name: "one_page", query: "?contact_id=" + examplePeter},
	{route: "GET /v1/tasks/{id}", name: "task", id: "POST /v1/tasks by_name"},
	{route: "POST /v1/resolve", name: "two"},
	{route: "GET /v1/contacts", name: "one_page", query: "?search=PETER1"},
	{route: "GET /v1/import/jobs", name: "one_page", query: "?per_page=1"},
	{route: "GET /v1/import/jobs/{id}", name: "completed", id: "POST /v1/import/tasks rows"},
	{route: "GET /v1/import/jobs/{id}/events", name: "last", id: "POST /v1/import/tasks rows"},
	{route: "GET /v1/import/jobs/{id}/rejects", name: "page", id: "POST /v1/import/tasks rows"},
	{route: "GET /v1/import/jobs/{id}/rejects", name: "report", query: "?format=csv", id: "POST /v1/import/tasks rows"},
	{route: "GET /v1/import/jobs/{id}/results", name: "page", id: "POST /v1/import/tasks rows"},
	{route: "GET /v1/import/jobs/{id}/results", name: "report", query: "?format=csv", id: "POST /v1/import/tasks rows"},
	{route: "POST /v1/import/jobs/{id}/cancel", name: "too_late", id: "POST /v1/import/tasks rows"},
	{route: "POST /v1/import/jobs/{id}/retry", name: "nothing_to_do", id: "POST /v1/import/tasks file"},
	{route: "POST /v1/import/jobs/{id}/undo", name: "undone", id: "POST /v1/import/tasks file"},
	{route: "POST /v1/import/jobs/{id}/retry", name: "goes_on", id: "POST /v1/import/tasks rows", shape: true},
	{route: "POST /v1/import/tasks", name: "unknown"},
	{route: "GET /v1/import/jobs/{id}/rejects/groups", name: "one_page", id: "POST /v1/import/tasks unknown"},
	{route: "POST /v1/import/jobs/{id}/rejects/resolve", name: "by_name", id: "POST /v1/import/tasks unknown"},
	{route: "POST /v1/import/jobs/{id}/rejects/{row}", name: "corrected", id: "POST /v1/import/tasks unknown"},
	{route: "GET /v1/aliases", name: "one_page"},
	{route: "POST /v1/aliases", name: "kept"},
	{route: "POST /v1/import/tasks", name: "dry_run"},
	{route: "POST /v1/import/jobs/{id}/commit", name: "goes_on", id: "POST /v1/import/tasks dry_run", shape: true},
	{route: "POST /v1/tasks", name: "later", headers: []string{"Prefer", "respond-async"}, shape: true},
	{route: "POST /v1/import/contacts", name: "rows"},
	{route: "POST /v1/import/contacts", name: "file"},
	{route: "POST /v1/import/companies", name: "rows"},
	{route: "POST /v1/import/companies", name: "file"},
	{route: "POST /v1/import/deals", name: "rows"},
	{route: "POST /v1/import/deals", name: "file"},
	{route: "POST /v1/import/events", name: "rows"},
	{route: "POST /v1/import/events", name: "file"},
	{route: "POST /v1/import/users", name: "rows"},
	{route: "POST /v1/import/users", name: "file"},
}

// Every example of an answer is what the server returns for the example of the request with the
// same name.
func TestExamplesAreAsDescribed(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	peter := a.id(`SELECT id FROM contacts WHERE email = $1 AND workspace_id = $2`, "peter1@example.com")
	api := readDescription(t)
	operations := api.operations(t)
	open := api.allExamples(t)
	made := map[string]string{}
	for _, s := range scenarios {
		o := operations[s.route]
		method, path, _ := strings.Cut(s.route, " ")
		body, contentType := o.exampleBody(t, s.name)
		if s.before != nil {
			s.before(a)
		}
		replace := strings.NewReplacer(examplePeter, peter, "{id}", made[s.id], "{name}", "copper", "{row}", exampleRow,
			"{event}", exampleEvent)
		r := a.do(method, replace.Replace(path+s.query), replace.Replace(body),
			append([]string{"Content-Type", contentType}, s.headers...)...)
		made[s.route+" "+s.name], _ = r.get("data.job_id").(string)
		if id, ok := r.get("data.id").(string); ok {
			made[s.route+" "+s.name] = id
		}
		key := s.route + " " + statusText(r.status) + " " + s.name
		want, ok := open[key]
		if !ok {
			t.Errorf("%s has no example for: %s", key, r.raw)
			continue
		}
		delete(open, key)
		r.wantExample(key, want, s.shape)
	}
	for key, r := range map[string]reply{
		"InvalidKey invalid_key": a.do("GET", "/v1/tasks", "", "Authorization", ""),
		"Forbidden insufficient_permissions": a.do("GET", "/v1/tasks", "", "Authorization", "Bearer "+a.newKey(a.workspace,
			store.WriteDeals)),
		"NotFound not_found": a.do("GET", "/v1/tasks/42", ""),
	} {
		r.wantExample(key, open[key], false)
		delete(open, key)
	}
	for key := range open {
		t.Errorf("the example %s is not run", key)
	}
}

// exampleRow is the orphan among the rows that are rejected.
const exampleRow = "3"

// exampleEvent is the event that eventThatFailed makes.
const exampleEvent = "0198c5a1-7b3e-7000-8000-000000000002"

// eventThatFailed makes an event that could not be delivered. Nothing is delivered as long as a
// test holds the lock.
func (a *api) eventThatFailed() {
	a.hold(`SELECT pg_advisory_lock(hashtextextended('deliveries', 0))`)
	a.query(`WITH e AS (INSERT INTO webhook_events VALUES ($1, $2, 'import.completed', '{}', now())),
		d AS (INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, state, due_at, attempts)
		SELECT $1, id, $2, 'failed', now(), 1 FROM webhooks WHERE workspace_id = $1)
		SELECT 1`, a.workspace, exampleEvent)
	a.query(`WITH t AS (INSERT INTO webhook_attempts SELECT $1, id, $2, 1, now(), 31, 503, 'the receiver answered 503'
		FROM webhooks WHERE workspace_id = $1) SELECT 1`, a.workspace, exampleEvent)
}

// noWebhooks stops further events to the webhooks.
func (a *api) noWebhooks() {
	a.query(`WITH w AS (UPDATE webhooks SET events = '{import.failed}' RETURNING 1) SELECT count(*) FROM w`)
}

func statusText(status int) string { return strings.ToLower(http.StatusText(status)) }

// allExamples returns the examples of answers, by route, status and name, and those of the shared
// answers by their names.
func (d describedAPI) allExamples(t *testing.T) map[string]any {
	t.Helper()
	all := map[string]any{}
	add := func(key string, answer describedAnswer) {
		for _, c := range answer.Content {
			for name, e := range c.Examples {
				all[key+" "+name] = e.Value
			}
		}
	}
	for route, o := range d.operations(t) {
		for status, answer := range o.Responses {
			for code := 100; code < 600; code++ {
				if status == strconv.Itoa(code) {
					add(route+" "+statusText(code), answer)
				}
			}
		}
		for media, c := range o.Body.Content {
			for name := range c.Examples {
				if !hasScenario(route, name) {
					t.Errorf("the body %s of %s as %s is not sent", name, route, media)
				}
			}
		}
	}
	for name, answer := range d.Components.Responses {
		add(name, answer)
	}
	return all
}

func hasScenario(route, name string) bool {
	for _, s := range scenarios {
		if s.route == route && s.name == name {
			return true
		}
	}
	return false
}

// exampleBody returns the example of a body as it is sent, and its media type.
func (o describedOperation) exampleBody(t *testing.T, name string) (body, contentType string) {
	t.Helper()
	for media, c := range o.Body.Content {
		e, ok := c.Examples[name]
		if !ok {
			continue
		}
		if text, ok := e.Value.(string); ok {
			return text, media
		}
		return jsonOf(t, e.Value), media
	}
	return "", ""
}

var (
	anyID     = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	anySecret = regexp.MustCompile(`whsec_[0-9A-Za-z+/=]{44}`)
	anyCursor = regexp.MustCompile(`"next_cursor":"[\w-]+"`)
	anyTime   = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
)

// wantExample compares all but ids and times. For a job in progress it compares only members and
// types.
func (r reply) wantExample(key string, want any, shape bool) {
	r.t.Helper()
	if text, ok := want.(string); ok {
		if plain(text) != plain(r.raw) {
			r.t.Errorf("%s: got\n%s\nthe example is\n%s", key, r.raw, text)
		}
		return
	}
	var got any = r.json
	if shape {
		got, want = shapeOf(got), shapeOf(want)
	}
	if g, w := plain(jsonOf(r.t, got)), plain(jsonOf(r.t, want)); g != w {
		r.t.Errorf("%s: got\n%s\nthe example is\n%s", key, g, w)
	}
}

func plain(text string) string {
	text = anyCursor.ReplaceAllString(anySecret.ReplaceAllString(text, "SECRET"), `"next_cursor":"CURSOR"`)
	return anyTime.ReplaceAllString(anyID.ReplaceAllString(text, "ID"), "TIME")
}

// shapeOf returns the members of a value with their types. Times may be missing, and all numbers
// are equal.
func shapeOf(v any) any {
	switch v := v.(type) {
	case map[string]any:
		shape := map[string]any{}
		for name, member := range v {
			if name == "rejected_by_reason" || name == "errors" || name == "started_at" || name == "finished_at" ||
				name == "status" {
				continue
			}
			shape[name] = shapeOf(member)
		}
		return shape
	case float64, int, json.Number:
		return "number"
	}
	return v
}
