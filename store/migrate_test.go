package store_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/store"
	"taskport/store/storetest"
)

// later are migrations of a later version: one adds a column, one builds an index without blocking
// writers.
var later = map[string]string{
	"00002_note.sql": "-- +goose Up\nALTER TABLE tasks ADD COLUMN note text;\n",
	"00003_note_index.sql": "-- +goose NO TRANSACTION\n-- +goose Up\nSET lock_timeout = 0;\n" +
		"CREATE INDEX CONCURRENTLY tasks_note ON tasks (workspace_id, note);\nRESET lock_timeout;\n",
}

func openEmpty(t *testing.T) (s *store.Store, url string) {
	t.Helper()
	url = storetest.EmptyURL(t)
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s, url
}

// Simultaneous processes migrate once.
func TestMigrateAtTheSameTime(t *testing.T) {
	t.Parallel()
	s, _ := openEmpty(t)
	type result struct {
		n   int
		err error
	}
	results := make(chan result)
	for range 3 {
		go func() {
			n, err := s.Migrate(t.Context())
			results <- result{n, err}
		}()
	}
	applied := 0
	for range 3 {
		r := <-results
		if r.err != nil {
			t.Error(r.err)
		}
		applied += r.n
	}
	if want := len(store.MigrationTexts()); applied != want {
		t.Errorf("got %d migrations applied, want %d", applied, want)
	}
}

// A process refuses a schema that lacks a migration, and works with one that has more: an upgrade
// can be undone.
func TestCheckSchema(t *testing.T) {
	t.Parallel()
	s, _ := openEmpty(t)
	if err := s.CheckSchema(t.Context()); !errors.Is(err, store.ErrOldSchema) {
		t.Errorf("empty database: got %v, want %v", err, store.ErrOldSchema)
	}
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Errorf("current schema: got %v", err)
	}
	if err := s.CheckSchemaWith(t.Context(), later); !errors.Is(err, store.ErrOldSchema) {
		t.Errorf("older schema: got %v, want %v", err, store.ErrOldSchema)
	}
	if n, err := s.MigrateWith(t.Context(), later); err != nil || n != len(later) {
		t.Fatalf("got %d migrations and %v, want %d", n, err, len(later))
	}
	if err := s.CheckSchema(t.Context()); err != nil {
		t.Errorf("newer schema: got %v", err)
	}
}

// A transaction that holds a table delays a migration, and the migration delays no other
// transaction.
func TestMigrationLetsOthersPass(t *testing.T) {
	t.Parallel()
	s, url := openEmpty(t)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	busy, other, watch := connect(t, url), connect(t, url), connect(t, url)
	const insert = `INSERT INTO tasks (workspace_id, id, title, status, due_is_day, contact_id, created_date, created_at)
		VALUES ($1, $1, 'Call', 'open', false, $1, '2026-03-10', now())`
	for _, c := range []*pgx.Conn{busy, other} {
		if _, err := c.Exec(t.Context(), `SET statement_timeout = '10s'`); err != nil {
			t.Fatal(err)
		}
	}
	exec(t, busy, `BEGIN`)
	exec(t, busy, insert, uuid.New())
	done := make(chan error, 1)
	go func() {
		_, err := s.MigrateWith(t.Context(), later)
		done <- err
	}()
	waitForLock(t, watch, done)
	for range 3 {
		exec(t, other, insert, uuid.New())
	}
	exec(t, busy, `COMMIT`)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	exec(t, other, insert, uuid.New())
	exec(t, other, `UPDATE tasks SET note = 'n'`)
}

// waitForLock waits until the migration waits for the transaction.
func waitForLock(t *testing.T, c *pgx.Conn, done <-chan error) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		select {
		case err := <-done:
			t.Fatalf("the migration did not wait: %v", err)
		default:
		}
		var waits bool
		if err := c.QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		if waits {
			return
		}
	}
	t.Fatal("the migration neither waits nor ends")
}

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return c
}

