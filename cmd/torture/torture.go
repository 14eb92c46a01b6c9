package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/store"
	"taskport/store/step"
)

// torture is a run: the services, the processes, the files, and what was found so far.
type torture struct {
	options
	began       time.Time
	out         io.Writer
	dir         string
	program     string
	stepSocket  string
	databaseURL string // as the processes know it
	redisURL    string
	disk        string   // a small one on which the data of Postgres lie; "" without
	bases       []string // of the API, one for each process that serves it
	postgres    *postgres
	redis       *redisServer
	steps       *steps
	serve       []*role
	work        []*role
	pool        *pgxpool.Pool // past the proxy
	sites       []site
	files       []*file
	struck      *record
	closers     []func() error
	slowest503  atomic.Int64

	mu        sync.Mutex
	found     losses
	stuck     int
	stories   []string // what was found, in words
	imports   map[uuid.UUID]*importRun
	poisons   map[uuid.UUID]int  // the chunk that panics
	unclaimed map[uuid.UUID]bool // imports of deliveries for which there was nothing to do
	lingering []retired
	abort     func()             // ends everything at the first finding
	gone      map[uuid.UUID]bool // imports that were taken away
	missing   map[string]bool    // actions that the server does not know
	budget    map[string]int     // how often a chunk was struck
}

// site is a workspace with its directory, and a key to it.
type site struct {
	workspace uuid.UUID
	key       string
}

const (
	sites   = 3
	servers = 2
)

func newTorture(o options, out io.Writer) *torture {
	return &torture{options: o, began: time.Now(), out: out, imports: map[uuid.UUID]*importRun{}, poisons: map[uuid.UUID]int{},
		unclaimed: map[uuid.UUID]bool{}, gone: map[uuid.UUID]bool{}, missing: map[string]bool{}, budget: map[string]int{}, struck: newRecord()}
}

