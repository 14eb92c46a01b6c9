package intake_test

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/importer"
	"taskport/intake"
	"taskport/internal/web"
	"taskport/store"
)

// fixture is a valid request of an endpoint, with its placeholders.
type fixture struct {
	body, media string
	query       string
	of          string // the resource of {id}: "task", "ended" (a job)
	permission  store.Permission
	foreign     string // the body, or the query, with ids of another workspace
	wantForeign string // the wanted answer: "400 validation_error", or "200" without effect
	tooLarge    int    // the smallest size over the limit, in bytes; 0 without a body
}

const (
	mappingBody = `{"mapping": {"Subject": "title"}}`
	hookBody    = `{"url": "https://receiver.example/hook", "events": ["import.failed"]}`
	taskBody    = `{"title": "Call", "contact_name": "Hans Müller"}`
	fileLimit   = 1 << 20 // of an uploaded file, in this test
)

func steps() fixture {
	return fixture{of: "ended", permission: store.WriteActivities, tooLarge: 65 << 10}
}

func load(permission store.Permission, file string) fixture {
	return fixture{body: file, media: "text/csv", permission: permission, tooLarge: fileLimit + 1}
}

func directoryList() fixture {
	return fixture{permission: store.ReadContacts, foreign: "?total=true&external_id=of-CONTACT", wantForeign: "200"}
}

// deletion takes out of the directory the record that only this workspace has under an external id.
func deletion(permission store.Permission) fixture {
	return fixture{permission: permission, query: "?external_id=spare", foreign: "?external_id=of-CONTACT",
		wantForeign: "404 not_found"}
}

