package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
)

// result is what a run has found.
type result struct {
	Faults     int          `json:"faults"`
	Imports    int          `json:"imports"`
	Singles    int          `json:"singles"`
	Lost       int          `json:"lost"`
	Doubled    int          `json:"doubled"`
	Misplaced  int          `json:"misplaced"`
	Stuck      int          `json:"stuck"`
	Seed       uint64       `json:"seed"`
	Seconds    float64      `json:"seconds"`
	Slowest503 float64      `json:"slowest_503_seconds"`
	Kinds      []kindResult `json:"kinds"`
	Stories    []string     `json:"found"`
	Absent     []string     `json:"left_out"`
	// Failover says how the database was replaced, and the counts what was acknowledged and is gone
	// with the lost part of its history.
	Failover         string `json:"failover,omitempty"`
	ForgottenImports int    `json:"acknowledged_and_lost_imports"`
	ForgottenSingles int    `json:"acknowledged_and_lost_singles"`
	// Actions says how often an import was cancelled, retried and undone.
	Actions map[string]int `json:"actions"`
}

// kindResult is a line of the table; times are in seconds, and 0 where nothing was measured.
type kindResult struct {
	Name        string  `json:"name"`
	Struck      int     `json:"struck"`
	Alone       int     `json:"alone"`
	Median      float64 `json:"median"`
	Worst       float64 `json:"worst"`
	MixedMedian float64 `json:"mixed_median"`
	MixedWorst  float64 `json:"mixed_worst"`
}

func (t *torture) result() *result {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &result{Faults: t.struck.faults(), Imports: len(t.imports) - 2*len(t.sites), Singles: t.singlesDone +
		len(t.singles),
		Lost: t.found.lost, Doubled: t.found.doubled, Misplaced: t.found.misplaced,
		Failover: t.failover, ForgottenImports: t.forgotten.imports, ForgottenSingles: t.forgotten.singles,
		Stuck: t.stuck, Seed: t.seed, Seconds: time.Since(t.began).Seconds(),
		Slowest503: time.Duration(t.slowest503.Load()).Seconds(), Stories: t.stories, Actions: maps.Clone(t.did)}
	for _, name := range names(t.chosen(t.kinds())) {
		k := t.struck.of(name)
		r.Kinds = append(r.Kinds, kindResult{name, k.struck, len(k.alone), median(k.alone).Seconds(),
			worst(k.alone).Seconds(), median(k.mixed).Seconds(), worst(k.mixed).Seconds()})
		if k.struck == 0 {
			r.Absent = append(r.Absent, name)
		}
	}
	slices.Sort(r.Absent)
	return r
}

func (r *result) clean() bool { return r.Lost+r.Doubled+r.Misplaced+r.Stuck == 0 }

func (r *result) line() string {
	return fmt.Sprintf("torture: faults=%d imports=%d singles=%d lost=%d doubled=%d misplaced=%d stuck=%d seed=%d",
		r.Faults, r.Imports, r.Singles, r.Lost, r.Doubled, r.Misplaced, r.Stuck, r.Seed)
}

func (r *result) print(w io.Writer, o options) error {
	if o.asJSON {
		return json.NewEncoder(w).Encode(r)
	}
	var b strings.Builder
	b.WriteString("| fault | struck | alone | recovery, median | worst | among others, median | worst |\n| --- | --- " +
		"| --- | --- | --- | --- | --- |\n")
	for _, k := range r.Kinds {
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %s | %s | %s |\n", k.Name, k.Struck, k.Alone, seconds(k.Median),
			seconds(k.Worst), seconds(k.MixedMedian), seconds(k.MixedWorst))
	}
	fmt.Fprintf(&b, "\nThe slowest 503 took %s; the whole run %.0f s. "+
		"Imports cancelled %d, retried %d, undone %d, purged %d. Decisions undone: %d corrections, %d dismissals, "+
		"%d of %d acceptances.", seconds(r.Slowest503), r.Seconds,
		r.Actions["cancel"], r.Actions["retry"], r.Actions["undo"], r.Actions["purge"],
		r.Actions["correct_all and undo"], r.Actions["dismiss and undo"], r.Actions["acceptance undone"],
		r.Actions["accepted together"])
	if n := r.Actions["hostile import"]; n > 0 {
		fmt.Fprintf(&b, " Hostile imports %d, persons erased %d.", n, r.Actions["erasure"])
	}
	if len(r.Absent) > 0 {
		fmt.Fprintf(&b, " Did not strike, or left out: %s.", strings.Join(r.Absent, ", "))
	}
	b.WriteString("\n\n")
	if o.loses() {
		fmt.Fprintf(&b, "Acknowledged, and lost with a part of the database's history: %d imports, %d singles.\n",
			r.ForgottenImports, r.ForgottenSingles)
	}
	for _, s := range r.Stories {
		fmt.Fprintf(&b, "found: %s\n", s)
	}
	fmt.Fprintln(&b, r.line())
	_, err := io.WriteString(w, b.String())
	return err
}

func seconds(s float64) string {
	if s == 0 {
		return ""
	}
	return fmt.Sprintf("%.1f s", s)
}
