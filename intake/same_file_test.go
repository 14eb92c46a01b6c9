package intake_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// again allows a file that was imported before.
func again(path string) string {
	if strings.Contains(path, "?") {
		return path + "&allow_duplicate=true"
	}
	return path + "?allow_duplicate=true"
}

const twoTasks = "title,contact_name\nCall,Hans Müller\nWrite,Hans Müller\n"

func TestTheSameFileIsAskedAbout(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	dry := a.planned(twoTasks, "")
	first := a.csv("/v1/import/tasks?file_name=a.csv", twoTasks, "Idempotency-Key", "one")
	first.wantCounts(2, 0, 0, 0)
	for name, r := range map[string]reply{
		"as it was":          a.csv("/v1/import/tasks", twoTasks),
		"under another name": a.csv("/v1/import/tasks?file_name=b.csv", twoTasks),
		"with other line ends, without the last": a.csv("/v1/import/tasks", strings.TrimSuffix(strings.ReplaceAll(twoTasks,
			"\n", "\r\n"), "\r\n")),
		"within JSON":    a.do("POST", "/v1/import/tasks", `{"csv": `+jsonOf(t, twoTasks)+`}`),
		"as a plan":      a.do("POST", dry+"/commit", ""),
		"with other key": a.csv("/v1/import/tasks", twoTasks, "Idempotency-Key", "two"),
	} {
		r.t = t
		r.wantError(409, "conflict", "", "imported before")
		if r.get("error.job_id") != first.get("data.job_id") || !strings.Contains(r.raw, `\"a.csv\"`) {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
	if r := a.csv("/v1/import/tasks?file_name=a.csv", twoTasks, "Idempotency-Key", "one"); r.raw != first.raw ||
		r.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("a repetition: %d %s", r.status, r.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
	// a refused file is not kept
	a.csv("/v1/import/tasks?allow_duplicate=true", twoTasks, "Idempotency-Key", "two").wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?dry_run=true", twoTasks).wantCounts(2, 0, 0, 0)
	a.other.load("contacts", people)
	a.other.csv("/v1/import/tasks", twoTasks).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks", strings.Replace(twoTasks, "Write", "write", 1)).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?allow_duplicate=perhaps", twoTasks).wantError(400, "validation_error", "allow_duplicate",
		"true or false")
}

// An import without effect, or an undone one, does not prevent a second import of the file.
func TestTheSameFileAfterAnImportWithoutEffect(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/tasks", twoTasks).wantCounts(0, 0, 0, 2)
	a.load("contacts", people)
	job := a.importTasks(twoTasks, "")
	a.do("POST", job+"/undo", "")
	a.csv("/v1/import/tasks", twoTasks).wantCounts(2, 0, 0, 0)
	row := `{"rows": [{"title": "Call", "contact_name": "Hans Müller"}]}`
	for range 2 {
		a.do("POST", "/v1/import/tasks", row).wantCounts(1, 0, 0, 0)
		a.csv("/v1/import/contacts", "full_name,external_id\nAnn Lee,a1\n")
	}
	if n := a.query(`SELECT count(*) FROM imports WHERE kind = 'contacts' AND status = 'completed'`); n != 3 {
		t.Errorf("%d loads of contacts, want 3", n)
	}
}

// Of concurrent imports of the same file, one succeeds.
func TestTheSameFileAtOnce(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			if r := a.csv("/v1/import/tasks", twoTasks); r.status != http.StatusOK {
				r.wantError(409, "conflict", "", "imported before")
			}
		})
	}
	group.Wait()
	if n := a.query(`SELECT count(*) FROM tasks`); n != 2 {
		t.Errorf("%d tasks, want 2", n)
	}
}

// Repeated rows are reported across chunks, except those with an external_id.
func TestRowsThatRepeatEarlierRows(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	var file strings.Builder
	file.WriteString("title,contact_name,external_id\n")
	for n := range 45 {
		id := ""
		if n%15 == 14 {
			id = "x" + fmt.Sprint(n%15)
		}
		fmt.Fprintf(&file, "Task %d,Hans Müller,%s\n", n%15, id)
	}
	kept := a.do("GET", a.importTasks(file.String(), ""), "")
	kept.wantCounts(43, 0, 2, 0)
	first, _ := kept.get("data.duplicate_rows.first_rows").([]any)
	if kept.get("data.duplicate_rows.count") != 28.0 || len(first) != 20 || first[0] != 16.0 || first[13] != 29.0 ||
		first[14] != 31.0 {
		t.Error(kept.raw)
	}
	job := a.importTasks(strings.ReplaceAll(file.String(), ",x", ",y"), "?on_duplicate_row=reject")
	a.do("GET", job, "").wantCounts(15, 0, 2, 28)
	if r := a.do("POST", job+"/retry", ""); r.status != http.StatusOK ||
		r.get("data.rejected_by_reason.duplicate") != 28.0 {
		t.Errorf("a retry takes up rows that stand in the file before: %d %s", r.status, r.raw)
	}
	dry := a.planned(strings.ReplaceAll(file.String(), ",x", ",z"), "&on_duplicate_row=reject")
	a.do("POST", dry+"/commit", "")
	a.await(a.jobID(dry)).wantCounts(15, 0, 2, 28)
	if r := a.csv("/v1/import/tasks", "title,contact_name\nCall once,Hans Müller\n"); r.get("data.duplicate_rows") != nil {
		t.Error(r.raw)
	}
	a.csv("/v1/import/tasks?on_duplicate_row=skip", twoTasks).wantError(400, "validation_error", "on_duplicate_row",
		"keep, reject")
}
