package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrOldSchema: the database's schema is older than this program; `taskport migrate` brings it up
// to date.
var ErrOldSchema = errors.New("the database schema is not up to date; run `taskport migrate`")

// A migration waits for a lock no longer than migrateLock, because other transactions that want the
// table wait behind it. Then it lets them pass and tries again: an upload may hold its locks for
// minutes.
const (
	migrateLock     = time.Second
	migratePause    = 500 * time.Millisecond
	migratePatience = 10 * time.Minute
	migrateConns    = 3
)

// Migrate brings the schema up to date and returns the number of applied migrations. It takes a
// lock, so that several processes may start at once, and runs beside processes at work. ErrRetry:
// transactions were in the way for too long.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	return s.migrate(ctx, migrations)
}

func (s *Store) migrate(ctx context.Context, files fs.FS) (int, error) {
	config := s.pool.Config()
	config.MaxConns = migrateConns
	config.ConnConfig.RuntimeParams["lock_timeout"] = milliseconds(migrateLock)
	config.ConnConfig.RuntimeParams["idle_in_transaction_session_timeout"] = "0" // of the one with the lock
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return 0, fmt.Errorf("prepare to migrate: %w", err)
	}
	defer pool.Close()
	applied := 0
	for end := time.Now().Add(migratePatience); ; {
		n, err := migrateOnce(ctx, pool, files)
		applied += n
		if !errors.Is(err, ErrRetry) || time.Now().After(end) {
			return applied, err
		}
		select {
		case <-ctx.Done():
			return applied, err
		case <-time.After(migratePause):
		}
	}
}

// migrateOnce applies migrations until one meets another transaction, and returns their number.
func migrateOnce(ctx context.Context, pool *pgxpool.Pool, files fs.FS) (applied int, err error) {
	// The lock is that of a transaction, because a pooler may give a session to another client.
	err = pgx.BeginFunc(ctx, pool, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('migrating', 0))`); err != nil {
			return err
		}
		return withProvider(pool, files, func(p *goose.Provider) error {
			results, err := p.Up(ctx)
			applied = len(results)
			if partial, ok := errors.AsType[*goose.PartialError](err); ok {
				applied = len(partial.Applied)
			}
			return err
		})
	})
	if err != nil {
		err = translate(fmt.Errorf("migrate: %w", err))
	}
	return applied, err
}

// CheckSchema returns ErrOldSchema when a migration is missing.
func (s *Store) CheckSchema(ctx context.Context) error {
	return s.checkSchema(ctx, migrations)
}

func (s *Store) checkSchema(ctx context.Context, files fs.FS) error {
	err := withProvider(s.pool, files, func(p *goose.Provider) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			return ErrOldSchema
		}
		return err
	})
	return translate(err)
}

func withProvider(pool *pgxpool.Pool, from fs.FS, do func(*goose.Provider) error) error {
	files, err := fs.Sub(from, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files)
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	return do(p)
}
