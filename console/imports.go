package console

import (
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/store"
)

// pageRows is how many rows a page of a list has.
const pageRows = 50

// singleLines is how many lines of days and keys the list of imports shows.
const singleLines = 10

// listedStatuses are the states that the list of imports can be filtered by.
var listedStatuses = []store.Status{store.Queued, store.Processing, store.Completed, store.Failed, store.Cancelled,
	store.Undone}

// importsPage lists imports.
type importsPage struct {
	stateCounts
	Imports []progress
	Staged  []store.Import
	Singles []store.SingleDay // tasks that the API accepted to create them later
	Older   string            // the link to the next page; empty on the last
	First   bool              // the first page
	Kinds   []importer.Kind
	Token   string
	Writes  bool
}

// stateCounts holds the number of imports in each state. Status is the state that is listed.
type stateCounts struct {
	Status store.Status // empty: all
	Counts map[store.Status]int
	All    int
}

func (s *server) stateCounts(ctx context.Context, workspace uuid.UUID, listed store.Status) (stateCounts, error) {
	counts, err := s.Store.ImportsByStatus(ctx, workspace)
	c := stateCounts{Status: listed, Counts: counts}
	for _, n := range counts {
		c.All += n
	}
	return c, err
}

func (s *server) home(*request) (*answer, error) { return redirect(Prefix + "imports"), nil }

// showImports lists the workspace's imports, newest first.
func (s *server) showImports(r *request) (*answer, error) {
	q := r.URL.Query()
	p := importsPage{stateCounts: stateCounts{Status: store.Status(q.Get("state"))}, First: q.Get("before") == "",
		Kinds: kindsOf(r.in.key), Token: r.token}
	p.Writes = len(p.Kinds) > 0
	if p.Status != "" && !slices.Contains(listedStatuses, p.Status) {
		return nil, errNotFound()
	}
	before, _ := importer.ParseID(q.Get("before"))
	workspace := r.in.key.WorkspaceID
	all, err := s.Store.ImportsBefore(r.Context(), workspace, p.Status, before, pageRows+1)
	if err != nil {
		return nil, err
	}
	if len(all) > pageRows {
		all = all[:pageRows]
		p.Older = "?" + url.Values{"state": {string(p.Status)}, "before": {all[pageRows-1].ID.String()}}.Encode()
	}
	for _, i := range all {
		p.Imports = append(p.Imports, progressOf(i, s.Now()))
	}
	if p.stateCounts, err = s.stateCounts(r.Context(), workspace, p.Status); err != nil {
		return nil, err
	}
	if p.First && p.Status == "" {
		if p.Staged, err = s.Store.StagedFiles(r.Context(), workspace); err != nil {
			return nil, err
		}
		if p.Singles, err = s.Store.SingleDays(r.Context(), workspace, singleLines); err != nil {
			return nil, err
		}
	}
	return &answer{status: http.StatusOK, view: "imports.html", title: "Imports", data: p}, nil
}

// importOfPath returns the import that the path names, in the workspace of the session.
func (s *server) importOfPath(r *request) (store.Import, error) {
	id, err := idOfPath(r)
	if err != nil {
		return store.Import{}, err
	}
	return s.Store.Import(r.Context(), r.in.key.WorkspaceID, id)
}

func idOfPath(r *request) (uuid.UUID, error) {
	id, ok := importer.ParseID(r.PathValue("id"))
	if !ok {
		return id, errNotFound()
	}
	return id, nil
}
