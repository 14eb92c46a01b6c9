// Package storetest creates a database for each test on a real Postgres. With TASKPORT_TEST_POOLER,
// session or transaction, tests reach it through a PgBouncer in that mode.
package storetest

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/internal/embedded/testservices"
	"taskport/store"
)

// URL returns the address of a fresh, migrated database that is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	return fresh(t, " TEMPLATE "+migrated(t))
}

// EmptyURL returns the address of a fresh database without a schema that is dropped when the test
// ends.
func EmptyURL(t testing.TB) string {
	t.Helper()
	return fresh(t, "")
}

func fresh(t testing.TB, options string) string {
	t.Helper()
	server, name := testservices.PostgresURL(t), newName()
	exec(t, server, `CREATE DATABASE `+name+options)
	t.Cleanup(func() { exec(t, server, dropStatement(name)) })
	url := withDatabase(t, server, name)
	if mode := os.Getenv("TASKPORT_TEST_POOLER"); mode != "" { //nolint:forbidigo // it serves tests alone
		// The connections of the tests themselves keep no prepared statements either.
		return PgBouncer(t, url, mode) + "&default_query_exec_mode=cache_describe"
	}
	return url
}

func newName() string { return "taskport_test_" + strings.ReplaceAll(uuid.NewString(), "-", "") }

func dropStatement(name string) string { return `DROP DATABASE IF EXISTS ` + name + ` WITH (FORCE)` }

// template is the migrated database that the databases of tests are copied from, which is much
// faster than migrating each. It is created once per test process.
var template struct {
	sync.Mutex
	name string
}

// migrated returns the name of the template.
func migrated(t testing.TB) string {
	t.Helper()
	template.Lock()
	defer template.Unlock()
	if template.name != "" {
		return template.name
	}
	server, name := testservices.PostgresURL(t), newName()
	exec(t, server, `CREATE DATABASE `+name)
	testservices.AtEnd(func() error { return execute(server, dropStatement(name)) })
	migrate(t, withDatabase(t, server, name))
	template.name = name
	return name
}

// Backup copies a database, and returns a function that restores it. For processes with connections
// to it, the database disappears and returns in its earlier state.
func Backup(t testing.TB, database string) (restore func()) {
	t.Helper()
	server := testservices.PostgresURL(t)
	config, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	name := config.Database
	kept := name + "_kept"
	copyDatabase(t, server, name, kept)
	t.Cleanup(func() { exec(t, server, `DROP DATABASE IF EXISTS `+kept+` WITH (FORCE)`) })
	return func() {
		t.Helper()
		exec(t, server, `DROP DATABASE `+name+` WITH (FORCE)`)
		copyDatabase(t, server, kept, name)
	}
}

// copyDatabase ends the connections to a database, because a template must not have any, and copies
// it.
func copyDatabase(t testing.TB, server, from, to string) {
	t.Helper()
	exec(t, server, `ALTER DATABASE `+from+` ALLOW_CONNECTIONS false`)
	exec(t, server, `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '`+from+`'`)
	exec(t, server, `CREATE DATABASE `+to+` TEMPLATE `+from)
	exec(t, server, `ALTER DATABASE `+from+` ALLOW_CONNECTIONS true`)
}

func migrate(t testing.TB, database string) {
	t.Helper()
	s, err := store.Open(context.Background(), database, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func exec(t testing.TB, server, sql string) {
	t.Helper()
	if err := execute(server, sql); err != nil {
		t.Fatal(err)
	}
}

func execute(server, sql string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, server)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

func withDatabase(t testing.TB, server, name string) string {
	t.Helper()
	if !strings.Contains(server, "://") {
		return server + " dbname=" + name
	}
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}
