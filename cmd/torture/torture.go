package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/internal/failpoint"
)

// torture is a run: the services, the processes, the files, and what was found so far.
type torture struct {
	options
	began           time.Time
	out             io.Writer
	dir             string
	program         string
	failpointSocket string
	databaseURL     string // as the processes know it
	redisURL        string
	disk            string   // a small one on which the data of Postgres lie; "" without
	bases           []string // of the API, one for each process that serves it
	postgres        *postgres
	redis           *redisServer
	pooled          *pooler // nil without --pooler
	failpoints      *failpoints
	serve           []*role
	work            []*role
	pool            *pgxpool.Pool // past the proxy
	sites           []site
	files           []*file
	struck          *record
	closers         []func() error
	slowest503      atomic.Int64

	mu        sync.Mutex
	found     losses
	stuck     int
	stories   []string // what was found, in words
	imports   map[uuid.UUID]*importRun
	poisons   map[uuid.UUID]int  // the chunk that panics
	unclaimed map[uuid.UUID]bool // imports of deliveries for which there was nothing to do
	lingering []retired
	singles   map[uuid.UUID]bool // accepted, and not removed yet
	// singlesDone counts those that were removed.
	singlesDone int
	miscounted  int                // singles that the days count too often, as far as told
	abort       func()             // ends everything at the first finding
	gone        map[uuid.UUID]bool // imports that were taken away
	did         map[string]int     // how often the server carried out a cancel, a retry, an undo
	budget      map[string]int     // how often a chunk was struck
	// replaced counts beginnings and ends of replacements of the database; see failover.go.
	replaced   atomic.Int64
	forgotten  forgotten
	uninvited  string // the key of strangers
	nuisance   site
	subscribed time.Time          // when the receiver of the first site was
	announced  map[uuid.UUID]bool // imports that it was told about
	sentRounds [][]*single        // of singles, of a run that loses
	named      []*naming
}

// site is a workspace with its directory, and a key to it.
type site struct {
	workspace uuid.UUID
	key       string
}

// workspaces are those of all sites: the keys of the tables begin with them.
func (t *torture) workspaces() []uuid.UUID {
	all := make([]uuid.UUID, len(t.sites))
	for i, s := range t.sites {
		all[i] = s.workspace
	}
	return all
}

const (
	sites   = 3
	servers = 2
)

func newTorture(o options, out io.Writer) *torture {
	return &torture{options: o, began: time.Now(), out: out, imports: map[uuid.UUID]*importRun{},
		poisons:   map[uuid.UUID]int{},
		unclaimed: map[uuid.UUID]bool{}, gone: map[uuid.UUID]bool{}, did: map[string]int{}, budget: map[string]int{},
		singles: map[uuid.UUID]bool{}, announced: map[uuid.UUID]bool{},
		struck: newRecord()}
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
	if t.loses() {
		t.aftermath(ctx)
	}
	if t.failover == "" && (!t.first || len(t.stories) == 0) {
		t.checkAnnounced(ctx)
	}
	if t.failover != "" {
		t.checkNamed(ctx)
		if err := t.undamaged(ctx); err != nil {
			return nil, err
		}
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

// always returns the answer at failpoints without a trap.
func (t *torture) always(r reached) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Failpoint == failpoint.NotClaimed {
		t.unclaimed[r.Import] = true
	}
	if chunk, ok := t.poisons[r.Import]; ok && r.Failpoint == failpoint.Decoding && chunk == r.Chunk {
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

func (t *torture) acted(action string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.did[action]++
}

func (t *torture) client(number int) *client { return t.clientOf(t.sites[number]) }

func (t *torture) clientOf(s site) *client {
	return &client{bases: t.bases, key: s.key, slowest: &t.slowest503, blame: func(format string,
		args ...any) {
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

// tellStuck keeps what did not come to its end.
func (t *torture) tellStuck(format string, args ...any) {
	t.mu.Lock()
	t.stuck++
	t.mu.Unlock()
	t.tell(losses{}, "stuck: "+fmt.Sprintf(format, args...))
}

// inRounds does something again and again, with a gap between, for as long as faults strike. A
// round that does not come to its end is stuck, and the last one.
func (t *torture) inRounds(ctx, striking context.Context, what string, gap time.Duration, once func(n int) error) {
	for n := 0; striking.Err() == nil; n++ {
		err := once(n)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			t.tellStuck("%s %d: %v", what, n, err)
			return
		}
		pause(striking, gap)
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
