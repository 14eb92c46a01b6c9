package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// ErrOldSchema: the database's schema is older than this program; `taskport migrate` brings it up to date.
var ErrOldSchema = errors.New("the database schema is not up to date; run `taskport migrate`")

// Migrate brings the schema up to date, under a lock so that several processes may start at once.
// It gives the number of migrations applied.
func (s *Store) Migrate(ctx context.Context) (int, error) {
	applied := 0
	err := s.withProvider(func(p *goose.Provider) error {
		results, err := p.Up(ctx)
		applied = len(results)
		return err
	})
	if err != nil {
		return applied, translate(fmt.Errorf("migrate: %w", err))
	}
	return applied, nil
}

// CheckSchema fails with ErrOldSchema when a migration is missing.
func (s *Store) CheckSchema(ctx context.Context) error {
	err := s.withProvider(func(p *goose.Provider) error {
		pending, err := p.HasPending(ctx)
		if err == nil && pending {
			return ErrOldSchema
		}
		return err
	})
	return translate(err)
}

func (s *Store) withProvider(do func(*goose.Provider) error) error {
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return fmt.Errorf("prepare migration lock: %w", err)
	}
	db := stdlib.OpenDBFromPool(s.pool)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, db, files, goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	return do(p)
}
