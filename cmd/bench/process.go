package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

func cores() int { return runtime.NumCPU() }

// process is a role of the program that runs as a process of its own.
type process struct {
	cmd    *exec.Cmd
	url    string // of serve
	stages stages // of work
	logged sync.WaitGroup
}

// start runs a role; prefix is put before the command (taskset), extra after its name.
func (b *bench) start(ctx context.Context, queue string, prefix []string, args ...string) (*process, error) {
	line := append(append([]string{}, prefix...), append([]string{b.program}, args...)...)
	p := &process{cmd: exec.CommandContext(context.WithoutCancel(ctx), line[0], line[1:]...)}
	p.cmd.Env = append(os.Environ(), "DATABASE_URL="+b.database, "REDIS_URL="+b.redis, "TASKPORT_QUEUE="+queue,
		"TASKPORT_LOG_LEVEL=warn")
	if args[0] == "work" {
		p.cmd.Env = append(p.cmd.Env, "TASKPORT_LOG_LEVEL=info")
	}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	log, err := p.cmd.StderrPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", args[0], err)
	}
	p.logged.Go(func() { p.readLog(log, b.note) })
	if args[0] == "serve" {
		if p.url, err = bufio.NewReader(out).ReadString('\n'); err != nil {
			p.stop()
			return nil, fmt.Errorf("%s did not start: %w", args[0], err)
		}
		p.url = strings.TrimSpace(p.url)
	}
	return p, nil
}

// readLog collects what the chunks took, and passes on what is a warning or worse.
func (p *process) readLog(log io.Reader, note func(string, ...any)) {
	lines := bufio.NewScanner(log)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		switch text := lines.Text(); {
		case strings.Contains(text, `msg="chunk done"`):
			p.stages.read(text)
		case !strings.Contains(text, "level=INFO"):
			note("%s", text)
		}
	}
}

func (p *process) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt)
	p.logged.Wait()
	_ = p.cmd.Wait()
}

// memory returns the resident memory of the process now and at its highest, in bytes; 0 where the
// system does not tell.
func (p *process) memory() (now, peak int64) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(line, ":")
		if name != "VmRSS" && name != "VmHWM" {
			continue
		}
		kb, err := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
		if err != nil {
			continue
		}
		if name == "VmRSS" {
			now = kb << 10
		} else {
			peak = kb << 10
		}
	}
	return now, peak
}

// busy returns the processor seconds that the process has used.
func (p *process) busy() float64 { return busyOf(p.cmd.Process.Pid) }

const ticksPerSecond = 100 // USER_HZ, the same on every Linux

func busyOf(pid int) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const user, system = 11, 12 // counted from the field after the name
	_, rest, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(rest)
	if len(fields) <= system {
		return 0
	}
	u, _ := strconv.ParseFloat(fields[user], 64)
	s, _ := strconv.ParseFloat(fields[system], 64)
	return (u + s) / ticksPerSecond
}
