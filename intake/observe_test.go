package intake_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"taskport/intake"
	"taskport/store"
)

// logged collects log lines.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// lines returns the lines of a message that have this value for a name.
func (l *logged) lines(t *testing.T, message, name, value string) []map[string]any {
	t.Helper()
	var found []map[string]any
	for line := range strings.Lines(l.String()) {
		var m map[string]any
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(m["msg"].(string), message) && m[name] == value {
			found = append(found, m)
		}
	}
	return found
}

// observed is a server with its logs, metrics and spans.
type observed struct {
	*api
	log     *logged
	metrics *prometheus.Registry
	spans   *tracetest.InMemoryExporter
}

func setupObserved(t *testing.T) *observed {
	t.Helper()
	o := &observed{log: &logged{}, metrics: prometheus.NewRegistry(), spans: tracetest.NewInMemoryExporter()}
	tracing := sdktrace.NewTracerProvider(sdktrace.WithSyncer(o.spans))
	o.api = setup(t, func(c *intake.Config) {
		c.Logger = slog.New(slog.NewJSONHandler(o.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		c.Metrics, c.Tracing = o.metrics, tracing
	})
	return o
}

func (o *observed) until(what string, is func() bool) {
	o.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 1000 {
		if is() {
			return
		}
		<-ticker.C
	}
	o.t.Fatalf("%s: not within 10 s", what)
}

// value returns the value of a counter, or the count of a histogram; labels are pairs sorted by
// name.
func (o *observed) value(name string, labels ...string) float64 {
	o.t.Helper()
	families, err := o.metrics.Gather()
	if err != nil {
		o.t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			var has []string
			for _, l := range m.GetLabel() {
				has = append(has, l.GetName(), l.GetValue())
			}
			if strings.Join(has, " ") == strings.Join(labels, " ") {
				return m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return 0
}

// A key in a path or a header that is logged is left out of the log and the answer.
func TestKeysAreNotLogged(t *testing.T) {
	o := setupObserved(t)
	for _, path := range []string{"/v1/tasks/" + o.key, "/" + o.key + "/x", "/v1/webhooks/whsec_abcdef"} {
		if r := o.do(http.MethodGet, path, "", "X-Request-ID", o.key); r.header.Get("X-Request-ID") == o.key {
			t.Errorf("%s: the key is the id of the request", path)
		}
	}
	o.until("the lines of the requests", func() bool { return strings.Count(o.log.String(), "/x") == 1 })
	if log := o.log.String(); strings.Contains(log, o.key[4:]) || strings.Contains(log, "abcdef") ||
		!strings.Contains(log, "/v1/tasks/wbk_…") {
		t.Errorf("the log says %s", log)
	}
}

const (
	traceID     = "4bf92f3577b34da6a3ce929d0e0e4736"
	traceParent = "00-" + traceID + "-00f067aa0ba902b7-01"
)

// A request can be followed by its id and its trace through the queue to the commit.
func TestARequestIsFollowedToTheCommit(t *testing.T) {
	o := setupObserved(t)
	o.load("contacts", people)
	r := o.csv("/v1/import/tasks?mapping="+`{"Subject":"title","Who":"contact_name","Firm":"company_name"}`, fourTasks,
		"X-Request-ID", "import-of-today", "Traceparent", traceParent)
	job, _ := r.get("data.job_id").(string)
	o.until("the lines of request and chunk", func() bool {
		return len(o.log.lines(t, "request", "id", "import-of-today")) == 1 && len(o.log.lines(t, "chunk", "request",
			"import-of-today")) == 1
	})
	request := o.log.lines(t, "request", "id", "import-of-today")[0]
	for name, want := range map[string]any{"method": "POST", "route": "/v1/import/tasks", "status": 200.0, "code": "",
		"workspace": o.workspace.String()} {
		if request[name] != want {
			t.Errorf("the request's line has %s %v, want %v", name, request[name], want)
		}
	}
	chunk := o.log.lines(t, "chunk", "request", "import-of-today")[0]
	for name, want := range map[string]any{"msg": "chunk done", "import": job, "kind": "tasks", "rows": 4.0,
		"created": 1.0, "rejected": 3.0} {
		if chunk[name] != want {
			t.Errorf("the chunk's line has %s %v, want %v", name, chunk[name], want)
		}
	}
	spans := map[string]tracetest.SpanStub{}
	o.until("the spans", func() bool {
		for _, s := range o.spans.GetSpans() {
			if s.SpanContext.TraceID().String() == traceID {
				spans[s.Name] = s
			}
		}
		return len(spans) == 3
	})
	chunkSpan := spans["chunk"]
	if chunkSpan.Parent.SpanID() != spans["POST /v1/import/tasks"].SpanContext.SpanID() ||
		spans["write and commit"].Parent.SpanID() != chunkSpan.SpanContext.SpanID() {
		t.Errorf("the spans do not hang together: %v", spans)
	}
}

func TestMetricsOfRequestsAndRows(t *testing.T) {
	o := setupObserved(t)
	o.load("contacts", people)
	o.do("POST", "/v1/import/tasks", `{"csv": `+jsonOf(t, fourTasks)+`, "mapping": `+fourMapping+`}`)
	o.do("GET", "/v1/tasks/42", "")
	o.do("BREW", "/v1/coffee", "")
	o.until("the chunks", func() bool { return o.value("taskport_chunks_total", "outcome", "done") == 2 })
	o.until("the requests, which are counted once they are answered", func() bool {
		return o.value("taskport_requests_total", "method", "other", "route", "/", "status", "404") != 0
	})
	for want, got := range map[float64]float64{
		1: o.value("taskport_rows_total", "kind", "tasks", "outcome", "created"),
		3: o.value("taskport_rows_total", "kind", "tasks", "outcome", "rejected"),
		4: o.value("taskport_rows_total", "kind", "contacts", "outcome", "created"),
		2: o.value("taskport_chunk_stage_seconds", "stage", "commit"),
	} {
		if got != want {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	if n := o.value("taskport_requests_total", "method", "GET", "route", "/v1/tasks/{id}", "status", "404"); n != 1 {
		t.Errorf("%v of the path that is not there", n)
	}
	if n := o.value("taskport_requests_total", "method", "other", "route", "/", "status", "404"); n != 1 {
		t.Errorf("%v of the method that nobody knows", n)
	}
	if n := o.value("taskport_request_seconds", "method", "POST", "route", "/v1/import/tasks"); n != 1 {
		t.Errorf("%v timed", n)
	}
}

// Requests of a handler added by Beside are counted and traced by route, in the trace of the
// client.
func TestBesideIsCounted(t *testing.T) {
	t.Parallel()
	metrics, spans := prometheus.NewRegistry(), tracetest.NewInMemoryExporter()
	door := intake.New(intake.Config{Store: &store.Store{}, Logger: slog.New(slog.DiscardHandler), Metrics: metrics,
		Tracing: sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /pages/{id}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "a page") })
	mux.HandleFunc("POST /pages/{id}", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("/pages/", func(w http.ResponseWriter,
		_ *http.Request) {
		w.WriteHeader(http.StatusInternalServerError)
	})
	server := httptest.NewServer(door.Beside(mux))
	defer server.Close()
	for _, path := range []string{"GET /pages/1", "GET /pages/2", "POST /pages/3", "BREW /pages/4/5"} {
		method, path, _ := strings.Cut(path, " ")
		req, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Traceparent", traceParent)
		if resp, err := server.Client().Do(req); err == nil {
			_ = resp.Body.Close()
		}
	}
	o := &observed{api: &api{t: t}, metrics: metrics, spans: spans}
	for want, is := range map[string]func() bool{
		"two pages": func() bool {
			return o.value("taskport_requests_total", "method", "GET", "route", "/pages/{id}", "status", "200") == 2
		},
		"the time of both": func() bool {
			return o.value("taskport_request_seconds", "method", "GET", "route",
				"/pages/{id}") == 2
		},
		"what was cut off": func() bool {
			return o.value("taskport_request_seconds", "method", "POST", "route",
				"/pages/{id}") == 1
		},
		"an unknown method": func() bool {
			return o.value("taskport_requests_total", "method", "other", "route", "/pages/", "status", "500") == 1
		},
		"spans of the trace": func() bool {
			return slices.Equal(names(spans.GetSpans()), []string{"BREW /pages/", "GET /pages/{id}", "GET /pages/{id}",
				"POST /pages/{id}"})
		},
	} {
		o.until(want, is)
	}
}

// names returns the names of the spans that belong to the client's trace.
func names(spans tracetest.SpanStubs) []string {
	var all []string
	for _, s := range spans {
		if s.SpanContext.TraceID().String() == traceID {
			all = append(all, s.Name)
		}
	}
	slices.Sort(all)
	return all
}

// The log has no keys, webhook secrets or contents of files, whatever the outcome of a request.
func TestNoSecretIsLogged(t *testing.T) {
	o := setupObserved(t)
	o.load("contacts", people)
	hook := o.do("POST", "/v1/webhooks", hookBody, "Idempotency-Key", "secret-of-the-client")
	secret, _ := hook.get("data.secret").(string)
	id, _ := hook.get("data.id").(string)
	rotated, _ := o.do("POST", "/v1/webhooks/"+id+"/rotate", "").get("data.secret").(string)
	almost := "wbk_" + strings.Repeat("Z", 40)
	o.do("GET", "/v1/tasks", "", "Authorization", "Bearer "+almost)
	o.do("GET", "/v1/tasks?assignee_id=private-question", "")
	o.do("POST", "/v1/tasks", `{"title": "private-title", "contact_name": "Nobody private-name"}`)
	o.csv("/v1/import/tasks", "title,contact_name\nprivate-row,Nobody private-name\n")
	o.store.Close() // without the database, errors are logged
	if r := o.do("POST", "/v1/tasks", taskBody); r.status < http.StatusInternalServerError &&
		r.status != http.StatusServiceUnavailable {
		t.Errorf("without a database: %d", r.status)
	}
	text := o.log.String()
	for _, private := range []string{o.key, o.key[12:], secret, rotated, almost, "private-", "secret-of-the-client"} {
		if private == "" || strings.Contains(text, private) {
			t.Errorf("%q is in the log", private)
		}
	}
	if lines := strings.Count(text, `"msg":"request"`); lines < 7 {
		t.Errorf("only %s lines", fmt.Sprint(lines))
	}
}