// runOnce does a whole run: prepare, the undisturbed run, the faults, and the comparison.
func runOnce(ctx context.Context, o options, out io.Writer) (_ *result, err error) {
	t := newTorture(o, out)
	keep := false
	defer func() {
		err = errors.Join(err, t.close(keep))
	}()
	if err := t.prepare(ctx); err != nil {
		return nil, err
	}
	if err := t.undisturbed(ctx); err != nil {
		t.showLogs()
		return nil, err
	}
	t.torment(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := t.lookAround(ctx); err != nil {
		return nil, err
	}
	r := t.result()
	if !r.clean() {
		t.showLogs()
		keep = o.keep
	}
	return r, nil
}

func (t *torture) prepare(ctx context.Context) (err error) {
	if t.dir, err = os.MkdirTemp("/tmp", "taskport-torture-"); err != nil {
		return err
	}
	if err := os.Chmod(t.dir, 0o711); err != nil { // Postgres may be another user's
		return err
	}
	t.program = filepath.Join(t.dir, "taskport")
	t.note("building the program")
	if err := build(ctx, t.program, t.overlay); err != nil {
		return err
	}
	if err := t.startServices(ctx); err != nil {
		return err
	}
	if err := t.makeSites(ctx); err != nil {
		return err
	}
	t.stepSocket = filepath.Join(t.dir, "steps")
	if t.steps, err = listenSteps(t.stepSocket, t.always); err != nil {
		return err
	}
	t.onClose(func() error { t.steps.stop(); return nil })
	return t.startProcesses(ctx)
}

// build builds the program with its steps; overlay names a file that replaces sources, as go build -overlay takes it.
func build(ctx context.Context, program, overlay string) error {
	args := []string{"build", "-tags", "torture", "-o", program}
	if overlay != "" {
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(ctx, "go", append(args, "taskport/cmd/taskport")...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return nil
}

// makeSites makes the schema, and the workspaces with their keys.
func (t *torture) makeSites(ctx context.Context) error {
	s, err := store.Open(ctx, t.postgres.directURL, store.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	if _, err := s.Migrate(ctx); err != nil {
		return err
	}
	for i := range sites {
		w, err := s.CreateWorkspace(ctx, fmt.Sprintf("site %d", i), time.Now())
		if err != nil {
			return err
		}
		_, key, err := s.CreateKey(ctx, store.NewKey{WorkspaceID: w.ID, Name: "torture", Permissions: store.Permissions()}, time.Now())
		if err != nil {
			return err
		}
		t.sites = append(t.sites, site{w.ID, key})
	}
	t.pool, err = pgxpool.New(ctx, t.postgres.directURL)
	t.onClose(func() error { t.pool.Close(); return nil })
	return err
}

func (t *torture) startProcesses(ctx context.Context) error {
	var addresses []string
	for range servers {
		address, err := freeAddress()
		if err != nil {
			return err
		}
		addresses, t.bases = append(addresses, address), append(t.bases, "http://"+address)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(ctx))
	chunk := strconv.Itoa(chunkRows)
	if t.million > 0 {
		chunk = "0"
	}
	for i, address := range addresses {
		t.serve = append(t.serve, t.startRole(ctx, fmt.Sprintf("serve-%d", i+1), "serve", "--listen", address, "--chunk-rows", chunk))
	}
	for i := range t.workers {
		t.work = append(t.work, t.startRole(ctx, fmt.Sprintf("work-%d", i+1), "work", "--attempts", strconv.Itoa(attempts)))
	}
	t.onClose(func() error {
		stop()
		for _, r := range t.roles() {
			r.ended.Wait()
		}
		return nil
	})
	return nil
}

// attempts of a chunk: enough for the strikes that one chunk may suffer, few enough for a poisoned one to come to its end soon.
const attempts = 6

func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it is closed at once
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// undisturbed loads the directories and imports each file once while nothing strikes.
func (t *torture) undisturbed(ctx context.Context) error {
	for i := range t.sites {
		if err := t.loadDirectory(ctx, i); err != nil {
			return err
		}
	}
	for i := range t.options.files {
		t.files = append(t.files, makeFile(t.seed, i, len(t.sites), t.rows))
	}
	for i, f := range t.files {
		r, err := t.importFile(ctx, f, i, plain)
		if err != nil {
			return fmt.Errorf("undisturbed run of %s: %w", f.name, err)
		}
		if r.verdict.losses != (losses{}) {
			return fmt.Errorf("undisturbed run of %s: %s", f.name, r.verdict.first)
		}
	}
	t.note("%d files imported undisturbed", len(t.files))
	return nil
}

func (t *torture) loadDirectory(ctx context.Context, number int) error {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	c := t.client(number)
	for _, load := range []struct{ kind, text string }{{"companies", companiesFile()}, {"contacts", contactsFile()}} {
		a, err := c.ask(ctx, "POST", "/v1/import/"+load.kind, "text/csv", load.text, "load-"+load.kind)
		if err != nil {
			return err
		}
		j, err := a.job()
		if err != nil {
			return err
		}
		if j, err = c.follow(ctx, j.ID); err != nil {
			return err
		}
		if j.Status != "completed" || j.Rejected > 0 {
			return fmt.Errorf("load of %s: %+v", load.kind, j)
		}
		t.accepted(&importRun{id: uuid.MustParse(j.ID)})
	}
	return nil
}

// always is the answer at steps where no trap waits.
func (t *torture) always(r reached) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Step == step.NotClaimed {
		t.unclaimed[r.Import] = true
	}
	if chunk, ok := t.poisons[r.Import]; ok && r.Step == step.Decoding && chunk == r.Chunk {
		return "panic"
	}
	return goOn
}

// poison makes a chunk panic the decoder until it is cured.
func (t *torture) poison(id uuid.UUID, chunk int) (cure func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.poisons[id] = chunk
	return func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		delete(t.poisons, id)
	}
}

func (t *torture) accepted(r *importRun) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.imports[r.id] = r
}

func (t *torture) absent(action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.missing[action] {
		t.missing[action] = true
		t.note("the server does not know %s: left out", action)
	}
}

func (t *torture) client(number int) *client {
	return &client{bases: t.bases, key: t.sites[number].key, slowest: &t.slowest503, blame: func(format string, args ...any) {
		t.tell(losses{misplaced: 1}, fmt.Sprintf(format, args...))
	}}
}

// tell keeps what was found.
func (t *torture) tell(l losses, story string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.found.add(l)
	t.stories = append(t.stories, story)
	t.note("FOUND: %s", story)
	if t.first && t.abort != nil {
		t.abort()
	}
}

func (t *torture) note(format string, args ...any) {
	fmt.Fprintf(t.out, "[%4.0f s] %s\n", time.Since(t.began).Seconds(), fmt.Sprintf(format, args...))
}

func (t *torture) query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return t.pool.Query(ctx, sql, args...)
}

func (t *torture) one(ctx context.Context, into any, sql string, args ...any) error {
	return t.pool.QueryRow(ctx, sql, args...).Scan(into)
}

func (t *torture) onClose(f func() error) { t.closers = append(t.closers, f) }

func (t *torture) close(keep bool) error {
	var errs []error
	for i := len(t.closers) - 1; i >= 0; i-- {
		errs = append(errs, t.closers[i]())
	}
	if keep {
		t.note("logs and data are in %s", t.dir)
	} else {
		errs = append(errs, os.RemoveAll(t.dir))
	}
	return errors.Join(errs...)
}

// showLogs prints the end of each process's log.
func (t *torture) showLogs() {
	const most = 3000
	for _, r := range t.roles() {
		text, err := os.ReadFile(r.log)
		if err != nil {
			continue
		}
		fmt.Fprintf(t.out, "--- %s (%s)\n%s\n", r.name, r.log, strings.TrimSpace(string(text[max(0, len(text)-most):])))
	}
}

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }
