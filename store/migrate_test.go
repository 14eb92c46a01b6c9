package store_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport/store"
	"taskport/store/storetest"
)

// writing is a statement of a version of the program, from the migration on that it needs. {w} stands for a new workspace, {x} for another new id.
type writing struct {
	since int64
	sql   string
}

// writings are what each version writes, table by table.
var writings = []writing{
	{1, `INSERT INTO workspaces (id, name, created_at) VALUES ('{w}', '{w}', now())`},
	{1, `INSERT INTO api_keys (workspace_id, id, name, hash, hint, permissions, created_at) VALUES ('{w}', '{x}', 'k', '\x01', 'wbk_', '{activities:read}', now())`},
	{1, `INSERT INTO companies (workspace_id, id, name, match_key, created_at) VALUES ('{w}', '{x}', 'North', 'north', now())`},
	{1, `INSERT INTO contacts (workspace_id, id, full_name, first_name, last_name, created_at) VALUES ('{w}', '{x}', 'Hans Müller', 'Hans', 'Müller', now())`},
	{1, `INSERT INTO deals (workspace_id, id, title, created_at) VALUES ('{w}', '{x}', 'Renewal', now())`},
	{1, `INSERT INTO events (workspace_id, id, title, created_at) VALUES ('{w}', '{x}', 'Fair', now())`},
	{1, `INSERT INTO aliases (workspace_id, kind, match_key, record_id, created_at) VALUES ('{w}', 'contacts', 'boss', '{x}', now())`},
	{1, `INSERT INTO imports (workspace_id, id, kind, status, file_name, layout, options, total_count, created_at) VALUES ('{w}', '{x}', 'tasks', 'queued', 'a.csv', '{}', '{}', 1, now())`},
	{1, `INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count, data) VALUES ('{w}', '{x}', 1, 1, 2, 1, '\x00')`},
	{1, `UPDATE chunks SET state = 'done', created_count = 1, data = '' WHERE workspace_id = '{w}' AND import_id = '{x}'`},
	{1, `UPDATE imports SET status = 'completed', finished_at = now() WHERE workspace_id = '{w}' AND id = '{x}'`},
	{1, `INSERT INTO tasks (workspace_id, id, title, status, due_is_day, contact_id, created_date, created_at, external_id, import_id, row_number) VALUES ('{w}', '{x}', 'Call', 'open', false, '{x}', '2026-03-10', now(), 'x1', '{x}', 1)`},
	{1, `UPDATE tasks SET title = 'Write' WHERE workspace_id = '{w}' AND external_id = 'x1'`},
	{1, `INSERT INTO dead_letters (workspace_id, import_id, row_number, line, reason, message, cells) VALUES ('{w}', '{x}', 1, 2, 'orphan', 'm', '')`},
	{1, `INSERT INTO idempotency_keys (workspace_id, key, lease_until, owner, created_at) VALUES ('{w}', 'k', now(), '{x}', now())`},
	{3, `UPDATE tasks SET changed_at = now() WHERE workspace_id = '{w}'`},
	{30, `INSERT INTO webhooks (workspace_id, id, url, events, secret, created_at) VALUES ('{w}', '{x}', 'https://a', '{import.failed}', '', now())`},
	{30, `INSERT INTO webhook_events (workspace_id, id, type, data, created_at) VALUES ('{w}', '{x}', 'import.failed', '{}', now())`},
	{30, `INSERT INTO webhook_deliveries (workspace_id, webhook_id, event_id, due_at) VALUES ('{w}', '{x}', '{x}', now())`},
	{30, `INSERT INTO webhook_attempts (workspace_id, webhook_id, event_id, number, at, took_ms) VALUES ('{w}', '{x}', '{x}', 1, now(), 1)`},
	{40, `INSERT INTO audit (workspace_id, id, action, actor_name, detail, created_at) VALUES ('{w}', '{x}', 'mend', 'k', '{}', now())`},
	{40, `INSERT INTO mends (workspace_id, import_id, row_number, fields, anew, version, decision_id, chunk) VALUES ('{w}', '{x}', 1, '{}', false, 1, '{x}', 2)`},
	{40, `UPDATE dead_letters SET subject = 'a', subject_key = 'a' WHERE workspace_id = '{w}'`},
	{41, `UPDATE imports SET status = 'staged', finished_at = NULL WHERE workspace_id = '{w}'`},
	{50, `INSERT INTO mappings (workspace_id, name, kind, recipe, created_at, updated_at) VALUES ('{w}', 'm', 'tasks', '{}', now(), now())`},
	{60, `UPDATE imports SET plan = 'kept' WHERE workspace_id = '{w}'`},
	{60, `INSERT INTO plan_ids (workspace_id, import_id, external_id, is_new) VALUES ('{w}', '{x}', 'x1', true)`},
	{61, `UPDATE imports SET file_digest = '\x01' WHERE workspace_id = '{w}'`},
	{71, `UPDATE webhooks SET older_secrets = '{""}', older_untils = '{now}' WHERE workspace_id = '{w}'`},
	{72, `UPDATE contacts SET import_id = '{x}', row_number = 1 WHERE workspace_id = '{w}'`},
}

