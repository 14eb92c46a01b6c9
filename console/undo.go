package console

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// undoDecision takes back a decision about rejected rows, and redirects to where it was asked for.
func (s *server) undoDecision(r *request) (*answer, error) {
	id, err := idOfPath(r)
	if err != nil {
		return nil, err
	}
	if len(kindsOf(r.in.key)) == 0 {
		return nil, errPermission(store.WriteActivities)
	}
	undone, err := s.undo(r, id)
	if err != nil {
		return nil, err
	}
	back := r.PostFormValue("back")
	if !strings.HasPrefix(back, Prefix) {
		back = inboxPath
	}
	return redirect(back).saying(undoneText(undone)), nil
}

// undo takes back a decision.
func (s *server) undo(r *request, decision uuid.UUID) (store.UndoneDecision, error) {
	undone, err := s.Store.UndoDecision(r.Context(), r.in.key, decision)
	for _, one := range undone.Imports {
		s.counts.groups.Remove(one.Import.ID)
	}
	s.counts.open.Remove(r.in.key.WorkspaceID)
	s.counts.changed(r.in.key.WorkspaceID, 0)
	return undone, err
}

func undoneText(u store.UndoneDecision) string {
	text := "Undone: " + plural(u.Rows, "row is as it was", "rows are as they were")
	if u.Tasks > 0 {
		text += ", " + plural(u.Tasks, "task is deleted", "tasks are deleted")
	}
	text += "."
	for _, name := range u.Kept {
		text += " " + shown(name) + " stays in the directory, because others refer to it."
	}
	return text
}

// undoLine takes back the decision about a line of the inbox, and shows the line as it was.
func (s *server) undoLine(r *request, l inboxLine, f inboxFilter, decision uuid.UUID) (*answer, error) {
	undone, err := s.undo(r, decision)
	inPlace := r.Header.Get(partHeader) != ""
	if status, refused := asRefusal(err); refused && inPlace {
		return &answer{status: status, view: "inbox.html", part: "inbox-done",
			data: inboxDone{inboxLine: l, Said: asPageError(err).message}}, nil
	}
	if err != nil {
		return nil, err
	}
	if !inPlace {
		return redirect(inboxPath + f.suffix()).saying(undoneText(undone)), nil
	}
	a, err := s.linePart(r, http.StatusOK, l)
	if err == nil {
		a.header = map[string]string{rowsHeader: strconv.Itoa(-undone.Back)}
	}
	return a, err
}

// undoOf returns the decision that a form of the inbox takes back; nil for another form.
func undoOf(r *request) uuid.UUID {
	id, _ := importer.ParseID(r.PostFormValue("undo"))
	return id
}
