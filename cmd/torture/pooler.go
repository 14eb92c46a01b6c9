package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// pooler is a PgBouncer between the proxy and Postgres.
type pooler struct {
	socket string
	args   []string
	cmd    *exec.Cmd
}

// poolerProgram returns the path of PgBouncer.
func poolerProgram() (string, error) {
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on the path of every user
	}
	if _, err := os.Stat(program); err != nil {
		return "", errors.New("--pooler needs pgbouncer, which is not installed")
	}
	return program, nil
}

// startPooler starts a PgBouncer in front of the server at an address, and returns its socket.
func (t *torture) startPooler(ctx context.Context, server *url.URL) (string, error) {
	program, err := poolerProgram()
	if err != nil {
		return "", err
	}
	dir, host := filepath.Join(t.dir, "pooler"), server.Query().Get("host")
	if err := errors.Join(os.Mkdir(dir, 0o700), os.Chmod(dir, 0o777)); err != nil { // it may be another user's
		return "", err
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=5432 user=%s\n[pgbouncer]\nunix_socket_dir = %s\n"+
		"listen_port = 5432\nauth_type = any\npool_mode = %s\ndefault_pool_size = 200\nmax_client_conn = 500\n"+
		"server_login_retry = 1\nlogfile = %s\n", host, server.User.Username(), dir, t.pooler,
		filepath.Join(dir, "log"))
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil { // read by the other user
		return "", err
	}
	args := []string{program, config}
	if os.Getuid() == 0 { // it refuses to run as root; the user of the server reaches its socket
		owner, err := exec.CommandContext(ctx, "stat", "-c", "%U", host).Output()
		if err != nil {
			return "", err
		}
		args = []string{program, "-u", strings.TrimSpace(string(owner)), config}
	}
	t.pooled = &pooler{socket: filepath.Join(dir, ".s.PGSQL.5432"), args: args}
	t.onClose(t.pooled.crash)
	return t.pooled.socket, t.pooled.start(ctx)
}

// start starts PgBouncer and waits until it accepts connections.
func (p *pooler) start(ctx context.Context) error {
	_ = os.Remove(p.socket) // that of a process that was killed
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), p.args[0], p.args[1:]...)
	if err := p.cmd.Start(); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, 20*time.Second)
	defer stop()
	return eventually(ctx, func() error {
		c, err := (&net.Dialer{}).DialContext(ctx, "unix", p.socket)
		if err == nil {
			err = c.Close()
		}
		return err
	})
}

func (p *pooler) crash() error {
	err := p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed
	return err
}

// poolerKinds are the faults of a PgBouncer.
func poolerKinds() []kind {
	return []kind{{name: "PgBouncer killed", service: true, strike: onPostgres(func(ctx context.Context, t *torture,
		rng *rand.Rand) error {
		err := t.pooled.crash()
		pause(ctx, between(rng, 100*time.Millisecond, 2*time.Second))
		return errors.Join(err, t.pooled.start(ctx))
	})}}
}
