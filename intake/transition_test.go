package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"taskport/intake"
)

// importTasks imports a file of tasks to its end and returns the path of its job.
func (a *api) importTasks(file, query string) string {
	a.t.Helper()
	id, _ := a.csv("/v1/import/tasks"+query, file).get("data.job_id").(string)
	a.await(id)
	return "/v1/import/jobs/" + id
}

// strangers are tasks; the contact of the first is in people, and the last is malformed.
const strangers = "title,contact_name,external_id\nCall,Hans Müller,x1\nCall,Wolfgang Unbekannt,x2\nCall,Wolfgang " +
	"Unbekannt,x1\nCall,Frieda Fremd,x4\nCall,\"Hans\" Müller,x5\n"

// smallChunks makes even small files several chunks.
func smallChunks(c *intake.Config) { c.ChunkRows = 10 }

func (a *api) jobID(path string) string { return strings.TrimPrefix(path, "/v1/import/jobs/") }

func TestRetryAfterTheDirectoryWasCorrected(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks(strangers, "")
	a.do("GET", job, "").wantCounts(1, 0, 0, 4)
	a.load("contacts", "full_name\nWolfgang Unbekannt\n")
	retried := a.do("POST", job+"/retry", "")
	if retried.status != http.StatusAccepted || retried.get("data.status") != "processing" &&
		retried.get("data.status") != "completed" || retried.header.Get("Location") != job {
		t.Errorf("%d %s", retried.status, retried.raw)
	}
	after := a.await(a.jobID(job))
	after.wantCounts(2, 0, 1, 2) // the third row repeats the external_id of the first
	if after.get("data.rejected_by_reason.unresolved_reference") != 1.0 ||
		after.get("data.rejected_by_reason.malformed_row") != 1.0 {
		t.Error(after.raw)
	}
	errors, _ := after.get("data.errors").([]any)
	if len(errors) != 2 {
		t.Errorf("%d errors: %s", len(errors), after.raw)
	}
	results := a.do("GET", job+"/results", "")
	if !strings.Contains(results.raw, `"row_number":2`) || results.get("meta.total") != 2.0 {
		t.Error(results.raw)
	}
	a.load("contacts", "full_name\nFrieda Fremd\n")
	a.do("POST", job+"/retry", "")
	a.await(a.jobID(job)).wantCounts(3, 0, 1, 1)
	report := a.do("GET", job+"/rejects?format=csv", "")
	if lines := strings.Split(strings.TrimSpace(report.raw), "\n"); len(lines) != 2 || !strings.Contains(lines[1],
		"malformed_row") {
		t.Errorf("report: %s", report.raw)
	}
	if reasons := a.do("GET", job, "").get("data.rejected_by_reason"); fmt.Sprint(reasons) != "map[malformed_row:1]" {
		t.Errorf("reasons are %v", reasons)
	}
	nothing := a.do("POST", job+"/retry", "")
	if nothing.status != http.StatusOK || nothing.get("data.status") != "completed" {
		t.Errorf("nothing to do: %d %s", nothing.status, nothing.raw)
	}
}

// A retry of a contact import after its ambiguous company was resolved, and one without changes.
func TestRetryOfADirectoryImport(t *testing.T) {
	a := setup(t)
	a.load("companies", "external_id,name\nk1,Acme GmbH\n")
	r := a.csv("/v1/import/contacts", "full_name,email\nHans Müller,hans@example.com\nEva Kauz,eva\nKarl Kauz,karl\n")
	id, _ := r.get("data.job_id").(string)
	r.wantCounts(1, 0, 0, 2)
	a.do("POST", "/v1/import/jobs/"+id+"/retry", "")
	a.await(id).wantCounts(1, 0, 0, 2)
	if n := a.query(`SELECT count(*) FROM dead_letters`); n != 2 {
		t.Errorf("%d dead letters", n)
	}
	a.do("POST", "/v1/import/jobs/"+id+"/undo", "").wantError(409, "conflict", "", "only imports of tasks")
}

