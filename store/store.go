// Package store holds every SQL statement: the schema, the staging and claiming of chunks, the
// transaction in which a chunk's rows become tasks and dead letters, and the queries of the API and
// the console. Every query is restricted to a workspace.
package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/internal/batch"
)

// Options bound the connections of a Store.
type Options struct {
	Conns       int32 // for everything but uploads; 0 = 16
	UploadConns int32 // each upload holds one while its client sends; 0 = 16
}

// Store is the database. It is safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	uploads *pgxpool.Pool
	probe   *pgxpool.Pool // one connection, so that the answer does not depend on how busy the others are
	pooler  *pooler
	names   *snapshotCache
	users   *snapshotCache
	held    *lru.Cache[heldKey, *heldRecords]
	recent  callerCache
	lanes   *lru.Cache[uuid.UUID, struct{}] // workspaces that are known to have one

	// Questions and tasks of simultaneous requests are batched into one statement.
	callers  *batch.Batcher[string, *Caller]
	existing *batch.Batcher[reference, bool]
	tasks    *batch.Batcher[*NewTask, *madeTask]
}

// The number of batches of one kind at a time, and their timeouts. With one at a time, each batch
// is larger and cheaper per request.
const (
	rounds          = 1
	questionTimeout = 10 * time.Second
	writeTimeout    = 30 * time.Second
)

const (
	connectTimeout = 2 * time.Second
	// pingTimeout is how long an idle connection may take to answer before it is replaced: a
	// network may have dropped it silently.
	pingTimeout = 5 * time.Second
	// A worker that was cut off must not hold its locks for ever.
	lockTimeout = 15 * time.Second
	idleTimeout = 60 * time.Second
)

// keepAlive detects within half a minute that the host of the database has vanished. Without it the
// system takes most of an hour, because pgx sets no limit.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Open prepares the pools for a database URL; it does not connect yet.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Conns == 0 {
		o.Conns = 16
	}
	if o.UploadConns == 0 {
		o.UploadConns = 16
	}
	p := &pooler{}
	pool, err := newPool(ctx, url, o.Conns, idleTimeout, p)
	if err != nil {
		return nil, err
	}
	uploads, err := newPool(ctx, url, o.UploadConns, 0, p)
	if err != nil {
		pool.Close()
		return nil, err
	}
	probe, err := newPool(ctx, url, 1, idleTimeout, p)
	if err != nil {
		pool.Close()
		uploads.Close()
		return nil, err
	}
	s := &Store{pool: pool, uploads: uploads, probe: probe, pooler: p, names: newSnapshotCache(),
		users: newSnapshotCache(), recent: callerCache{newCache[string, remembered](maxCallers)},
		lanes: newCache[uuid.UUID, struct{}](maxKnownLanes),
		held:  newCache[heldKey, *heldRecords](maxDirectories)}
	s.callers = batch.New(rounds, questionTimeout, s.findCallers)
	s.existing = batch.New(rounds, questionTimeout, s.findExisting)
	s.tasks = batch.New(rounds, writeTimeout, s.createTasks)
	return s, nil
}

// newCache returns a cache of the last used entries.
func newCache[K comparable, V any](size int) *lru.Cache[K, V] {
	c, _ := lru.New[K, V](size) // fails for a size below 1
	return c
}

func newPool(ctx context.Context, url string, conns int32, idle time.Duration, p *pooler) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL is not a Postgres address: %w", err)
	}
	cfg.MaxConns = conns
	cfg.PingTimeout = pingTimeout
	cfg.ConnConfig.ConnectTimeout = connectTimeout
	cfg.ConnConfig.DialFunc = (&net.Dialer{KeepAliveConfig: keepAlive}).DialContext
	params := cfg.ConnConfig.RuntimeParams
	params["application_name"] = "taskport"
	params["lock_timeout"] = milliseconds(lockTimeout)
	params["idle_in_transaction_session_timeout"] = milliseconds(idle)
	params["timezone"] = "UTC"
	if p.config == nil {
		p.config = cfg.ConnConfig.Copy()
	}
	cfg.BeforeConnect = p.adapt
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("prepare database connections: %w", err)
	}
	return pool, nil
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// Close ends all connections; it waits for those in use.
func (s *Store) Close() {
	s.probe.Close()
	s.uploads.Close()
	s.pool.Close()
}

// Answers returns an error if the database does not answer within the context's time. Only one call
// at a time is allowed.
func (s *Store) Answers(ctx context.Context) error { return translate(s.probe.Ping(ctx)) }

// inTx runs fn in a transaction, which is committed when fn returns nil.
func (s *Store) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return translate(s.pooler.transact(ctx, s.pool, "begin", idleTimeout, fn))
}

// maxRepeats is how often a transaction runs at most when it meets another one.
const maxRepeats = 3

// repeated is inTx, repeated when another transaction was in the way.
func (s *Store) repeated(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for n := 1; ; n++ {
		if err := s.inTx(ctx, fn); n == maxRepeats || !errors.Is(err, ErrRetry) {
			return err
		}
	}
}

// Forget deletes some of what is past its time, of all workspaces: staged files, plans, kept
// answers and events, and what the retention names. Each has its own transaction, so that a slow
// deletion, such as a file of gigabytes, delays no other. One process forgets at a time.
func (s *Store) Forget(ctx context.Context, r Retention) error {
	var errs []error
	for _, forget := range []func(context.Context, pgx.Tx) error{forgetStaged, forgetOldPlans, forgetOldKeys,
		forgetOldEvents, forgetSingles(r.Singles), r.forgetRejects, r.forgetImports,
		r.forgetAudit} {
		errs = append(errs, s.inTx(ctx, func(tx pgx.Tx) error {
			var mine bool
			if err := tx.QueryRow(ctx, `SELECT pg_try_advisory_xact_lock(hashtextextended('forgetting',
				0))`).Scan(&mine); err != nil || !mine {
				return err
			}
			return forget(ctx, tx)
		}))
	}
	return errors.Join(errs...)
}

// deleteSome returns the statement that deletes at most so many rows r of a table that match the
// condition and that nobody locks. They are deleted by their place: a plan that was made while the
// table was empty would search it again for each of its rows.
func deleteSome(table, condition string, most int) string {
	return fmt.Sprintf(`DELETE FROM %[1]s WHERE ctid = ANY (ARRAY(SELECT r.ctid FROM %[1]s r WHERE %[2]s LIMIT %[3]d
		FOR UPDATE SKIP LOCKED))`, table, condition, most)
}
