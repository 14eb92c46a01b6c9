package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/internal/embedded/testservices"
	"taskport/store/storetest"
)

// asProgram, in the environment, makes the test binary the program itself: for tests that need it
// as a process of its own.
const asProgram = "TASKPORT_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(testservices.Main(m))
}

// program runs commands as a user would, with an environment of its own.
type program struct {
	t   *testing.T
	dir string
	env map[string]string
	log *syncBuffer // of the command that was started last
}

func newProgram(t *testing.T) *program {
	t.Helper()
	return &program{t: t, dir: t.TempDir(), env: map[string]string{"DATABASE_URL": storetest.URL(t),
		"REDIS_URL": testservices.RedisURL(t), "TASKPORT_LOG_LEVEL": "error",
		"TASKPORT_QUEUE": "test-" + uuid.NewString()}}
}

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

func (p *program) run(args ...string) result {
	p.t.Helper()
	var out, errs bytes.Buffer
	code := run(p.t.Context(), args, &environment{out: &out, err: &errs,
		getenv: func(name string) string { return p.env[name] }})
	return result{code, out.String(), errs.String()}
}

// must runs a command that has to succeed, and returns its output.
func (p *program) must(args ...string) string {
	p.t.Helper()
	r := p.run(args...)
	if r.code != exitDone {
		p.t.Fatalf("%v: exit %d: %s", args, r.code, r.err)
	}
	return strings.TrimSpace(r.out)
}

// start runs a command that serves until the test ends, and returns the line it prints when it is
// ready; prints says whether it prints one.
func (p *program) start(prints bool, args ...string) string {
	p.t.Helper()
	line, stop := p.launch(prints, args...)
	p.t.Cleanup(stop)
	return line
}

// launch runs a command that serves until it is stopped, and returns the line it prints when it is
// ready.
func (p *program) launch(prints bool, args ...string) (line string, stop func()) {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, w := io.Pipe()
	done := make(chan int, 1)
	errs := &syncBuffer{}
	p.log = errs
	env := maps.Clone(p.env) // as it is now: the test may set more of it while the command reads its own
	go func() {
		code := run(ctx, args, &environment{out: w, err: errs, getenv: func(name string) string { return env[name] }})
		_ = w.Close()
		done <- code
	}()
	stop = func() {
		cancel()
		if code := <-done; code != exitDone {
			p.t.Errorf("%v ended with %d: %s", args, code, errs.String())
		}
	}
	if !prints {
		return "", stop
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		stop()
		p.t.Fatalf("%v printed no line: %v: %s", args, err, errs.String())
	}
	return strings.TrimSpace(line), stop
}

