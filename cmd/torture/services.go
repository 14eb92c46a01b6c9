package main

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"taskport/internal/embedded"
)

// postgres is a private server that can be ended and started again on the same data.
type postgres struct {
	mu        sync.Mutex // one strike at a time
	dir       string
	note      func(string)
	settings  map[string]string
	server    *embedded.Postgres
	directURL string
	proxy     *proxy
	first     string    // the directory of the first server
	copies    int       // base backups that were taken
	follower  *postgres // a standby, until it takes over
}

// settings that make a strike show sooner. Commits stay synchronous: an immediate stop loses no
// byte that was handed to the system.
var settings = map[string]string{"fsync": "off", "full_page_writes": "off", "max_connections": "300",
	"deadlock_timeout": "200ms", "wal_level": "minimal", "max_wal_senders": "0",
	"max_wal_size": "256MB", "min_wal_size": "64MB"}

func (p *postgres) start(ctx context.Context) (err error) {
	p.server, err = embedded.StartPostgres(ctx, embedded.PostgresOptions{Dir: p.dir, Durable: true,
		Settings: p.settings, Install: true, Note: p.note})
	if err == nil {
		p.directURL = p.server.URL()
	}
	return err
}

// stop ends the server in good order, crash in the middle of everything.
func (p *postgres) stop() error {
	var err error
	if p.follower != nil {
		err = p.follower.stop()
	}
	return errors.Join(err, p.server.Stop())
}

func (p *postgres) crash() error { return p.server.Crash() }

// redisServer is a private server that can be killed, stopped and started again, with what it has
// written down or without.
type redisServer struct {
	mu     sync.Mutex
	dir    string
	note   func(string)
	server *embedded.RedisServer
	proxy  *proxy
}

func (r *redisServer) start(ctx context.Context) (err error) {
	r.server, err = embedded.StartRedisServerWith(ctx, embedded.RedisOptions{Dir: r.dir, AppendOnly: true, Note: r.note})
	return err
}

// restart kills the server and starts it again.
func (r *redisServer) restart(ctx context.Context, empty bool) error {
	if err := r.server.Crash(); err != nil {
		return err
	}
	if empty {
		if err := os.RemoveAll(filepath.Join(r.dir, "appendonlydir")); err != nil {
			return err
		}
	}
	return r.start(ctx)
}

// tells sends a command to the server.
func (r *redisServer) tells(ctx context.Context, command ...any) error {
	o, err := redis.ParseURL(r.server.URL())
	if err != nil {
		return err
	}
	c := redis.NewClient(o)
	return errors.Join(c.Do(ctx, command...).Err(), c.Close())
}

// startServices starts both servers, and the proxies through which the program reaches them.
func (t *torture) startServices(ctx context.Context) error {
	note := func(text string) { t.note("%s", text) }
	t.postgres = &postgres{dir: filepath.Join(t.dir, "postgres"), note: note, settings: settings}
	if t.million > 0 { // what it costs is measured with the durability that people have
		t.postgres.settings = map[string]string{"max_connections": "300"}
	}
	t.postgres.first = t.postgres.dir
	if t.failover != "" {
		t.postgres.settings = replicated
	} else if err := t.mountSmall(t.postgres.dir); err != nil {
		t.note("a full disk is left out: %v", err)
	}
	if err := t.postgres.start(ctx); err != nil {
		return err
	}
	t.onClose(func() error { return t.postgres.stop() })
	if t.failover != "" {
		var err error
		if t.postgres.directURL, err = t.standing(t.postgres.directURL); err != nil {
			return err
		}
	}
	t.redis = &redisServer{dir: filepath.Join(t.dir, "redis"), note: note}
	if err := os.Mkdir(t.redis.dir, 0o700); err != nil {
		return err
	}
	if err := t.redis.start(ctx); err != nil {
		return err
	}
	t.onClose(func() error { return t.redis.server.Stop() })
	return t.startProxies(ctx)
}

func (t *torture) startProxies(ctx context.Context) error {
	dir := filepath.Join(t.dir, "proxy")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	u, err := url.Parse(t.postgres.directURL)
	if err != nil {
		return err
	}
	const socket = ".s.PGSQL.5432"
	server := filepath.Join(u.Query().Get("host"), socket)
	if t.pooler != "" {
		if server, err = t.startPooler(ctx, u); err != nil {
			return err
		}
	}
	if t.postgres.proxy, err = newProxy(filepath.Join(dir, socket), server); err != nil {
		return err
	}
	t.onClose(func() error { t.postgres.proxy.stop(); return nil })
	u.RawQuery = url.Values{"host": {dir}}.Encode()
	t.databaseURL = u.String()
	r, err := url.Parse(t.redis.server.URL())
	if err != nil {
		return err
	}
	t.redisURL = "unix://" + filepath.Join(dir, "redis")
	if t.redis.proxy, err = newProxy(filepath.Join(dir, "redis"), r.Path); err != nil {
		return err
	}
	t.onClose(func() error { t.redis.proxy.stop(); return nil })
	return nil
}

// eventually tries something until it succeeds or ctx ends.
func eventually(ctx context.Context, do func() error) error {
	for {
		err := do()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}
