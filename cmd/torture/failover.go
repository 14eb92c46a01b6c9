package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The ways in which --failover replaces the database.
const (
	syncFailover  = "sync"    // a synchronous standby takes the place of a crashed primary
	asyncFailover = "async"   // a standby that lags does
	restored      = "restore" // a base backup is put in the place of the database
)

// failovers is how often the database is replaced in a run, unless --faults overrides this.
const failovers = 4

// replicated are the settings of a server that standbys follow.
var replicated = map[string]string{"fsync": "off", "max_connections": "300", "wal_keep_size": "1GB"}

// kinds are the kinds of faults of the run.
func (o *options) kinds() []kind {
	switch o.failover {
	case syncFailover:
		return []kind{{name: "synchronous standby promoted", service: true, strike: onPostgres(promoteSynchronous)}}
	case asyncFailover:
		return []kind{{name: "asynchronous standby promoted", service: true, strike: onPostgres(promoteLagging)}}
	case restored:
		return []kind{{name: "base backup restored in place", service: true, strike: onPostgres(restoreInPlace)}}
	}
	if o.pooler != "" {
		return slices.Concat(kinds(), poolerKinds())
	}
	return kinds()
}

// loses reports whether the run takes acknowledged transactions away. These losses are counted
// apart; everything else is a fault.
func (o *options) loses() bool { return o.failover == asyncFailover || o.failover == restored }

// standing is the address by which the harness reaches the server that is the database at present.
func (t *torture) standing(server string) (string, error) {
	u, err := url.Parse(server)
	if err != nil {
		return "", err
	}
	u.RawQuery = url.Values{"host": {t.place()}}.Encode()
	return u.String(), t.putInPlace(t.postgres.dir)
}

// place is a link to the directory of the server that is the database at present.
func (t *torture) place() string { return filepath.Join(t.dir, "database") }

func (t *torture) putInPlace(dir string) error {
	next := t.place() + ".next"
	if err := os.Symlink(dir, next); err != nil {
		return err
	}
	return os.Rename(next, t.place())
}

// copied takes a base backup of the server.
func (p *postgres) copied(ctx context.Context, args ...string) (*postgres, error) {
	p.copies++
	c := &postgres{dir: fmt.Sprintf("%s-%d", p.first, p.copies), note: p.note, settings: p.settings}
	return c, p.server.BaseBackup(ctx, c.dir, args...)
}

// standby starts a server that follows this one, and waits until it does.
func (p *postgres) standby(ctx context.Context) (*postgres, error) {
	s, err := p.copied(ctx, "--write-recovery-conf")
	if err != nil {
		return nil, err
	}
	if err := s.start(ctx); err != nil {
		return nil, err
	}
	p.follower = s
	return s, p.awaits(ctx, `SELECT count(*) = 1 FROM pg_stat_replication WHERE state = 'streaming'`)
}

