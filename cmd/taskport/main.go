// Command taskport imports CRM tasks in bulk. `taskport demo` imports sample data.
package main

import (
	"bufio"
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
		width: widthOf(os.Stderr), outWidth: widthOf(os.Stdout),
	})
	stop()
	os.Exit(code)
}

// widthOf returns the width of a terminal in characters; 0 for anything else.
func widthOf(f *os.File) int {
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		return 0
	}
	return width
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
	width         int           // of err in characters; 0 unless it is a terminal
	outWidth      int           // of out
	typed         *bufio.Reader // reads in, once something was asked
}

// Exit codes.
const (
	exitDone     = 0
	exitFailed   = 1
	exitRejected = 2  // the import is complete, and some of its rows were rejected
	exitUsage    = 64 // the command is called wrongly; EX_USAGE of sysexits.h
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
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return exitDone
	}
	var wrong *usageError
	if errors.As(err, &wrong) {
		env.fail(errorText(err))
		env.note("usage: %s\n`%s --help` describes it", cmd.UseLine(), cmd.CommandPath())
		return exitUsage
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.cause != nil {
			env.fail(exit.cause.Error())
		}
		return exit.code
	}
	env.fail(errorText(err))
	return exitFailed
}
