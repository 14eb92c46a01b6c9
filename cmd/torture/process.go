package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"syscall"
	"time"
)

// role is a process of the program that is started again whenever it ends, as a supervisor would.
type role struct {
	name string
	args []string
	env  []string
	log  string

	mu     sync.Mutex
	pid    int // 0 while it does not run
	starts int
	ended  sync.WaitGroup
}

// restartPause keeps a process that cannot start from being started all the time.
const restartPause = 100 * time.Millisecond

func (t *torture) startRole(ctx context.Context, name string, args ...string) *role {
	r := &role{name: name, args: append([]string{t.program}, args...), log: filepath.Join(t.dir, name+".log"),
		env: append(os.Environ(), "DATABASE_URL="+t.databaseURL, "REDIS_URL="+t.redisURL,
			"TASKPORT_TORTURE="+t.failpointSocket, "TASKPORT_RATE_LIMIT=100000000", "TASKPORT_WEBHOOK_ALLOW=127.0.0.0/8")}
	r.ended.Go(func() {
		runtime.LockOSThread() // the process dies with the thread that has started it
		for ctx.Err() == nil {
			if err := r.runOnce(ctx); err != nil {
				t.note("%s: %v", name, err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(restartPause):
			}
		}
	})
	return r
}

// runOnce runs the process until it ends; how it ends does not matter.
func (r *role) runOnce(ctx context.Context) error {
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.CommandContext(context.WithoutCancel(ctx), r.args[0], r.args[1:]...)
	cmd.Env, cmd.Stdout, cmd.Stderr = r.env, log, log
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return err
	}
	r.mu.Lock()
	r.pid, r.starts = cmd.Process.Pid, r.starts+1
	r.mu.Unlock()
	fmt.Fprintf(log, "started as %d\n", cmd.Process.Pid)
	stop := context.AfterFunc(ctx, func() { r.signal(syscall.SIGTERM) })
	defer stop()
	err = cmd.Wait()
	fmt.Fprintf(log, "ended: %v\n", err)
	r.mu.Lock()
	r.pid = 0
	r.mu.Unlock()
	return nil
}

// signal reports whether there was a process to get it.
func (r *role) signal(s syscall.Signal) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pid != 0 && syscall.Kill(r.pid, s) == nil
}

func (r *role) is(pid int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.pid == pid
}

func (r *role) started() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.starts
}

// roles are all processes.
func (t *torture) roles() []*role { return slices.Concat(t.serve, t.work) }

// processOf finds who runs under a pid; nil when it has ended.
func (t *torture) processOf(pid int) *role {
	for _, r := range t.roles() {
		if r.is(pid) {
			return r
		}
	}
	return nil
}
