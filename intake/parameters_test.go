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

// A list takes the parameters that the description gives it, and no others.
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
			value := cmp.Or(map[string]string{"page": "1", "per_page": "5", "status": "open", "reason": "orphan", "format": "json", "assignee_id": "u1", "search": "x", "name": "x", "field": "title", "company": "x"}[name], job)
			if r := a.do("GET", path+"?"+name+"="+value, ""); r.status != http.StatusOK {
				t.Errorf("%s?%s=%s: %d %s", path, name, value, r.status, r.raw)
			}
		}
		for query, field := range map[string]string{"?stauts=open": "stauts", "?page=1&page=2": "page", "?dry_run=true": "dry_run"} {
			if r := a.do("GET", path+query, ""); r.status != http.StatusBadRequest || r.get("error.field") != field {
				t.Errorf("%s%s: %d %s", path, query, r.status, r.raw)
			}
		}
	}
	if lists < 9 {
		t.Errorf("only %d lists are described", lists)
	}
}

// describedLists gives the query parameters of each list of the description.
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
