package intake

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
	"taskport/internal/web"
	"taskport/store"
)

// handler answers an authenticated request within its limits.
type handler func(*request) (*answer, error)

// route is one endpoint.
type route struct {
	method     string
	path       string
	permission store.Permission
	handle     handler
	types      []string // media types of its answers; the first is the default
}

// open is the permission of routes that need no key.
const open store.Permission = ""

var (
	jsonOnly     = []string{"application/json"}
	jsonOrCSV    = []string{"application/json", formatTypes["csv"]}
	jsonOrReport = append(slices.Clone(jsonOrCSV), formatTypes["xlsx"])
	events       = []string{"text/event-stream"}
)

// table lists the whole API.
func (s *server) table() []route {
	return append(s.directoryRoutes(), []route{
		{"POST", "/v1/tasks", store.WriteActivities, s.createTask, jsonOnly},
		{"GET", "/v1/tasks", store.ReadActivities, s.listTasks, jsonOnly},
		{"GET", "/v1/tasks/{id}", store.ReadActivities, s.readTask, jsonOnly},
		{"POST", "/v1/resolve", store.ReadActivities, s.resolve, jsonOnly},
		{"POST", "/v1/import/tasks", store.WriteActivities, s.importOf(importer.Tasks), jsonOnly},
		{"POST", "/v1/import/contacts", store.WriteContacts, s.importOf(importer.Contacts), jsonOnly},
		{"POST", "/v1/import/companies", store.WriteCompanies, s.importOf(importer.Companies), jsonOnly},
		{"POST", "/v1/import/deals", store.WriteDeals, s.importOf(importer.Deals), jsonOnly},
		{"POST", "/v1/import/events", store.WriteEvents, s.importOf(importer.Events), jsonOnly},
		{"POST", "/v1/import/users", store.WriteUsers, s.importOf(importer.Users), jsonOnly},
		{"GET", "/v1/import/jobs", store.ReadActivities, s.listJobs, jsonOnly},
		{"GET", "/v1/import/jobs/{id}", store.ReadActivities, s.readJob, jsonOnly},
		{"DELETE", "/v1/import/jobs/{id}", web.OfImport, s.transitionOf(s.Store.Purge), jsonOnly},
		{"GET", "/v1/import/jobs/{id}/events", store.ReadActivities, s.jobEvents, events},
		{"POST", "/v1/import/jobs/{id}/cancel", web.OfImport, s.transitionOf(s.Store.Cancel), jsonOnly},
		{"POST", "/v1/import/jobs/{id}/retry", web.OfImport, s.transitionOf(s.Store.Retry), jsonOnly},
		{"POST", "/v1/import/jobs/{id}/commit", web.OfImport, s.transitionOf(s.Store.Commit), jsonOnly},
		{"POST", "/v1/import/jobs/{id}/undo", web.OfImport, s.transitionOf(s.Store.Undo), jsonOnly},
		{"GET", "/v1/import/jobs/{id}/rejects", store.ReadActivities, s.ofJob(s.rejectsList()), jsonOrReport},
		{"GET", "/v1/import/jobs/{id}/skipped", store.ReadActivities, s.skippedRows, jsonOnly},
		{"GET", "/v1/import/jobs/{id}/rejects/groups", store.ReadActivities, s.rejectGroups, jsonOnly},
		{"POST", "/v1/import/jobs/{id}/rejects/resolve", web.OfImport, s.correctAll, jsonOnly},
		{"POST", "/v1/import/jobs/{id}/rejects/{row}", web.OfImport, s.correctRow, jsonOnly},
		{"GET", "/v1/import/jobs/{id}/results", store.ReadActivities, s.ofJob(s.resultsList()), jsonOrCSV},
		{"GET", "/v1/rejects", store.ReadActivities, s.inbox, jsonOnly},
		{"GET", "/v1/rejects/groups", store.ReadActivities, s.inboxGroups, jsonOnly},
		{"POST", "/v1/rejects/resolve", store.WriteActivities, s.resolveInbox, jsonOnly},
		{"POST", "/v1/rejects/decisions/{id}/undo", store.WriteActivities, s.undoDecision, jsonOnly},
		{"GET", "/v1/aliases", store.ReadActivities, s.listAliases, jsonOnly},
		{"POST", "/v1/aliases", store.WriteActivities, s.keepAlias, jsonOnly},
		{"DELETE", "/v1/aliases/{id}", store.WriteActivities, s.removeAlias, jsonOnly},
		{"GET", "/v1/import/mappings", store.ReadActivities, s.listMappings, jsonOnly},
		{"GET", "/v1/import/mappings/{name}", store.ReadActivities, s.readMapping, jsonOnly},
		{"PUT", "/v1/import/mappings/{name}", store.WriteActivities, s.saveMapping, jsonOnly},
		{"DELETE", "/v1/import/mappings/{name}", store.WriteActivities, s.deleteMapping, jsonOnly},
		{"POST", "/v1/webhooks", store.WriteWebhooks, s.createWebhook, jsonOnly},
		{"GET", "/v1/webhooks", store.WriteWebhooks, s.listWebhooks, jsonOnly},
		{"GET", "/v1/webhooks/{id}", store.WriteWebhooks, s.readOneWebhook, jsonOnly},
		{"DELETE", "/v1/webhooks/{id}", store.WriteWebhooks, s.deleteWebhook, jsonOnly},
		{"POST", "/v1/webhooks/{id}/rotate", store.WriteWebhooks, s.rotateWebhook, jsonOnly},
		{"GET", "/v1/webhooks/{id}/deliveries", store.WriteWebhooks, s.listDeliveries, jsonOnly},
		{"POST", "/v1/webhooks/{id}/deliveries/{event}/replay", store.WriteWebhooks, s.replayDelivery, jsonOnly},
	}...)
}

