package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

func TestContactNamesAreSplitAndComposed(t *testing.T) {
	a := setup(t)
	r := a.csv("/v1/import/contacts", `full_name,first_name,last_name,email
"Müller, Hans",,,
,Anna,Nowak,
Ludwig van der Berg,,,
,,,Only@Example.com
"Smith, Jr.",,,
"Smith, John, Jr.",,,
,,Solo,
,,,
,,,not an address
`)
	r.wantCounts(7, 0, 0, 1)
	for _, want := range []string{"Hans Müller|Hans|Müller", "Anna Nowak|Anna|Nowak",
		"Ludwig van der Berg|Ludwig|van der Berg", "||", "Smith Jr.|Smith|Jr.", "John Smith Jr.|John Smith|Jr.",
		"Solo||Solo"} {
		if n := a.query(`SELECT count(*) FROM contacts WHERE full_name || '|' || first_name || '|' || last_name = $1`,
			want); n != 1 {
			t.Errorf("%d contacts %s", n, want)
		}
	}
	if n := a.query(`SELECT count(*) FROM contacts WHERE email = 'only@example.com'`); n != 1 {
		t.Errorf("%d contacts with the email alone", n)
	}
	if r.get("data.rejected_by_reason.invalid_value") != 1.0 || r.get("data.empty_rows") != 1.0 {
		t.Error(r.raw)
	}
}

func TestDirectoryIsKnownAgain(t *testing.T) {
	a := setup(t)
	first := "external_id,full_name,email,company_name\n1,Hans Müller,h@example.com,Brandt GmbH\n,Anna " +
		"Nowak,a@example.com,Brandt GmbH\n,Peter Nobody,,\n"
	a.csv("/v1/import/contacts", first).wantCounts(3, 0, 0, 0)
	a.csv("/v1/import/contacts", first).wantCounts(1, 0, 2, 0) // a row with neither external_id nor email is always new
	a.csv("/v1/import/contacts?on_duplicate=update",
		"external_id,full_name,email\n1,Hans Maria Müller,\n,Anna Nowakowa,a@example.com\n").wantCounts(0, 2, 0, 0)
	if n := a.query(`SELECT count(*) FROM contacts WHERE full_name IN ('Hans Maria Müller', 'Anna Nowakowa')
		AND email IS NOT NULL AND company_id IS NOT NULL`); n != 2 {
		t.Errorf("%d contacts brought up to date without losing what the rows left empty", n)
	}
	a.csv("/v1/import/contacts?on_duplicate=reject", first).wantCounts(1, 0, 0, 2)
	a.csv("/v1/import/deals", "external_id,title\nd,One\nd,Two\n,Three\n").wantCounts(2, 0, 1, 0)
	a.csv("/v1/import/events?on_duplicate=update", "external_id,name\ne,One\ne,Two\n").wantCounts(1, 1, 0, 0)
	if n := a.query(`SELECT count(*) FROM events WHERE title = 'Two'`); n != 1 {
		t.Errorf("%d events brought up to date", n)
	}
}

// A company created by a contact is completed by its own row, not duplicated.
func TestCompaniesOfContacts(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/contacts", "full_name,company_name\nHans Müller,Brandt Logistik GmbH\nAnna Nowak,BRANDT "+
		"LOGISTIK\n").wantCounts(2, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM companies`); n != 1 {
		t.Fatalf("%d companies, want 1", n)
	}
	a.csv("/v1/import/companies",
		"external_id,name,domain\nk1,Brandt Logistik GmbH,brandt.example\nk2,Toro Co,\nk3,Toro Corp.,\n").wantCounts(2, 1,
		0, 0)
	if n := a.query(`SELECT count(*) FROM companies c JOIN contacts p ON p.company_id = c.id WHERE c.external_id = 'k1'
		AND domain = 'brandt.example'`); n != 2 {
		t.Errorf("%d contacts at the completed company", n)
	}
	a.csv("/v1/import/companies", "external_id,name\nk1,Brandt Logistik GmbH\n").wantCounts(0, 0, 1, 0)
	spelled := a.csv("/v1/import/contacts", "full_name,company_name\nMary Jones,Toro Corp.\nJohn Jones,Toro\n")
	spelled.wantCounts(1, 0, 0, 1)
	if spelled.get("data.rejected_by_reason.ambiguous_reference") != 1.0 {
		t.Error(spelled.raw)
	}
	if n := a.query(`SELECT count(*) FROM contacts p JOIN companies c ON c.id = p.company_id
		WHERE p.full_name = 'Mary Jones' AND c.external_id = 'k3'`); n != 1 {
		t.Error("the company that is spelled alike was not chosen")
	}
}

func TestAliasComesBeforeEverything(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans, anna := a.contact("Hans Müller"), a.contact("Anna Nowak")
	id, _ := importer.ParseID(anna)
	if _, err := a.store.KeepAlias(t.Context(), a.workspace, importer.Contacts, "Dr. Chef", id, store.Actor{},
		nil); err != nil {
		t.Fatal(err)
	}
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "chef"}`); r.status != http.StatusCreated ||
		r.get("data.contact_id") != anna {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if _, err := a.store.KeepAlias(t.Context(), a.workspace, importer.Contacts, "Hans Müller", id, store.Actor{},
		nil); err != nil {
		t.Fatal(err)
	}
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Müller, Hans"}`); r.get(
		"data.contact_id") != anna {
		t.Errorf("an alias must come before equality: %s, Hans is %s", r.raw, hans)
	}
	if _, err := a.store.KeepAlias(t.Context(), a.other.workspace, importer.Contacts, "Chef", id, store.Actor{},
		nil); err == nil {
		t.Error("an alias led to another workspace's contact")
	}
}

