// Package embedded runs the services that taskport needs if none are configured: a private Postgres
// from the machine's binaries, an in-process Redis, and, for tests, a private Redis server. Missing
// programs are fetched with the machine's package manager if requested: by the demo, tests and
// measurements, never by a server on its own.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// Limits for the start and end of a service.
const (
	startTimeout = 60 * time.Second
	stopTimeout  = 15 * time.Second
	pollInterval = 10 * time.Millisecond
)

// process is a server that runs as a child process and ends with this process.
type process struct {
	cmd    *exec.Cmd
	exited chan struct{}
	err    error // valid once exited is closed
}

// start runs a server. Its thread lives as long as the server: on Linux the kernel stops the server
// when the thread that started it ends, so that the server ends even if this process is killed.
func start(b binaries, o owner, log string, name string, args ...string) (*process, error) {
	out, err := os.OpenFile(log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log of %s: %w", name, err)
	}
	p := &process{cmd: b.command(context.Background(), o, name, args...), exited: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr, p.cmd.Dir = out, out, filepath.Dir(log)
	dieWithParent(p.cmd)
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer out.Close()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// await polls until ready returns nil, the process ends, or the time is up.
func (p *process) await(ctx context.Context, log string, ready func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			return fmt.Errorf("%s ended at once: %w\n%s", filepath.Base(p.cmd.Path), p.err, tail(log))
		case <-ctx.Done():
			return fmt.Errorf("%s does not answer: %w\n%s", filepath.Base(p.cmd.Path), err, tail(log))
		case <-time.After(pollInterval):
		}
	}
}

// stop sends each signal in turn until the process ends.
func (p *process) stop(signals ...os.Signal) error {
	for _, s := range append(signals, os.Kill) {
		if err := p.cmd.Process.Signal(s); err != nil && !errors.Is(err, os.ErrProcessDone) {
			return fmt.Errorf("stop %s: %w", filepath.Base(p.cmd.Path), err)
		}
		select {
		case <-p.exited:
			return nil
		case <-time.After(stopTimeout):
		}
	}
	return fmt.Errorf("%s does not end", filepath.Base(p.cmd.Path))
}

// tail returns the end of a log, for an error message.
func tail(log string) string {
	const most = 2000
	text, err := os.ReadFile(log)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text[max(0, len(text)-most):]))
}

// dial returns nil if a server listens on a Unix socket.
func dial(ctx context.Context, socket string) error {
	var d net.Dialer
	c, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return err
	}
	return c.Close()
}

const tempPrefix = "taskport-"

// tempDir makes a directory that o can access and other users cannot read. It removes those that
// killed processes have left.
func tempDir(o owner) (string, error) {
	base := o.reachableTemp()
	removeStale(base)
	dir, err := os.MkdirTemp(base, fmt.Sprintf("%s%d-", tempPrefix, os.Getpid()))
	if err != nil {
		return "", fmt.Errorf("make a temporary directory: %w", err)
	}
	return dir, o.take(dir)
}

// removeStale removes our temporary directories whose process has ended.
func removeStale(base string) {
	dirs, err := filepath.Glob(filepath.Join(base, tempPrefix+"*-*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		text, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(dir), tempPrefix), "-")
		if pid, err := strconv.Atoi(text); err == nil && !alive(pid) {
			_ = os.RemoveAll(dir) // fails for directories of other users, which remain
		}
	}
}
