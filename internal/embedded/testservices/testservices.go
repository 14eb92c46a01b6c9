// Package testservices provides tests with a real Postgres and a real Redis: those of DATABASE_URL
// and REDIS_URL, or private ones that start at the first use and end with the test process.
package testservices

import (
	"context"
	"fmt"
	"os"
	"sync"
	"testing"

	"taskport/internal/embedded"
)

// postgres is started once per test process.
var postgres struct {
	sync.Mutex
	server *embedded.Postgres
	atEnd  []func() error
}

// AtEnd registers a function that Main calls after the tests, while the services still run.
func AtEnd(f func() error) {
	postgres.Lock()
	defer postgres.Unlock()
	postgres.atEnd = append(postgres.atEnd, f)
}

// Main runs the tests and ends what they have started. TestMain passes its result to os.Exit.
func Main(m *testing.M) int {
	code := m.Run()
	postgres.Lock()
	defer postgres.Unlock()
	for _, f := range postgres.atEnd {
		if err := f(); err != nil {
			note(err.Error())
		}
	}
	if postgres.server != nil {
		if err := postgres.server.Stop(); err != nil {
			note(err.Error())
		}
	}
	return code
}

// PostgresURL returns the address of a server on which the user may create databases.
func PostgresURL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return url
	}
	postgres.Lock()
	defer postgres.Unlock()
	if postgres.server == nil {
		server, err := embedded.StartPostgres(context.Background(), embedded.PostgresOptions{Install: true, Note: note,
			Settings: map[string]string{"max_connections": "400"}})
		if err != nil {
			t.Fatal(err)
		}
		postgres.server = server
	}
	return postgres.server.URL()
}

// RedisURL returns the address of a Redis. Without REDIS_URL it is one for this test only.
func RedisURL(t testing.TB) string {
	t.Helper()
	if url := os.Getenv("REDIS_URL"); url != "" {
		return url
	}
	server, err := embedded.StartRedisServer(context.Background(), note)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	return server.URL()
}

func note(text string) { fmt.Fprintln(os.Stderr, text) }