// fixtures has every endpoint. The test fails for a missing and for a removed one.
var fixtures = map[string]fixture{
	"POST /v1/tasks": {body: taskBody, media: "application/json", permission: store.WriteActivities, tooLarge: 4<<20 + 1,
		foreign: `{"title": "Call", "contact_id": "CONTACT"}`, wantForeign: "400 validation_error"},
	"GET /v1/tasks":      {permission: store.ReadActivities, foreign: "?contact_id=CONTACT", wantForeign: "200"},
	"GET /v1/tasks/{id}": {of: "task", permission: store.ReadActivities},
	"POST /v1/import/tasks": {body: "title,contact_name\nCall,Hans Müller\n", media: "text/csv",
		permission: store.WriteActivities, tooLarge: fileLimit + 1,
		foreign: "title,contact_id\nCall,CONTACT\n", wantForeign: "200"},
	"POST /v1/import/contacts":                load(store.WriteContacts, "full_name,external_id\nMaria Rossi,m1\n"),
	"POST /v1/import/companies":               load(store.WriteCompanies, "name\nRossi S.r.l.\n"),
	"POST /v1/import/deals":                   load(store.WriteDeals, "title\nRenewal\n"),
	"POST /v1/import/events":                  load(store.WriteEvents, "title\nFair\n"),
	"POST /v1/import/users":                   load(store.WriteUsers, "name,email\nJane Whitcombe,jane@ours.example\n"),
	"GET /v1/import/jobs":                     {permission: store.ReadActivities},
	"GET /v1/import/jobs/{id}":                {of: "ended", permission: store.ReadActivities},
	"DELETE /v1/import/jobs/{id}":             {of: "spare job", permission: store.WriteActivities, tooLarge: 65 << 10},
	"GET /v1/import/jobs/{id}/events":         {of: "ended", permission: store.ReadActivities},
	"GET /v1/import/jobs/{id}/rejects":        {of: "ended", permission: store.ReadActivities},
	"GET /v1/import/jobs/{id}/results":        {of: "ended", permission: store.ReadActivities},
	"POST /v1/import/jobs/{id}/cancel":        steps(),
	"POST /v1/import/jobs/{id}/retry":         steps(),
	"POST /v1/import/jobs/{id}/undo":          steps(),
	"GET /v1/import/jobs/{id}/skipped":        {of: "rejected", permission: store.ReadActivities},
	"GET /v1/import/jobs/{id}/rejects/groups": {of: "rejected", permission: store.ReadActivities},
	"POST /v1/import/jobs/{id}/rejects/resolve": {of: "rejected", permission: store.WriteActivities, tooLarge: 1<<20 +
		1, media: "application/json",
		body: `{"name": "Nobody", "field": "contact_name", "contact_id": "CONTACT", "remember": true}`},
	"POST /v1/import/jobs/{id}/rejects/{row}": {of: "rejected", permission: store.WriteActivities, tooLarge: 4<<20 + 1,
		media: "application/json",
		body:  `{"fields": {"title": "Write"}, "contact_id": "CONTACT"}`},
	"GET /v1/rejects":        {permission: store.ReadActivities},
	"GET /v1/rejects/groups": {permission: store.ReadActivities},
	"POST /v1/rejects/resolve": {permission: store.WriteActivities, tooLarge: 1<<20 + 1, media: "application/json",
		body: `{"name": "Nobody", "field": "contact_name", "contact_id": "CONTACT"}`},
	"POST /v1/rejects/decisions/{id}/undo": {of: "decision", permission: store.WriteActivities, tooLarge: 65 << 10},
	"GET /v1/aliases":                      {permission: store.ReadActivities},
	"POST /v1/aliases": {body: `{"name": "Boss", "contact_id": "CONTACT"}`, media: "application/json",
		permission: store.WriteActivities, tooLarge: 16<<10 + 1,
		foreign: `{"name": "Boss", "contact_id": "CONTACT"}`, wantForeign: "400 validation_error"},
	"DELETE /v1/aliases/{id}":        {of: "alias", permission: store.WriteActivities},
	"GET /v1/import/mappings":        {permission: store.ReadActivities},
	"GET /v1/import/mappings/{name}": {of: "mapping", permission: store.ReadActivities},
	"PUT /v1/import/mappings/{name}": {of: "mapping", body: mappingBody, media: "application/json",
		permission: store.WriteActivities, tooLarge: 1<<20 + 1},
	"DELETE /v1/import/mappings/{name}": {of: "spare mapping", permission: store.WriteActivities},
	"POST /v1/import/jobs/{id}/commit": {of: "plan", permission: store.WriteActivities,
		tooLarge: 65 << 10},
	"POST /v1/webhooks": {body: hookBody, media: "application/json",
		permission: store.WriteWebhooks, tooLarge: 16<<10 + 1},
	"GET /v1/webhooks":         {permission: store.WriteWebhooks},
	"GET /v1/webhooks/{id}":    {of: "webhook", permission: store.WriteWebhooks},
	"DELETE /v1/webhooks/{id}": {of: "spare webhook", permission: store.WriteWebhooks},
	"POST /v1/webhooks/{id}/rotate": {of: "webhook", permission: store.WriteWebhooks,
		tooLarge: 65 << 10},
	"GET /v1/webhooks/{id}/deliveries": {of: "webhook", permission: store.WriteWebhooks},
	"POST /v1/webhooks/{id}/deliveries/{event}/replay": {of: "webhook", permission: store.WriteWebhooks,
		tooLarge: 65 << 10},
	"POST /v1/resolve": {body: `{"references": [{"contact_name": "Hans Müller"}]}`, media: "application/json",
		permission: store.ReadActivities, tooLarge: 4<<20 + 1,
		foreign: `{"references": [{"contact_id": "CONTACT"}]}`, wantForeign: "200"},
	"GET /v1/contacts":          directoryList(),
	"GET /v1/companies":         directoryList(),
	"GET /v1/deals":             directoryList(),
	"GET /v1/events":            directoryList(),
	"GET /v1/users":             directoryList(),
	"GET /v1/contacts/{id}":     {of: "contacts", permission: store.ReadContacts},
	"GET /v1/companies/{id}":    {of: "companies", permission: store.ReadContacts},
	"GET /v1/deals/{id}":        {of: "deals", permission: store.ReadContacts},
	"GET /v1/events/{id}":       {of: "events", permission: store.ReadContacts},
	"GET /v1/users/{id}":        {of: "users", permission: store.ReadContacts},
	"DELETE /v1/contacts":       deletion(store.WriteContacts),
	"DELETE /v1/companies":      deletion(store.WriteCompanies),
	"DELETE /v1/deals":          deletion(store.WriteDeals),
	"DELETE /v1/events":         deletion(store.WriteEvents),
	"DELETE /v1/users":          deletion(store.WriteUsers),
	"DELETE /v1/contacts/{id}":  {of: "contacts", permission: store.WriteContacts},
	"DELETE /v1/companies/{id}": {of: "companies", permission: store.WriteCompanies},
	"DELETE /v1/deals/{id}":     {of: "deals", permission: store.WriteDeals},
	"DELETE /v1/events/{id}":    {of: "events", permission: store.WriteEvents},
	"DELETE /v1/users/{id}":     {of: "users", permission: store.WriteUsers},
	"GET /openapi.yaml":         {},
	"GET /openapi.json":         {},
	"GET /docs":                 {},
}

