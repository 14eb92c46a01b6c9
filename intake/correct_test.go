package intake_test

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"taskport/store"
)

// A correction by a key without a name shows the key's id.
func TestDecisionOfANamelessKey(t *testing.T) {
	a := setup(t)
	key, secret, err := a.store.CreateKey(t.Context(), store.NewKey{WorkspaceID: a.workspace,
		Permissions: store.Permissions()}, clock)
	if err != nil {
		t.Fatal(err)
	}
	a.key = secret
	a.load("contacts", people)
	row := a.importTasks("title,contact_name\nCall,Nobody\n", "") + "/rejects/1"
	again := a.do("POST", row, `{"fields": {"title": "Ring"}}`)
	if by := again.get("data.mended.reject.decision.by"); by != "key "+key.ID.String() {
		t.Errorf("decided by %v: %s", by, again.raw)
	}
	a.do("POST", row, `{"fields": {"title": "Write"}, "version": 1}`).wantError(409, "conflict", "",
		"key "+key.ID.String()+" decided about row 1")
}

// One row is corrected; the answer has its outcome and the id of its task.
func TestCorrectRow(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	job, _ := a.csv("/v1/import/tasks",
		"title,contact_name,due_date\nCall,Hans Müller,soon\nWrite,Nobody Atall,\n").get("data.job_id").(string)
	path := "/v1/import/jobs/" + job + "/rejects/"
	again := a.do("POST", path+"1", `{"fields": {"contact_name": "Nobody Atall", "due_date": null}}`)
	if again.status != http.StatusOK || again.get("data.mended.outcome") != "rejected" ||
		again.get("data.mended.reject.reason") != "unresolved_reference" ||
		again.get("data.mended.reject.version") != 2.0 ||
		again.get("data.mended.reject.mended.contact_name") != "Nobody Atall" ||
		again.get("data.mended.reject.row.due_date") != "soon" ||
		again.get("data.rejected_count") != 2.0 || again.get("data.mended.reject.decision.by") == "" {
		t.Errorf("rejected again: %d %s", again.status, again.raw)
	}
	stale := a.do("POST", path+"1", `{"version": 1, "contact_id": "`+hans+`"}`)
	if stale.status != http.StatusConflict || stale.get("error.code") != "conflict" || !strings.Contains(stale.raw,
		"decided about row 1 at ") || !strings.Contains(stale.raw, `contact_name = \"Nobody Atall\"`) {
		t.Errorf("a version that is past: %d %s", stale.status, stale.raw)
	}
	in := a.do("POST", path+"1", `{"version": 2, "contact_id": "`+hans+`"}`)
	id, _ := in.get("data.mended.id").(string)
	if in.status != http.StatusOK || in.get("data.mended.outcome") != "created" ||
		in.get("data.created_count") != 1.0 || in.get("data.status") != "completed" {
		t.Errorf("mended: %d %s", in.status, in.raw)
	}
	task := a.do("GET", "/v1/tasks/"+id, "")
	if task.get("data.contact_id") != hans || task.get("data.due_date") != nil || task.get("data.title") != "Call" {
		t.Errorf("task: %d %s", task.status, task.raw)
	}
	for what, want := range map[string]string{"1": "409 conflict", "7": "404 not_found", "0": "404 not_found",
		"x": "404 not_found"} {
		r := a.do("POST", path+what, `{"contact_id": "`+hans+`"}`)
		if got := fmt.Sprint(r.status, " ", r.get("error.code")); got != want {
			t.Errorf("row %s: %s %s, want %s", what, got, r.raw, want)
		}
	}
	for body, field := range map[string]string{`{}`: "fields", `{"fields": {"full_name": "x"}}`: "full_name",
		`{"fields": {"due_date": "soon"}}`: "due_date", `{"contact_id": "x"}`: "contact_id",
		`{"contact_id": "` + a.other.strangersID() + `"}`: "contact_id", `{"fields": {"title": 5}}`: "fields",
		`{"fields": {"contact_id": "` + hans + `"}, "contact_id": "` + a.contact("Anna Nowak") + `"}`: "contact_id"} {
		if r := a.do("POST", path+"2", body); r.status != http.StatusBadRequest || r.get("error.field") != field {
			t.Errorf("%s: %d %s, want a fault of %s", body, r.status, r.raw, field)
		}
	}
}

