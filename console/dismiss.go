package console

import (
	"errors"
	"strings"

	"taskport/importer"
	"taskport/store"
)

// usualWhys are the reasons that the form of a dismissal offers; any other text is possible.
var usualWhys = []string{whyTotals, "nobody needs this task", "done long ago", "the contact has left", "a test row",
	"imported in another way"}

const whyTotals = "a line of totals"

// proposedWhy returns the reason to dismiss a row that is not a record at all; empty for others.
func proposedWhy(d importer.DeadLetter) string {
	if importer.LooksLikeTotals(d.Cells) {
		return whyTotals
	}
	return ""
}

// DismissPath returns the path that dismisses the row.
func (p *deadLetterPage) DismissPath() string {
	return deadLetterPath(p.ID, p.Row, walk{}) + "/dismiss" + p.Walk.suffix()
}

// dismissDeadLetter dismisses a dead letter, or all that are like it, or opens them again.
func (s *server) dismissDeadLetter(r *request) (*answer, error) {
	i, d, err := s.deadLetterOfPath(r)
	if err != nil {
		return nil, s.alreadyDecided(r, err)
	}
	w := readWalk(r.URL.Query())
	all := r.PostFormValue("all") != "" && d.Reason != importer.MalformedRow
	restore := r.PostFormValue("restore") != ""
	done, err := s.Store.Dismiss(r.Context(), i.WorkspaceID, i.ID, store.Dismissal{Selector: selects(d, all),
		Restore: restore, Why: strings.TrimSpace(r.PostFormValue("why"))}, r.actor(), nil)
	if errors.Is(err, store.ErrNotFound) { // a colleague was faster, or a decision about it is being carried out
		return redirect(deadLetterPath(i.ID, d.Row, w)).saying("Nothing was changed: the row is as you see it now."), nil
	}
	if err != nil {
		return nil, err
	}
	rows := done.Dismissed
	if restore {
		s.counts.forget(i.ID)
		return redirect(deadLetterPath(i.ID, d.Row, w)).saying(plural(rows, "row is", "rows are") + " open again."), nil
	}
	s.counts.decided(i, d, rows)
	next, err := s.next(r.Context(), done.Import, d.Row, w)
	if err != nil {
		return nil, err
	}
	return redirect(next).saying(plural(rows, "row", "rows") + " dismissed.").undoing(done.Decision), nil
}