// write does what a version of the program writes.
func write(ctx context.Context, to interface {
	Exec(ctx context.Context, sql string) error
}, version int64) error {
	ids := strings.NewReplacer("{w}", uuid.NewString(), "{x}", uuid.NewString())
	for _, w := range writings {
		if w.since > version {
			continue
		}
		if err := to.Exec(ctx, ids.Replace(w.sql)); err != nil {
			return fmt.Errorf("%s: %w", w.sql, err)
		}
	}
	return nil
}

// conn writes statements one by one.
type conn struct{ *pgx.Conn }

func (c conn) Exec(ctx context.Context, sql string) error {
	_, err := c.Conn.Exec(ctx, sql)
	return err
}

// behind is how long what the version before writes may take while a migration waits for a transaction.
const behind = 10 * time.Second

// Each migration runs beside the version before it: a transaction that has every table in its hands holds it up, but nobody else; and afterwards, what that version
// writes still goes in.
func TestMigrationsRunBesideTheVersionBefore(t *testing.T) {
	t.Parallel()
	url := storetest.EmptyURL(t)
	s, err := store.Open(t.Context(), url, store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	busy, other := connect(t, url), connect(t, url)
	before := int64(0)
	for _, version := range versions(t) {
		if before == 0 {
			if n, err := s.MigrateTo(t.Context(), version); err != nil || n != 1 {
				t.Fatal(n, err)
			}
			before = version
			continue
		}
		if err := errors.Join(busy.Exec(t.Context(), `BEGIN`), write(t.Context(), busy, before)); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			n, err := s.MigrateTo(t.Context(), version)
			if err == nil && n != 1 {
				err = fmt.Errorf("%d migrations were applied", n)
			}
			done <- err
		}()
		through := waitingOrDone(t, other, done)
		ctx, cancel := context.WithTimeout(t.Context(), behind)
		if err := write(ctx, other, before); err != nil {
			t.Errorf("while %d runs, version %d cannot write: %v", version, before, err)
		}
		cancel()
		if err := busy.Exec(t.Context(), `COMMIT`); err != nil {
			t.Fatal(err)
		}
		if !through {
			err = <-done
		}
		if err != nil {
			t.Fatalf("migration %d: %v", version, err)
		}
		for _, writes := range []int64{before, version} {
			if err := write(t.Context(), other, writes); err != nil {
				t.Errorf("after %d, version %d cannot write: %v", version, writes, err)
			}
		}
		before = version
	}
	everyTableIsWritten(t, other)
}