func exec(t *testing.T, c *pgx.Conn, sql string, args ...any) {
	t.Helper()
	if _, err := c.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// What a migration must not do to an existing table.
var (
	takesAway = regexp.MustCompile(
		`(?i)\b(DROP\s+(TABLE|COLUMN|VIEW|TYPE|SCHEMA)|RENAME|TRUNCATE|DELETE\s+FROM|` +
			`ALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b`)
	addsColumn  = regexp.MustCompile(`(?i)\bADD\s+COLUMN\s+[^,;]*`)
	notNull     = regexp.MustCompile(`(?i)\bNOT\s+NULL\b`)
	hasDefault  = regexp.MustCompile(`(?i)\bDEFAULT\b`)
	dropsCheck  = regexp.MustCompile(`(?i)\bDROP\s+CONSTRAINT\s+(\w+)`)
	locksIndex  = regexp.MustCompile(`(?i)\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+\w+\s+ON\s+(\w+)`)
	locksUnique = regexp.MustCompile(
		`(?i)\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:PRIMARY\s+KEY|UNIQUE|FOREIGN\s+KEY|EXCLUDE)\b`)
	makesTable = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(\w+)`)
	// comments, bodies of functions, and the events of triggers
	noDeed = regexp.MustCompile(`(?is)--[^\n]*|\$\$.*?\$\$|\bAFTER\s+(?:DELETE|TRUNCATE)\b`)
)

// small are the tables whose indexes are built in no time.
var small = []string{"workspaces", "api_keys", "aliases", "webhooks", "mappings"}

// objections returns what prevents a migration from running beside the version before.
func objections(text string) []string {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	up = noDeed.ReplaceAllString(up, "")
	own := small
	for _, m := range makesTable.FindAllStringSubmatch(up, -1) {
		own = append(slices.Clone(own), m[1])
	}
	found := takesAway.FindAllString(up, -1)
	for _, column := range addsColumn.FindAllString(up, -1) {
		if notNull.MatchString(column) && !hasDefault.MatchString(column) {
			found = append(found, column)
		}
	}
	for _, m := range dropsCheck.FindAllStringSubmatch(up, -1) {
		if !strings.Contains(up, "ADD CONSTRAINT "+m[1]+" CHECK") {
			found = append(found, m[0])
		}
	}
	for _, m := range locksIndex.FindAllStringSubmatch(up, -1) {
		if !slices.Contains(own, m[1]) {
			found = append(found, m[0])
		}
	}
	return append(found, locksUnique.FindAllString(up, -1)...)
}

// Migrations only add, and lock no large table while they build an index.
func TestMigrationsOnlyAdd(t *testing.T) {
	t.Parallel()
	for name, text := range store.MigrationTexts() {
		if found := objections(text); len(found) > 0 {
			t.Errorf("%s cannot run beside the version before: %q", name, found)
		}
	}
}

// The check of the texts detects what it is for.
func TestUnsafeMigrationsAreDetected(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`DROP TABLE tasks`:                                                        1,
		`ALTER TABLE tasks DROP COLUMN title`:                                     1,
		`ALTER TABLE tasks RENAME title TO name`:                                  1,
		`ALTER TABLE tasks ALTER COLUMN title TYPE int`:                           1,
		`ALTER TABLE tasks ALTER title SET DATA TYPE int`:                         1,
		`ALTER TABLE tasks ALTER COLUMN priority SET NOT NULL`:                    1,
		`ALTER TABLE tasks ADD COLUMN x int NOT NULL`:                             1,
		`ALTER TABLE tasks ADD COLUMN x int NOT NULL DEFAULT 0, ADD COLUMN y int`: 0,
		`ALTER TABLE chunks DROP CONSTRAINT chunks_state_check`:                   1,
		`TRUNCATE tasks`: 1,
		`ALTER TABLE chunks DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (state <> '')`:                             0,
		`CREATE INDEX x ON tasks (title)`:                                                                        1,
		`CREATE UNIQUE INDEX x ON dead_letters (line)`:                                                           1,
		`CREATE INDEX CONCURRENTLY x ON tasks (title)`:                                                           0,
		`CREATE TABLE y (a int); CREATE INDEX x ON y (a)`:                                                        0,
		`ALTER TABLE tasks ADD UNIQUE (title)`:                                                                   1,
		`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM x; END $$; TRUNCATE tasks`: 1,
		`CREATE TRIGGER t AFTER TRUNCATE ON tasks FOR EACH STATEMENT EXECUTE FUNCTION f()`:                       0,
		"-- DROP TABLE tasks\nSELECT 1\n-- +goose Down\nDROP TABLE tasks":                                        0,
	} {
		if got := objections("-- +goose Up\n" + text); len(got) != want {
			t.Errorf("%s: got %q, want %d objections", text, got, want)
		}
	}
}