// matrix is the server with the data of its cells.
type matrix struct {
	*api
	ids, foreignIDs map[string]string
	contact         string
	foreignContact  string
	keys            map[string]string // invalid keys by their fault
	limiter         web.Limiter
	conn            *pgx.Conn
	fingerprint     string
}

// Every endpoint answers every fault of a request with the documented status and code, without
// side effects.
func TestMatrix(t *testing.T) {
	m := newMatrix(t)
	for _, route := range intake.Routes() {
		f, ok := fixtures[route]
		if !ok {
			t.Errorf("%s has no cells", route)
			continue
		}
		method, path, _ := strings.Cut(route, " ")
		m.endpoint(t, endpoint{fixture: f, method: method, path: path})
	}
	for _, route := range slices.Sorted(maps.Keys(fixtures)) {
		if !slices.Contains(intake.Routes(), route) {
			t.Errorf("%s is gone, but has cells", route)
		}
	}
}

// endpoint is a row of the matrix.
type endpoint struct {
	fixture
	method, path string
}

func (e endpoint) open() bool { return !strings.HasPrefix(e.path, "/v1/") }

func (m *matrix) endpoint(t *testing.T, e endpoint) {
	t.Helper()
	for _, why := range []string{"no key", "bad key", "expired", "revoked"} {
		m.cell(t, e, why, e.refusal("401 invalid_key"), func() reply { return m.ask(e, "Authorization", m.keys[why]) })
	}
	if !e.open() {
		m.cell(t, e, "lacking permission", "403 insufficient_permissions", func() reply {
			return m.ask(e, "Authorization",
				m.keys["powerless"])
		})
	}
	m.cell(t, e, "wrong method", "405 method_not_allowed", func() reply {
		return m.do("PATCH", m.path(e, m.ids), "",
			"Content-Type", "text/csv")
	})
	m.cell(t, e, "not acceptable", "406 not_acceptable", func() reply { return m.ask(e, "Accept", "image/png") })
	m.cell(t, e, "rate-limited", "429 rate_limited", func() reply {
		m.limiter = exhausted{}
		defer func() { m.limiter = plenty{} }()
		return m.ask(e)
	})
	m.foreign(t, e)
	m.malformed(t, e)
	if e.tooLarge > 0 {
		large := e
		large.body, large.media = strings.Repeat("x", e.tooLarge), orElse(e.media, "text/csv")
		m.cell(t, large, "too large", "413 payload_too_large", func() reply {
			return m.ask(large, "Idempotency-Key",
				"large")
		})
	}
	if e.body != "" {
		m.cell(t, e, "wrong type", "415 unsupported_media_type", func() reply {
			return m.ask(e, "Content-Type",
				"application/pdf")
		})
		m.cell(t, e, "wrong encoding", "415 unsupported_media_type", func() reply {
			return m.ask(e, "Content-Encoding",
				"br")
		})
	}
	m.replayed(t, e)
}

// refusal is the wanted answer to an invalid key; documents need no key.
func (e endpoint) refusal(answer string) string {
	if e.open() {
		return "200"
	}
	return answer
}

