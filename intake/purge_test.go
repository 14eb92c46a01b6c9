package intake_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"taskport/intake"
	"taskport/store"
)

// What the file of an import held is removed for good; what it did stays.
func TestPurge(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const secret = "Sesame"
	job := a.importTasks("title,contact_name\nCall,Hans Müller\nOpen "+secret+",Nobody "+secret+"\nLeft,"+secret+"\n", "")
	a.do("POST", job+"/rejects/2", `{"fields": {"title": "Say `+secret+`"}}`)
	a.await(a.jobID(job))
	dry := a.importTasks("title,contact_name\nCall "+secret+",Hans Müller\n", "?dry_run=true")
	before := a.do("GET", job, "")
	for _, path := range []string{job, dry} {
		for range 2 {
			r := a.do("DELETE", path, "")
			if r.status != http.StatusOK || r.get("data.purged_at") == nil || strings.Contains(r.raw, secret) {
				t.Fatalf("%d %s", r.status, r.raw)
			}
			if path == job && (r.get("data.rejected_count") != before.get("data.rejected_count") ||
				r.get("data.created_count") != 1.0 || r.get("data.status") != "completed") {
				t.Errorf("the counts have changed: %s", r.raw)
			}
		}
		for _, action := range []string{"/retry", "/undo", "/commit"} {
			a.do("POST", path+action, "").wantError(409, "conflict", "", "what its file held was removed on 20")
		}
	}
	a.do("POST", job+"/rejects/resolve", `{"name": "Sesame", "field": "contact_name", "fields": {"title": "x"}}`).
		wantError(409, "conflict", "", "what its file held was removed")
	if r := a.do("GET", job+"/rejects?format=csv", ""); r.status != http.StatusOK || strings.Contains(r.raw, secret) {
		t.Errorf("%d %s", r.status, r.raw)
	}
	a.do("DELETE", "/v1/import/jobs/"+strings.Repeat("0", 8)+"-0000-7000-8000-000000000000", "").wantError(404,
		"not_found", "", "")
	for _, left := range []string{`dead_letters`, `corrections`, `plan_ids`,
		`chunks WHERE octet_length(data) > 0 OR planned_outcomes IS NOT NULL`,
		`imports WHERE (layout::text ~ 'Sesame' OR options::text ~ 'Sesame')`} {
		if n := a.query(`SELECT count(*) FROM ` + left); n != 0 {
			t.Errorf("%d left of %s", n, left)
		}
	}
	if n := a.query(`SELECT count(*) FROM audit WHERE action = 'purge'`); n != 2 {
		t.Errorf("%d entries in the audit, want 2", n)
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}

func TestPurgeWaitsForTheEnd(t *testing.T) {
	a := setup(t, func(c *intake.Config) { c.Dispatch = store.Dispatch{Window: 1, RedeliverAfter: time.Hour} })
	a.load("contacts", people)
	id, release := a.heldImport()
	defer release()
	a.do("DELETE", "/v1/import/jobs/"+id, "").wantError(409, "conflict", "", "purge is not possible: the import is")
}
