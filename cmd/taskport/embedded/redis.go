package embedded

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
)

// Redis is an in-process Redis. It forgets everything at the end of the process.
type Redis struct {
	server *miniredis.Miniredis
	stop   chan struct{}
	done   chan struct{}
}

// StartRedis runs an in-process Redis on a free port of the loopback address.
func StartRedis() (*Redis, error) {
	r := &Redis{server: miniredis.NewMiniRedis(), stop: make(chan struct{}), done: make(chan struct{})}
	if err := r.server.Start(); err != nil {
		return nil, fmt.Errorf("start an in-process Redis: %w", err)
	}
	go r.keepTime()
	return r, nil
}

// keepTime moves the clock: the times to live of miniredis stand still by themselves.
func (r *Redis) keepTime() {
	defer close(r.done)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-r.stop:
			return
		case now := <-ticker.C:
			r.server.SetTime(now)
			r.server.FastForward(time.Second)
		}
	}
}

// URL is the address of the server.
func (r *Redis) URL() string { return "redis://" + r.server.Addr() }

// Stop ends the server.
func (r *Redis) Stop() error {
	close(r.stop)
	<-r.done
	r.server.Close()
	return nil
}

// RedisServer is a private Redis server of its own process, reachable through a socket in a closed directory.
type RedisServer struct {
	process *process
	dir     string
}

// StartRedisServer runs a Redis server without persistence. note gets a line when it must be fetched first.
func StartRedisServer(ctx context.Context, note func(string)) (*RedisServer, error) {
	b, err := redisServer.find(ctx, note)
	if err != nil {
		return nil, err
	}
	s := &RedisServer{}
	if s.dir, err = tempDir(owner{}); err != nil {
		return nil, err
	}
	log := filepath.Join(s.dir, "redis.log")
	s.process, err = start(b, owner{}, log, "redis-server", "--port", "0", "--unixsocket", s.socket(), "--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--dir", s.dir)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: s.socket()})
	defer client.Close()
	return s, s.process.await(ctx, log, func(ctx context.Context) error { return client.Ping(ctx).Err() })
}

func (s *RedisServer) socket() string { return filepath.Join(s.dir, "s") }

// URL is the address of the server.
func (s *RedisServer) URL() string { return "unix://" + s.socket() }

// Stop ends the server and removes its directory.
func (s *RedisServer) Stop() error {
	if s.process != nil {
		if err := s.process.stop(interrupt); err != nil {
			return err
		}
	}
	return os.RemoveAll(s.dir)
}
