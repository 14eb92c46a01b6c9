package console

import (
	"net/http"

	"taskport/internal/web"
	"taskport/store"
)

// handler answers a request that the session and its permissions allow.
type handler func(*request) (*answer, error)

// route is one page or action.
type route struct {
	pattern    string // below Prefix
	permission store.Permission
	handle     handler
	flags      flags
}

type flags struct {
	open   bool // without a session
	upload bool // the handler reads the body and checks its token
	stream bool // without a time limit
}

// table returns all routes except the static files.
func (s *server) table() []route {
	const read, write, ofImport = store.ReadActivities, store.WriteActivities, web.OfImport
	return []route{
		{"GET {$}", read, s.home, flags{}},
		{"GET signin", "", s.showSignIn, flags{open: true}},
		{"POST signin", "", s.signIn, flags{open: true}},
		{"POST signout", read, s.signOut, flags{}},
		{"GET imports", read, s.showImports, flags{}},
		{"GET events", read, s.importsEvents, flags{stream: true}},
		{"GET upload", read, s.showUpload, flags{}},
		{"POST upload", read, s.upload, flags{upload: true, stream: true}},
		{"GET upload/{id}", ofImport, s.showStaged, flags{}},
		{"POST upload/{id}", ofImport, s.beginStaged, flags{}},
		{"POST upload/{id}/read", ofImport, s.readAgain, flags{}},
		{"GET imports/{id}", read, s.showImport, flags{}},
		{"GET imports/{id}/events", read, s.importEvents, flags{stream: true}},
		{"GET imports/{id}/undo", ofImport, s.showUndo, flags{}},
		{"POST imports/{id}/undo", ofImport, s.transitionOf(s.Store.Undo), flags{}},
		{"POST imports/{id}/cancel", ofImport, s.transitionOf(s.Store.Cancel), flags{}},
		{"POST imports/{id}/retry", ofImport, s.transitionOf(s.Store.Retry), flags{}},
		{"POST imports/{id}/again", ofImport, s.runAgain, flags{}},
		{"POST imports/{id}/commit", ofImport, s.transitionOf(s.Store.Commit), flags{}},
		{"GET imports/{id}/rejects.csv", read, s.rejectsAs(store.ReportCSV, web.CSV), flags{stream: true}},
		{"GET imports/{id}/rejects.xlsx", read, s.rejectsAs(store.ReportWorkbook, web.Workbook), flags{stream: true}},
		{"GET imports/{id}/results.csv", read, s.resultsCSV, flags{stream: true}},
		{"GET imports/{id}/groups", read, s.showGroups, flags{}},
		{"GET imports/{id}/values", read, s.showValues, flags{}},
		{"POST imports/{id}/values", ofImport, s.saveValues, flags{}},
		{"GET imports/{id}/rows/{row}", read, s.showDeadLetter, flags{}},
		{"POST imports/{id}/rows/{row}", ofImport, s.correctDeadLetter, flags{}},
		{"GET imports/{id}/rows/{row}/skip", read, s.skipDeadLetter, flags{}},
		{"POST imports/{id}/rows/{row}/dismiss", ofImport, s.dismissDeadLetter, flags{}},
		{"POST decisions/{id}/undo", read, s.undoDecision, flags{}},
		{"GET inbox", read, s.showInbox, flags{}},
		{"POST inbox", read, s.decideInbox, flags{}},
		{"GET inbox/rows", read, s.showInboxRows, flags{}},
		{"GET inbox/sure", read, s.showSure, flags{}},
		{"POST inbox/sure", read, s.acceptSure, flags{}},
		{"GET aliases", read, s.showAliases, flags{}},
		{"POST aliases/remove", write, s.removeAlias, flags{}},
		{"GET audit", read, s.showAudit, flags{}},
		{"GET queues", read, s.showQueues, flags{}},
	}
}

func (s *server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	for _, r := range s.table() {
		mux.Handle(r.at(), s.endpoint(r))
	}
	mux.Handle("GET "+Prefix+"static/", staticFiles())
	mux.Handle(Prefix, s.endpoint(route{permission: store.ReadActivities, handle: notFound}))
	return mux
}

func notFound(*request) (*answer, error) { return nil, errNotFound() }

// at returns the pattern for the mux.
func (r route) at() string {
	for i := range r.pattern {
		if r.pattern[i] == ' ' {
			return r.pattern[:i+1] + Prefix + r.pattern[i+1:]
		}
	}
	return r.pattern
}

// Routes returns the patterns of all pages and actions, such as "GET /console/imports".
func Routes() []string {
	s := &server{}
	var all []string
	for _, r := range s.table() {
		all = append(all, r.at())
	}
	return all
}
