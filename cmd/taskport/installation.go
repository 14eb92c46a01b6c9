package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/redis/go-redis/v9"

	"taskport/internal/embedded"
	"taskport/store"
	"taskport/worker/queue"
)

// services are the addresses of Postgres and Redis, and how to start missing ones.
type services struct {
	databaseURL string
	redisURL    string
	queueName   string
	dataDir     string // where an embedded Postgres keeps its data; "" = the user's data directory
	temporary   bool   // delete an embedded Postgres at the end
	embedded    bool   // start a service without an address; otherwise it is an error
	install     bool   // install Postgres if it is missing
	needRedis   bool
	conns       store.Options
}

// installation holds what the roles of a process share: the database, Redis and the queue.
type installation struct {
	store   *store.Store
	redis   redis.UniversalClient
	queue   *queue.Queue
	closers []func() error
	// database names the database and its host, without a password.
	database string
}

// errNoServices means that a role lacks services, which it shares with other processes.
var errNoServices = errors.New("DATABASE_URL and REDIS_URL must be set: this role shares them with others; " +
	"`taskport up` runs everything in one process and needs neither")

// open connects to the services, and starts embedded ones for those without an address. It passes
// note a line for each one that it starts.
func (s services) open(ctx context.Context, note func(string)) (_ *installation, err error) {
	if !s.embedded && (s.databaseURL == "" || s.needRedis && s.redisURL == "") {
		return nil, errNoServices
	}
	in := &installation{}
	defer func() {
		if err != nil {
			err = errors.Join(err, in.close())
		}
	}()
	if s.databaseURL == "" {
		if s.databaseURL, err = in.startPostgres(ctx, s, note); err != nil {
			return nil, err
		}
	}
	in.database = databaseName(s.databaseURL)
	if in.store, err = store.Open(ctx, s.databaseURL, s.conns); err != nil {
		return nil, err
	}
	in.onClose(func() error { in.store.Close(); return nil })
	if !s.needRedis {
		return in, nil
	}
	if s.redisURL == "" {
		if s.redisURL, err = in.startRedis(note); err != nil {
			return nil, err
		}
	}
	if in.redis, err = queue.Connect(s.redisURL); err != nil {
		return nil, err
	}
	in.onClose(in.redis.Close)
	in.queue = queue.New(in.redis, s.queueName)
	return in, nil
}

// databaseName returns the name of a database and its host, as the driver reads an address.
func databaseName(address string) string {
	c, err := pgconn.ParseConfig(address)
	if err != nil {
		return "of an address that cannot be read" // opening it says why
	}
	return fmt.Sprintf("%s on %s:%d", oneLine(c.Database), oneLine(c.Host), c.Port)
}

func (in *installation) startPostgres(ctx context.Context, s services, note func(string)) (string, error) {
	o := embedded.PostgresOptions{Dir: s.dataDir, Durable: !s.temporary, Install: s.install, Note: note}
	if o.Dir == "" && !s.temporary {
		dir, err := embedded.DefaultDir()
		if err != nil {
			return "", fmt.Errorf("find a place for the database: %w", err)
		}
		o.Dir = filepath.Join(dir, "postgres")
	}
	pg, err := embedded.StartPostgres(ctx, o)
	if err != nil {
		return "", err
	}
	in.onClose(pg.Stop)
	return pg.URL(), nil
}

func (in *installation) startRedis(note func(string)) (string, error) {
	r, err := embedded.StartRedis()
	if err != nil {
		return "", err
	}
	note("REDIS_URL is not set: using an in-process Redis, which loses its queue at exit; the sweeper fills it again")
	in.onClose(r.Stop)
	return r.URL(), nil
}

func (in *installation) onClose(f func() error) { in.closers = append(in.closers, f) }

// close ends everything in the reverse order of its start: connections before their servers.
func (in *installation) close() error {
	var errs []error
	for i := len(in.closers) - 1; i >= 0; i-- {
		errs = append(errs, in.closers[i]())
	}
	in.closers = nil
	return errors.Join(errs...)
}

// part is a service that a process needs; err is nil if it is ready.
type part struct {
	name string
	err  error
}

const checkTimeout = 3 * time.Second

// checks returns the state of each service: the database, whose schema must be that of this
// program, and Redis.
func (in *installation) checks(ctx context.Context) []part {
	ctx, cancel := context.WithTimeout(ctx, checkTimeout)
	defer cancel()
	all := []part{{name: "postgres", err: in.store.CheckSchema(ctx)}}
	if in.queue != nil {
		all = append(all, part{name: "redis", err: in.queue.Ping(ctx)})
	}
	return all
}

// quietRedis sends the messages of go-redis to the log instead of standard error.
type quietRedis struct{ to *slog.Logger }

func (q quietRedis) Printf(ctx context.Context, format string, v ...any) {
	q.to.DebugContext(ctx, "redis", slog.String("text", fmt.Sprintf(format, v...)))
}
