package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// runMillion imports one large file twice, undisturbed and with a fault now and then, and says what
// the faults cost.
func runMillion(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	t := newTorture(o, stderr)
	defer func() { err = errors.Join(err, t.close(false)) }()
	if err := t.prepare(ctx); err != nil {
		return err
	}
	for i := range t.sites {
		if err := t.loadDirectory(ctx, i); err != nil {
			return err
		}
	}
	t.patience = time.Hour
	f := fileOf(o.seed, 1, len(t.sites), o.million)
	calm, err := t.timed(ctx, f, 1)
	if err != nil {
		return err
	}
	t.note("undisturbed: %s", calm)
	striking, stop := context.WithCancel(ctx)
	struck := make(chan struct{})
	go func() {
		defer close(struck)
		t.everySoOften(striking)
	}()
	rough, err := t.timed(ctx, f, 2)
	stop()
	<-struck
	if err != nil {
		return err
	}
	if err := t.lookAround(ctx); err != nil {
		return err
	}
	r := t.result()
	fmt.Fprintf(stdout, "%d rows: %.1f s undisturbed, %.1f s with a fault every %s, %.1f times as long\n%s\n",
		o.million, calm.Seconds(), rough.Seconds(), o.every, rough.Seconds()/calm.Seconds(), r.line())
	if !r.clean() {
		t.showLogs()
		return errors.New("a promise was broken")
	}
	return nil
}

// timed imports the file and tells how long that took, until the job was completed.
func (t *torture) timed(ctx context.Context, f *file, number int) (time.Duration, error) {
	begun := time.Now()
	r, err := t.importFile(ctx, f, number, plain)
	if err != nil {
		return 0, err
	}
	if r.verdict.losses != (losses{}) {
		t.tell(r.verdict.losses, r.verdict.first)
	}
	return r.took(begun), nil
}

// everySoOften strikes with one kind after the other.
func (t *torture) everySoOften(ctx context.Context) {
	all := t.chosen(t.kinds())
	rng := newRand(t.seed, 20)
	order := rng.Perm(len(all))
	for n := 0; ctx.Err() == nil; n++ {
		next := time.Now().Add(t.every)
		if k := all[order[n%len(order)]]; !k.long && t.strikeOnce(ctx, k, rng, false, 0) {
			t.note("%s", k.name)
			pause(ctx, time.Until(next))
		}
	}
}
