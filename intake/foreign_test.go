package intake_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"taskport/intake"
	"taskport/store"
)

// foreignCell is a request whose body or query names a resource of another workspace, and the
// wanted answer.
type foreignCell struct {
	path, body, media string
	want              string // "400 validation_error contact_id", or "200"
	none              string // of a 200: the number in the answer that has to be 0
}

// nothingNamed are the endpoints whose bodies and queries have no ids or names of a workspace.
// Their paths are in the matrix.
var nothingNamed = []string{
	"GET /v1/tasks/{id}", "GET /v1/import/jobs", "GET /v1/import/jobs/{id}", "DELETE /v1/import/jobs/{id}",
	"GET /v1/import/jobs/{id}/events",
	"GET /v1/import/jobs/{id}/rejects", "GET /v1/import/jobs/{id}/results",
	"GET /v1/import/jobs/{id}/skipped",
	"GET /v1/import/jobs/{id}/rejects/groups", "GET /v1/rejects", "GET /v1/rejects/groups",
	"POST /v1/import/jobs/{id}/cancel", "POST /v1/import/jobs/{id}/retry",
	"POST /v1/import/jobs/{id}/undo", "POST /v1/import/jobs/{id}/commit",
	"POST /v1/rejects/decisions/{id}/undo",
	"DELETE /v1/aliases/{id}", "GET /v1/import/mappings", "GET /v1/import/mappings/{name}",
	"PUT /v1/import/mappings/{name}", "DELETE /v1/import/mappings/{name}",
	"POST /v1/webhooks", "GET /v1/webhooks", "GET /v1/webhooks/{id}", "DELETE /v1/webhooks/{id}",
	"POST /v1/webhooks/{id}/rotate", "GET /v1/webhooks/{id}/deliveries",
	"GET /v1/contacts/{id}", "GET /v1/companies/{id}", "GET /v1/deals/{id}", "GET /v1/events/{id}", "GET /v1/users/{id}",
	"DELETE /v1/contacts/{id}", "DELETE /v1/companies/{id}", "DELETE /v1/deals/{id}", "DELETE /v1/events/{id}",
	"DELETE /v1/users/{id}",
	"GET /openapi.yaml", "GET /openapi.json", "GET /docs",
}

// idFields are the fields of a task that name records.
var idFields = []string{"contact_id", "company_id", "deal_id", "event_id"}

// records returns the id of a record of each kind, by the field that names it.
func (a *api) records() map[string]string {
	a.t.Helper()
	a.load("deals", "title\nRenewal\n")
	a.load("events", "title\nFair\n")
	return map[string]string{"contact_id": a.contact("Hans Müller"), "company_id": a.company("Brandt Logistik GmbH"),
		"deal_id":  a.id(`SELECT id FROM deals WHERE title = $1 AND workspace_id = $2`, "Renewal"),
		"event_id": a.id(`SELECT id FROM events WHERE title = $1 AND workspace_id = $2`, "Fair")}
}

// Resources of another workspace in a body or a query are answered like unknown ones, without
// effect.
func TestForeignIDsInBodiesAndQueries(t *testing.T) {
	m := newMatrix(t)
	foreign, own := m.other.records(), m.records()
	all := m.foreignCells(foreign, own)
	for _, route := range intake.Routes() {
		cells, ok := all[route]
		if ok == slices.Contains(nothingNamed, route) {
			t.Errorf("%s: say which ids of others it takes, or that it takes none", route)
		}
		method, path, _ := strings.Cut(route, " ")
		for n, c := range cells {
			before := m.everything()
			r := m.do(method, strings.NewReplacer("{id}", m.ids["rejected"], "{row}", "1").Replace(path)+c.path, c.body,
				"Content-Type", c.media, "Idempotency-Key", fmt.Sprint(route, n))
			code, _ := r.get("error.code").(string)
			field, _ := r.get("error.field").(string)
			if got := strings.Join(strings.Fields(fmt.Sprint(r.status, " ", code, " ", field)), " "); got != c.want {
				t.Errorf("%s%s %s: got %s %s, want %s", route, c.path, c.body, got, r.raw, c.want)
			}
			if path == "/v1/resolve" && r.verdict(0)["verdict"] != "validation_error" {
				t.Errorf("%s %s: got %s, want a refusal", route, c.body, r.raw)
			}
			if c.none != "" && r.get(c.none) != 0.0 {
				t.Errorf("%s%s %s: something comes of it: %s", route, c.path, c.body, r.raw)
			}
			if (c.none == "" && c.want != "200" || method == http.MethodGet) && m.everything() != before {
				t.Errorf("%s%s %s: something has changed", route, c.path, c.body)
			}
			for _, id := range foreign {
				if strings.Contains(r.raw, id) && !strings.Contains(c.body+c.path, id) {
					t.Errorf("%s%s %s: the answer tells of another workspace: %s", route, c.path, c.body, r.raw)
				}
			}
		}
	}
	if n := m.query(`SELECT count(*) FROM tasks t WHERE workspace_id = $1 AND (contact_id IS NOT NULL
		AND NOT EXISTS (SELECT 1 FROM contacts c WHERE c.workspace_id = t.workspace_id AND c.id = t.contact_id)
		OR company_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM companies c WHERE c.workspace_id = t.workspace_id
		AND c.id = t.company_id)
		OR deal_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM deals c WHERE c.workspace_id = t.workspace_id
		AND c.id = t.deal_id)
		OR event_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM events c WHERE c.workspace_id = t.workspace_id
		AND c.id = t.event_id))`, m.workspace); n != 0 {
		t.Errorf("%d tasks are linked to records of another workspace", n)
	}
}

