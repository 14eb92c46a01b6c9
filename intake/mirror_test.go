package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskport/store"
)

// crew is a file of contacts, one for each number.
func crew(numbers ...int) string {
	var file strings.Builder
	file.WriteString("full_name,email,external_id\n")
	for _, n := range numbers {
		fmt.Fprintf(&file, "Person Number%c,n%d@example.com,x%d\n", 'a'+n, n, n)
	}
	return file.String()
}

// inactive returns the external ids of the inactive records of a kind, newest first.
func (a *api) inactive(kind string) string {
	a.t.Helper()
	return strings.Join(a.do("GET", "/v1/"+kind+"?active=false", "").list("external_id"), " ")
}

// What the file lacks becomes inactive: it is linked no more, is still listed, and comes back with
// a later file, also with the default that skips what exists.
func TestMirrorMakesInactiveWhatTheFileLacks(t *testing.T) {
	a := setup(t)
	a.load("contacts", crew(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	a.other.load("contacts", crew(0, 1, 2))
	lacking := a.id(`SELECT id FROM contacts WHERE external_id = $1 AND workspace_id = $2`, "x9")
	byName := `{"title": "Call", "contact_name": "Person Numberj"}`
	if r := a.do("POST", "/v1/tasks", byName); r.get("data.contact_id") != lacking {
		t.Fatal(r.raw)
	}
	file := crew(0, 1, 2, 3, 4, 5, 6, 7, 8)
	dry := a.csv("/v1/import/contacts?mirror=true&dry_run=true", file)
	if dry.get("data.mirror.inactive_count") != 1.0 || dry.get("data.mirror.active_count") != 10.0 ||
		a.inactive("contacts") != "" {
		t.Errorf("dry run: got %s, want 1 of 10 to become inactive, and none inactive", dry.raw)
	}
	r := a.csv("/v1/import/contacts?mirror=true", file)
	if r.get("data.status") != "completed" || r.get("data.mirror.state") != "done" ||
		r.get("data.mirror.inactive_count") != 1.0 || a.inactive("contacts") != "x9" {
		t.Errorf("got %s, inactive %q; want x9 inactive", r.raw, a.inactive("contacts"))
	}
	for _, reference := range []string{`"contact_name": "Person Numberj"`, `"contact_external_id": "x9"`,
		`"contact_email": "n9@example.com"`, `"contact_id": "` + lacking + `"`} {
		if r := a.do("POST", "/v1/tasks", `{"title": "Call", `+reference+`}`); r.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s, want a refusal", reference, r.status, r.raw)
		}
	}
	if r := a.do("GET", "/v1/contacts/"+lacking, ""); r.get("data.active") != false {
		t.Errorf("got %s, want an inactive contact", r.raw)
	}
	if got := a.other.inactive("contacts"); got != "" {
		t.Errorf("inactive in another workspace: %s", got)
	}
	back := a.csv("/v1/import/contacts", crew(9))
	back.wantCounts(0, 1, 0, 0)
	if r := a.do("POST", "/v1/tasks", byName); r.get("data.contact_id") != lacking || a.inactive("contacts") != "" {
		t.Errorf("got %s, want the contact that is active again", r.raw)
	}
	if n := a.query(`SELECT count(*) FROM mirror_ids m JOIN imports i ON i.id = m.import_id
		WHERE NOT i.options ? 'dry_run'`); n != 0 {
		t.Errorf("%d records are still noted", n)
	}
}

// A file that lacks more than a fifth is refused, unless more is allowed; its rows go in.
func TestMirrorOfAShortFileIsRefused(t *testing.T) {
	a := setup(t)
	for _, kind := range store.DirectoryKinds() {
		title := titleColumns[kind]
		var whole strings.Builder
		fmt.Fprintf(&whole, "%s,external_id\n", title)
		for i := range 10 {
			fmt.Fprintf(&whole, "Name Number%c,x%d\n", 'a'+i, i)
		}
		a.load(string(kind), whole.String())
		short := strings.Join(strings.Split(whole.String(), "\n")[:8], "\n") + "\nName Numberz,z\n"
		path := "/v1/import/" + string(kind)
		for _, query := range []string{"?mirror=true", "?mirror=true&mirror_most=27", "?mirror=true&dry_run=true"} {
			r := a.csv(path+query, short)
			if r.get("data.status") != "failed" || r.get("data.mirror.state") != "refused" ||
				r.get("data.mirror.inactive_count") != 3.0 || !strings.Contains(r.raw, "lacks 3 of 1") ||
				a.inactive(string(kind)) != "" {
				t.Errorf("%s%s: got %s, want a refusal", kind, query, r.raw)
			}
		}
		if r := a.csv(path+"?mirror=true&mirror_most=30", short); r.get("data.status") != "completed" ||
			a.inactive(string(kind)) != "x9 x8 x7" {
			t.Errorf("%s: got %s, inactive %s, want three", kind, r.raw, a.inactive(string(kind)))
		}
	}
	for query, field := range map[string]string{"?mirror_most=101": "mirror_most", "?mirror=x": "mirror"} {
		a.csv("/v1/import/contacts"+query, crew(1)).wantError(http.StatusBadRequest, "validation_error", field, field)
	}
	a.csv("/v1/import/tasks?mirror=true", "title\nx\n").wantError(http.StatusBadRequest, "validation_error", "mirror", "")
}

// What a rejected row names stays active. Where it is not known what a row names, nothing becomes
// inactive until the row is corrected.
func TestMirrorKeepsWhatRejectedRowsName(t *testing.T) {
	a := setup(t)
	a.load("contacts", crew(0, 1, 2, 3, 4, 5, 6, 7, 8, 9))
	a.load("contacts", "first_name,last_name,email\nOnly,Name,only@example.com\n")
	a.load("companies", "name,external_id\nToro Corp.,t1\nToro Inc.,t2\n")
	file := "full_name,email,external_id,company_name\n" +
		"Person Numbera,nonsense,x0,\nPerson Numberb,n1@example.com,,Toro\nPerson Numberc,n2@example.com,x2,Toro\n" +
		"\"Name, Only\",nonsense,,\n" +
		strings.TrimPrefix(strings.ReplaceAll(crew(3, 4, 5, 6, 7, 8), "\n", ",\n"), "full_name,email,external_id,\n")
	r := a.csv("/v1/import/contacts?mirror=true", file)
	if r.get("data.rejected_count") != 4.0 || r.get("data.status") != "completed" || a.inactive("contacts") != "x9" {
		t.Errorf("got %s, inactive %q; want 4 rejected rows and x9 inactive", r.raw, a.inactive("contacts"))
	}
	broken := crew(1, 2, 3, 4, 5, 6, 7, 8) + "Person Numbera,n0@example.com,1.2E+15\n"
	r = a.csv("/v1/import/contacts?mirror=true&mirror_most=50", broken)
	if r.get("data.status") != "failed" || r.get("data.mirror.state") != "refused" || a.inactive("contacts") != "x9" {
		t.Errorf("got %s, inactive %q; want a refusal", r.raw, a.inactive("contacts"))
	}
	job := r.header.Get("Location")
	a.do("POST", job+"/rejects/9", `{"fields": {"external_id": "x0"}}`)
	id, _ := r.get("data.job_id").(string)
	a.await(id)
	if r := a.do("GET", job, ""); r.get("data.status") != "completed" || r.get("data.mirror.state") != "done" ||
		a.inactive("contacts") != "<nil> x9" {
		t.Errorf("got %s, inactive %q; want the mirror after the correction", r.raw, a.inactive("contacts"))
	}
}

// A company that is inactive is nobody's; one that a contact names is active again, with its
// people.
func TestMirrorOfCompanies(t *testing.T) {
	a := setup(t)
	a.load("companies", "name,external_id,domain\nBrandt Logistik GmbH,b,brandt.example\nAcme GmbH,a,acme.example\n")
	a.load("contacts", "full_name,external_id,company_external_id\nHans Müller,1,b\nHans Müller,2,a\n")
	hans := a.id(`SELECT id FROM contacts WHERE external_id = $1 AND workspace_id = $2`, "1")
	task := `{"title": "Call", "contact_name": "Hans Müller", "company_name": "Brandt Logistik"}`
	chosen := func(want any) {
		t.Helper()
		if r := a.do("POST", "/v1/tasks", task); r.get("data.contact_id") != want {
			t.Errorf("got %d %s, want %v", r.status, r.raw, want)
		}
	}
	chosen(hans)
	a.csv("/v1/import/companies?mirror=true&mirror_most=50", "name,external_id\nAcme GmbH,a\n").wantCounts(0, 0, 1, 0)
	chosen(nil)
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_external_id": "1", "company_name": "Acme"}`); r.get(
		"data.contact_id") != hans {
		t.Errorf("got %s, want a contact whose company is inactive", r.raw)
	}
	named := a.csv("/v1/import/contacts", "full_name,external_id,company_name\nAnna Nowak,3,BRANDT LOGISTIK GMBH\n")
	named.wantCounts(1, 0, 0, 0)
	chosen(hans)
	if n := a.query(`SELECT count(*) FROM companies`); n != 2 {
		t.Errorf("got %d companies, want the two", n)
	}
}
