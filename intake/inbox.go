package intake

import (
	"errors"
	"net/http"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// inboxRowJSON is a dead letter in a list over all imports.
type inboxRowJSON struct {
	JobID    uuid.UUID     `json:"job_id"`
	Kind     importer.Kind `json:"kind"`
	FileName string        `json:"file_name"`
	deadLetterJSON
}

// inbox answers GET /v1/rejects: the open dead letters of all imports that can be corrected.
func (s *server) inbox(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	f, err := rejectsFilter(r)
	if err != nil {
		return nil, err
	}
	rows, err := s.Store.Inbox(r.Context(), r.key.WorkspaceID, f, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, rows, func(row store.InboxRow) inboxRowJSON {
		return inboxRowJSON{row.Import.ID, row.Import.Kind, row.Import.FileName, showDeadLetter(row.Import, row.DeadLetter)}
	}), nil
}

// inboxGroupJSON is a group of dead letters of all imports.
type inboxGroupJSON struct {
	Kind        importer.Kind   `json:"kind"`
	Reason      importer.Reason `json:"reason"`
	Field       string          `json:"field"`
	Name        string          `json:"name"`
	Company     string          `json:"company"`
	Count       int             `json:"count"`
	ImportCount int             `json:"import_count"`
}

// inboxGroups answers GET /v1/rejects/groups.
func (s *server) inboxGroups(r *request) (*answer, error) {
	page, err := readPage(r.URL.Query())
	if err != nil {
		return nil, err
	}
	groups, total, err := s.Store.InboxGroups(r.Context(), r.key.WorkspaceID, page)
	if err != nil {
		return nil, err
	}
	return list(r, page, store.Placed(groups, total, page), func(g store.InboxGroup) inboxGroupJSON {
		return inboxGroupJSON{g.Kind, g.Reason, g.Field, g.Name, g.Company, g.Count, g.Imports}
	}), nil
}

// resolvedJSON is the outcome of a decision over all imports.
type resolvedJSON struct {
	DecisionID uuid.UUID         `json:"decision_id"`
	RowCount   int               `json:"row_count"`
	Jobs       []resolvedJobJSON `json:"jobs"`
}

type resolvedJobJSON struct {
	JobID    uuid.UUID `json:"job_id"`
	RowCount int       `json:"row_count"`
}

// resolveInbox answers POST /v1/rejects/resolve: the decision about many dead letters, in every
// import that has some. Each import is a transaction of its own; a repetition finds what is left.
func (s *server) resolveInbox(r *request) (*answer, error) {
	var in allDecision
	if err := mediaType(r, "application/json"); err != nil {
		return nil, err
	}
	if err := s.readObject(r, maxCorrectAllBody, &in, allMembers); err != nil {
		return nil, err
	}
	if in.Rows != nil {
		return nil, newError("validation_error",
			"rows are those of one job; send them to /v1/import/jobs/{id}/rejects/resolve").of("rows")
	}
	which, err := in.selector()
	if err != nil {
		return nil, err
	}
	dismissal, dismisses, err := in.dismissal(which)
	if err != nil {
		return nil, err
	}
	m, err := correctOf(in.Fields, in.ContactID, in.CompanyID)
	if err != nil {
		return nil, err
	}
	if err := r.key.MayCorrect(&m, in.Remember); err != nil {
		return nil, err
	}
	which.Dismissed = dismissal.Restore
	imports, err := s.Store.InboxImports(r.Context(), r.key.WorkspaceID, which)
	if err != nil {
		return nil, err
	}
	for _, i := range imports { // all or none: nothing is decided before every permission is there
		if err := r.key.MayWrite(i.Kind); err != nil {
			return nil, err
		}
	}
	out, by := resolvedJSON{Jobs: []resolvedJobJSON{}}, actorOf(r)
	for _, i := range imports {
		var decided store.Correcting
		if dismisses {
			decided, err = s.Store.Dismiss(r.Context(), i.WorkspaceID, i.ID, dismissal, by, nil)
		} else if decided, err = s.Store.CorrectAll(r.Context(), i.WorkspaceID, i.ID, which, m, in.Remember, by,
			nil); err == nil {
			s.handover.Begin(r.Context(), decided.Import)
		}
		var state *store.StateError
		if errors.Is(err, store.ErrNotFound) || errors.As(err, &state) {
			continue // somebody else was there first
		}
		if err != nil {
			return nil, err
		}
		by = by.In(decided.Decision)
		out.DecisionID = by.PartOf
		rows := decided.Rows + decided.Dismissed
		out.RowCount += rows
		out.Jobs = append(out.Jobs, resolvedJobJSON{i.ID, rows})
	}
	if len(out.Jobs) == 0 {
		return nil, newError("not_found", "no open rejected row of this workspace matches; GET /v1/rejects lists them")
	}
	return data(http.StatusOK, out), nil
}

// undoneJSON is what the undo of a decision has taken back.
type undoneJSON struct {
	DecisionID uuid.UUID         `json:"decision_id"`
	RowCount   int               `json:"row_count"`
	TaskCount  int               `json:"task_count"`
	Jobs       []resolvedJobJSON `json:"jobs"`
	Kept       []string          `json:"kept,omitempty"`
}

// undoDecision answers POST /v1/rejects/decisions/{id}/undo.
func (s *server) undoDecision(r *request) (*answer, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return nil, errNotFound("decision")
	}
	if err := s.nothing(r); err != nil {
		return nil, err
	}
	undone, err := s.Store.UndoDecision(r.Context(), r.key.Key, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil, errNotFound("decision")
	}
	if err != nil {
		return nil, err
	}
	out := undoneJSON{undone.Decision, undone.Rows, undone.Tasks, []resolvedJobJSON{}, undone.Kept}
	for _, one := range undone.Imports {
		out.Jobs = append(out.Jobs, resolvedJobJSON{one.Import.ID, one.Rows})
	}
	return data(http.StatusOK, out), nil
}