// foreign names resources of another workspace: they are answered like unknown ones.
func (m *matrix) foreign(t *testing.T, e endpoint) {
	t.Helper()
	if e.method == http.MethodPut {
		return // its name is created in its own workspace
	}
	if e.of != "" {
		m.cell(t, e, "another workspace's id", "404 not_found", func() reply {
			return m.do(e.method,
				m.path(e, m.foreignIDs), m.named(e.body))
		})
		return
	}
	if e.foreign == "" {
		return // the request has no ids or names
	}
	f := e
	f.body, f.query = strings.ReplaceAll(e.foreign, "CONTACT", m.foreignContact), ""
	if e.method == http.MethodGet || e.method == http.MethodDelete {
		f.body, f.query = "", f.body
	}
	if e.wantForeign != "200" {
		m.cell(t, f, "another workspace's id", e.wantForeign, func() reply { return m.ask(f) })
		return
	}
	before := m.query(`SELECT count(*) FROM tasks`)
	r := m.ask(f)
	none := strings.Contains(r.raw, `"verdict":"validation_error"`) ||
		r.get("data.created_count") == 0.0 && r.get("data.rejected_count") == 1.0 || r.get("meta.total") == 0.0
	if r.status != http.StatusOK || !none || m.query(`SELECT count(*) FROM tasks`) != before {
		t.Errorf("%s %s, another workspace's id: %d %s", e.method, e.path, r.status, r.raw)
	}
}

// malformed sends malformed bodies, numbers and ids.
func (m *matrix) malformed(t *testing.T, e endpoint) {
	t.Helper()
	switch {
	case e.open():
	case e.body != "":
		broken := e
		broken.body, broken.media = `{"title": `, "application/json"
		m.cell(t, broken, "malformed", "400 validation_error", func() reply {
			return m.ask(broken, "Idempotency-Key",
				"malformed")
		})
	case e.of != "":
		m.cell(t, e, "malformed", "404 not_found", func() reply {
			return m.do(e.method, strings.NewReplacer("{id}", "%00", "{name}", "%00", "{event}", "x").Replace(e.path), "")
		})
	default:
		for _, query := range []string{"?page=0", "?page=x", "?page=1000001", "?per_page=101", "?per_page=-1"} {
			m.cell(t, e, "malformed "+query, "400 validation_error", func() reply { return m.do(e.method, e.path+query, "") })
		}
	}
}

// replayed sends a request twice with one Idempotency-Key: one effect, and the same bytes. Reads
// have no effect.
func (m *matrix) replayed(t *testing.T, e endpoint) {
	t.Helper()
	if e.method == http.MethodDelete {
		m.deleted(t, e)
		return
	}
	key := e.method + " " + e.path
	first := m.ask(e, "Idempotency-Key", key)
	if id, ok := first.get("data.job_id").(string); ok {
		m.await(id)
	}
	after := m.everything()
	again := m.ask(e, "Idempotency-Key", key)
	post := e.method == http.MethodPost
	refused := first.status >= http.StatusMultipleChoices
	if again.raw != first.raw || again.status != first.status || post && !refused &&
		again.header.Get("Idempotency-Replayed") != "true" || m.everything() != after {
		t.Errorf("%s replayed: %d %s, then %d %s", key, first.status, first.raw, again.status, again.raw)
	}
	if !post || refused {
		return
	}
	m.cell(t, e, "key reused", "422 idempotency_key_reused", func() reply {
		return m.do(e.method, m.path(e, m.ids)+"?on_duplicate=update", e.body, "Content-Type", e.media, "Idempotency-Key",
			key)
	})
}

// deleted deletes twice: the second answer is 404. A job stays, and has lost its rows.
func (m *matrix) deleted(t *testing.T, e endpoint) {
	t.Helper()
	if e.of == "spare job" {
		if r := m.ask(e); r.status != http.StatusOK || r.get("data.purged_at") == nil {
			t.Errorf("%s %s: %d %s", e.method, e.path, r.status, r.raw)
		}
		m.cell(t, e, "replayed", "200", func() reply { return m.ask(e) })
		return
	}
	if r := m.ask(e); r.status != http.StatusNoContent || r.raw != "" {
		t.Errorf("%s %s: %d %s", e.method, e.path, r.status, r.raw)
	}
	m.cell(t, e, "replayed", "404 not_found", func() reply { return m.ask(e) })
}

