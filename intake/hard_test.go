package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// All companies count, also beyond those shown as candidates: a namesake at the twelfth makes the
// name ambiguous.
func TestAllCompaniesOfANameCount(t *testing.T) {
	a := setup(t)
	companies := "external_id,name\n"
	for i := 1; i <= 12; i++ {
		companies += fmt.Sprintf("k%d,Acme Handel %s\n", i, []string{"GmbH", "AG", "KG", "Ltd", "Inc", "Corp", "S.A.",
			"SARL", "B.V.", "AB", "Oy", "plc"}[i-1])
	}
	a.load("companies", companies)
	a.load("contacts", "full_name,company_name\nHans Meier,Acme Handel KG\nHans Meier,Acme Handel plc\nKarl "+
		"Kauz,Acme Handel plc\n")
	r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Hans Meier", "company_name": "Acme Handel"}`)
	r.wantError(http.StatusBadRequest, "ambiguous_reference", "contact_name", "more than one")
	if r := a.do("POST", "/v1/tasks",
		`{"title": "Call", "contact_name": "Karl Kauz", "company_name": "Acme Handel"}`); r.get(
		"data.company_id") != a.company("Acme Handel plc") {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if many := a.do("POST", "/v1/tasks", `{"title": "Call", "company_name": "Acme Handel"}`); len(
		many.get("error.candidates").([]any)) != 10 {
		t.Error(many.raw)
	}
}

func TestCompaniesThatDifferInTheirLegalFormAreTwo(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/companies", "name\nSiemens AG\nSiemens GmbH\nSIEMENS AG\n").wantCounts(2, 0, 1, 0)
	a.csv("/v1/import/companies?on_duplicate=update", "external_id,name\n77,Siemens KG\n").wantCounts(1, 0, 0, 0)
	a.do("POST", "/v1/tasks", `{"title": "x", "company_name": "Siemens"}`).wantError(400, "ambiguous_reference",
		"company_name", "more than one")
}

// A company without an external_id is identified by its name in any alphabet. A database with the
// locale C only folds ASCII.
func TestCompaniesAreKnownAgainInAnyAlphabet(t *testing.T) {
	a := setup(t)
	file := "name\nÖsterreichische Post AG\nŻabka Polska\nИнтерфакс\n株式会社\n!!!\n"
	a.csv("/v1/import/companies", file).wantCounts(5, 0, 0, 0)
	a.csv("/v1/import/companies", file).wantCounts(0, 0, 5, 0)
	// the second is Latin but for its last letter
	a.csv("/v1/import/companies", "name\nÖSTERREICHISCHE POST AG\nintERFakС\n").wantCounts(1, 0, 1, 0)
	a.csv("/v1/import/companies", "external_id,name\np1,österreichische post ag\n").wantCounts(0, 1, 0, 0)
}

func TestContactsTakeOverAnExternalID(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/contacts", "full_name,email\nEva Kurz,eva@example.com\n").wantCounts(1, 0, 0, 0)
	a.csv("/v1/import/contacts",
		"full_name,email,external_id\nEva Kurz,eva@example.com,e9\nEva Lang,eva@example.com,e10\n").wantCounts(1, 1, 0, 0)
	a.csv("/v1/import/contacts", "full_name,email,company_name\nEva Kurz,eva@example.com,Brandneu AG\n").wantCounts(0,
		0, 1, 0)
	if n := a.query(`SELECT count(*) FROM companies`); n != 0 {
		t.Errorf("a skipped contact brought along %d companies", n)
	}
}

func TestDryRunOfTheDirectoryIsTheSameReport(t *testing.T) {
	a := setup(t)
	file := "external_id,full_name,company_name\n1,Hans Müller,Brandt GmbH\n2,Anna Nowak,\n"
	a.csv("/v1/import/contacts", file).wantCounts(2, 0, 0, 0)
	file += "3,Peter New,Neu AG\n"
	a.csv("/v1/import/contacts?dry_run=true&on_duplicate=reject", file).wantCounts(1, 0, 0, 2)
	if n := a.query(`SELECT count(*) FROM contacts`) + a.query(`SELECT count(*) FROM companies`); n != 3 {
		t.Errorf("a dry run left %d records, want 3", n)
	}
	a.csv("/v1/import/contacts?on_duplicate=reject", file).wantCounts(1, 0, 0, 2)
}

func TestSingleTasksTakeNoOptionsOfAnImport(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.do("POST", "/v1/tasks?dry_run=true", `{"title": "x", "contact_name": "Hans Müller"}`).wantError(400,
		"validation_error", "dry_run", "/v1/import/tasks")
	a.nothingLeft()
}

func TestContentTypesThatCannotBeRead(t *testing.T) {
	a := setup(t)
	for _, header := range []string{"text/csv; charset", ";", "text/csv; a=b; a=c"} {
		a.do("POST", "/v1/import/tasks", "title\nx\n", "Content-Type", header).wantError(415, "unsupported_media_type", "",
			"")
	}
	a.nothingLeft()
}

// Concurrent equal requests that fail each get the reason or request_in_progress, never not_found.
func TestIdempotencyKeyOfFailingRequestsAtOnce(t *testing.T) {
	a := setup(t)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				r := a.do("POST", "/v1/tasks", `{"title": ""}`, "Idempotency-Key", "k")
				if code := r.get("error.code"); code != "validation_error" && code != "request_in_progress" {
					t.Errorf("%d %s", r.status, r.raw)
				}
			}
		})
	}
	group.Wait()
	a.nothingLeft()
}

// A report of several pages is complete and in order, and the connection stays usable.
func TestLongReport(t *testing.T) {
	a := setup(t)
	const rows = 2500
	job := a.csv("/v1/import/tasks", "title,note\n"+strings.Repeat("x,y\n", rows), "Prefer", "wait=30")
	id, _ := job.get("data.job_id").(string)
	report := a.do("GET", "/v1/import/jobs/"+id+"/rejects?format=csv", "")
	lines := strings.Split(strings.TrimSpace(report.raw), "\n")
	if len(lines) != rows+1 || !strings.HasPrefix(lines[1], "x,y,,,1,2,") || !strings.HasPrefix(lines[rows],
		fmt.Sprintf("x,y,,,%d,%d,", rows, rows+1)) {
		t.Errorf("%d lines, the first %q, the last %q", len(lines), lines[1], lines[len(lines)-1])
	}
	if r := a.do("GET", "/v1/tasks", ""); r.status != http.StatusOK {
		t.Errorf("after the report: %d", r.status)
	}
}
