package intake_test

import (
	"cmp"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// A list accepts exactly the parameters in openapi.yaml.
func TestListsKnowTheirParameters(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.jobID(a.importTasks("title,contact_name\nCall,Nobody\n", ""))
	hook, _ := a.do("POST", "/v1/webhooks", hookBody).get("data.id").(string)
	lists := 0
	for path, names := range describedLists(t) {
		lists++
		id := job
		if strings.Contains(path, "webhooks") {
			id = hook
		}
		path = strings.ReplaceAll(path, "{id}", id)
		for _, name := range names {
			value := cmp.Or(map[string]string{"page": "1", "per_page": "5", "status": "open", "reason": "orphan",
				"format": "json", "assignee_id": "u1", "search": "x", "name": "x", "field": "title", "company": "x",
				"include": "custom_fields", "total": "true", "active": "true", "singles": "true", "kind": "tasks",
				"dismissed": "true"}[name], job)
			if name == "cursor" {
				continue // TestCursors follows them
			}
			if name == "status" && path == "/v1/import/jobs" {
				value = "completed"
			}
			if r := a.do("GET", path+"?"+name+"="+value, ""); r.status != http.StatusOK {
				t.Errorf("%s?%s=%s: %d %s", path, name, value, r.status, r.raw)
			}
		}
		for query, field := range map[string]string{"?stauts=open": "stauts", "?page=1&page=2": "page",
			"?dry_run=true": "dry_run", "?per_page=5;page=1": "", "?page=%zz": "", "?%zz=1": ""} {
			a.do("GET", path+query, "").wantError(http.StatusBadRequest, "validation_error", field, "")
		}
	}
	if lists < 9 {
		t.Errorf("only %d lists are described", lists)
	}
}

// An empty filter would return everything to a client that has lost an id.
func TestEmptyFilters(t *testing.T) {
	a := setup(t)
	for _, name := range []string{"status", "assignee_id", "contact_id", "company_id", "deal_id", "event_id",
		"import_id"} {
		a.do("GET", "/v1/tasks?"+name+"=", "").wantError(http.StatusBadRequest, "validation_error", name, "leave it out")
	}
}

// Writes refuse unknown parameters: an undo with dry_run=true would be executed.
func TestWritesKnowTheirParameters(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const task = `{"title": "Call", "contact_name": "Hans Müller", "external_id": "x"}`
	a.do("POST", "/v1/tasks?on_duplicate=reject&on_duplicate=update", task).wantError(400, "validation_error",
		"on_duplicate", "once")
	a.do("POST", "/v1/tasks?onduplicate=update", task).wantError(400, "validation_error", "onduplicate", "on_duplicate")
	a.do("POST", "/v1/tasks?on_duplicate=%zz", task).wantError(400, "validation_error", "", "%25")
	a.csv("/v1/import/tasks?dry_run=true;on_duplicate=reject", "title,contact_name\nCall,Hans Müller\n").wantError(400,
		"validation_error", "", "%3B")
	a.nothingLeft()
	job := a.importTasks("title,contact_name\nCall,Hans Müller\nWrite,Nobody\n", "")
	hook, _ := a.do("POST", "/v1/webhooks", hookBody).get("data.id").(string)
	for _, write := range [][3]string{
		{"POST", job + "/undo", ""}, {"POST", job + "/retry", ""}, {"POST", job + "/cancel", ""}, {"POST", job + "/commit",
			""}, {"POST", job + "/rejects/2", `{"fields": {"contact_name": "Hans Müller"}}`},
		{"POST", job + "/rejects/resolve",
			`{"reason": "unresolved_reference", "fields": {"contact_name": "Hans Müller"}}`}, {"POST", "/v1/aliases", `{}`},
		{"PUT", "/v1/import/mappings/m", `{}`},
		{"POST", "/v1/webhooks", hookBody}, {"POST", "/v1/webhooks/" + hook + "/rotate", ""}, {"DELETE", "/v1/webhooks/" +
			hook, ""},
	} {
		a.do(write[0], write[1]+"?dry_run=true", write[2]).wantError(400, "validation_error", "dry_run", "leave it out")
	}
	if r := a.do("GET", job, ""); r.get("data.status") != "completed" || r.get("data.created_count") != 1.0 {
		t.Errorf("something was done: %s", r.raw)
	}
	if r := a.do("GET", "/v1/webhooks/"+hook, ""); r.status != http.StatusOK {
		t.Errorf("the webhook is gone: %s", r.raw)
	}
}

// describedLists returns the query parameters of each list of the description.
func describedLists(t *testing.T) map[string][]string {
	t.Helper()
	d := readDescription(t)
	var refs struct {
		Components struct {
			Parameters map[string]struct{ Name, In string }
		}
	}
	text, err := os.ReadFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, &refs); err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for route, o := range d.operations(t) {
		path, isGet := strings.CutPrefix(route, "GET ")
		var names []string
		for _, p := range o.Parameters {
			named := refs.Components.Parameters[p.Ref[strings.LastIndexByte(p.Ref, '/')+1:]]
			if named.In == "query" {
				names = append(names, named.Name)
			}
		}
		if isGet && slices.Contains(names, "page") {
			all[path] = names
		}
	}
	return all
}
