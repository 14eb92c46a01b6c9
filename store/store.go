// Package store holds every SQL statement: the schema, the staging and claiming of chunks, the
// transaction in which a chunk's rows become tasks and dead letters, and what the doors read. Every
// query carries the workspace.
package store

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/internal/batch"
)

// Options bound what a Store takes of the database.
type Options struct {
	Conns       int32 // for everything but uploads; 0 = 16
	UploadConns int32 // each upload holds one while its client sends; 0 = 16
}

// Store is the database. It is safe for concurrent use.
type Store struct {
	pool    *pgxpool.Pool
	uploads *pgxpool.Pool
	probe   *pgxpool.Pool // one connection, so that the answer does not depend on how busy the others are
	names   *snapshotCache
	recent  callerCache

	// What requests ask and tell at the same time goes to the database in one go.
	callers  *batch.Batcher[string, *Caller]
	existing *batch.Batcher[reference, bool]
	tasks    *batch.Batcher[*NewTask, *madeTask]
}

// How long a round of questions, and one of tasks to write, may take. One of each is at work at a
// time: the more come together, the less each costs.
const (
	rounds          = 1
	questionTimeout = 10 * time.Second
	writeTimeout    = 30 * time.Second
)

const (
	connectTimeout = 2 * time.Second
	// pingTimeout is how long a connection that has been idle may take to answer before another is
	// made: a network may have forgotten it without a word.
	pingTimeout = 5 * time.Second
	// A worker that was cut off must not hold its locks for ever.
	lockTimeout = 15 * time.Second
	idleTimeout = 60 * time.Second
)

// keepAlive notices within half a minute that the host of the database has vanished, for whoever
// waits for an answer of it: pgx leaves that to the system, which takes most of an hour.
var keepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 3}

// Open prepares the pools for a database URL; it does not connect yet.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Conns == 0 {
		o.Conns = 16
	}
	if o.UploadConns == 0 {
		o.UploadConns = 16
	}
	pool, err := newPool(ctx, url, o.Conns, idleTimeout)
	if err != nil {
		return nil, err
	}
	uploads, err := newPool(ctx, url, o.UploadConns, 0)
	if err != nil {
		pool.Close()
		return nil, err
	}
	probe, err := newPool(ctx, url, 1, idleTimeout)
	if err != nil {
		pool.Close()
		uploads.Close()
		return nil, err
	}
	s := &Store{pool: pool, uploads: uploads, probe: probe,
		names: newSnapshotCache(), recent: callerCache{newCache[string, remembered](maxCallers)}}
	s.callers = batch.New(rounds, questionTimeout, s.findCallers)
	s.existing = batch.New(rounds, questionTimeout, s.findExisting)
	s.tasks = batch.New(rounds, writeTimeout, s.createTasks)
	return s, nil
}

// newCache returns a cache that keeps what was used last.
func newCache[K comparable, V any](size int) *lru.Cache[K, V] {
	c, _ := lru.New[K, V](size) // fails for a size below 1
	return c
}

func newPool(ctx context.Context, url string, conns int32, idle time.Duration) (*pgxpool.Pool, error) {
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

// Answers returns an error if the database does not answer within the context's time, and may be
// asked by one caller at a time.
func (s *Store) Answers(ctx context.Context) error { return translate(s.probe.Ping(ctx)) }

// inTx runs fn in a transaction that is committed when fn gives no error.
func (s *Store) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return translate(pgx.BeginFunc(ctx, s.pool, fn))
}

// maxRepeats bounds how often a transaction is repeated that met another one.
const maxRepeats = 3

// repeated does what inTx does, and again when another transaction was in the way.
func (s *Store) repeated(ctx context.Context, fn func(tx pgx.Tx) error) error {
	for n := 1; ; n++ {
		if err := s.inTx(ctx, fn); n == maxRepeats || !errors.Is(err, ErrRetry) {
			return err
		}
	}
}

// Forget drops what is past its time, of all workspaces and some at a time: staged files, plans,
// kept answers and events. Each is dropped by itself: what holds one up, such as a file of
// gigabytes, holds up no other. One process forgets at a time.
func (s *Store) Forget(ctx context.Context) error {
	var errs []error
	for _, forget := range []func(context.Context, pgx.Tx) error{forgetStaged, forgetOldPlans, forgetOldKeys,
		forgetOldEvents} {
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
