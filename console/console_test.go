package console_test

import (
	"bytes"
	"context"
	"fmt"
	stdhtml "html"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/console"
	"taskport/importer"
	"taskport/internal/embedded/testservices"
	"taskport/store"
	"taskport/store/storetest"
	"taskport/worker"
	"taskport/worker/queue"
)

func TestMain(m *testing.M) {
	code := testservices.Main(m)
	stopBrowser()
	os.Exit(code)
}

// site is a console for one test, with its own database, queue and worker, two workspaces, and an
// operator of the first.
type site struct {
	*operator
	url    string        // of the database
	sql    *pgxpool.Pool // for the questions of the test itself
	store  *store.Store
	other  *operator // of another workspace
	config console.Config
}

// operator uses the console of a workspace like a browser without JavaScript.
type operator struct {
	t         testing.TB
	server    *httptest.Server
	store     *store.Store
	workspace uuid.UUID
	keyID     uuid.UUID
	key       string
	client    *http.Client
	actions   int  // forms that were sent
	loads     int  // pages that were loaded
	inPlace   bool // decisions of the inbox replace their line, as with JavaScript
}

func setup(t *testing.T, change ...func(*console.Config)) *site {
	t.Helper()
	t.Parallel()
	return newSite(t, change...)
}

// newSite starts a site; change alters its configuration.
func newSite(t testing.TB, change ...func(*console.Config)) *site {
	t.Helper()
	s := &site{url: storetest.URL(t)}
	var err error
	if s.store, err = store.Open(context.Background(), s.url, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.store.Close)
	if s.sql, err = pgxpool.New(context.Background(), s.url); err != nil { // it connects when it is used
		t.Fatal(err)
	}
	t.Cleanup(s.sql.Close)
	redis, err := queue.Connect(testservices.RedisURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() })
	name := "test-" + uuid.NewString()
	quiet := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelError}))
	reporter := queue.NewReporter(redis, name)
	c := console.Config{Store: s.store, Queue: queue.New(redis, name), Logger: quiet,
		Report: func(context.Context) (console.QueueReport, error) {
			var out console.QueueReport
			report, err := reporter.Report()
			for _, q := range report.Queues {
				out.Queues = append(out.Queues, console.QueueState(q))
			}
			for _, w := range report.Workers {
				out.Workers = append(out.Workers, console.WorkerState(w))
			}
			return out, err
		}}
	for _, f := range change {
		f(&c)
	}
	h, err := console.New(c)
	if err != nil {
		t.Fatal(err)
	}
	s.config = c
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	w := worker.New(worker.Config{Store: s.store, Redis: redis, Queue: name, Sweep: 100 * time.Millisecond, Logger: quiet})
	go func() { done <- w.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		<-done
	})
	s.operator = s.newOperator(t, server, "acme", store.Permissions()...)
	s.other = s.newOperator(t, server, "other", store.Permissions()...)
	return s
}

// stopped ends the server. The returned function starts another one at its address, with its own
// connections to the database and nothing in memory, as a restarted process has.
func (s *site) stopped() (start func()) {
	s.t.Helper()
	address := s.server.Listener.Addr().String()
	s.server.CloseClientConnections()
	s.server.Close()
	return func() {
		s.t.Helper()
		c := s.config
		var err error
		if c.Store, err = store.Open(context.Background(), s.url, store.Options{}); err != nil {
			s.t.Fatal(err)
		}
		s.t.Cleanup(c.Store.Close)
		h, err := console.New(c)
		if err != nil {
			s.t.Fatal(err)
		}
		listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", address)
		if err != nil {
			s.t.Fatal(err)
		}
		server := httptest.NewUnstartedServer(h)
		_ = server.Listener.Close()
		server.Listener = listener
		server.Start()
		s.t.Cleanup(server.Close)
		s.server, s.other.server = server, server
	}
}

