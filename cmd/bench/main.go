// Command bench measures taskport against bare Postgres: an import against \copy of the resolved
// rows, POST /v1/tasks against pgbench, and one asynq job a row against chunks. Everything runs on
// this machine, in one go, interleaved; it prints medians and ratios as Markdown.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr, os.Getenv)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// options are what a person can choose.
type options struct {
	rows, contacts, companies, runs int
	seconds                         int // each run of requests
	clients                         int
	seed                            uint64
	parts                           string
	asJSON                          bool
	databaseURL, redisURL           string
	profile                         string
	typoEachRow                     bool
}

// parts of the measurement, in the order in which they run.
var parts = []string{"import", "tasks", "async", "jobs", "workers", "memory", "rows", "directory", "keys",
	"columns"}

func readOptions(args []string, stderr io.Writer, getenv func(string) string) (options, error) {
	var o options
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.IntVar(&o.rows, "rows", 1_000_000, "rows of the imported file")
	f.IntVar(&o.contacts, "contacts", 100_000, "contacts of the directory")
	f.IntVar(&o.companies, "companies", 5_000, "companies of the directory")
	f.IntVar(&o.runs, "runs", 5, "runs of each measurement, interleaved with its reference")
	f.IntVar(&o.seconds, "seconds", 6, "seconds of each run of requests")
	f.IntVar(&o.clients, "clients", 32, "connections of the requests, and clients of pgbench")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the data")
	f.StringVar(&o.parts, "parts", "import,tasks", "what to measure, any of "+strings.Join(parts, ",")+", or all")
	f.BoolVar(&o.typoEachRow, "typo-each-row", false,
		"misspell a person differently in each row, instead of once for all rows, as a CRM's export does")
	f.StringVar(&o.profile, "profile", "",
		"write a CPU profile of the worker during the first import to this file, and of intake during the first "+
			"requests to this file.requests")
	f.BoolVar(&o.asJSON, "json", false, "print JSON instead of Markdown")
	f.StringVar(&o.databaseURL, "database-url", getenv("DATABASE_URL"),
		"Postgres to measure on (environment: DATABASE_URL); a private one with its default durability when empty")
	f.StringVar(&o.redisURL, "redis-url", getenv("REDIS_URL"),
		"Redis to use (environment: REDIS_URL); a private one when empty")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if o.parts == "all" {
		o.parts = strings.Join(parts, ",")
	}
	for _, p := range strings.Split(o.parts, ",") {
		if !slices.Contains(parts, p) {
			return o, fmt.Errorf("--parts: %q is none of %s", p, strings.Join(parts, ", "))
		}
	}
	for name, n := range map[string]int{"rows": o.rows, "contacts": o.contacts, "companies": o.companies,
		"runs": o.runs, "seconds": o.seconds, "clients": o.clients} {
		if n < 1 {
			return o, fmt.Errorf("--%s must be at least 1, not %d", name, n)
		}
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	return o, nil
}

func (o options) has(part string) bool { return slices.Contains(strings.Split(o.parts, ","), part) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer, getenv func(string) string) (err error) {
	o, err := readOptions(args, stderr, getenv)
	if err != nil {
		return err
	}
	b := &bench{options: o, began: time.Now(), note: func(format string, args ...any) {
		_, _ = fmt.Fprintf(stderr,
			format+"\n", args...)
	}}
	defer func() { err = errors.Join(err, b.close()) }()
	if err := b.prepare(ctx, stderr); err != nil {
		return err
	}
	measures := map[string]func(context.Context) error{"import": b.imports, "tasks": b.tasks, "async": b.async,
		"jobs":    b.jobs,
		"workers": b.workers,
		"memory":  b.memory, "rows": b.growthOfRows, "directory": b.growthOfDirectory, "keys": b.keys,
		"columns": b.columns}
	for _, p := range parts {
		if !o.has(p) {
			continue
		}
		if err := measures[p](ctx); err != nil {
			return fmt.Errorf("measure %s: %w", p, err)
		}
	}
	if o.asJSON {
		return b.report.writeJSON(stdout)
	}
	return b.report.writeMarkdown(stdout)
}
