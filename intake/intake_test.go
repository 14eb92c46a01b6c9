package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"

	"taskport/intake"
	"taskport/internal/embedded/testservices"
	"taskport/store"
	"taskport/store/storetest"
	"taskport/worker"
	"taskport/worker/queue"
)

func TestMain(m *testing.M) { os.Exit(testservices.Main(m)) }

// clock is the server's time in these tests.
var clock = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// api is a complete taskport for one test, with its own database, queue and worker, two
// workspaces, and a key.
type api struct {
	t         *testing.T
	url       string        // of the database
	sql       *pgxpool.Pool // for the questions of the test itself
	store     *store.Store
	redis     redis.UniversalClient
	server    *httptest.Server
	workspace uuid.UUID
	key       string
	other     *api // the same server with a key of another workspace
}

// setup starts everything; change may alter the configuration of intake.
func setup(t *testing.T, change ...func(*intake.Config)) *api {
	t.Helper()
	t.Parallel()
	a := &api{t: t, url: storetest.URL(t)}
	var err error
	if a.store, err = store.Open(t.Context(), a.url, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.store.Close)
	if a.sql, err = pgxpool.New(t.Context(), a.url); err != nil { // it connects when it is used
		t.Fatal(err)
	}
	t.Cleanup(a.sql.Close)
	if a.redis, err = queue.Connect(testservices.RedisURL(t)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.redis.Close() })
	name := "test-" + uuid.NewString()
	quiet := slog.New(slog.DiscardHandler)
	c := intake.Config{Store: a.store, Queue: queue.New(a.redis, name), Logger: quiet,
		Now: func() time.Time { return clock }}
	for _, f := range change {
		f(&c)
	}
	a.server = httptest.NewServer(intake.New(c))
	t.Cleanup(a.server.Close)
	a.server.Client().Transport = underContract(t, a.server.Client().Transport)
	a.startWorker(name, c)
	a.workspace, a.key = a.newWorkspace("acme", store.Permissions()...)
	second := *a
	second.workspace, second.key = a.newWorkspace("other", store.Permissions()...)
	a.other = &second
	return a
}

// startWorker starts a worker with the logger, metrics and tracing of intake.
func (a *api) startWorker(name string, c intake.Config) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	w := worker.New(worker.Config{Store: a.store, Redis: a.redis, Queue: name, Sweep: 100 * time.Millisecond,
		Logger: c.Logger, Metrics: c.Metrics, Tracing: c.Tracing,
		WebhookAllow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	go func() { done <- w.Run(ctx) }()
	a.t.Cleanup(func() {
		cancel()
		<-done
	})
}

func (a *api) newWorkspace(name string, ps ...store.Permission) (uuid.UUID, string) {
	a.t.Helper()
	w, err := a.store.CreateWorkspace(context.Background(), name, clock)
	if err != nil {
		a.t.Fatal(err)
	}
	return w.ID, a.newKey(w.ID, ps...)
}

func (a *api) newKey(workspace uuid.UUID, ps ...store.Permission) string {
	a.t.Helper()
	_, secret, err := a.store.CreateKey(context.Background(), store.NewKey{WorkspaceID: workspace, Name: "test",
		Permissions: ps}, clock)
	if err != nil {
		a.t.Fatal(err)
	}
	return secret
}

// reply is an answer with its body decoded.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	raw    string
	json   map[string]any
}

// do sends a request; headers are pairs of name and value, and replace the usual ones.
func (a *api) do(method, path, body string, headers ...string) reply {
	a.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, a.server.URL+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+a.key)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
		if headers[i+1] == "" {
			req.Header.Del(headers[i])
		}
	}
	resp, err := a.server.Client().Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	r := reply{t: a.t, status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(raw, &r.json); err != nil {
			a.t.Fatalf("answer is not JSON: %v: %s", err, raw)
		}
	}
	return r
}

// csv sends a file as the body.
func (a *api) csv(path, file string, headers ...string) reply {
	a.t.Helper()
	return a.do("POST", path, file, append([]string{"Content-Type", "text/csv"}, headers...)...)
}

// load imports contacts and companies; it fails the test if a row is rejected.
func (a *api) load(kind, file string) {
	a.t.Helper()
	r := a.csv("/v1/import/"+kind, file)
	if r.status != http.StatusOK || r.get("data.rejected_count") != 0.0 || r.get("data.status") != "completed" {
		a.t.Fatalf("loading %s: %d %s", kind, r.status, r.raw)
	}
}

// get reads a value of the answer by its path.
func (r reply) get(path string) any {
	var v any = r.json
	for _, name := range strings.Split(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

// wantError compares status, code and field, and requires a message.
func (r reply) wantError(status int, code, field, says string) {
	r.t.Helper()
	gotField, _ := r.get("error.field").(string)
	message, _ := r.get("error.message").(string)
	if r.status != status || r.get("error.code") != code || gotField != field || !strings.Contains(message, says) {
		r.t.Errorf("got %d %s, want %d %s of field %q saying %q", r.status, r.raw, status, code, field, says)
	}
}

// query reads one number from the database behind the API.
func (a *api) query(sql string, args ...any) int {
	a.t.Helper()
	var n int
	if err := a.sql.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		a.t.Fatal(err)
	}
	return n
}

// hold keeps the locks of a statement until the test ends.
func (a *api) hold(sql string) {
	a.t.Helper()
	ctx := context.Background()
	c, err := pgx.Connect(ctx, a.url)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = c.Close(ctx) })
	if _, err := c.Exec(ctx, sql); err != nil {
		a.t.Fatal(err)
	}
}

// contact returns the id of a contact by its name.
func (a *api) contact(name string) string {
	return a.id(`SELECT id FROM contacts WHERE full_name = $1 AND workspace_id = $2`, name)
}

// company returns the id of a company by its name.
func (a *api) company(name string) string {
	return a.id(`SELECT id FROM companies WHERE name = $1 AND workspace_id = $2`, name)
}

func (a *api) id(sql, name string) string {
	a.t.Helper()
	var id uuid.UUID
	if err := a.sql.QueryRow(context.Background(), sql, name, a.workspace).Scan(&id); err != nil {
		a.t.Fatalf("%s: %v", name, err)
	}
	return id.String()
}

// nothingLeft fails the test if the database has an import, chunk, task or dead letter.
func (a *api) nothingLeft() {
	a.t.Helper()
	for _, table := range []string{"imports WHERE kind = 'tasks'", "tasks", "dead_letters",
		"chunks WHERE state <> 'done'", "idempotency_keys"} {
		if n := a.query(`SELECT count(*) FROM ` + table); n != 0 {
			a.t.Errorf("%d rows left in %s", n, table)
		}
	}
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.NewEncoder(&b).Encode(v); err != nil {
		t.Fatal(err)
	}
	return b.String()
}