// syncBuffer is a buffer that two goroutines may use.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (p *program) file(name, text string) string {
	p.t.Helper()
	path := filepath.Join(p.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// installed returns a program with a server, a workspace and a key.
func installed(t *testing.T, start func(p *program) string) *program {
	t.Helper()
	p := newProgram(t)
	p.must("migrate")
	p.env["TASKPORT_SERVER"] = start(p)
	p.must("workspace", "create", "acme")
	p.env["TASKPORT_API_KEY"] = p.must("key", "create", "--workspace", "acme", "--permission",
		"activities:read,activities:write,contacts:write", "--permission", "companies:write,deals:write,events:write")
	return p
}

func up(p *program) string { return p.start(true, "up", "--listen", "127.0.0.1:0") }

const contactsFile = "external_id,full_name,company_name\n1,Hans Müller,Brandt GmbH\n2,Anna Nowak,Brandt GmbH\n"

func TestNewcomersPath(t *testing.T) {
	t.Parallel()
	p := installed(t, up)
	if !regexp.MustCompile(`^wbk_[A-Za-z0-9]{40}$`).MatchString(p.env["TASKPORT_API_KEY"]) {
		t.Errorf("key is %q", p.env["TASKPORT_API_KEY"])
	}
	p.must("load", "contacts", p.file("contacts.csv", contactsFile))
	whole := p.run("import", p.file("whole.csv", "title,contact_name\nCall,Hans Müller\n"))
	if whole.code != exitDone || !strings.Contains(whole.out, "import of whole.csv: completed, 1 row\n") {
		t.Errorf("%+v", whole)
	}
	report := filepath.Join(p.dir, "r.csv")
	part := p.run("import", "--report", report, "--map", "Subject=title", "--map", "Who=contact_name",
		p.file("part.csv", "Subject,Who\nCall,Hans Müller\nCall,Nobody Known\nCall,\n"))
	if part.code != exitRejected || !strings.Contains(part.out, "row 2: unresolved_reference") ||
		!strings.Contains(part.err, report) {
		t.Errorf("%+v", part)
	}
	text, err := os.ReadFile(report)
	if err != nil || strings.Count(string(text), "\n") != 3 || !strings.HasPrefix(string(text),
		"Subject,Who,contact_id,company_id,_row,") {
		t.Errorf("report: %v\n%s", err, text)
	}
	failed := p.run("import", p.file("empty.csv", ""))
	if failed.code != exitFailed || !strings.Contains(failed.err, "empty") || failed.out != "" {
		t.Errorf("%+v", failed)
	}
	jobs := p.must("jobs")
	if strings.Count(jobs, "\n") != 3 || !strings.Contains(jobs, "part.csv") {
		t.Errorf("jobs:\n%s", jobs)
	}
}

func TestJSONIsTheJobAlone(t *testing.T) {
	t.Parallel()
	p := installed(t, up)
	p.must("load", "contacts", p.file("contacts.csv", contactsFile))
	r := p.run("import", "--json", "--report", filepath.Join(p.dir, "r.csv"),
		p.file("t.csv", "title,contact_name\nCall,Hans Müller\nCall,\n"))
	var answer struct{ Data job }
	if err := json.Unmarshal([]byte(r.out), &answer); err != nil || answer.Data.Created != 1 ||
		answer.Data.Rejected != 1 || answer.Data.Total != 2 {
		t.Fatalf("%v: %s", err, r.out)
	}
	shown := p.must("jobs", "--json", answer.Data.JobID)
	if shown != strings.TrimSpace(r.out) {
		t.Errorf("jobs ID shows\n%s\nnot\n%s", shown, r.out)
	}
	if csv := p.must("rejects", answer.Data.JobID); !strings.HasPrefix(csv,
		"title,contact_name,contact_id,company_id,_row,_line,_code,") {
		t.Errorf("rejects: %s", csv)
	}
	if table := p.must("rejects", "--format", "table", answer.Data.JobID); !strings.Contains(table, "orphan") {
		t.Errorf("rejects: %s", table)
	}
}

func TestServeAndWorkApart(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.start(true, "serve", "--listen", "127.0.0.1:0") })
	p.start(false, "work")
	p.start(false, "work")
	p.must("load", "contacts", p.file("contacts.csv", contactsFile))
	p.must("import", p.file("t.csv", "title,contact_name\n"+strings.Repeat("Call,Hans Müller\n", 12_000)))
}