// strangersID returns a contact of the other workspace.
func (a *api) strangersID() string {
	a.t.Helper()
	a.load("contacts", people)
	return a.contact("Hans Müller")
}

// With respond-async the answer is immediate. A repeated request gets the first answer, and the
// rows are imported once.
func TestCorrectLaterAndAgain(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	job, _ := a.csv("/v1/import/tasks", "title,contact_name\n"+strings.Repeat("Call,Nobody Atall\n",
		40)).get("data.job_id").(string)
	path := "/v1/import/jobs/" + job + "/rejects/resolve"
	body := `{"name": "nobody  ATALL", "field": "contact_name", "contact_id": "` + hans + `"}`
	first := a.do("POST", path, body, "Prefer", "respond-async", "Idempotency-Key", "mend")
	if first.header.Get("Preference-Applied") != "respond-async" || first.get("data.mended.row_count") != 40.0 ||
		first.header.Get("Location") != "/v1/import/jobs/"+job {
		t.Errorf("at once: %d %s", first.status, first.raw)
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			if r := a.do("POST", path, body, "Prefer", "respond-async", "Idempotency-Key", "mend"); r.raw != first.raw ||
				r.header.Get("Idempotency-Replayed") != "true" {
				t.Errorf("again: %d %s", r.status, r.raw)
			}
		})
	}
	group.Wait()
	a.await(job)
	if n := a.query(`SELECT count(*) FROM tasks`); n != 40 {
		t.Errorf("%d tasks of 40 rows", n)
	}
	if n := a.query(`SELECT count(*) FROM audit WHERE action = 'correct_all'`); n != 1 {
		t.Errorf("%d decisions", n)
	}
}

// The report has the same rows as the list of dead letters with the same filter.
func TestRejectsAreFiltered(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job, _ := a.csv("/v1/import/tasks", `title,contact_name,company_name,Note
Call,Nobody Atall,,one
Call,"ATALL, Nobody",No Such Company Anywhere,two
Call,,,"100% \o/ grün"
,Hans Müller,,four
Call,Peter Fischer,,five
`).get("data.job_id").(string)
	for query, want := range map[string]string{
		"":                                   "1 2 3 4 5",
		"?reason=orphan":                     "3",
		"?reason=missing_title":              "4",
		"?name=nobody+atall":                 "1",
		"?search=nobody":                     "1 2",
		"?search=" + url.QueryEscape("%"):    "3",
		"?search=" + url.QueryEscape(`\O`):   "3",
		"?search=" + url.QueryEscape("grün"): "3",
		"?search=two":                        "2",
		"?field=company_name":                "2",
		"?field=contact_name&reason=ambiguous_reference": "5",
		"?company=&field=contact_name":                   "1 5",
	} {
		r := a.do("GET", "/v1/import/jobs/"+job+"/rejects"+query, "")
		var rows []string
		list, _ := r.get("data").([]any)
		for _, d := range list {
			d, _ := d.(map[string]any)
			rows = append(rows, fmt.Sprint(d["row_number"]))
		}
		if got := strings.Join(rows, " "); got != want || r.get("meta.total") != float64(len(rows)) {
			t.Errorf("%s: rows %s, want %s: %s", query, got, want, r.raw)
		}
		report, err := csv.NewReader(strings.NewReader(a.do("GET", "/v1/import/jobs/"+job+"/rejects"+query, "", "Accept",
			"text/csv").raw)).ReadAll()
		if err != nil || len(report) != len(rows)+1 {
			t.Errorf("%s: report of %d rows: %v", query, len(report), err)
		}
	}
	for _, query := range []string{"?reason=bad", "?search=" + strings.Repeat("x", 501), "?name=%00"} {
		if r := a.do("GET", "/v1/import/jobs/"+job+"/rejects"+query, ""); r.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", query, r.status, r.raw)
		}
	}
}
