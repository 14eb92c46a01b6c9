package intake_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/intake"
	"taskport/store"
)

// kindFiles have, for each kind, a valid row and a rejected one whose correction would create a
// record.
var kindFiles = map[importer.Kind]struct{ file, correction string }{
	importer.Tasks: {"title,contact_name\nCall,Nobody at all\nWrite,Hans Müller\n", `"contact_name": "Hans Müller"`},
	importer.Contacts: {"full_name,email,company_name\nAnn Lee,nonsense,Lee Ltd\nBo Diaz,bo@example.com,\n",
		`"email": "ann@example.com"`},
	importer.Companies: {"name,external_id\n,c1\nDiaz SA,c2\n", `"name": "Lee Ltd"`},
	importer.Deals:     {"title,external_id\n,d1\nRenewal,d2\n", `"title": "Upgrade"`},
	importer.Events:    {"title,external_id\n,e1\nFair,e2\n", `"title": "Congress"`},
	importer.Users: {"name,email,external_id\nJane Whitcombe,nonsense,u1\nOmar Haddad,omar@ours.example,u2\n",
		`"email": "jane@ours.example"`},
}

// actions are the routes that change an existing import, with their bodies.
func actions(correction string) map[string]string {
	all := map[string]string{}
	for _, route := range intake.Routes() {
		if method, path, _ := strings.Cut(route, " "); method == http.MethodGet || !strings.HasPrefix(path,
			"/v1/import/jobs/") {
			continue
		}
		all[route] = ""
		switch {
		case strings.HasSuffix(route, "/rejects/{row}"):
			all[route] = `{"fields": {` + correction + `}}`
		case strings.HasSuffix(route, "/rejects/resolve"):
			all[route] = `{"rows": [1], "fields": {` + correction + `}}`
		}
	}
	return all
}

// Every action on an import needs the permission of its kind, and no other. The error names the
// missing permission, and nothing is changed.
func TestActionsNeedThePermissionOfTheKind(t *testing.T) {
	m := newMatrix(t)
	if len(actions("")) < 6 {
		t.Fatalf("got the actions %v, want cancel, retry, commit, undo and two corrections at least", actions(""))
	}
	for _, route := range intake.Routes() {
		name, isImport := strings.CutPrefix(route, "POST /v1/import/")
		if !isImport || strings.HasPrefix(name, "jobs/") {
			continue
		}
		kind := importer.Kind(name)
		f, ok := kindFiles[kind]
		if !ok {
			t.Errorf("%s has no file", kind)
			continue
		}
		needed, _ := store.WritePermission(kind)
		others := slices.DeleteFunc(store.Permissions(), func(p store.Permission) bool { return p == needed })
		made := m.csv("/v1/import/"+string(kind), f.file)
		id, _ := made.get("data.job_id").(string)
		if made.get("data.rejected_count") != 1.0 || made.get("data.created_count") != 1.0 {
			t.Fatalf("%s: got %s, want a row created and one rejected", kind, made.raw)
		}
		lacking, only := "Bearer "+m.newKey(m.workspace, others...), "Bearer "+m.newKey(m.workspace, needed)
		for route, body := range actions(f.correction) {
			method, path, _ := strings.Cut(route, " ")
			path = strings.NewReplacer("{id}", id, "{row}", "1").Replace(path)
			before := m.everything()
			m.do(method, path, body, "Authorization", lacking).wantError(http.StatusForbidden, "insufficient_permissions", "",
				"Missing "+string(needed)+" permission")
			if m.everything() != before {
				t.Errorf("%s of %s without %s: something has changed", route, kind, needed)
			}
			if r := m.do(method, path, body, "Authorization", only); r.status == http.StatusForbidden {
				t.Errorf("%s of %s with %s alone: got %s", route, kind, needed, r.raw)
			}
			m.await(id)
		}
		m.do("POST", "/v1/import/"+string(kind), f.file, "Content-Type", "text/csv", "Authorization", lacking).
			wantError(http.StatusForbidden, "insufficient_permissions", "", string(needed))
	}
}

// The alias of a correction needs its own permission, because it affects tasks.
func TestAliasOfACorrectionNeedsItsOwnPermission(t *testing.T) {
	a := setup(t)
	a.load("companies", "name,external_id\nToro Corp.,t1\nToro Inc.,t2\n")
	made := a.csv("/v1/import/contacts", "full_name,company_name\nMary Jones,Toro\n")
	id, _ := made.get("data.job_id").(string)
	if made.get("data.rejected_count") != 1.0 {
		t.Fatalf("got %s, want a row whose company is ambiguous", made.raw)
	}
	body := `{"name": "Toro", "field": "company_name", "company_id": "` + a.company("Toro Inc.") + `", "remember": true}`
	key := "Bearer " + a.newKey(a.workspace, store.WriteContacts)
	a.do("POST", "/v1/import/jobs/"+id+"/rejects/resolve", body, "Authorization", key).
		wantError(http.StatusForbidden, "insufficient_permissions", "", "Missing activities:write permission")
	if n := a.query(`SELECT count(*) FROM aliases`); n != 0 {
		t.Errorf("got %d aliases, want none", n)
	}
}
