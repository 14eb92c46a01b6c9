package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// strangersFile has so many rows that name nobody, and one that names Hans.
func strangersFile(name string, rows int) string {
	return "title,contact_name\n" + strings.Repeat("Call,"+name+"\n", rows) + "Call,Hans Müller\n"
}

// A dismissed row stays among the rejected ones, and is left out of lists, reports and retries
// until it is opened again.
func TestDismiss(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	path := a.importTasks(strangersFile("Nobody Atall", 3)+"Total,\n", "")
	job := a.jobID(path)
	rejects := func(query string) any { return a.do("GET", path+"/rejects"+query, "").get("meta.total") }
	r := a.do("POST", path+"/rejects/2", `{"dismiss": true, "reason": "left the company"}`)
	if r.status != http.StatusOK || r.get("data.dismissed_count") != 1.0 ||
		r.get("data.rejected_count") != rejects("?dismissed=true") {
		t.Fatalf("got %d %s", r.status, r.raw)
	}
	all := rejects("?dismissed=true").(float64)
	if open := rejects(""); open != all-1 {
		t.Errorf("got %v open dead letters of %v", open, all)
	}
	if report := a.do("GET", path+"/rejects?format=csv", "").raw; strings.Count(report, "Nobody Atall") != 2*2 {
		t.Errorf("the report has the dismissed row: %s", report)
	}
	if report := a.do("GET", path+"/rejects?format=csv&dismissed=true", "").raw; strings.Count(report,
		"Nobody Atall") != 3*2 {
		t.Errorf("the whole report lacks the dismissed row: %s", report)
	}
	if r := a.do("GET", path+"/rejects?dismissed=true", ""); !strings.Contains(r.raw, `"reason":"left the company"`) ||
		!strings.Contains(r.raw, `"by":"test"`) {
		t.Errorf("got %s, want who dismissed it and why", r.raw)
	}
	a.do("POST", path+"/rejects/2", `{"dismiss": true}`).wantError(http.StatusNotFound, "not_found", "",
		"open rejected row")
	// All of a name: two are left.
	if r := a.do("POST", path+"/rejects/resolve", `{"name": "nobody atall", "field": "contact_name", "dismiss": true,
		"reason": "nobody wants them"}`); r.get("data.dismissed_count") != 3.0 {
		t.Errorf("got %s, want three dismissed", r.raw)
	}
	// A retry, once the name is known, leaves them alone.
	a.load("contacts", "full_name\nNobody Atall\n")
	a.do("POST", path+"/retry", "")
	if r := a.await(job); r.get("data.created_count") != 1.0 || r.get("data.dismissed_count") != 3.0 {
		t.Errorf("got %s, want the dismissed rows left alone", r.raw)
	}
	// Opened again, they go in; one that is corrected by its number need not be opened.
	a.do("POST", path+"/rejects/1", `{"fields": {"contact_name": "Hans Müller"}}`)
	if r := a.do("POST", path+"/rejects/resolve", `{"reason": "unresolved_reference", "dismiss": false}`); r.get(
		"data.dismissed_count") != 0.0 {
		t.Errorf("got %s, want none dismissed", r.raw)
	}
	a.do("POST", path+"/retry", "")
	if r := a.await(job); r.get("data.created_count") != 4.0 {
		t.Errorf("got %s, want all four in", r.raw)
	}
	for _, body := range []string{`{"dismiss": true, "fields": {"title": "x"}}`, `{"reason": "because"}`} {
		if r := a.do("POST", path+"/rejects/1", body); r.status != http.StatusBadRequest {
			t.Errorf("%s: got %d %s", body, r.status, r.raw)
		}
	}
	a.other.do("POST", path+"/rejects/1", `{"dismiss": true}`).wantError(http.StatusNotFound, "not_found", "", "")
}

// One decision reaches the rows of all imports, and of no other workspace.
func TestInbox(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.other.load("contacts", people)
	var jobs []string
	for n := range 4 {
		jobs = append(jobs, a.jobID(a.importTasks(strangersFile("The Boss", n+1), "")))
	}
	a.importTasks(strangersFile("The Boss", 5), "?dry_run=true")
	foreign := a.jobID(a.other.importTasks(strangersFile("The Boss", 1), ""))
	r := a.do("GET", "/v1/rejects?per_page=100", "")
	if r.get("meta.total") != 10.0 || strings.Contains(r.raw, foreign) {
		t.Errorf("got %s, want ten rows of our own", r.raw)
	}
	if r := a.do("GET", "/v1/rejects/groups", ""); r.get("meta.total") != 1.0 || !strings.Contains(r.raw, `"count":10`) ||
		!strings.Contains(r.raw, `"import_count":4`) {
		t.Errorf("got %s, want one group of ten rows in four imports", r.raw)
	}
	body := fmt.Sprintf(`{"name": "the boss", "field": "contact_name", "contact_id": %q, "remember": true}`,
		a.contact("Hans Müller"))
	first := a.do("POST", "/v1/rejects/resolve", body, "Idempotency-Key", "all")
	if first.status != http.StatusOK || first.get("data.row_count") != 10.0 {
		t.Fatalf("got %d %s", first.status, first.raw)
	}
	if again := a.do("POST", "/v1/rejects/resolve", body, "Idempotency-Key", "all"); again.raw != first.raw {
		t.Errorf("got %s again, want %s", again.raw, first.raw)
	}
	for n, job := range jobs {
		a.await(job).wantCounts(n+2, 0, 0, 0)
	}
	a.other.await(foreign).wantCounts(1, 0, 0, 1)
	a.do("POST", "/v1/rejects/resolve", body).wantError(http.StatusNotFound, "not_found", "", "open rejected row")
	a.do("POST", "/v1/rejects/resolve", `{"rows": [1], "dismiss": true}`).wantError(http.StatusBadRequest,
		"validation_error", "rows", "")
	a.do("POST", "/v1/rejects/resolve", `{"dismiss": true}`).wantError(http.StatusBadRequest, "validation_error",
		"name", "")
	if r := a.other.do("POST", "/v1/rejects/resolve", `{"reason": "unresolved_reference", "dismiss": true}`); r.get(
		"data.row_count") != 1.0 {
		t.Errorf("got %s, want one dismissed", r.raw)
	}
	if r := a.other.do("GET", "/v1/rejects", ""); r.get("meta.total") != 0.0 {
		t.Errorf("got %s, want an empty inbox", r.raw)
	}
}