// Many dead letters are split over chunks by rows and by bytes, and each is retried once.
func TestRetryOfManyDeadLetters(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var file strings.Builder
	file.WriteString("title,contact_name,description\n")
	const rows = 6_000
	for n := range rows {
		fmt.Fprintf(&file, "Task %d,Frieda Fremd,%s\n", n, strings.Repeat("x", n%2*900))
	}
	job := a.importTasks(file.String(), "")
	a.load("contacts", "full_name\nFrieda Fremd\n")
	if r := a.do("POST", job+"/retry", ""); r.status != http.StatusAccepted {
		t.Fatal(r.raw)
	}
	a.await(a.jobID(job)).wantCounts(rows, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM chunks WHERE last_row IS NOT NULL`); n != 3 {
		t.Errorf("%d chunks that correct, want 3", n)
	}
	if n := a.query(`SELECT count(DISTINCT row_number) FROM tasks WHERE import_id = $1`, a.jobID(job)); n != rows {
		t.Errorf("%d rows have a task, want %d", n, rows)
	}
	if n := a.query(`SELECT count(*) FROM dead_letters`); n != 0 {
		t.Errorf("%d dead letters are left", n)
	}
}

// The errors of a job are its first open dead letters, also after earlier ones were corrected.
func TestErrorsAfterARetryAreTheFirst(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	var file strings.Builder
	file.WriteString("title,contact_name\n")
	for n := range 400 {
		fmt.Fprintf(&file, "Task %d,%s\n", n+1, []string{"Frieda Fremd", "Wolfgang Unbekannt"}[min(1, n/120)])
	}
	job := a.importTasks(file.String(), "")
	a.load("contacts", "full_name\nFrieda Fremd\n")
	a.do("POST", job+"/retry", "")
	r := a.await(a.jobID(job))
	r.wantCounts(120, 0, 0, 280)
	errors, _ := r.get("data.errors").([]any)
	if len(errors) != 100 {
		t.Fatalf("%d errors, want 100", len(errors))
	}
	for n, e := range errors {
		if row := (reply{json: e.(map[string]any)}).get("row_number"); row != float64(121+n) {
			t.Fatalf("error %d is of row %v", n, row)
		}
	}
}

func TestUndoKeepsWhatWasChanged(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks("title,contact_name,external_id\nOne,Hans Müller,x1\nTwo,Hans Müller,x2\nThree,Anna "+
		"Nowak,x3\nFour,Nobody,\n", "")
	other := a.importTasks("title,contact_name,external_id\nOther,Hans Müller,o1\nTwo changed,Hans Müller,x2\n",
		"?on_duplicate=update")
	if r := a.do("POST", "/v1/tasks?on_duplicate=update",
		`{"title": "Three changed", "contact_name": "Anna Nowak", "external_id": "x3"}`); r.status != http.StatusOK {
		t.Fatal(r.raw)
	}
	undone := a.do("POST", job+"/undo", "")
	kept, _ := undone.get("data.kept_ids").([]any)
	if undone.status != http.StatusOK || undone.get("data.status") != "undone" ||
		undone.get("data.undone_count") != 1.0 || undone.get("data.kept_count") != 2.0 || len(kept) != 2 {
		t.Fatalf("%d %s", undone.status, undone.raw)
	}
	if undone.get("data.created_count") != 3.0 || undone.get("data.rejected_count") != 1.0 {
		t.Errorf("the counts are no history: %s", undone.raw)
	}
	results := a.do("GET", job+"/results", "")
	for _, id := range kept {
		if !strings.Contains(results.raw, fmt.Sprint(id)) {
			t.Errorf("%v is not among %s", id, results.raw)
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 3 { // two kept, and the other import's own
		t.Errorf("%d tasks, want 3", n)
	}
	a.do("POST", job+"/undo", "").wantError(409, "conflict", "", "undone")
	a.do("POST", job+"/retry", "").wantError(409, "conflict", "", "undone")
	a.do("POST", job+"/cancel", "").wantError(409, "conflict", "", "undone")
	if r := a.do("POST", other+"/undo", ""); r.get("data.undone_count") != 1.0 || r.get("data.kept_count") != 0.0 {
		t.Error(r.raw)
	}
	a.importTasks("title,contact_name,external_id\nOne again,Hans Müller,x1\n", "")
	if n := a.query(`SELECT count(*) FROM tasks WHERE external_id = 'x1'`); n != 1 {
		t.Errorf("%d tasks x1 after the undo, want a new one", n)
	}
}

// An import that updates its own task does not protect it from an undo.
func TestUndoOfAnImportThatRepeatsItself(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	file := "title,contact_name,external_id\n" + strings.Repeat("One,Hans Müller,x1\n", 30)
	job := a.importTasks(file, "?on_duplicate=update")
	if r := a.do("POST", job+"/undo", ""); r.get("data.undone_count") != 1.0 || r.get("data.kept_count") != 0.0 {
		t.Error(r.raw)
	}
}

func TestTransitionsThatTheStateRefuses(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks(strangers, "")
	dry := a.importTasks(strangers, "?dry_run=true")
	before := a.snapshot()
	a.do("POST", job+"/cancel", "").wantError(409, "conflict", "",
		"the import is completed; only one that is queued or processing")
	a.do("POST", dry+"/retry", "").wantError(409, "conflict", "", "dry run")
	a.do("POST", dry+"/undo", "").wantError(409, "conflict", "", "dry run")
	for _, step := range []string{"cancel", "retry", "undo"} {
		a.other.do("POST", job+"/"+step, "").wantError(404, "not_found", "", "import job")
		a.do("POST", "/v1/import/jobs/nonsense/"+step, "").wantError(404, "not_found", "", "import job")
		a.do("GET", job+"/"+step, "").wantError(405, "method_not_allowed", "", "POST")
		reader := *a
		reader.key = a.newKey(a.workspace, "activities:read")
		reader.do("POST", job+"/"+step, "").wantError(403, "insufficient_permissions", "", "activities:write")
	}
	if after := a.snapshot(); after != before {
		t.Errorf("before %s, after %s", before, after)
	}
}

// snapshot returns everything that transitions could change.
func (a *api) snapshot() string {
	a.t.Helper()
	var s []string
	for _, sql := range []string{`SELECT count(*) FROM tasks`, `SELECT count(*) FROM dead_letters`, `SELECT count(*)
		FROM chunks WHERE state = 'done'`, `SELECT count(*) FROM chunks`,
		`SELECT count(*) FROM imports WHERE status = 'completed' AND round = 0 AND finished_at IS NOT NULL`} {
		s = append(s, fmt.Sprint(a.query(sql)))
	}
	return strings.Join(s, " ")
}

func TestTwoRetriesAtOnce(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks(strangers, "")
	a.load("contacts", "full_name\nWolfgang Unbekannt\nFrieda Fremd\n")
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if r := a.do("POST", job+"/retry", ""); r.status != http.StatusAccepted && r.status != http.StatusOK {
				r.wantError(409, "conflict", "", "processing")
			}
		})
	}
	group.Wait()
	a.await(a.jobID(job)).wantCounts(3, 0, 1, 1)
	if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1`, a.jobID(job)); n != 3 {
		t.Errorf("%d tasks, want 3", n)
	}
}

// A repeated POST with the same key gets the same answer, also after a crash before the answer was
// kept.
func TestTransitionsAndIdempotencyKeys(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.importTasks(strangers, "")
	first := a.do("POST", job+"/undo", "", "Idempotency-Key", "undo")
	again := a.do("POST", job+"/undo", "", "Idempotency-Key", "undo")
	if first.raw != again.raw || again.header.Get("Idempotency-Replayed") != "true" ||
		again.get("data.undone_count") != 1.0 {
		t.Errorf("first %s, again %s", first.raw, again.raw)
	}
	a.forgetAnswer("undo")
	rebuilt := a.do("POST", job+"/undo", "", "Idempotency-Key", "undo")
	if rebuilt.status != http.StatusOK || rebuilt.raw != first.raw {
		t.Errorf("first %s, rebuilt %d %s", first.raw, rebuilt.status, rebuilt.raw)
	}
	a.do("POST", job+"/cancel", "", "Idempotency-Key", "late").wantError(409, "conflict", "", "undone")
	if n := a.query(`SELECT count(*) FROM idempotency_keys WHERE key = 'late'`); n != 0 {
		t.Error("the key of a refused step is kept")
	}
}
