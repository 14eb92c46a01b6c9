package embedded

import (
	"context"
	"os"
	"path/filepath"

	"github.com/redis/go-redis/v9"
)

// RedisServer is a private Redis server in its own process, reachable through a socket in a closed
// directory. Only tests and measurements start one. A machine without Redis gets it with its
// package manager.
type RedisServer struct {
	process   *process
	dir       string
	temporary bool
}

// RedisOptions configure a private Redis server.
type RedisOptions struct {
	// Dir is the server's directory; it must exist. If empty, a temporary one is used, which Stop
	// removes.
	Dir string
	// AppendOnly makes the server log every change, and read the log when it starts on the same
	// directory.
	AppendOnly bool
	// Config is a settings file that the server reads first and may write. Optional.
	Config string
	// Args are further arguments of redis-server, which override those of this package.
	Args []string
	// Note gets a line if Redis must be fetched first.
	Note func(string)
}

// StartRedisServer runs a Redis server without persistence. note gets a line if Redis must be
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

// URL returns the address of the server.
func (s *RedisServer) URL() string { return "unix://" + s.socket() }

// PID returns the id of the server's process.
func (s *RedisServer) PID() int { return s.process.cmd.Process.Pid }

// Crash kills the server and keeps its directory.
func (s *RedisServer) Crash() error { return s.process.stop(os.Kill) }

// Stop ends the server and removes its directory if it is temporary.
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