// cell compares the answer and requires that nothing has changed.
func (m *matrix) cell(t *testing.T, e endpoint, why, want string, ask func() reply) {
	t.Helper()
	before := m.everything()
	r := ask()
	code, _ := r.get("error.code").(string)
	if got := strings.TrimSpace(fmt.Sprint(r.status, " ", code)); got != want {
		t.Errorf("%s %s, %s: got %s %.300s, want %s", e.method, e.path, why, got, r.raw, want)
	}
	if after := m.everything(); after != before {
		t.Errorf("%s %s, %s: something has changed", e.method, e.path, why)
	}
	for name, status := range map[string]int{"Retry-After": http.StatusTooManyRequests,
		"Allow": http.StatusMethodNotAllowed, "WWW-Authenticate": http.StatusUnauthorized} {
		if r.status == status && r.header.Get(name) == "" {
			t.Errorf("%s %s, %s: no %s", e.method, e.path, why, name)
		}
	}
}

// ask sends the request of the fixture with other headers.
func (m *matrix) ask(e endpoint, headers ...string) reply {
	m.t.Helper()
	return m.do(e.method, m.path(e, m.ids)+e.query, m.named(e.body), append([]string{"Content-Type", e.media},
		headers...)...)
}

// named puts the id of a contact of the workspace into a body.
func (m *matrix) named(body string) string { return strings.ReplaceAll(body, "CONTACT", m.contact) }

func (m *matrix) path(e endpoint, ids map[string]string) string {
	return strings.NewReplacer("{id}", ids[e.of], "{name}", ids[e.of], "{event}", ids["event"], "{row}",
		"2").Replace(e.path)
}

func newMatrix(t *testing.T) *matrix {
	t.Helper()
	m := &matrix{limiter: plenty{}}
	m.api = setup(t, func(c *intake.Config) {
		c.MaxUpload = fileLimit
		c.Limiter = limiterFunc(func() web.Limiter { return m.limiter })
	})
	m.connect()
	m.ids, m.foreignIDs = m.inhabit(m.api), m.inhabit(m.other)
	m.contact, m.foreignContact = m.api.contact("Hans Müller"), m.other.contact("Hans Müller")
	for _, kind := range store.DirectoryKinds() {
		of := map[importer.Kind]string{importer.Contacts: "full_name", importer.Companies: "name", importer.Users: "name"}
		m.other.load(string(kind), orElse(of[kind], "title")+",external_id\nTheirs,of-"+m.foreignContact+"\n")
	}
	expired := clock.Add(-time.Second)
	_, old, err := m.store.CreateKey(t.Context(), store.NewKey{WorkspaceID: m.workspace,
		Permissions: store.Permissions(), ExpiresAt: &expired}, clock)
	if err != nil {
		t.Fatal(err)
	}
	revoked := m.newKey(m.workspace, store.Permissions()...)
	k, err := m.store.Authenticate(t.Context(), revoked)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.store.RevokeKey(t.Context(), m.workspace, k.ID, clock); err != nil {
		t.Fatal(err)
	}
	m.keys = map[string]string{"no key": "", "bad key": "Bearer wbk_" + strings.Repeat("A", 40), "expired": "Bearer " +
		old, "revoked": "Bearer " + revoked,
		"powerless": "Bearer " + m.newKey(m.workspace)}
	return m
}