func TestRolesSayWhatTheyNeed(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	for _, role := range []string{"serve", "work"} {
		alone := &program{t: t, env: map[string]string{}}
		if r := alone.run(role); r.code != exitFailed || !strings.Contains(r.err, "DATABASE_URL and REDIS_URL must be set") {
			t.Errorf("%s: %+v", role, r)
		}
	}
	old := &program{t: t, env: map[string]string{"DATABASE_URL": testservices.PostgresURL(t),
		"REDIS_URL": p.env["REDIS_URL"]}}
	if os.Getenv("DATABASE_URL") == "" { // a given database may be migrated
		if r := old.run("serve", "--listen", "127.0.0.1:0"); r.code != exitFailed || !strings.Contains(r.err,
			"taskport migrate") {
			t.Errorf("old schema: %+v", r)
		}
	}
	for _, args := range [][]string{{"serve", "--rate-limit", "0"}, {"work", "--concurrency", "0"},
		{"serve", "--chunk-rows", "-1"}, {"work", "--attempts", "0"},
		{"serve", "--database-conns", "-1"}, {"work", "--window", "0"}, {"work", "--webhook-window", "0"},
		{"serve", "--upload-conns", "0"}, {"serve", "--uploads-per-key", "0"}, {"serve", "--upload-time", "0s"},
		{"serve", "--upload-space", "0"}, {"serve", "--max-connections", "0"}, {"serve", "--log-level", "loud"}} {
		if r := p.run(args...); r.code != exitUsage || !strings.Contains(r.err, args[1]) {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestAdministration(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("migrate")
	id := p.must("workspace", "create", "acme")
	if r := p.run("workspace", "create", "acme"); r.code != exitFailed || !strings.Contains(r.err, `"acme" already`) {
		t.Errorf("%+v", r)
	}
	if list := p.must("workspace", "list"); !strings.Contains(list, id) {
		t.Errorf("list: %s", list)
	}
	if out := p.must("workspace", "set", "acme", "--contact-threshold", "0.95", "--nicknames=false"); !strings.Contains(
		out, `"threshold": 0.95`) || !strings.Contains(out, `"no_nicknames": true`) {
		t.Errorf("set: %s", out)
	}
	if out := p.must("workspace", "set", id, "--company-margin", "0.05", "--contact-threshold",
		"0"); strings.Contains(out, "0.95") || !strings.Contains(out, `"margin": 0.05`) || !strings.Contains(out,
		`"no_nicknames": true`) {
		t.Errorf("set: %s", out)
	}
	if r := p.run("workspace", "set", "acme", "--contact-threshold", "0.5"); r.code != exitUsage ||
		!strings.Contains(r.err, "contact_threshold must be from 0.8 to 1") {
		t.Errorf("%+v", r)
	}
	if r := p.run("workspace", "set", "nowhere", "--nicknames=false"); r.code != exitFailed || !strings.Contains(r.err,
		`no workspace "nowhere"`) {
		t.Errorf("%+v", r)
	}
	p.must("key", "create", "--workspace", id, "--permission", "activities:read", "--expires-in", "1h")
	if r := p.run("key", "create", "--workspace", "acme", "--permission", "everything"); r.code != exitUsage ||
		!strings.Contains(r.err, "activities:write") {
		t.Errorf("%+v", r)
	}
	if r := p.run("key", "create", "--workspace", "nowhere", "--permission", "activities:read"); r.code != exitFailed ||
		!strings.Contains(r.err, `no workspace "nowhere"`) {
		t.Errorf("%+v", r)
	}
	var keys struct {
		Data []struct{ ID, Hint string }
	}
	if err := json.Unmarshal([]byte(p.must("key", "list", "--workspace", "acme", "--json")), &keys); err != nil ||
		len(keys.Data) != 1 {
		t.Fatalf("%v %+v", err, keys)
	}
	p.must("key", "revoke", "--workspace", "acme", keys.Data[0].ID)
	if list := p.must("key", "list", "--workspace", "acme"); !strings.Contains(list, "revoked") {
		t.Errorf("list: %s", list)
	}
}

func TestClientSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := &program{t: t, env: map[string]string{}}
	if r := p.run("jobs"); r.code != exitFailed || !strings.Contains(r.err, "taskport key create") {
		t.Errorf("%+v", r)
	}
	p.env["TASKPORT_API_KEY"] = "wbk_x"
	if r := p.run("import", "nowhere.csv"); r.code != exitFailed || !strings.Contains(r.err, "nowhere.csv") {
		t.Errorf("%+v", r)
	}
	if r := p.run("load", "people", "x.csv"); r.code != exitUsage || !strings.Contains(r.err,
		"contacts, companies, deals, events") {
		t.Errorf("%+v", r)
	}
	if r := p.run("import", "--help"); r.code != exitDone || !strings.Contains(r.out, "$TASKPORT_SERVER") ||
		!strings.Contains(r.out, "$TASKPORT_API_KEY") {
		t.Errorf("%+v", r)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	p := &program{t: t, dir: t.TempDir(), env: map[string]string{}}
	report := filepath.Join(p.dir, "report.csv")
	shown := p.run("demo", "--exit", "--report", report)
	if shown.code != exitDone || !strings.Contains(shown.out, "completed, 5,000 rows") || !strings.Contains(shown.out,
		"row 30: ") || !strings.Contains(shown.err, "5,000 of 5,000 rows") {
		t.Errorf("%+v", shown)
	}
	text, err := os.ReadFile(report)
	if err != nil || !bytes.Contains(text, []byte("ambiguous_reference")) {
		t.Error(err)
	}
	asJSON := p.run("demo", "--exit", "--json", "--report", report)
	var answer struct{ Data job }
	if err := json.Unmarshal([]byte(asJSON.out), &answer); err != nil || asJSON.code != exitDone {
		t.Fatalf("%v %+v", err, asJSON)
	}
	if j := answer.Data; j.Total != 5000 || j.Created+j.Updated+j.Skipped+j.Rejected != j.Total ||
		j.Status != "completed" {
		t.Errorf("%+v", j)
	}
}

func TestProgressLines(t *testing.T) {
	t.Parallel()
	at := time.Unix(0, 0)
	var b bytes.Buffer
	p := &lineProgress{w: &b, started: at, now: func() time.Time { return at }}
	for _, rows := range []int{0, 1_000, 12_000, 50_000} {
		p.rows(rows, 50_000)
		at = at.Add(3 * time.Second)
	}
	if want := "0 of 50,000 rows\n12,000 of 50,000 rows, 2,000 rows/s, 20 s left\n50,000 of 50,000 rows, 5,555 " +
		"rows/s\n"; b.String() != want {
		t.Errorf("lines are\n%swant\n%s", b.String(), want)
	}
}
