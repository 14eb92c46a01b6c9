package console

import (
	"cmp"
	"slices"
	"time"

	"taskport/importer"
	"taskport/store"
)

// progress is an import as lists and its own page show it while it moves.
type progress struct {
	store.Import
	Rate    int64         // rows a second since it began
	Left    time.Duration // until it ends at that rate; 0 = not known
	Took    time.Duration
	Reasons []reasonCount
}

// reasonCount is how many rows were rejected for a reason.
type reasonCount struct {
	Reason importer.Reason
	Count  int64
}

// Done is the share of the rows that have ended somewhere, in percent.
func (p progress) Done() int64 {
	if p.Total == 0 {
		return 0
	}
	return 100 * p.Processed() / p.Total
}

// Decides reports whether its dead letters can be decided, or will be once it goes on.
func (p progress) Decides() bool {
	return decides(p.Import) || p.Status == store.Queued && !p.Options.DryRun
}

// decides reports whether the dead letters of an import can be decided now.
func decides(i store.Import) bool {
	return i.Status.Allows(store.TransitionCorrect) && !i.Options.DryRun
}

// Running reports whether it goes on by itself.
func (p progress) Running() bool { return !p.Status.Final() }

func progressOf(i store.Import, now time.Time) progress {
	p := progress{Import: i, Reasons: reasonsOf(i)}
	if i.StartedAt == nil {
		return p
	}
	end := now
	if i.FinishedAt != nil {
		end = *i.FinishedAt
	}
	if i.LastDoneAt != nil && (i.FinishedAt != nil || i.Processed()+i.Parked >= i.Total) {
		end = *i.LastDoneAt // what comes later is correcting
	}
	p.Took = max(end.Sub(*i.StartedAt), 0)
	if seconds := p.Took.Seconds(); seconds > 0 {
		p.Rate = int64(float64(i.Processed()) / seconds)
	}
	if left := i.Total - i.Processed() - i.Parked; p.Rate > 0 && left > 0 && p.Running() {
		p.Left = time.Duration(float64(left) / float64(p.Rate) * float64(time.Second))
	}
	return p
}

// reasonsOf lists the reasons with the most rows first.
func reasonsOf(i store.Import) []reasonCount {
	var all []reasonCount
	for _, r := range importer.Reasons() {
		if n := i.ByReason[r]; n > 0 {
			all = append(all, reasonCount{r, n})
		}
	}
	slices.SortStableFunc(all, func(a, b reasonCount) int { return cmp.Compare(b.Count, a.Count) })
	return all
}
