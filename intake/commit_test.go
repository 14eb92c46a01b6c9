package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// planned makes a dry run of a file of tasks and returns the path of its job.
func (a *api) planned(file, query string) string {
	a.t.Helper()
	job := a.importTasks(file, "?dry_run=true"+query)
	if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1`, a.jobID(job)); n != 0 {
		a.t.Errorf("a dry run has made %d tasks", n)
	}
	return job
}

// manyTasks are tasks over several small chunks. Every fourth names an unknown contact, and every
// tenth repeats the external id of the row before it.
func manyTasks(rows int) string {
	var file strings.Builder
	file.WriteString("title,contact_name,external_id\n")
	for n := 1; n <= rows; n++ {
		name, id := "Hans Müller", n
		if n%4 == 0 {
			name = "Frieda Fremd"
		}
		if n%10 == 0 {
			id--
		}
		fmt.Fprintf(&file, "Task %d,%s,x%d\n", n, name, id)
	}
	return file.String()
}

func TestCommitHasThePlannedOutcomes(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	job := a.planned(manyTasks(95), "")
	shown := a.do("GET", job, "")
	shown.wantCounts(67, 0, 5, 23)
	report := a.do("GET", job+"/rejects?format=csv", "").raw
	if shown.get("data.plan") != "kept" || shown.get("data.dry_run") != true {
		t.Error(shown.raw)
	}
	begun := a.do("POST", job+"/commit", "", "Idempotency-Key", "commit")
	if begun.status != http.StatusAccepted || begun.get("data.job_id") != a.jobID(job) {
		t.Fatalf("%d %s", begun.status, begun.raw)
	}
	done := a.await(a.jobID(job))
	done.wantCounts(67, 0, 5, 23)
	if done.get("data.plan") != "committed" || done.get("data.dry_run") != false ||
		done.get("data.status") != "completed" {
		t.Error(done.raw)
	}
	if again := a.do("GET", job+"/rejects?format=csv", "").raw; again != report {
		t.Errorf("the report was\n%s, and is\n%s", report, again)
	}
	if n := a.query(`SELECT count(DISTINCT row_number) FROM tasks WHERE import_id = $1 AND contact_id = $2`,
		a.jobID(job), a.contact("Hans Müller")); n != 67 {
		t.Errorf("%d rows have a task, want 67", n)
	}
	if n := a.query(`SELECT count(*) FROM plan_ids`) + a.query(`SELECT count(*) FROM chunks
		WHERE planned_outcomes IS NOT NULL OR data <> ''`); n != 0 {
		t.Errorf("%d things of the plan are left", n)
	}
	if replayed := a.do("POST", job+"/commit", "", "Idempotency-Key", "commit"); replayed.raw != begun.raw {
		t.Errorf("first %s, again %s", begun.raw, replayed.raw)
	}
	a.do("POST", job+"/commit", "").wantError(409, "conflict", "", "carried out already")
	a.load("contacts", "full_name\nFrieda Fremd\n")
	a.do("POST", job+"/retry", "")
	a.await(a.jobID(job)).wantCounts(86, 0, 9, 0)
	if r := a.do("POST", job+"/undo", ""); r.get("data.undone_count") != 86.0 {
		t.Error(r.raw)
	}
}

// A change of the directory that affects no row keeps the plan valid. Otherwise the answer names
// the affected rows.
func TestCommitAfterTheDirectoryHasChanged(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	same, other := a.planned(manyTasks(25), ""), a.planned(strings.ReplaceAll(manyTasks(25), ",x", ",y"), "")
	a.load("contacts", "full_name\nQuentin Quast\n")
	if r := a.do("POST", same+"/commit", ""); r.status != http.StatusAccepted {
		t.Fatal(r.raw)
	}
	a.await(a.jobID(same)).wantCounts(18, 0, 1, 6)
	a.load("contacts", "full_name\nFrieda Fremd\n")
	before := a.snapshot()
	r := a.do("POST", other+"/commit", "")
	r.wantError(409, "conflict", "", "6 rows would now end elsewhere")
	was, now := r.get("error.difference.was"), r.get("error.difference.now")
	if fmt.Sprint(was) != "map[created_count:18 rejected_count:6 skipped_count:1 updated_count:0]" ||
		fmt.Sprint(now) != "map[created_count:23 rejected_count:0 skipped_count:2 updated_count:0]" {
		t.Errorf("was %v, now %v", was, now)
	}
	examples, _ := r.get("error.difference.examples").([]any)
	if len(examples) != 6 {
		t.Fatal(r.raw)
	}
	first := reply{json: examples[0].(map[string]any)}
	if first.get("row_number") != 4.0 || first.get("was.ending") != "rejected" ||
		first.get("was.reason") != "unresolved_reference" ||
		first.get("now.ending") != "created" || first.get("now.contact_id") != a.contact("Frieda Fremd") {
		t.Errorf("%v", examples[0])
	}
	if after := a.snapshot(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
	if r := a.do("GET", other, ""); r.get("data.plan") != "kept" {
		t.Error(r.raw)
	}
}

// External ids that were used, or became free, since the dry run.
func TestCommitAfterTheTasksHaveChanged(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	earlier := a.importTasks("title,contact_name,external_id\nOld,Hans Müller,x1\n", "")
	freed, taken := a.planned(manyTasks(25), ""), a.planned("title,contact_name,external_id\nNew,Hans Müller,z1\n", "")
	a.do("POST", earlier+"/undo", "")
	a.do("POST", freed+"/commit", "").wantError(409, "conflict", "", "1 rows would now end elsewhere")
	a.importTasks("title,contact_name,external_id\nFaster,Hans Müller,z1\n", "")
	r := a.do("POST", taken+"/commit", "")
	r.wantError(409, "conflict", "", "1 rows would now end elsewhere")
	if now := fmt.Sprint(r.get("error.difference.now")); now != "map[created_count:0 rejected_count:0 "+
		"skipped_count:1 updated_count:0]" {
		t.Error(now)
	}
}

// With update and reject, the outcome of a repeated external id does not depend on the chunks.
func TestCommitOfRepeatedExternalIDs(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	var file strings.Builder
	file.WriteString("title,contact_name,external_id\n")
	for n := 1; n <= 60; n++ {
		fmt.Fprintf(&file, "Task %d,Hans Müller,x%d\n", n, n%20)
	}
	for _, c := range []struct {
		on                                  string
		created, updated, skipped, rejected int
		title                               string // of the task x1
	}{{"skip", 20, 0, 40, 0, "Task 1"}, {"update", 20, 40, 0, 0, "Task 41"}, {"reject", 20, 0, 0, 40, "Task 1"}} {
		job := a.planned(file.String(), "&on_duplicate="+c.on)
		a.do("GET", job, "").wantCounts(c.created, c.updated, c.skipped, c.rejected)
		a.do("POST", job+"/commit", "")
		a.await(a.jobID(job)).wantCounts(c.created, c.updated, c.skipped, c.rejected)
		if n := a.query(`SELECT count(*) FROM tasks WHERE external_id = 'x1' AND title = $1`, c.title); n != 1 {
			t.Errorf("%s: the task x1 is not %s", c.on, c.title)
		}
		if r := a.do("POST", job+"/undo", ""); r.get("data.undone_count") != 20.0 {
			t.Error(r.raw)
		}
	}
}

func TestCommitWithoutAPlan(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.do("POST", a.importTasks(strangers, "")+"/commit", "").wantError(409, "conflict", "", "not a dry run")
	contacts, _ := a.csv("/v1/import/contacts?dry_run=true", "full_name\nNew Person\n").get("data.job_id").(string)
	a.await(contacts)
	a.do("POST", "/v1/import/jobs/"+contacts+"/commit", "").wantError(409, "conflict", "", "only a dry run of tasks")
	old := a.planned(strangers, "")
	a.query(`WITH aged AS (UPDATE imports SET created_at = now() - interval '8 days', finished_at = now() - interval
		'8 days' WHERE id = $1 RETURNING 1) SELECT count(*) FROM aged`, a.jobID(old))
	untilAnswered(t, func() reply { // the sweeper drops it
		r := a.do("GET", old, "")
		if r.get("data.plan") != "expired" {
			r.status = http.StatusConflict
		}
		return r
	})
	a.do("POST", old+"/commit", "").wantError(409, "conflict", "", "kept for 7 days")
}
