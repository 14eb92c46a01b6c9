package console

import (
	"cmp"
	"slices"
	"time"

	"taskport/importer"
	"taskport/store"
)

// progress is an import with the figures that pages show while it runs.
type progress struct {
	store.Import
	Rate    int64         // rows per second since it began
	Left    time.Duration // until it ends at that rate; 0 = unknown
	Took    time.Duration
	Reasons []reasonCount
}

// reasonCount is how many rows were rejected for a reason.
type reasonCount struct {
	Reason importer.Reason
	Count  int64
}

// Done is the share of the processed rows, in percent.
func (p progress) Done() int64 {
	if p.Total == 0 {
		return 0
	}
	return 100 * p.Processed() / p.Total
}

// Decides reports whether dead letters of the import can be corrected, now or once it has started.
func (p progress) Decides() bool {
	return decides(p.Import) || p.Status == store.Queued && !p.Options.DryRun
}

// DecidePath returns the path of the page on which the rejected rows are decided, or listed by
// cause.
func (p progress) DecidePath() string {
	if p.Decides() {
		return inboxPath + inboxFilter{Only: p.ID}.suffix()
	}
	return importPath(p.ID) + "/groups"
}

// decides reports whether dead letters of the import can be corrected now.
func decides(i store.Import) bool {
	return i.Status.Allows(store.TransitionCorrect) && !i.Options.DryRun
}

// Open is how many rejected rows are neither corrected nor dismissed.
func (p progress) Open() int64 { return p.Rejected - p.Dismissed }

// Running reports whether the import has not ended.
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
		end = *i.LastDoneAt // later changes are corrections
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

// reasonsOf returns the reasons of rejected rows, the most frequent first.
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