func (s *site) newOperator(t testing.TB, server *httptest.Server, workspace string, ps ...store.Permission) *operator {
	t.Helper()
	w, err := s.store.CreateWorkspace(context.Background(), workspace, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{t: t, server: server, store: s.store, workspace: w.ID}
	return o.colleague("Ada", ps...)
}

// colleague returns an operator of the same workspace with another key and another browser.
func (o *operator) colleague(name string, ps ...store.Permission) *operator {
	o.t.Helper()
	k, secret, err := o.store.CreateKey(context.Background(), store.NewKey{WorkspaceID: o.workspace, Name: name,
		Permissions: ps}, time.Now())
	if err != nil {
		o.t.Fatal(err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	return &operator{t: o.t, server: o.server, store: o.store, workspace: o.workspace, keyID: k.ID, key: secret,
		client: &http.Client{Jar: jar}}
}

// page is an answer after redirects.
type page struct {
	t      testing.TB
	status int
	path   string
	header http.Header
	body   string
}

func (o *operator) do(method, path, contentType string, body io.Reader) page {
	o.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, o.server.URL+path, body)
	if err != nil {
		o.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if o.inPlace && method == http.MethodPost && path == "/console/inbox" {
		req.Header.Set("Taskport-Part", "1")
	} else {
		o.loads++
	}
	resp, err := o.client.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	p := page{o.t, resp.StatusCode, resp.Request.URL.RequestURI(), resp.Header, string(text)}
	p.speaksItsOwnWords()
	return p
}

func (o *operator) get(path string) page {
	o.t.Helper()
	return o.do(http.MethodGet, path, "", nil)
}

var (
	spaces      = regexp.MustCompile(`\s+`)
	betweenTags = regexp.MustCompile(`>\s+<`)
)

var tokens = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

func (p page) token() string {
	p.t.Helper()
	m := tokens.FindStringSubmatch(p.body)
	if m == nil {
		p.t.Fatalf("%s has no form: %d %.500s", p.path, p.status, p.body)
	}
	return m[1]
}

// tidy returns the body with the white space as a browser shows it: a run of it is one space, and
// between tags it is nothing.
func (p page) tidy() string {
	return spaces.ReplaceAllString(betweenTags.ReplaceAllString(p.body, "><"), " ")
}

// has checks the status and that the page has all texts.
func (p page) has(status int, texts ...string) page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: got %d, want %d: %.2000s", p.path, p.status, status, p.body)
	}
	body := p.tidy()
	for _, text := range texts {
		if !strings.Contains(body, text) && !strings.Contains(html(p.body), text) {
			p.t.Errorf("%s lacks %q: %.4000s", p.path, text, p.body)
		}
	}
	return p
}

// send sends a form of a page to a path, with its token.
func (o *operator) send(from page, path string, form ...string) page {
	o.t.Helper()
	o.actions++
	values := url.Values{"csrf": {from.token()}}
	for i := 0; i < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return o.do(http.MethodPost, path, "application/x-www-form-urlencoded", strings.NewReader(values.Encode()))
}

func (o *operator) signIn() *operator {
	o.t.Helper()
	o.send(o.get("/console/signin"), "/console/signin", "key", o.key).has(http.StatusOK, "<h1>Imports</h1>")
	o.actions = 0
	return o
}

// upload sends a file and returns its preview.
func (o *operator) upload(kind, name, content string, options ...string) page {
	o.t.Helper()
	from := o.get("/console/upload")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	fields := append([]string{"csrf", from.token(), "kind", kind}, options...)
	for i := 0; i < len(fields); i += 2 {
		if err := w.WriteField(fields[i], fields[i+1]); err != nil {
			o.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := io.WriteString(part, content); err != nil {
		o.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		o.t.Fatal(err)
	}
	o.actions++
	return o.do(http.MethodPost, "/console/upload", w.FormDataContentType(), &body)
}

// imported uploads a file, begins it, waits for its end, and returns the path of its page.
func (o *operator) imported(kind, name, content string) string {
	o.t.Helper()
	staged := o.upload(kind, name, content).has(http.StatusOK)
	p := o.send(staged, staged.path, "do", "import", "on_same_file", "all").has(http.StatusOK)
	o.ended(p.path)
	return p.path
}

// patience is how long a test waits for an event.
const patience = 60 * time.Second

// ended waits for an import to end, and returns it.
func (o *operator) ended(path string) store.Import {
	o.t.Helper()
	id, err := uuid.Parse(path[strings.LastIndex(path, "/")+1:])
	if err != nil {
		o.t.Fatalf("%s is not a page of an import", path)
	}
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		i, err := o.store.Import(context.Background(), o.workspace, id)
		if err != nil {
			o.t.Fatal(err)
		}
		if i.Status.Final() {
			return i
		}
		if time.Now().After(end) {
			o.t.Fatalf("the import does not end: %+v", i)
		}
	}
}

// load imports records into the directory.
func (o *operator) load(kind importer.Kind, content string) {
	o.t.Helper()
	if i := o.ended(o.imported(string(kind), string(kind)+".csv", content)); i.Rejected > 0 ||
		i.Status != store.Completed {
		o.t.Fatalf("loading %s: %+v", kind, i)
	}
}

// query reads one value from the database behind the console.
func query[T any](s *site, sql string, args ...any) T {
	s.t.Helper()
	var v T
	if err := s.sql.QueryRow(context.Background(), sql, args...).Scan(&v); err != nil {
		s.t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// people are contacts, two of them with the same name.
const people = "full_name,email,company_name,external_id\nHans Müller,hans@north.example,North Ltd,p1\nPeter " +
	"Fischer,peter@north.example,North Ltd,p2\nPeter Fischer,peter@south.example,South AG,p3\nMaria " +
	"Rossi,maria@south.example,South AG,p4\n"

// mixed is a file of tasks: 3 are imported, 2 are ambiguous, 1 is unknown, 1 has a bad value, 1 has
// no parent.
const mixed = `title,contact_name,due_date,priority,description
Call,Hans Müller,2026-03-10,high,
Visit,Maria Rossi,,,
Write,"Müller, Hans",,low,
Ask,Peter Fischer,,,
Ask again,Peter Fischer,,,
Meet,Zebulon Quark,,,
Remind,Hans Müller,31/31/2026,,
Alone,,,,
`

func idIn(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path[strings.LastIndex(path, "/")+1:]
}

func rowPath(importPath string, row int) string { return fmt.Sprintf("%s/rows/%d", importPath, row) }

// html returns the unescaped text of an attribute.
func html(attribute string) string { return stdhtml.UnescapeString(attribute) }
