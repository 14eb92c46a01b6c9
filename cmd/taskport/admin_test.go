package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"taskport/internal/embedded"
	"taskport/store/storetest"
)

// metricNames are those of Grafana's file that begin with taskport_.
func metricNames(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("../../deploy/grafana.json")
	if err != nil {
		t.Fatal(err)
	}
	seen, all := map[string]bool{}, []string{}
	for _, field := range strings.FieldsFunc(string(text), func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		field = strings.TrimSuffix(field, "_bucket")
		if strings.HasPrefix(field, "taskport_") && !seen[field] {
			seen[field] = true
			all = append(all, field)
		}
	}
	return all
}

func TestAdminListener(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string {
		p.env["TASKPORT_LOG_LEVEL"] = "info"
		return p.start(true, "up", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0")
	})
	_, after, _ := strings.Cut(p.log.String(), `msg="admin listener" url=`)
	admin, _, _ := strings.Cut(after, "\n")
	p.must("load", "contacts", p.file("contacts.csv", "full_name\nHans Müller\n"))
	p.must("import", p.file("tasks.csv", "title,contact_name\nCall,Hans Müller\n"))
	get := func(path string) (int, string) {
		client := &http.Client{Timeout: 10 * time.Second}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, admin+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(body)
	}
	if status, text := get("/readyz"); status != http.StatusOK || text != "postgres: ok\nredis: ok\n" {
		t.Errorf("readyz: %d %s", status, text)
	}
	signIn(t, p.env["TASKPORT_SERVER"], p.env["TASKPORT_API_KEY"])
	status, text := get("/metrics")
	if status != http.StatusOK {
		t.Fatalf("metrics: %d %s", status, text)
	}
	names := metricNames(t)
	if len(names) < 10 {
		t.Errorf("Grafana's file has only %v", names)
	}
	for _, name := range append(names, "taskport_queue_up{queue=\"chunks\"} 1", "taskport_postgres_up 1",
		"taskport_index_entries 1",
		`taskport_requests_total{method="POST",route="/v1/import/tasks",`,
		`taskport_requests_total{method="POST",route="/console/signin",status="303"} 1`,
		`taskport_rows_total{kind="tasks",outcome="created"} 1`, `taskport_queue_jobs{queue="webhooks",state="pending"} 0`,
		"go_goroutines") {
		if !strings.Contains(text, name) {
			t.Errorf("metrics lack %s", name)
		}
	}
}

func TestReadinessNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := services{databaseURL: "postgres://taskport:password-of-the-database@127.0.0.1:1/taskport",
		redisURL: "redis://:password-of-redis@127.0.0.1:1", needRedis: true, queueName: "x"}
	in, err := s.open(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.close() }()
	rec := &recorded{header: http.Header{}}
	readiness(rec, in.checks(t.Context()), make(chan struct{}))
	if rec.status != http.StatusServiceUnavailable || !strings.Contains(rec.text, "postgres: ") ||
		!strings.Contains(rec.text, "redis: ") || strings.Contains(rec.text, "ok") ||
		strings.Contains(rec.text, "password-of") {
		t.Errorf("%d %s", rec.status, rec.text)
	}
	stopping := make(chan struct{})
	close(stopping)
	rec = &recorded{header: http.Header{}}
	readiness(rec, []part{{name: "postgres"}}, stopping)
	if rec.status != http.StatusServiceUnavailable || rec.text != "process: stopping\npostgres: ok\n" {
		t.Errorf("while it is stopped: %d %s", rec.status, rec.text)
	}
}

// A Redis that answers and refuses to write is not ready, and its queues are not up.
func TestRedisThatRefusesWritesIsNotReady(t *testing.T) {
	t.Parallel()
	server, err := embedded.StartRedisServer(t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Stop() }()
	in, err := services{databaseURL: storetest.URL(t), redisURL: server.URL(), needRedis: true, queueName: "x"}.open(
		t.Context(), func(string) {})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = in.close() }()
	metrics := roles{queueName: "x"}.newRegistry(in)
	get := func(path string) *recorded {
		rec := &recorded{header: http.Header{}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
		if err != nil {
			t.Fatal(err)
		}
		admin(in, metrics, make(chan struct{})).ServeHTTP(rec, req)
		return rec
	}
	expect := func(when, redisSays, up string) {
		t.Helper()
		ready, all := get("/readyz"), get("/metrics")
		status := http.StatusServiceUnavailable
		if redisSays == "ok" {
			status = http.StatusOK
		}
		if ready.status != status || !strings.Contains(ready.text, "redis: "+redisSays) {
			t.Errorf("%s: readyz %d %s", when, ready.status, ready.text)
		}
		for _, q := range []string{"chunks", "webhooks"} {
			if want := `taskport_queue_up{queue="` + q + `"} ` + up + "\n"; !strings.Contains(all.text, want) {
				t.Errorf("%s: the metrics lack %s", when, want)
			}
		}
	}
	do := func(args ...any) {
		t.Helper()
		if err := in.redis.Do(t.Context(), args...).Err(); err != nil {
			t.Fatal(err)
		}
	}
	expect("at first", "ok", "1")
	do("CONFIG", "SET", "maxmemory", "1")
	expect("full", "redis refuses to write: OOM", "0")
	do("CONFIG", "SET", "maxmemory", "0")
	expect("with room again", "ok", "1")
	do("REPLICAOF", "127.0.0.1", "1")
	expect("a replica", "redis refuses to write: READONLY", "0")
}

// recorded keeps an answer.
type recorded struct {
	header http.Header
	status int
	text   string
}

func (r *recorded) Header() http.Header    { return r.header }
func (r *recorded) WriteHeader(status int) { r.status = status }
func (r *recorded) Write(p []byte) (int, error) {
	r.text += string(p)
	return len(p), nil
}

func TestProfilesAreForTheHostItself(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		from, forwarded string
		want            int
	}{
		{"127.0.0.1:9", "", http.StatusOK}, {"[::1]:9", "", http.StatusOK}, {"[::ffff:127.0.0.1]:9", "", http.StatusOK},
		{"10.0.0.7:9", "", http.StatusForbidden}, {"[2001:db8::7]:9", "", http.StatusForbidden},
		{"127.0.0.1:9", "10.0.0.7", http.StatusForbidden},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/debug/pprof/cmdline", nil)
		r.RemoteAddr = c.from
		if c.forwarded != "" {
			r.Header.Set("X-Forwarded-For", c.forwarded)
		}
		rec := httptest.NewRecorder()
		local(func(http.ResponseWriter, *http.Request) {})(rec, r)
		if rec.Code != c.want {
			t.Errorf("from %s for %q: %d, want %d", c.from, c.forwarded, rec.Code, c.want)
		}
	}
}