// tells runs statements on the server, each by itself.
func (p *postgres) tells(ctx context.Context, statements ...string) error {
	c, err := pgx.Connect(ctx, p.server.URL())
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	for _, sql := range statements {
		if _, err := c.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// awaits waits until a question is answered with true.
func (p *postgres) awaits(ctx context.Context, question string) error {
	ctx = bounded(ctx)
	return eventually(ctx, func() error {
		return p.tells(ctx, `DO $$ BEGIN IF NOT (`+question+`) THEN RAISE 'not yet'; END IF; END $$`)
	})
}

const reload = `SELECT pg_reload_conf()`

func (p *postgres) promote(ctx context.Context) error {
	return errors.Join(p.tells(ctx, `SELECT pg_promote()`), p.awaits(ctx, `SELECT NOT pg_is_in_recovery()`))
}

func promoteSynchronous(ctx context.Context, t *torture, rng *rand.Rand) error {
	s, err := t.postgres.standby(ctx)
	if err != nil {
		return err
	}
	if err := t.postgres.tells(ctx, `ALTER SYSTEM SET synchronous_standby_names = '*'`, reload); err != nil {
		return err
	}
	if err := t.postgres.awaits(ctx, `SELECT count(*) = 1 FROM pg_stat_replication
		WHERE sync_state = 'sync'`); err != nil {
		return err
	}
	pause(ctx, between(rng, 2*time.Second, 5*time.Second))
	return t.replace(s, func() error { return s.promote(ctx) })
}

// promoteLagging cuts a standby off from its primary, which goes on, and crashes some time later.
func promoteLagging(ctx context.Context, t *torture, rng *rand.Rand) error {
	s, err := t.postgres.standby(ctx)
	if err != nil {
		return err
	}
	pause(ctx, between(rng, time.Second, 3*time.Second))
	if err := s.tells(ctx, `ALTER SYSTEM SET primary_conninfo = ''`, reload); err != nil {
		return err
	}
	if err := t.postgres.awaits(ctx, `SELECT count(*) = 0 FROM pg_stat_replication`); err != nil {
		return err
	}
	pause(ctx, between(rng, time.Second, 4*time.Second))
	return t.replace(s, func() error { return s.promote(ctx) })
}

func restoreInPlace(ctx context.Context, t *torture, rng *rand.Rand) error {
	s, err := t.postgres.copied(ctx)
	if err != nil {
		return err
	}
	pause(ctx, between(rng, 2*time.Second, 5*time.Second))
	return t.replace(s, func() error { return s.start(ctx) })
}

// replace crashes the database and puts another server in its place, while all processes run.
func (t *torture) replace(by *postgres, takeOver func() error) error {
	p := t.postgres
	t.replaced.Add(1) // what is acknowledged from here on may be lost, also before the crash
	defer t.replaced.Add(1)
	if err := p.crash(); err != nil {
		return err
	}
	if err := takeOver(); err != nil {
		return err
	}
	old := p.dir
	p.server, p.dir, p.follower = by.server, by.dir, nil
	if err := t.putInPlace(p.dir); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// forgotten counts what was acknowledged and is gone with the lost part of the database's history.
type forgotten struct{ imports, singles int }

// lostOr returns where to count what is gone: as lost, or in a run that loses as forgotten.
func (t *torture) lostOr(forgotten *int) *int {
	if t.loses() {
		return forgotten
	}
	return &t.found.lost
}

// aftermath looks at every import and single once more: after the loss of a part of the database's
// history each is gone as a whole, or ends as if nothing had happened.
func (t *torture) aftermath(ctx context.Context) {
	ctx, stop := context.WithTimeout(ctx, t.patience)
	defer stop()
	t.mu.Lock()
	all := slices.Collect(maps.Values(t.imports))
	t.mu.Unlock()
	for _, r := range all {
		if r.client != nil { // not a load of the directory before everything
			t.lookAgain(ctx, r)
		}
	}
	waiting := func() error { return t.nobodyWaits(ctx) }
	if err := eventually(ctx, waiting); err != nil {
		t.note("%v", err) // they are counted as stuck
	}
	remaining := map[uuid.UUID]bool{}
	var id uuid.UUID
	if err := eventually(ctx, func() error {
		return t.each(ctx, `SELECT id FROM singles UNION ALL SELECT id FROM imports WHERE single`, nil, []any{&id}, func() {
			remaining[id] = true
		})
	}); err != nil {
		t.tell(losses{misplaced: 1}, fmt.Sprintf("the singles cannot be looked up: %v", err))
	}
	for _, round := range t.sentRounds {
		t.checkSingles(ctx, slices.DeleteFunc(round, func(s *single) bool { return !remaining[s.id] }))
	}
}

// nobodyWaits returns an error while a single waits.
func (t *torture) nobodyWaits(ctx context.Context) error {
	var n int
	err := t.one(ctx, &n, `SELECT count(*) FROM singles WHERE state = 'queued'`)
	if err == nil && n > 0 {
		err = fmt.Errorf("%d singles are waiting", n)
	}
	return err
}

func (t *torture) lookAgain(ctx context.Context, r *importRun) {
	j, err := r.client.follow(ctx, r.id.String())
	if errors.Is(err, errGone) {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.gone[r.id] = true
		t.forgotten.imports++
		return
	}
	if err == nil && r.file != nil {
		r.verdict = verdict{}
		err = r.judge(ctx, j)
	}
	if err != nil {
		t.tellStuck("import %s after the failover: %v", r.id, err)
	}
	if r.verdict.losses != (losses{}) {
		t.tell(r.verdict.losses, fmt.Sprintf("after the failover: import %s: %s", r.id, r.verdict.first))
	}
}

// undamaged looks for what no failover may leave behind: references to records that are not there,
// parts of imports without their import, and processes that needed a restart.
func (t *torture) undamaged(ctx context.Context) error {
	for _, look := range []struct{ story, sql string }{
		{"tasks refer to a contact or a company that is not there", `SELECT count(*) FROM tasks t
			WHERE contact_id IS NOT NULL AND NOT EXISTS (SELECT FROM contacts c WHERE c.workspace_id = t.workspace_id
			AND c.id = t.contact_id) OR company_id IS NOT NULL AND NOT EXISTS (SELECT FROM companies c
			WHERE c.workspace_id = t.workspace_id AND c.id = t.company_id)`},
		{"dead letters belong to no import", `SELECT count(*) FROM dead_letters d WHERE NOT EXISTS (SELECT FROM imports i
			WHERE i.workspace_id = d.workspace_id AND i.id = d.import_id)`},
		{"contacts of files belong to no import", `SELECT count(*) FROM contacts c WHERE import_id IS NOT NULL AND NOT EXISTS
			(SELECT FROM imports i WHERE i.workspace_id = c.workspace_id AND i.id = c.import_id)`},
	} {
		var n int
		if err := eventually(ctx, func() error { return t.one(ctx, &n, look.sql) }); err != nil {
			return fmt.Errorf("%s: %w", look.story, err)
		}
		if n > 0 {
			t.tell(losses{misplaced: n}, fmt.Sprintf("%d %s", n, look.story))
		}
	}
	for _, r := range t.roles() {
		if n := r.started(); n > 1 {
			t.tell(losses{misplaced: 1}, fmt.Sprintf("%s was started %d times", r.name, n))
		}
	}
	return nil
}
