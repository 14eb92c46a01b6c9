package console_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taskport/console"
	"taskport/importer"
	"taskport/store"
)

// byPath are the pages and actions whose forms and queries have no ids. Ids in paths are covered by
// another test.
var byPath = []string{
	"GET /console/{$}", "GET /console/signin", "POST /console/signin", "POST /console/signout", "GET /console/imports",
	"GET /console/events", "GET /console/upload", "POST /console/upload",
	"GET /console/upload/{id}", "POST /console/upload/{id}", "POST /console/upload/{id}/read",
	"GET /console/imports/{id}",
	"GET /console/imports/{id}/events", "GET /console/imports/{id}/undo", "POST /console/imports/{id}/undo",
	"POST /console/imports/{id}/cancel", "POST /console/imports/{id}/retry", "POST /console/imports/{id}/commit",
	"GET /console/imports/{id}/rejects.csv", "GET /console/imports/{id}/rejects.xlsx",
	"GET /console/imports/{id}/results.csv", "GET /console/imports/{id}/groups", "GET /console/imports/{id}/rows/{row}",
	"POST /console/imports/{id}/rows/{row}/dismiss", "GET /console/imports/{id}/values",
	"POST /console/imports/{id}/values",
	"GET /console/imports/{id}/rows/{row}/skip", "GET /console/aliases", "GET /console/queues",
	"POST /console/decisions/{id}/undo", "POST /console/imports/{id}/again",
}

// Ids of another workspace in a form or a query are answered like unknown ids and change nothing.
func TestForeignIDsInForms(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	stranger := s.other.signIn()
	stranger.load("contacts", strings.ReplaceAll(people, "Hans Müller", "Only Theirs"))
	importPath := s.imported("tasks", "tasks.csv", mixed)
	theirs := query[uuid.UUID](s, `SELECT id FROM contacts WHERE workspace_id = $1 AND full_name = 'Only Theirs'`,
		stranger.workspace)
	alias, err := s.store.KeepAlias(context.Background(), stranger.workspace, importer.Contacts, "Boss", theirs,
		store.Actor{Name: "test"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	audit := query[uuid.UUID](s, `SELECT id FROM audit WHERE workspace_id = $1 LIMIT 1`, stranger.workspace)
	rowForm := url.Values{"version": {"1"}, "choose": {theirs.String()}}
	remembered := url.Values{"version": {"1"}, "choose": {theirs.String()}, "all": {"yes"}, "remember": {"yes"}}
	field := url.Values{"version": {"1"}, "field_deal_id": {theirs.String()}, "field_contact_id": {theirs.String()}}
	theirImport := query[string](s, `SELECT id::text FROM imports WHERE workspace_id = $1 LIMIT 1`, stranger.workspace)
	line := func(more ...string) url.Values {
		v := url.Values{"kind": {"tasks"}, "field": {"contact_name"}, "name": {"Peter Fischer"}}
		for n := 0; n < len(more); n += 2 {
			v.Set(more[n], more[n+1])
		}
		return v
	}
	pick := line("choose", theirs.String(), "count", "2", "company", "").Encode()
	cells := map[string][]struct {
		query  string
		form   url.Values
		status int
	}{
		"POST /console/imports/{id}/rows/{row}": {{"", rowForm, http.StatusBadRequest},
			{"", remembered, http.StatusBadRequest}, {"", field, http.StatusBadRequest}},
		"GET /console/inbox":      {{"?import=" + theirImport, nil, http.StatusNotFound}},
		"GET /console/inbox/rows": {{"?import=" + theirImport, nil, http.StatusOK}},
		"GET /console/inbox/sure": {{"?import=" + theirImport, nil, http.StatusOK}},
		"POST /console/inbox": {{"", line("undo", audit.String()), http.StatusNotFound},
			{"", line("choose", theirs.String()), http.StatusBadRequest},
			{"", line("value", "x", "back", "import="+theirImport), http.StatusNotFound}},
		"POST /console/inbox/sure":     {{"", url.Values{"pick": {pick}}, http.StatusOK}},
		"POST /console/aliases/remove": {{"", url.Values{"id": {alias.ID.String()}}, http.StatusNotFound}},
		"GET /console/audit":           {{"?before=" + audit.String(), nil, http.StatusOK}},
	}
	token := s.get("/console/upload").token()
	before := s.fingerprint()
	for _, pattern := range console.Routes() {
		if _, ok := cells[pattern]; ok == slices.Contains(byPath, pattern) {
			t.Errorf("%s: say which ids of others it takes, or that it takes none", pattern)
		}
		for _, c := range cells[pattern] {
			method, path := fill(pattern, idIn(importPath), "")
			if c.form != nil {
				c.form.Set("csrf", token)
			}
			p := s.do(method, path+c.query, "application/x-www-form-urlencoded", strings.NewReader(c.form.Encode()))
			if p.status != c.status || strings.Contains(p.body, "Only Theirs") || strings.Contains(p.body, "Boss") {
				t.Errorf("%s %v: %d %.500s", pattern, c.form, p.status, p.body)
			}
			if after := s.fingerprint(); after != before {
				t.Errorf("%s %v: something has changed", pattern, c.form)
			}
		}
	}
	if _, err := s.store.Alias(context.Background(), stranger.workspace, alias.ID); err != nil {
		t.Errorf("the other workspace's alias: %v", err)
	}
}