func (m *matrix) foreignCells(foreign, own map[string]string) map[string][]foreignCell {
	all := map[string][]foreignCell{}
	add := func(route string, c foreignCell) {
		if c.media == "" {
			c.media = "application/json"
		}
		all[route] = append(all[route], c)
	}
	for _, field := range idFields {
		id, refused := foreign[field], "400 validation_error "+field
		beside := "contact_id"
		if field == beside {
			beside = "deal_id"
		}
		add("POST /v1/tasks", foreignCell{body: fmt.Sprintf(`{"title": "Call", %q: %q}`, field, id), want: refused})
		add("POST /v1/tasks", foreignCell{body: fmt.Sprintf(`{"title": "Call", %q: %q, %q: %q}`, field, id, beside,
			own[beside]), want: refused})
		add("GET /v1/tasks", foreignCell{path: "?" + field + "=" + id, want: "200", none: "meta.total"})
		add("POST /v1/resolve", foreignCell{body: fmt.Sprintf(`{"references": [{%q: %q}]}`, field, id), want: "200"})
		const imports = "POST /v1/import/tasks"
		add(imports, foreignCell{body: fmt.Sprintf("title,%s,%s\nCall,%s,%s\n", field, beside, id, own[beside]),
			media: "text/csv", want: "200", none: "data.created_count"})
		add(imports, foreignCell{body: fmt.Sprintf(`{"rows": [{"title": "Call", %q: %q}]}`, field, id), want: "200",
			none: "data.created_count"})
		add(imports, foreignCell{body: fmt.Sprintf(`{"rows": [{"title": "Call"}], "constants": {%q: %q}}`, field, id),
			want: "200", none: "data.created_count"})
		add(imports, foreignCell{path: "?dry_run=true", body: fmt.Sprintf("title,%s\nCall,%s\n", field, id),
			media: "text/csv", want: "200", none: "data.created_count"})
		add("POST /v1/import/jobs/{id}/rejects/{row}", foreignCell{body: fmt.Sprintf(`{"fields": {%q: %q}}`, field, id),
			want: refused})
		add("POST /v1/import/jobs/{id}/rejects/resolve",
			foreignCell{body: fmt.Sprintf(`{"reason": "unresolved_reference", "fields": {%q: %q}}`, field, id), want: refused})
	}
	for _, field := range idFields[:2] {
		chosen, refused := fmt.Sprintf(`%q: %q`, field, foreign[field]), "400 validation_error "+field
		add("POST /v1/import/jobs/{id}/rejects/{row}", foreignCell{body: `{` + chosen + `}`, want: refused})
		add("POST /v1/import/jobs/{id}/rejects/resolve", foreignCell{body: `{"name": "Nobody", "field": "contact_name", ` +
			chosen + `}`, want: refused})
		add("POST /v1/rejects/resolve", foreignCell{body: `{"name": "Nobody", "field": "contact_name", ` + chosen + `}`,
			want: refused})
		add("POST /v1/aliases", foreignCell{body: `{"name": "Boss", ` + chosen + `}`, want: refused})
	}
	add("GET /v1/tasks", foreignCell{path: "?import_id=" + m.foreignIDs["ended"], want: "200", none: "meta.total"})
	add("GET /v1/aliases", foreignCell{path: "?search=Only+Theirs", want: "200", none: "meta.total"})
	for _, kind := range store.DirectoryKinds() {
		path := "/v1/" + string(kind)
		theirs := "?external_id=of-" + m.foreignContact
		add("GET "+path, foreignCell{path: theirs + "&total=true", want: "200", none: "meta.total"})
		add("GET "+path, foreignCell{path: "?search=theirs&total=true", want: "200", none: "meta.total"})
		add("DELETE "+path, foreignCell{path: theirs, want: "404 not_found"})
	}
	for _, kind := range []string{"tasks", "contacts", "companies", "deals", "events", "users"} {
		add("POST /v1/import/"+kind, foreignCell{path: "?mapping_name=" + m.foreignIDs["mapping"], body: "title\nx\n",
			media: "text/csv", want: "400 validation_error mapping_name"})
	}
	all["POST /v1/webhooks/{id}/deliveries/{event}/replay"] = nil // two ids in a path: see TestForeignEventsAreNotReplayed
	return all
}

