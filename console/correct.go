package console

import (
	"context"
	"errors"
	"strings"
	"time"

	"taskport/store"
)

const (
	// correctWait is how long an action waits for the outcomes of its rows, which the next page shows.
	correctWait  = 2 * time.Second
	correctPause = 20 * time.Millisecond
)

// correctDeadLetter corrects a dead letter, or all that are like it, and redirects to the next one.
func (s *server) correctDeadLetter(r *request) (*answer, error) {
	i, d, err := s.deadLetterOfPath(r)
	if err != nil {
		return nil, s.alreadyDecided(r, err)
	}
	w := readWalk(r.URL.Query())
	p, err := s.deadLetterPage(r, i, d, w)
	if err != nil {
		return nil, err
	}
	correcting, err := s.decide(r, p)
	if err != nil {
		return s.refused(r, p, err)
	}
	s.counts.decided(i, d, correcting.Rows)
	s.handover.Begin(r.Context(), correcting.Import)
	text, again := s.outcomeOf(r.Context(), correcting)
	if again {
		return redirect(deadLetterPath(i.ID, d.Row, w)).saying(text).undoing(correcting.Decision), nil
	}
	next, err := s.next(r.Context(), i, d.Row, w)
	if err != nil {
		return nil, err
	}
	return redirect(next).saying(text).undoing(correcting.Decision), nil
}

// decide reads the correction from the form and stores it.
func (s *server) decide(r *request, p *deadLetterPage) (store.Correcting, error) {
	m, err := readCorrection(r, p)
	if err != nil {
		return store.Correcting{}, err
	}
	all, remember := r.PostFormValue("all") != "" && p.Same > 1, r.PostFormValue("remember") != ""
	if err := r.in.key.MayCorrect(&m, remember); err != nil {
		return store.Correcting{}, err
	}
	if r.PostFormValue("sure") == "" {
		if err := s.alreadyThere(r.Context(), p.WorkspaceID, &m); err != nil {
			return store.Correcting{}, err
		}
	}
	if remember && p.NamesUser() {
		return s.decideAssignee(r, p, m, all)
	}
	if !all && !remember {
		return s.Store.Correct(r.Context(), p.WorkspaceID, p.ID, p.Row, m, r.actor(), nil)
	}
	which := selects(p.DeadLetter, true)
	if !all {
		which.Rows = []int{p.Row}
	}
	return s.Store.CorrectAll(r.Context(), p.WorkspaceID, p.ID, which, m, remember && p.Remembers() &&
		m.Chooses(p.SubjectField()), r.actor(), nil)
}

// refused shows the page again with the typed values and the reason why the correction was refused:
// another operator was faster, or a value is invalid.
func (s *server) refused(r *request, p *deadLetterPage, err error) (*answer, error) {
	status, refused := asRefusal(err)
	if !refused {
		return nil, err
	}
	var exists *existsError
	errors.As(err, &exists)
	i, err2 := s.Store.Import(r.Context(), p.WorkspaceID, p.ID)
	d, err3 := s.Store.DeadLetter(r.Context(), p.WorkspaceID, p.ID, p.Row)
	if err2 != nil || err3 != nil {
		return nil, err // no longer a dead letter: the message names the operator who corrected it
	}
	again, err2 := s.deadLetterPage(r, i, d, p.Walk)
	if err2 != nil {
		return nil, err2
	}
	again.Wrong, again.Contact, again.Creating = err.Error(), p.Contact, p.Creating || r.PostFormValue("do") == "create"
	again.Wide, again.Exists = p.Wide, exists != nil
	again.All, again.Remember = r.PostFormValue("all") != "", r.PostFormValue("remember") != ""
	for n, f := range again.Fields {
		if name := "field_" + f.Name; r.PostForm.Has(name) && f.Huge == 0 {
			typed := r.PostForm.Get(name)
			again.Typed = again.Typed || !f.Fault && oneLineEnd(typed) != oneLineEnd(f.Value)
			again.Fields[n].Value = typed
		}
	}
	return s.searched(r, again, r.PostFormValue("find"), status)
}

// alreadyDecided returns the error that describes the earlier correction of a row that is no longer
// a dead letter, or err if there was none.
func (s *server) alreadyDecided(r *request, err error) error {
	var page *pageError
	id, noID := idOfPath(r)
	row, noRow := rowOfPath(r)
	if !errors.As(err, &page) || noID != nil || noRow != nil {
		return err
	}
	var decided *store.StateError
	if errors.As(s.Store.Decided(r.Context(), r.in.key.WorkspaceID, id, row), &decided) {
		return decided
	}
	return err
}

// outcomeOf waits at most correctWait for the corrected rows, and returns a message with their
// outcomes. Again is true if all rows were rejected again.
func (s *server) outcomeOf(ctx context.Context, m store.Correcting) (text string, again bool) {
	what := plural(m.Rows, "row", "rows")
	for end := time.Now().Add(correctWait); ; {
		now, err := s.Store.Corrected(ctx, m.Import.WorkspaceID, m.Import.ID, m.Decision)
		if err != nil {
			return what + " decided.", false
		}
		if now.Pending == 0 {
			return outcomeText(what+" decided", now), now.Rejected == m.Rows
		}
		if time.Now().After(end) || !s.pause(ctx, correctPause) {
			return what + " decided; being processed.", false
		}
	}
}

// pause sleeps. It reports false if the request or the process ends.
func (s *server) pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-s.Stopping:
		return false
	case <-time.After(d):
		return true
	}
}

// outcomeText returns a message with the outcomes of rows; what is the subject of the sentence.
func outcomeText(what string, m store.Corrected) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{{m.Created, "created"}, {m.Updated, "updated"}, {m.Skipped, "skipped as duplicates"},
		{m.Rejected, "rejected again"}} {
		if p.n > 0 {
			parts = append(parts, grouped(int64(p.n))+" "+p.text)
		}
	}
	if len(parts) == 0 {
		return what + "."
	}
	return what + ": " + strings.Join(parts, ", ") + "."
}

// next returns the path of the dead letter after row, or of the list after the last.
func (s *server) next(ctx context.Context, i store.Import, row int, w walk) (string, error) {
	if !w.ByGroup {
		letters, err := s.Store.DeadLettersAfter(ctx, i.WorkspaceID, i.ID, w.Filter.store(), row, 1)
		if err != nil || len(letters) == 0 {
			w.Filter = w.Filter.first() // lists the skipped rows too
			return importPath(i.ID) + w.suffix() + "#letters", err
		}
		return deadLetterPath(i.ID, letters[0].Row, w), nil
	}
	now, err := s.Store.Import(ctx, i.WorkspaceID, i.ID)
	if err != nil {
		return "", err
	}
	all, err := s.counts.groupsOf(ctx, s.Store, now)
	if err != nil {
		return "", err
	}
	for n := w.At; n < len(all.groups); n++ {
		if g := all.groups[n]; g.Pending < g.Count && g.FirstRow != row {
			return deadLetterPath(i.ID, g.FirstRow, walk{ByGroup: true, At: n}), nil
		}
	}
	return importPath(i.ID) + "/groups", nil
}

// skipDeadLetter redirects to the next dead letter without a correction.
func (s *server) skipDeadLetter(r *request) (*answer, error) {
	i, err := s.importOfPath(r)
	if err != nil {
		return nil, err
	}
	row, err := rowOfPath(r)
	if err != nil {
		return nil, err
	}
	w := readWalk(r.URL.Query())
	if w.ByGroup {
		w.At++
	}
	next, err := s.next(r.Context(), i, row, w)
	if err != nil {
		return nil, err
	}
	return redirect(next), nil
}
