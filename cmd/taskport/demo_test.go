package main

import (
	"net"
	"strings"
	"testing"
)

// What keeps the demo from starting ends it, and its flags are those of the server.
func TestDemoThatCannotStartEnds(t *testing.T) {
	t.Parallel()
	taken, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	p := newProgram(t)
	if r := p.run("demo", "--exit", "--listen", taken.Addr().String()); r.code != exitFailed ||
		!strings.Contains(r.err, "listen on "+taken.Addr().String()) {
		t.Errorf("%+v", r)
	}
	for says, args := range map[string][]string{
		"--concurrency must be": {"--concurrency", "0"},
		"--webhook-allow takes": {"--webhook-allow", "here"},
		"--log-level must be":   {"--log-level", "loud"},
	} {
		if r := p.run(append([]string{"demo", "--exit"}, args...)...); r.code != exitUsage || !strings.Contains(r.err,
			says) {
			t.Errorf("%v: %+v", args, r)
		}
	}
}

func TestDemoSaysHowItIsCalledAgain(t *testing.T) {
	t.Parallel()
	for program, want := range map[string]string{
		"taskport": "taskport", "./bin/taskport": "./bin/taskport",
		"/tmp/go-build123/b001/exe/taskport":           "go run ./cmd/taskport",
		"/home/ada/.cache/go-build/ab/abcd-d/taskport": "go run ./cmd/taskport",
	} {
		if got := calledAs(program); got != want {
			t.Errorf("%s is called as %q, want %q", program, got, want)
		}
	}
}