// mux routes by path first, to distinguish an unsupported method from an unknown path.
func (s *server) mux() *http.ServeMux {
	s.routes = append(s.table(), s.documents()...)
	mux := http.NewServeMux()
	byPath := map[string]map[string]route{}
	for _, r := range s.routes {
		if byPath[r.path] == nil {
			byPath[r.path] = map[string]route{}
		}
		byPath[r.path][r.method] = r
	}
	for path, methods := range byPath {
		mux.HandleFunc(path, s.endpoint(methods))
	}
	mux.HandleFunc("/", s.endpoint(nil))
	return mux
}

// endpoint returns the handler of a path; without methods the path is unknown.
func (s *server) endpoint(methods map[string]route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/v1/") {
			ctx, leave := s.watch.enter(r.Context(), patienceOf(r.Method, r.URL.Path))
			defer leave()
			r = r.WithContext(ctx)
		}
		req := &request{Request: r, writer: w}
		a, err := s.answer(req, methods)
		if err != nil {
			a = s.failure(r.Context(), err)
		}
		s.write(req, a)
	}
}

func (s *server) answer(r *request, methods map[string]route) (*answer, error) {
	if s.stopping() {
		return nil, errStopping()
	}
	if err := s.admit(r); err != nil {
		return nil, err
	}
	if methods == nil {
		return nil, errNoSuchPath(r.URL.Path)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	route, ok := methods[method]
	if !ok {
		return nil, errMethod(allowed(methods))
	}
	if accepted(r, route.types...) == "" {
		return nil, newError("not_acceptable", "this path answers with %s", strings.Join(route.types, " or "))
	}
	if err := s.permit(r, route.permission); err != nil {
		return nil, err
	}
	if r.Method == http.MethodPost {
		return s.idempotent(r, route.checked)
	}
	return route.checked(r)
}

// permit returns an error if the key lacks the permission of a route.
func (s *server) permit(r *request, needs store.Permission) error {
	if needs == open {
		return nil
	}
	err := web.Permit(r.Context(), s.Store, r.key.Key, needs, func() (uuid.UUID, error) { return importIDOfPath(r) })
	if errors.Is(err, store.ErrNotFound) {
		return errNotFound("import job")
	}
	return err
}

// checked validates the query parameters and handles the request.
func (to route) checked(r *request) (*answer, error) {
	if err := checkParameters(to, r.URL.RawQuery); err != nil {
		return nil, err
	}
	return to.handle(r)
}

// stopping reports whether the process is about to end; new requests are for another process.
func (s *server) stopping() bool {
	select {
	case <-s.Stopping:
		return true
	default:
		return false
	}
}

// admit authenticates a request of the API and counts it against the limit.
func (s *server) admit(r *request) error {
	if !strings.HasPrefix(r.URL.Path, "/v1/") {
		return s.limit(r, web.AddressSubject(r.Request))
	}
	if err := s.authenticate(r); err != nil {
		return err
	}
	return s.limit(r, r.key.ID.String())
}

func allowed(methods map[string]route) string {
	var names []string
	for m := range methods {
		names = append(names, m)
		if m == http.MethodGet {
			names = append(names, http.MethodHead)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// Routes returns the method and path of each route, such as "POST /v1/tasks", in the order of the
// table.
func Routes() []string {
	s := &server{}
	var all []string
	for _, r := range append(s.table(), s.documents()...) {
		all = append(all, r.method+" "+r.path)
	}
	return all
}