// waitingOrDone waits until the migration waits for the transaction, or is through without it.
func waitingOrDone(t *testing.T, c conn, done <-chan error) (through bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			return true
		case <-time.After(5 * time.Millisecond):
		}
		var waits bool
		if err := c.QueryRow(t.Context(), `SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		if waits {
			return false
		}
	}
	t.Fatal("the migration neither waits nor ends")
	return false
}

// everyTableIsWritten makes sure that no table is missing from what the versions write.
func everyTableIsWritten(t *testing.T, c conn) {
	t.Helper()
	rows, err := c.Query(t.Context(), `SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'goose_db_version'`)
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		t.Fatal(tables, err)
	}
	for _, table := range tables {
		if !slices.ContainsFunc(writings, func(w writing) bool { return strings.HasPrefix(w.sql, "INSERT INTO "+table+" ") }) {
			t.Errorf("no version writes into %s", table)
		}
	}
}

func connect(t *testing.T, url string) conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.WithoutCancel(t.Context())) })
	return conn{c}
}

// versions are the numbers of the migrations, in order.
func versions(t *testing.T) []int64 {
	t.Helper()
	var all []int64
	for name := range store.MigrationTexts() {
		number, _, _ := strings.Cut(name, "_")
		n, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	slices.Sort(all)
	if len(all) < 9 {
		t.Fatalf("only %v", all)
	}
	return all
}

// What a migration must not do to a table that was there before.
var (
	takesAway   = regexp.MustCompile(`(?i)\b(DROP\s+(TABLE|COLUMN|VIEW|TYPE|SCHEMA)|RENAME|TRUNCATE|DELETE\s+FROM|ALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b`)
	addsColumn  = regexp.MustCompile(`(?i)\bADD\s+COLUMN\s+[^,;]*`)
	notNull     = regexp.MustCompile(`(?i)\bNOT\s+NULL\b`)
	hasDefault  = regexp.MustCompile(`(?i)\bDEFAULT\b`)
	dropsCheck  = regexp.MustCompile(`(?i)\bDROP\s+CONSTRAINT\s+(\w+)`)
	locksIndex  = regexp.MustCompile(`(?i)\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+\w+\s+ON\s+(\w+)`)
	locksUnique = regexp.MustCompile(`(?i)\bADD\s+(?:CONSTRAINT\s+\w+\s+)?(?:PRIMARY\s+KEY|UNIQUE|FOREIGN\s+KEY|EXCLUDE)\b`)
	makesTable  = regexp.MustCompile(`(?i)\bCREATE\s+TABLE\s+(\w+)`)
	remark      = regexp.MustCompile(`--[^\n]*`)
)

// small are the tables on which an index is built in no time.
var small = []string{"workspaces", "api_keys", "aliases", "webhooks", "mappings"}

// objections are what keeps a migration from running beside the version before.
func objections(text string) []string {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	up = remark.ReplaceAllString(up, "")
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

// The check of the texts sees what it is for.
func TestMigrationsThatTakeAwayAreSeen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`DROP TABLE tasks`: 1, `ALTER TABLE tasks DROP COLUMN title`: 1, `ALTER TABLE tasks RENAME title TO name`: 1, `ALTER TABLE tasks ALTER COLUMN title TYPE int`: 1,
		`ALTER TABLE tasks ALTER title SET DATA TYPE int`: 1, `ALTER TABLE tasks ALTER COLUMN priority SET NOT NULL`: 1, `ALTER TABLE tasks ADD COLUMN x int NOT NULL`: 1,
		`ALTER TABLE tasks ADD COLUMN x int NOT NULL DEFAULT 0, ADD COLUMN y int`: 0, `ALTER TABLE chunks DROP CONSTRAINT chunks_state_check`: 1, `TRUNCATE tasks`: 1,
		`ALTER TABLE chunks DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (state <> '')`: 0, `CREATE INDEX x ON tasks (title)`: 1, `CREATE UNIQUE INDEX x ON dead_letters (line)`: 1,
		`CREATE INDEX CONCURRENTLY x ON tasks (title)`: 0, `CREATE TABLE y (a int); CREATE INDEX x ON y (a)`: 0, `ALTER TABLE tasks ADD UNIQUE (title)`: 1,
		"-- DROP TABLE tasks\nSELECT 1\n-- +goose Down\nDROP TABLE tasks": 0,
	} {
		if got := objections("-- +goose Up\n" + text); len(got) != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
