package embedded

import (
	"context"
	"os"
	"path/filepath"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a private Redis server of its own process, reachable through a socket in a closed
// directory. Only tests and measurements start one: a machine that lacks Redis gets it with its
// package manager.
type RedisServer struct {
	process   *process
	dir       string
	temporary bool
}

// RedisOptions say how a private Redis server is run.
type RedisOptions struct {
	// Dir holds what it writes; it must be there. Empty: a temporary one that Stop removes.
	Dir string
	// AppendOnly makes it write down every change, and read that again when it is started on the
	// same directory.
	AppendOnly bool
	// Config is a file of settings that is read before anything else; the server may write to it.
	// Empty: none.
	Config string
	// Args are further arguments of redis-server, which overrule those given here.
	Args []string
	// Note gets a line when Redis must be fetched first.
	Note func(string)
}

// StartRedisServer runs a Redis server without persistence. note gets a line when it must be
// fetched first.
func StartRedisServer(ctx context.Context, note func(string)) (*RedisServer, error) {
	return StartRedisServerWith(ctx, RedisOptions{Note: note})
}

// StartRedisServerWith runs a Redis server.
func StartRedisServerWith(ctx context.Context, o RedisOptions) (*RedisServer, error) {
	b, err := redisServer.find(ctx, true, o.Note)
	if err != nil {
		return nil, err
	}
	s := &RedisServer{dir: o.Dir}
	if s.dir == "" {
		if s.dir, err = tempDir(owner{}); err != nil {
			return nil, err
		}
		s.temporary = true
	}
	appendOnly := "no"
	if o.AppendOnly {
		appendOnly = "yes"
	}
	log := filepath.Join(s.dir, "redis.log")
	args := []string{"--port", "0", "--unixsocket", s.socket(), "--save", "", "--appendonly", appendOnly,
		"--maxmemory-policy", "noeviction", "--dir", s.dir}
	if o.Config != "" {
		args = append([]string{o.Config}, args...)
	}
	s.process, err = start(b, owner{}, log, "redis-server", append(args, o.Args...)...)
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

// PID is the server's process.
func (s *RedisServer) PID() int { return s.process.cmd.Process.Pid }

// Crash kills the server and leaves its directory as it is.
func (s *RedisServer) Crash() error { return s.process.stop(os.Kill) }

// Stop ends the server and removes its directory if that was temporary.
func (s *RedisServer) Stop() error {
	if s.process != nil {
		if err := s.process.stop(interrupt); err != nil {
			return err
		}
	}
	if !s.temporary {
		return nil
	}
	return os.RemoveAll(s.dir)
}
