package worker

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/redis/go-redis/v9"

	"taskport/importer"
	"taskport/importer/file"
	"taskport/internal/embedded/testservices"
	"taskport/store"
	"taskport/store/storetest"
	"taskport/worker/queue"
)

func TestMain(m *testing.M) {
	if os.Getenv(childEnv) != "" {
		os.Exit(runChild())
	}
	redis.SetLogger(silent{})
	os.Exit(testservices.Main(m))
}

// silent hears what go-redis says of servers that tests kill.
type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// quick makes the sweeper hand over lost chunks at once, so that a test need not wait.
var quick = store.Dispatch{Window: 4, RedeliverAfter: 100 * time.Millisecond}

// bundle is what a test works with: a database and a queue of its own, and a workspace with one
// contact.
type bundle struct {
	store     *store.Store
	url       string // of the database
	redisURL  string
	redis     redis.UniversalClient
	queueName string
	workspace uuid.UUID
	contact   uuid.UUID
}

func setup(t *testing.T) *bundle {
	t.Helper()
	return setupOn(t, testservices.RedisURL(t))
}

// setupOn is setup with a Redis of the test's choice.
func setupOn(t *testing.T, redisURL string) *bundle {
	t.Helper()
	b := &bundle{url: storetest.URL(t), redisURL: redisURL, queueName: "test-" + uuid.NewString()}
	var err error
	if b.store, err = store.Open(t.Context(), b.url, store.Options{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.store.Close)
	if b.redis, err = queue.Connect(b.redisURL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.redis.Close() })
	ws, err := b.store.CreateWorkspace(t.Context(), "test", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	b.workspace = ws.ID
	i := b.stage(t, importer.Contacts, "full_name\nHans Müller\n", 1)
	if err := b.worker().Process(t.Context(), b.ref(i, 1)); err != nil {
		t.Fatal(err)
	}
	b.contact = b.queryID(t, `SELECT id FROM contacts WHERE workspace_id = $1`, b.workspace)
	return b
}

func (b *bundle) worker() *Worker {
	return New(Config{Store: b.store, Redis: b.redis, Queue: b.queueName, Dispatch: quick, Sweep: 50 * time.Millisecond,
		Grace: 5 * time.Second, Logger: slog.New(slog.DiscardHandler)})
}

// tasksFile has so many rows; every tenth is an orphan.
func tasksFile(rows int) string {
	var s strings.Builder
	s.WriteString("title,contact_name\n")
	for i := 1; i <= rows; i++ {
		name := "Hans Müller"
		if i%10 == 0 {
			name = ""
		}
		fmt.Fprintf(&s, "Task %d,%s\n", i, name)
	}
	return s.String()
}

// stage puts a file into the store as intake does, in chunks of so many rows.
func (b *bundle) stage(t *testing.T, kind importer.Kind, text string, chunkRows int) store.Import {
	t.Helper()
	return b.stageWith(t, kind, text, chunkRows, importer.Options{})
}

// stageWith does what stage does, with options.
func (b *bundle) stageWith(t *testing.T, kind importer.Kind, text string, chunkRows int,
	o importer.Options) store.Import {
	t.Helper()
	cutter, err := file.NewCutter(strings.NewReader(text), file.Options{Format: file.CSV, HasHeader: true,
		ChunkRows: chunkRows})
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Validate(); err != nil {
		t.Fatal(err)
	}
	i, err := b.store.Stage(t.Context(), store.NewImport{WorkspaceID: b.workspace, Kind: kind, Options: o,
		CreatedAt: time.Now()},
		func(keep func(file.Chunk) error) (importer.Layout, bool, error) {
			for {
				c, err := cutter.Next()
				if err != nil {
					return importer.Layout{Layout: cutter.Layout()}, false, nil //nolint:nilerr // the end of the file
				}
				if err := keep(c); err != nil {
					return importer.Layout{}, false, err
				}
			}
		})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

func (b *bundle) ref(i store.Import, chunk int) store.ChunkRef {
	return store.ChunkRef{WorkspaceID: b.workspace, ImportID: i.ID, Number: chunk, Enqueue: 1}
}

// exec runs SQL behind the store's back.
func (b *bundle) exec(t *testing.T, sql string, args ...any) {
	t.Helper()
	b.conn(t, func(c *pgx.Conn) error { _, err := c.Exec(context.Background(), sql, args...); return err })
}

func (b *bundle) queryID(t *testing.T, sql string, args ...any) uuid.UUID {
	t.Helper()
	var id uuid.UUID
	b.conn(t, func(c *pgx.Conn) error { return c.QueryRow(context.Background(), sql, args...).Scan(&id) })
	return id
}

func (b *bundle) queryInt(t *testing.T, sql string, args ...any) int {
	t.Helper()
	var n int
	b.conn(t, func(c *pgx.Conn) error { return c.QueryRow(context.Background(), sql, args...).Scan(&n) })
	return n
}

func (b *bundle) conn(t *testing.T, do func(*pgx.Conn) error) {
	t.Helper()
	c, err := pgx.Connect(context.Background(), b.url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if err := do(c); err != nil {
		t.Fatal(err)
	}
}

// run lets a worker work until the import has ended.
func (b *bundle) run(t *testing.T, w *Worker, i store.Import) store.Import {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	return b.await(t, i)
}

// await waits until the import has ended.
func (b *bundle) await(t *testing.T, i store.Import) store.Import {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 3000 {
		now, err := b.store.Import(t.Context(), b.workspace, i.ID)
		if err != nil {
			t.Fatal(err)
		}
		if now.Status.Final() {
			return now
		}
		<-ticker.C
	}
	t.Fatal("the import did not end within 30 s")
	return store.Import{}
}

// everyRowOnce checks that each row of tasksFile(rows) is in exactly one place, and the counts.
func (b *bundle) everyRowOnce(t *testing.T, i store.Import, rows int) {
	t.Helper()
	orphans := rows / 10
	if i.Status != store.Completed || i.Total != int64(rows) || i.Created != int64(rows-orphans) ||
		i.Rejected != int64(orphans) || i.Processed() != i.Total {
		t.Errorf("import is %+v", i)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM tasks WHERE workspace_id = $1 AND import_id = $2 AND contact_id = $3`,
		b.workspace, i.ID, b.contact); n != rows-orphans {
		t.Errorf("%d tasks, want %d", n, rows-orphans)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM (SELECT row_number FROM tasks WHERE workspace_id = $1 AND import_id = $2
		UNION SELECT row_number FROM dead_letters WHERE workspace_id = $1 AND import_id = $2) r`, b.workspace,
		i.ID); n != rows {
		t.Errorf("%d rows have a place, want %d", n, rows)
	}
	if n := b.queryInt(t, `SELECT count(*) FROM dead_letters WHERE workspace_id = $1 AND import_id = $2
		AND row_number % 10 = 0 AND reason = 'orphan'`, b.workspace, i.ID); n != orphans {
		t.Errorf("%d orphans, want %d", n, orphans)
	}
}
