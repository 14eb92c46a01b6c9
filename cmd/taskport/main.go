// Command taskport imports CRM tasks in bulk. `taskport demo` imports sample data.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], &environment{
		program: os.Args[0], in: os.Stdin, out: os.Stdout, err: os.Stderr, getenv: os.Getenv,
		inIsTerminal: term.IsTerminal(int(os.Stdin.Fd())),
		terminal:     term.IsTerminal(int(os.Stderr.Fd())), outIsTerminal: term.IsTerminal(int(os.Stdout.Fd())),
	})
	stop()
	os.Exit(code)
}

// environment is what a command may use of the process; no command uses os directly for these.
type environment struct {
	program       string    // path of the program as called
	in            io.Reader // answers to questions; nil for none
	out           io.Writer // results, alone and fit for a pipe
	err           io.Writer // progress, notes and errors
	getenv        func(string) string
	terminal      bool // err is a terminal
	inIsTerminal  bool
	outIsTerminal bool
}

// note writes a line for the person at the terminal.
func (e *environment) note(format string, args ...any) {
	_, _ = fmt.Fprintf(e.err, format+"\n", args...) // a failed note cannot be reported
}

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitRejected = 2 // the import is complete, and some of its rows were rejected
)

// exitError ends the program with an exit code; a nil cause prints no message.
type exitError struct {
	code  int
	cause error
}

func (e *exitError) Error() string { return fmt.Sprintf("exit %d: %v", e.code, e.cause) }
func (e *exitError) Unwrap() error { return e.cause }

// run runs the program and returns its exit code.
func run(ctx context.Context, args []string, env *environment) int {
	env.err = &plain{to: env.err}
	if env.outIsTerminal { // a file or a pipe gets results as they are
		env.out = &plain{to: env.out}
	}
	root := newRootCommand(env)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitDone
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.cause != nil {
			env.note("taskport: %v", exit.cause)
		}
		return exit.code
	}
	env.note("taskport: %s", errorText(err))
	return exitFailed
}
