package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"taskport/internal/embedded"
	"taskport/store"
)

// bench is a running measurement: the services, the built program, the data, and the results so
// far.
type bench struct {
	options
	began    time.Time
	note     func(format string, args ...any)
	report   report
	closers  []func() error
	dir      string
	program  string
	server   string // address of the Postgres server
	database string // address of the database made for the measurement
	redis    string
	pool     *pgxpool.Pool
	store    *store.Store
	data     *data
	files    files
	site     site
}

// site is a workspace, and a key to it.
type site struct {
	workspace uuid.UUID
	key       string
}

// prepare starts the services, builds the program and makes the data.
func (b *bench) prepare(ctx context.Context, stderr io.Writer) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "taskport-bench-"); err != nil {
		return err
	}
	b.onClose(func() error { return os.RemoveAll(b.dir) })
	if err := b.startServices(ctx); err != nil {
		return err
	}
	b.note("%s building the program", b.elapsed())
	b.program = filepath.Join(b.dir, "taskport")
	build := exec.CommandContext(ctx, "go", "build", "-o", b.program, "taskport/cmd/taskport")
	build.Stderr = stderr
	build.Env = append(os.Environ(), "GOAMD64=v2")
	if err := build.Run(); err != nil {
		return fmt.Errorf("build the program: %w", err)
	}
	b.note("%s making %s rows for %s contacts", b.elapsed(), count(float64(b.rows)), count(float64(b.contacts)))
	if b.data, err = makeData(b.seed, b.contacts, b.companies, b.typoEachRow); err != nil {
		return err
	}
	if b.files, err = b.data.write(b.dir, b.rows, "T-"); err != nil {
		return err
	}
	b.describe(ctx)
	return nil
}

func (b *bench) startServices(ctx context.Context) error {
	b.server, b.redis = b.databaseURL, b.redisURL
	note := func(text string) { b.note("%s", text) }
	if b.server == "" {
		pg, err := embedded.StartPostgres(ctx, embedded.PostgresOptions{Durable: true, Install: true, Note: note})
		if err != nil {
			return err
		}
		b.onClose(pg.Stop)
		b.server = pg.URL()
	}
	if b.redis == "" {
		r, err := embedded.StartRedisServer(ctx, note)
		if err != nil {
			return err
		}
		b.onClose(r.Stop)
		b.redis = r.URL()
	}
	return b.makeDatabase(ctx)
}

// makeDatabase makes a database of its own, and the schema in it.
func (b *bench) makeDatabase(ctx context.Context) error {
	name := "taskport_bench_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := execOn(ctx, b.server, `CREATE DATABASE `+name); err != nil {
		return fmt.Errorf("make a database: %w", err)
	}
	b.onClose(func() error {
		return execOn(context.WithoutCancel(ctx), b.server, `DROP DATABASE IF EXISTS `+name+` WITH (FORCE)`)
	})
	u, err := url.Parse(b.server)
	if err != nil {
		return fmt.Errorf("DATABASE_URL must be an address such as postgres://…: %w", err)
	}
	u.Path = "/" + name
	b.database = u.String()
	if b.store, err = store.Open(ctx, b.database, store.Options{}); err != nil {
		return err
	}
	b.onClose(func() error { b.store.Close(); return nil })
	if _, err := b.store.Migrate(ctx); err != nil {
		return err
	}
	if b.pool, err = pgxpool.New(ctx, b.database); err != nil {
		return err
	}
	b.onClose(func() error { b.pool.Close(); return nil })
	return nil
}

func execOn(ctx context.Context, address, sql string) error {
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	_, err = c.Exec(ctx, sql)
	return err
}

// newSite makes a workspace with a key that may do everything.
func (b *bench) newSite(ctx context.Context) (site, error) {
	w, err := b.store.CreateWorkspace(ctx, "bench "+uuid.NewString(), time.Now())
	if err != nil {
		return site{}, err
	}
	_, key, err := b.store.CreateKey(ctx, store.NewKey{WorkspaceID: w.ID, Name: "bench",
		Permissions: store.Permissions()}, time.Now())
	return site{workspace: w.ID, key: key}, err
}

// empty deletes all imports and tasks and makes the server write its buffers, so that each run
// begins alike.
func (b *bench) empty(ctx context.Context) error {
	for _, sql := range []string{
		`TRUNCATE tasks, dead_letters, corrections, imports, row_samples, singles, single_days, audit,
			idempotency_keys CASCADE`,
		`DROP TABLE IF EXISTS ` + copied, `VACUUM`, `CHECKPOINT`} {
		if err := b.execute(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// execute executes a statement, and repeats it after a deadlock: TRUNCATE locks many tables at once,
// and the sweeper of the program goes on meanwhile.
func (b *bench) execute(ctx context.Context, sql string) error {
	const most = 10
	for try := 1; ; try++ {
		_, err := b.pool.Exec(ctx, sql)
		var refused *pgconn.PgError
		if try == most || !errors.As(err, &refused) || refused.Code != deadlock {
			return err
		}
	}
}

// deadlock is the code of that error (manual of Postgres, appendix A).
const deadlock = "40P01"

func (b *bench) onClose(f func() error) { b.closers = append(b.closers, f) }

func (b *bench) close() error {
	var errs []error
	for i := len(b.closers) - 1; i >= 0; i-- {
		errs = append(errs, b.closers[i]())
	}
	return errors.Join(errs...)
}

func (b *bench) elapsed() string { return fmt.Sprintf("[%4.0f s]", time.Since(b.began).Seconds()) }

// describe adds the machine and the versions to the report.
func (b *bench) describe(ctx context.Context) {
	t := b.report.table("Measured on", "what", "value")
	var version, fsync, commit string
	if err := b.pool.QueryRow(ctx, `SELECT split_part(version(), ' ', 2), current_setting('fsync'),
		current_setting('synchronous_commit')`).Scan(&version, &fsync, &commit); err != nil {
		b.note("settings of Postgres not read: %v", err)
	}
	t.add("cores", fmt.Sprint(cores()))
	t.add("Postgres", fmt.Sprintf("%s, fsync %s, synchronous_commit %s", version, fsync, commit))
	t.add("directory", fmt.Sprintf("%s contacts, %s companies, seed %d", count(float64(b.contacts)),
		count(float64(b.companies)), b.seed))
	t.add("runs", fmt.Sprint(b.runs))
	b.report.figure("rows", b.rows)
	b.report.figure("contacts", b.contacts)
	b.report.figure("runs", b.runs)
	b.report.figure("fsync", fsync)
	b.report.figure("synchronous_commit", commit)
}
