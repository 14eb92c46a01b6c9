package console

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"taskport/importer"
	"taskport/store"
)

const (
	// correctWait is how long an action waits for its rows to go through the pipeline, so that the
	// next page knows what has become of them.
	correctWait  = 2 * time.Second
	correctPause = 20 * time.Millisecond
)

// correctLetter takes a decision about a dead letter, or about all that are like it, and leads to
// the next one.
func (s *server) correctLetter(r *request) (*answer, error) {
	i, d, err := s.deadLetterOfPath(r)
	if err != nil {
		return nil, s.decidedAlready(r, err)
	}
	w := readWalk(r.URL.Query())
	p, err := s.deadLetterPage(r, i, d, w)
	if err != nil {
		return nil, err
	}
	correcting, err := s.decide(r, p)
	if err != nil {
		return s.notTaken(r, p, err)
	}
	s.counts.decided(i.ID, d, correcting.Rows)
	s.handover.Begin(r.Context(), correcting.Import)
	text, again := s.become(r.Context(), correcting)
	if again {
		return redirect(deadLetterPath(i.ID, d.Row, w)).saying(text), nil
	}
	next, err := s.next(r.Context(), i, d.Row, w)
	if err != nil {
		return nil, err
	}
	return redirect(next).saying(text), nil
}

// decide reads the decision from the form, and writes it.
func (s *server) decide(r *request, p *deadLetterPage) (store.Correcting, error) {
	m, err := readMend(r, p)
	if err != nil {
		return store.Correcting{}, err
	}
	all, remember := r.PostFormValue("all") != "" && p.Same > 1, r.PostFormValue("remember") != ""
	if err := r.in.key.MayCorrect(&m, remember); err != nil {
		return store.Correcting{}, err
	}
	if !all && !remember {
		return s.Store.Correct(r.Context(), p.WorkspaceID, p.ID, p.Row, m, r.actor(), nil)
	}
	like := likeIt(p.DeadLetter)
	which := store.Selector{Reason: like.Reason, Field: like.Field, Name: like.Name, Company: like.Company}
	if !all {
		which.Rows = []int{p.Row}
	}
	return s.Store.CorrectAll(r.Context(), p.WorkspaceID, p.ID, which, m, remember && p.Remembers() &&
		m.Chooses(p.SubjectField()), r.actor(), nil)
}

// notTaken shows the page again with what was typed, and why the decision was not taken: somebody
// else was faster, or a value cannot be.
func (s *server) notTaken(r *request, p *deadLetterPage, err error) (*answer, error) {
	var fault *importer.Fault
	var state *store.StateError
	status := http.StatusConflict
	switch {
	case errors.As(err, &fault):
		status = http.StatusBadRequest
	case errors.As(err, &state):
	default:
		return nil, err
	}
	i, err2 := s.Store.Import(r.Context(), p.WorkspaceID, p.ID)
	d, err3 := s.Store.DeadLetter(r.Context(), p.WorkspaceID, p.ID, p.Row)
	if err2 != nil || err3 != nil {
		return nil, err // it is no dead letter any more: the message says who has decided about it
	}
	again, err2 := s.deadLetterPage(r, i, d, p.Walk)
	if err2 != nil {
		return nil, err2
	}
	again.Wrong, again.Contact, again.Creating = err.Error(), p.Contact, p.Creating || r.PostFormValue("do") == "create"
	again.Wide = p.Wide
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

// decidedAlready tells the second of two who decide about a row what the first one did, when it is
// in by now.
func (s *server) decidedAlready(r *request, err error) error {
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

// become waits a moment for the pipeline, and says what it made of the rows; again reports whether
// all were rejected again.
func (s *server) become(ctx context.Context, m store.Correcting) (text string, again bool) {
	what := plural(m.Rows, "row", "rows")
	for end := time.Now().Add(correctWait); ; {
		now, err := s.Store.Corrected(ctx, m.Import.WorkspaceID, m.Import.ID, m.Decision)
		if err != nil {
			return what + " decided.", false
		}
		if now.Pending == 0 {
			return becameText(what+" decided", now), now.Rejected == m.Rows
		}
		if time.Now().After(end) || !s.pause(ctx, correctPause) {
			return what + " decided; they are on their way through the pipeline.", false
		}
	}
}

// pause sleeps; it reports false when the request or the process is to end.
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

// becameText says what has become of rows; what names them, and what was done about them.
func becameText(what string, m store.Corrected) string {
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

// next leads to the dead letter that follows, or to the list when there is none.
func (s *server) next(ctx context.Context, i store.Import, row int, w walk) (string, error) {
	if !w.ByGroup {
		letters, err := s.Store.DeadLettersAfter(ctx, i.WorkspaceID, i.ID, w.Filter.store(), row, 1)
		if err != nil || len(letters) == 0 {
			w.Filter = w.Filter.first() // what was skipped is there
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

// skipLetter leads past a dead letter without a decision.
func (s *server) skipLetter(r *request) (*answer, error) {
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