// An event cannot be replayed to a webhook of another workspace, whichever is the caller's.
func TestForeignEventsAreNotReplayed(t *testing.T) {
	m := newMatrix(t)
	for hook, event := range map[string]string{m.ids["webhook"]: m.foreignIDs["event"],
		m.foreignIDs["webhook"]: m.ids["event"], m.ids["spare webhook"]: m.ids["event"]} {
		before := m.everything()
		r := m.do("POST", "/v1/webhooks/"+hook+"/deliveries/"+event+"/replay", "")
		if r.status != http.StatusNotFound || m.everything() != before {
			t.Errorf("%s of %s: %d %s", event, hook, r.status, r.raw)
		}
	}
}

// Equal Idempotency-Keys, external ids, mapping names, aliases and report rows of two workspaces
// do not interfere.
func TestWorkspacesChooseAlike(t *testing.T) {
	m := newMatrix(t)
	const task = `{"title": "Call", "contact_name": "Hans Müller", "external_id": "same"}`
	ids := map[any]bool{}
	for range 2 {
		for _, a := range []*api{m.api, m.other} {
			r := a.do("POST", "/v1/tasks", task, "Idempotency-Key", "same")
			if r.status != http.StatusCreated || r.get("data.contact_id") != a.contact("Hans Müller") {
				t.Errorf("%d %s", r.status, r.raw)
			}
			ids[r.get("data.id")] = true
		}
	}
	if len(ids) != 2 {
		t.Errorf("two workspaces have made %d tasks with one key", len(ids))
	}
	// A report that names another workspace's import has no access to it: its row is a new task.
	report := "title,contact_name,_row,_code,_reason,_import\nCall,Hans Müller,1,validation_error,orphan," +
		m.foreignIDs["rejected"] + "/1\n"
	before := m.query(`SELECT count(*) FROM dead_letters WHERE workspace_id = $1`, m.other.workspace)
	if r := m.csv("/v1/import/tasks", report); r.status != http.StatusOK || r.get("data.created_count") != 1.0 {
		t.Errorf("a report of another workspace's import: %d %s", r.status, r.raw)
	}
	if r := m.other.csv("/v1/import/tasks", report); r.status != http.StatusOK || r.get("data.created_count") != 1.0 {
		t.Errorf("the same report where it comes from: %d %s", r.status, r.raw)
	}
	if after := m.query(`SELECT count(*) FROM dead_letters WHERE workspace_id = $1`, m.other.workspace); after != before {
		t.Errorf("the other workspace has %d dead letters, it had %d", after, before)
	}
	for _, a := range []*api{m.api, m.other} {
		if r := a.do("POST", "/v1/aliases", `{"name": "The same", "contact_id": "`+a.contact(
			"Hans Müller")+`"}`); r.status != http.StatusCreated {
			t.Errorf("%d %s", r.status, r.raw)
		}
		if r := a.do("PUT", "/v1/import/mappings/same", mappingBody); r.status != http.StatusCreated {
			t.Errorf("%d %s", r.status, r.raw)
		}
	}
}
