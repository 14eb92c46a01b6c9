package main

import (
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
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