// inhabit returns a workspace people, a task and a job that has ended.
func (m *matrix) inhabit(a *api) map[string]string {
	a.t.Helper()
	a.load("contacts", people)
	task, _ := a.do("POST", "/v1/tasks", taskBody).get("data.id").(string)
	hook := map[string]string{}
	for _, name := range []string{"webhook", "spare webhook"} {
		hook[name], _ = a.do("POST", "/v1/webhooks", hookBody).get("data.id").(string)
	}
	mappings := map[string]string{}
	for _, name := range []string{"mapping", "spare mapping"} {
		mappings[name] = strings.ReplaceAll(name, " ", "-") + "-of-" + a.workspace.String()
		if r := a.do("PUT", "/v1/import/mappings/"+mappings[name], mappingBody); r.status != http.StatusCreated {
			a.t.Fatal(r.raw)
		}
	}
	job, _ := a.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\nNobody,Nobody at all\n").get(
		"data.job_id").(string)
	dryRun := a.csv("/v1/import/tasks?dry_run=true", "title,contact_name\nLater,Hans Müller\n")
	plan, _ := dryRun.get("data.job_id").(string)
	rejected, _ := a.csv("/v1/import/tasks", "title,contact_name\nCall,Nobody\n,\n").get("data.job_id").(string)
	spare, _ := a.csv("/v1/import/tasks", "title,contact_name\nSpare,Nobody else\n").get("data.job_id").(string)
	decided, _ := a.csv("/v1/import/tasks", "title,contact_name\nDecided,Nobody here\n").get("data.job_id").(string)
	decision, _ := a.do("POST", "/v1/import/jobs/"+decided+"/rejects/1", `{"dismiss": true, "reason": "not needed"}`).get(
		"data.decision_id").(string)
	alias, _ := a.do("POST", "/v1/aliases", `{"name": "Spare", "contact_id": "`+a.contact("Hans Müller")+`"}`).get(
		"data.id").(string)
	event := a.id(`WITH e AS (INSERT INTO webhook_events VALUES ($2, gen_random_uuid(), 'import.failed', '{}', now())
		RETURNING id),
		d AS (INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, state, due_at) SELECT $2, $1::uuid, id,
		'failed', now() FROM e) SELECT id FROM e`, hook["webhook"])
	records := map[string]string{}
	for kind, column := range map[string]string{"contacts": "full_name", "companies": "name", "deals": "title",
		"events": "title", "users": "name"} {
		a.load(kind, column+",external_id\nSpare,spare\nOther,other\n")
		records[kind] = a.id(`SELECT id FROM `+kind+` WHERE external_id = $1 AND workspace_id = $2`, "other")
	}
	if task == "" || job == "" || rejected == "" || alias == "" || plan == "" || decision == "" {
		a.t.Fatal("the workspace could not be filled")
	}
	maps.Copy(records, map[string]string{"task": task, "ended": job, "plan": plan, "rejected": rejected,
		"spare job": spare, "alias": alias, "decision": decision,
		"webhook": hook["webhook"], "spare webhook": hook["spare webhook"], "event": event, "mapping": mappings["mapping"],
		"spare mapping": mappings["spare mapping"]})
	return records
}

// everything returns a fingerprint of the whole database.
func (m *matrix) everything() string {
	m.t.Helper()
	var sum string
	if err := m.conn.QueryRow(context.Background(), m.fingerprint).Scan(&sum); err != nil {
		m.t.Fatal(err)
	}
	return sum
}

// connect opens a connection and prepares a query of all tables.
func (m *matrix) connect() {
	m.t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(func() { _ = c.Close(ctx) })
	// Nothing is delivered meanwhile: attempts would be changes.
	m.hold(`SELECT pg_advisory_lock(hashtextextended('deliveries', 0))`)
	rows, err := c.Query(ctx,
		`SELECT format('SELECT %L || md5(coalesce(string_agg(t::text, %L ORDER BY t::text), %L)) AS s FROM %I t',
			tablename, '/', '', tablename)
		FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`)
	if err != nil {
		m.t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		m.t.Fatal(err, tables)
	}
	m.conn, m.fingerprint = c, `SELECT string_agg(s, ' ') FROM (`+strings.Join(tables, " UNION ALL ")+`) all_tables`
}

// exhausted refuses every request, plenty none.
type exhausted struct{ plenty }

func (e exhausted) Allow(context.Context, string) (web.Limit, error) {
	return web.Limit{PerMinute: 60, Reset: time.Minute, RetryAfter: time.Second}, nil
}

type plenty struct{}

func (plenty) Full() web.Limit { return web.Limit{PerMinute: 60, Remaining: 60} }

func (p plenty) Allow(context.Context, string) (web.Limit, error) { return p.Full(), nil }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
