package console_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"taskport/console"
	"taskport/store"
)

// A key that may only read is offered no action.
func TestNothingIsOfferedThatIsRefused(t *testing.T) {
	s := setup(t)
	path := s.open()
	reader := s.colleague("Reader", store.ReadActivities).signIn()
	for _, at := range []string{"/console/imports", path, path + "/groups", rowPath(path, 4)} {
		if p := reader.get(at).has(http.StatusOK); strings.Contains(p.body, "/console/upload") {
			t.Errorf("%s leads to the upload", at)
		}
	}
	writer := s.colleague("Writer", store.ReadActivities, store.WriteActivities).signIn()
	if p := writer.get("/console/upload").has(http.StatusOK, `value="tasks"`); strings.Contains(p.body,
		`value="contacts"`) {
		t.Error("contacts are offered to a key that may not import them")
	}
}

// An undone import offers no decisions.
func TestUndoneImportPromisesNoDecisions(t *testing.T) {
	s := setup(t)
	path := s.open()
	s.get(path).has(http.StatusOK, "4 decisions")
	s.send(s.get(path+"/undo"), path+"/undo").has(http.StatusOK, "Rejected by cause")
	s.get(path+"/groups").has(http.StatusOK, "The import was undone: they stay as they are")
	if p := s.get(path); strings.Contains(p.body, "decisions") {
		t.Errorf("decisions are promised: %s", p.body)
	}
}

// Every action on an import, begun or not, needs the permission of its kind. A page offers no
// action that would be refused.
func TestActionsNeedThePermissionOfTheKind(t *testing.T) {
	s := setup(t)
	s.signIn()
	const file = "full_name,email\nAnn Lee,nonsense\nBo Diaz,bo@example.com\n"
	path, staged := s.imported("contacts", "contacts.csv", file), s.upload("contacts", "later.csv", file).path
	clerk := s.colleague("Clerk", without(store.WriteContacts)...).signIn()
	token, before, actions := clerk.get("/console/upload").token(), s.fingerprint(), 0
	for _, pattern := range console.Routes() {
		if method, _, _ := strings.Cut(pattern, " "); method != http.MethodPost || !strings.Contains(pattern, "{id}") ||
			strings.Contains(pattern, "decisions/") { // that is not the id of an import
			continue
		}
		actions++
		_, at := fill(pattern, idIn(path), idIn(staged))
		at = strings.Replace(at, "/rows/6", "/rows/1", 1)
		for _, do := range []string{"import", "save", "discard"} {
			form := url.Values{"csrf": {token}, "version": {"1"}, "field_email": {"ann@example.com"}, "do": {do}, "all": {"1"}}
			clerk.do(http.MethodPost, at, "application/x-www-form-urlencoded", strings.NewReader(form.Encode())).has(
				http.StatusForbidden, "contacts:write")
		}
	}
	if after := s.fingerprint(); after != before || actions < 6 {
		t.Errorf("got %d actions, and %s where there was %s", actions, after, before)
	}
	for _, at := range []string{path, path + "/groups", rowPath(path, 1)} {
		if p := clerk.get(at).has(http.StatusOK); strings.Contains(p.body, `method="post" action="/console/imports`) {
			t.Errorf("%s offers an action", at)
		}
	}
	// The permission of the kind alone allows every action.
	loader := s.colleague("Loader", store.ReadActivities, store.WriteContacts).signIn()
	dead := loader.get(rowPath(path, 1))
	loader.send(dead, dead.path, "version", version(dead), "do", "save", "field_email",
		"ann@example.com").has(http.StatusOK, "1 row decided: 1 created")
	loader.imported("contacts", "more.csv", "full_name\nCarl Eng\n")
}

// Creating a contact with a decision needs contacts:write, and companies:write for a new company.
func TestCreatingWithADecisionNeedsItsOwnPermission(t *testing.T) {
	s := setup(t)
	path := s.open()
	create := func(o *operator, company string) page {
		dead := o.get(rowPath(path, 6))
		return o.send(dead, dead.path, "version", version(dead), "do", "create", "new_name", "Zebulon Quark",
			"new_email", "", "new_company", company)
	}
	before := query[int](s, `SELECT (SELECT count(*) FROM contacts) + (SELECT count(*) FROM companies)`)
	create(s.colleague("A", without(store.WriteContacts)...).signIn(), "").has(http.StatusForbidden, "contacts:write")
	clerk := s.colleague("B", without(store.WriteCompanies)...).signIn()
	create(clerk, "Quark Inc").has(http.StatusForbidden, "companies:write")
	if n := query[int](s, `SELECT (SELECT count(*) FROM contacts) + (SELECT count(*) FROM companies)`); n != before {
		t.Errorf("got %d records, want %d", n, before)
	}
	create(clerk, "North Ltd").has(http.StatusOK, "1 row decided: 1 created")
}

// without returns all permissions except one.
func without(p store.Permission) []store.Permission {
	return slices.DeleteFunc(store.Permissions(), func(one store.Permission) bool { return one == p })
}
