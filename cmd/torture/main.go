// Command torture tries to break the promise that nothing is lost and nothing doubled. It runs the
// program as processes, with a Postgres and a Redis of its own, imports files whose outcome is
// known row by row, strikes at random from a seed, and compares the database with what must be.
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
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", err)
		os.Exit(1)
	}
}

// options are what a person can choose.
type options struct {
	seed      uint64
	imports   int           // at least so many
	faults    int           // at least so many
	limit     time.Duration // after which no fault and no import is begun; 0 = none
	parallel  int           // imports at a time
	workers   int           // processes
	files     int           // different files
	rows      int           // most rows of a file
	rounds    int           // how often each kind strikes alone, before they are mixed
	patience  time.Duration // after which an import is stuck
	only      string        // kinds whose name contains this
	longPause time.Duration // the long pause of Redis; 0 = only short ones
	keep      bool
	asJSON    bool
	mutations bool
	mutation  string // part of the names of those to try
	million   int    // rows of the one large import; 0 = the usual run
	every     time.Duration
	overlay   string // of the sources that the program is built from
	first     bool   // end at the first finding
	pooler    string // mode of a PgBouncer before the database; "" for none
	failover  string // how the database is replaced; "" for the usual faults
}

func readOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("torture", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.Uint64Var(&o.seed, "seed", 1, "seed of the files and the faults")
	f.IntVar(&o.imports, "imports", 200, "imports, at least")
	f.IntVar(&o.faults, "faults", 1000, "faults, at least")
	f.DurationVar(&o.limit, "for", 0, "begin nothing new after this time, whatever the numbers are; 0 for no bound")
	f.IntVar(&o.parallel, "parallel", 12, "imports at a time")
	f.IntVar(&o.workers, "workers", 3, "worker processes")
	f.IntVar(&o.files, "files", 16, "different files; each is imported undisturbed first")
	f.IntVar(&o.rows, "most-rows", 20_000, "rows of the largest file")
	f.IntVar(&o.rounds, "rounds", 3, "how often each kind of fault strikes alone before they are mixed")
	f.DurationVar(&o.patience, "patience", 4*time.Minute, "after which an import is stuck")
	f.StringVar(&o.only, "only", "", "only faults whose name contains this; a list with commas")
	f.DurationVar(&o.longPause, "pause", 90*time.Second,
		"duration of the long pauses of Redis; 0 for none")
	f.BoolVar(&o.keep, "keep", false, "keep logs and data when something was found")
	f.BoolVar(&o.asJSON, "json", false, "print JSON instead of the table")
	f.BoolVar(&o.mutations, "mutations", false,
		"remove guards from the program, one at a time, and check that each absence is detected")
	f.StringVar(&o.mutation, "mutation", "", "with --mutations: only guards whose name contains this")
	f.IntVar(&o.million, "rows", 0,
		"import one file of so many rows, once undisturbed and once with a fault --every, and compare")
	f.DurationVar(&o.every, "every", 5*time.Second, "time between faults of --rows")
	f.StringVar(&o.failover, "failover", "", "replace the database under load instead: by a synchronous standby (sync), "+
		"by one that lags (async), or by a base backup (restore)")
	f.StringVar(&o.pooler, "pooler", "", "let the processes reach the database through a PgBouncer in this mode, "+
		"session or transaction, which is killed now and then")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if !slices.Contains([]string{"", "session", "transaction"}, o.pooler) {
		return o, fmt.Errorf("--pooler takes session or transaction, not %q", o.pooler)
	}
	if err := o.forFailover(f); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is not a flag", f.Arg(0))
	}
	for name, n := range map[string]int{"parallel": o.parallel, "workers": o.workers, "files": o.files,
		"imports": o.imports} {
		if n < 1 {
			return o, fmt.Errorf("--%s must be at least 1, not %d", name, n)
		}
	}
	if o.rows < fewestRows {
		return o, fmt.Errorf("--most-rows must be at least %d, not %d", fewestRows, o.rows)
	}
	if o.only != "" && len(o.chosen(o.kinds())) == 0 {
		return o, fmt.Errorf("--only: no fault has %q in its name; there are %s", o.only,
			strings.Join(names(o.kinds()), ", "))
	}
	return o, nil
}

// forFailover checks --failover, and chooses the numbers of such a run where nobody has.
func (o *options) forFailover(f *flag.FlagSet) error {
	if o.failover == "" {
		return nil
	}
	if !slices.Contains([]string{syncFailover, asyncFailover, restored}, o.failover) {
		return fmt.Errorf("--failover takes sync, async or restore, not %q", o.failover)
	}
	chosen := map[string]bool{}
	f.Visit(func(f *flag.Flag) { chosen[f.Name] = true })
	for name, usual := range map[string]struct {
		number *int
		here   int
	}{"imports": {&o.imports, 1}, "faults": {&o.faults, failovers}, "most-rows": {&o.rows, 4000}, "files": {&o.files, 6},
		"parallel": {&o.parallel, 5}} {
		if !chosen[name] {
			*usual.number = usual.here
		}
	}
	if !chosen["for"] {
		o.limit = 4 * time.Minute
	}
	return nil
}

// chosen are the kinds that --only leaves.
func (o *options) chosen(all []kind) []kind {
	if o.only == "" {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(k kind) bool {
		return !slices.ContainsFunc(strings.Split(o.only, ","), func(part string) bool {
			return strings.Contains(k.name, part)
		})
	})
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	o, err := readOptions(args, stderr)
	if err != nil {
		return err
	}
	switch {
	case o.mutations:
		return runMutations(ctx, o, stdout, stderr)
	case o.million > 0:
		return runMillion(ctx, o, stdout, stderr)
	}
	found, err := runOnce(ctx, o, stderr)
	if err != nil {
		return err
	}
	if err := found.print(stdout, o); err != nil {
		return err
	}
	if !found.clean() {
		return errors.New("a promise was broken")
	}
	return nil
}