// The results of a directory import have the id of each row, as for tasks.
func TestResultsOfTheDirectory(t *testing.T) {
	a := setup(t)
	for kind, file := range map[string]string{
		"companies": "name,external_id\nNorth AG,n\nNorth AG,n\nSouth AG,s\n",
		"contacts": "full_name,email,company_name\nHans Müller,hans@example.com,Newcomer GmbH\nHans " +
			"Müller,hans@example.com,\nAnna Nowak,,Newcomer GmbH\n",
		"deals":  "title,external_id\nRenewal,1\nRenewal,1\nUpgrade,2\n",
		"events": "title,external_id\nFair,1\nFair,1\nTalk,2\n",
	} {
		job := a.csv("/v1/import/"+kind, file)
		job.wantCounts(2, 0, 1, 0)
		path := job.header.Get("Location") + "/results"
		r := a.do("GET", path, "")
		rows, _ := r.get("data").([]any)
		if len(rows) != 2 || r.get("meta.total") != 2.0 {
			t.Fatalf("%s: %d %s", kind, r.status, r.raw)
		}
		csv := "row_number,id\n"
		for n, row := range []float64{1, 3} {
			result, _ := rows[n].(map[string]any)
			id, _ := result["id"].(string)
			if result["row_number"] != row || a.query(`SELECT count(*) FROM `+kind+` WHERE workspace_id = $1
				AND id = $2`, a.workspace, id) != 1 {
				t.Errorf("%s: result %v, want row %v", kind, result, row)
			}
			csv += fmt.Sprintf("%v,%s\n", row, id)
		}
		if whole := a.do("GET", path+"?format=csv", ""); whole.raw != csv {
			t.Errorf("%s: %s, want %s", kind, whole.raw, csv)
		}
		if r := a.other.do("GET", path, ""); r.status != http.StatusNotFound {
			t.Errorf("another workspace: %d %s", r.status, r.raw)
		}
	}
	task := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_id": "`+a.contact("Hans Müller")+`"}`)
	if task.status != http.StatusCreated {
		t.Error(task.raw)
	}
	dry := a.csv("/v1/import/contacts?dry_run=true", "full_name\nNobody Yet\n")
	if r := a.do("GET", dry.header.Get("Location")+"/results", ""); r.get("meta.total") != 0.0 {
		t.Errorf("a dry run: %s", r.raw)
	}
}

// A record whose row was corrected is in the results and in the answer.
func TestResultOfACorrectedRecord(t *testing.T) {
	a := setup(t)
	job := a.csv("/v1/import/contacts", "full_name,email\n,nonsense\n").header.Get("Location")
	r := a.do("POST", job+"/rejects/1", `{"fields": {"full_name": "Erika Mustermann", "email": "erika@example.com"}}`)
	if r.get("data.mended.outcome") != "created" || r.get("data.mended.id") != a.contact("Erika Mustermann") {
		t.Errorf("mended: %d %s", r.status, r.raw)
	}
	if r := a.do("GET", job+"/results", ""); !strings.Contains(r.raw,
		`"row_number":1,"id":"`+a.contact("Erika Mustermann")) {
		t.Errorf("results: %s", r.raw)
	}
}
