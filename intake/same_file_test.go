package intake_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// again allows a file that was imported before.
func again(path string) string {
	if strings.Contains(path, "?") {
		return path + "&on_same_file=all"
	}
	return path + "?on_same_file=all"
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
		"within JSON": a.do("POST", "/v1/import/tasks", `{"csv": `+jsonOf(t, twoTasks)+`}`),
		"as a plan":   a.do("POST", dry+"/commit", ""),
		"with another delimiter and quotes": a.csv("/v1/import/tasks",
			"title;contact_name\n\"Call\";\"Hans Müller\"\n\"Write\";\"Hans Müller\"\n"),
		"in another order": a.csv("/v1/import/tasks", "title,contact_name\nWrite,Hans Müller\nCall,Hans Müller\n"),
		"with the columns in another order": a.csv("/v1/import/tasks",
			"contact_name,title\nHans Müller,Call\nHans Müller,Write\n"),
		"with other headers": a.csv("/v1/import/tasks", "Subject,Contact\nCall,Hans Müller\nWrite,Hans Müller\n"),
		"with another column": a.csv("/v1/import/tasks",
			"title,contact_name,Reminder\nCall,Hans Müller,today\nWrite,Hans Müller,\n"),
		"with other spaces": a.csv("/v1/import/tasks", "title,contact_name\n Call,Hans\u00a0Müller \nWrite ,Hans  Müller\n"),
		"as NDJSON": a.do("POST", "/v1/import/tasks", `{"title":"Call","contact_name":"Hans Müller"}`+"\n"+
			`{"contact_name":"Hans Müller","title":"Write"}`, "Content-Type", "application/x-ndjson"),
		"with a row more": a.csv("/v1/import/tasks", twoTasks+"Visit,Hans Müller\n"),
		"with other key":  a.csv("/v1/import/tasks", twoTasks, "Idempotency-Key", "two"),
	} {
		r.t = t
		r.wantError(409, "conflict", "", "imported before")
		if r.get("error.job_id") != first.get("data.job_id") || !strings.Contains(r.raw, `\"a.csv\"`) ||
			r.get("error.same_file.imported_count") != 2.0 {
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
	a.csv("/v1/import/tasks?on_same_file=all", twoTasks, "Idempotency-Key", "two").wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?dry_run=true", twoTasks).wantCounts(2, 0, 0, 0)
	a.other.load("contacts", people)
	a.other.csv("/v1/import/tasks", twoTasks).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks", strings.Replace(twoTasks, "Write", "write", 1)).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?on_same_file=perhaps", twoTasks).wantError(400, "validation_error", "on_same_file",
		"refuse, new, all")
}

// Under on_same_file=new the rows that an earlier import has taken in are skipped, and shown; those
// that it rejected are not.
func TestNewRowsOfTheSameFile(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	const header = "title,contact_name,due_date,status,number\n"
	var was, saved strings.Builder
	was.WriteString(header)
	saved.WriteString("\uFEFFtitle;contact_name;due_date;status;number\r\n")
	const rows = 45
	for n := range rows {
		name := "Hans Müller"
		if n%9 == 0 {
			name = "Nobody Known"
		}
		fmt.Fprintf(&was, "Task %d,%s,2026-05-%02d,open,%05d\n", n, name, 1+n%28, n)
		fmt.Fprintf(&saved, "Task %d;%s;%02d.05.2026;open;%d\r\n", n, name, 1+n%28, n)
	}
	first := a.do("GET", a.importTasks(was.String(), "?mapping="+url.QueryEscape(`{"number":"external_id"}`)), "")
	first.wantCounts(40, 0, 0, 5)
	saved.WriteString("Another;Hans Müller;03.06.2026;open;500\r\nYet another;Hans Müller;04.06.2026;open;501\r\n")
	query := "?date_order=dmy&mapping=" + url.QueryEscape(`{"number":"description"}`)
	refused := a.csv("/v1/import/tasks"+query, saved.String())
	refused.wantError(409, "conflict", "", "40 rows of 47 were imported before, 5 were rejected, 2 new")
	if refused.get("error.same_file.new_count") != 2.0 || refused.get("error.same_file.rejected_count") != 5.0 {
		t.Error(refused.raw)
	}
	plan := a.importTasks(saved.String(), query+"&on_same_file=new&dry_run=true")
	dry := a.do("GET", plan, "")
	dry.wantCounts(2, 0, 40, 5)
	if !strings.Contains(dry.raw, "40 rows of 47 were imported before") {
		t.Error(dry.raw)
	}
	a.do("POST", plan+"/commit", "")
	done := a.await(a.jobID(plan))
	done.wantCounts(2, 0, 40, 5)
	skipped, _ := done.get("data.skipped_rows").([]any)
	if len(skipped) != 40 {
		t.Fatalf("%d skipped rows: %s", len(skipped), done.raw)
	}
	one, _ := skipped[0].(map[string]any)
	of, _ := one["repeats"].(map[string]any)
	if one["row_number"] != 2.0 || of["row_number"] != 2.0 || of["job_id"] != first.get("data.job_id") || of["id"] == nil {
		t.Errorf("%v", one)
	}
	report := a.do("GET", plan+"/rejects?format=csv&skipped=true", "")
	if n := strings.Count(report.raw, "skipped: repeats what exists already"); n != 40 ||
		!strings.Contains(report.raw, "Task 44;Hans Müller;17.05.2026;open;44;") || strings.Count(report.raw, "\n") != 46 {
		t.Errorf("%d skipped rows in the report:\n%s", n, report.raw)
	}
	// The report does not import them again.
	a.csv("/v1/import/tasks"+query, report.raw).wantCounts(0, 0, 40, 5)
	if n := a.query(`SELECT count(*) FROM tasks`); n != 42 {
		t.Errorf("%d tasks, want 42", n)
	}
	a.csv("/v1/import/tasks"+query+"&on_same_file=all", saved.String()).wantCounts(42, 0, 0, 5)
}

// A part of a file that was imported is recognized, also when the file was large, and files of the
// parts together are.
func TestPartsOfTheSameFile(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var all strings.Builder
	const rows = 4000
	for n := range rows {
		fmt.Fprintf(&all, "Task %d,Hans Müller\n", n)
	}
	const header = "title,contact_name\n"
	lines := strings.SplitAfter(all.String(), "\n")
	half := header + strings.Join(lines[:rows/2], "")
	a.do("GET", a.importTasks(half, ""), "").wantCounts(rows/2, 0, 0, 0)
	a.do("GET", a.importTasks(header+strings.Join(lines[rows/2:], ""), ""), "").wantCounts(rows/2, 0, 0, 0)
	a.csv("/v1/import/tasks", header+all.String()).wantError(409, "conflict", "", "4000 rows of 4000")
	a.csv("/v1/import/tasks", header+strings.Join(lines[100:1100], "")).wantError(409, "conflict", "", "1000 rows of 1000")
	a.csv("/v1/import/tasks", header+"Task 7,Hans Müller\nNew,Hans Müller\n").wantCounts(2, 0, 0, 0)
}

// Other dates are other rows; rows with an id may be sent again to be updated.
func TestRowsThatAreNotTheSame(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const weekly = "title,contact_name,due_date\nCall,Hans Müller,2026-03-02\nWrite,Hans Müller,2026-03-03\n"
	a.csv("/v1/import/tasks", weekly).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks", strings.ReplaceAll(weekly, "-03-0", "-03-1")).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks", strings.ReplaceAll(weekly, "\n", "\r\n")).wantError(409, "conflict", "", "2 rows of 2")
	a.csv("/v1/import/tasks", "title,contact_name\nRing,Hans Müller\nRing,Hans Müller\n").wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?on_same_file=new", "title,contact_name\n"+strings.Repeat("Ring,Hans Müller\n", 5)).
		wantCounts(3, 0, 2, 0) // of equal rows as many are known as there were
	const withIDs = "external_id,title,contact_name\n1,Call,Hans Müller\n2,Write,Hans Müller\n"
	a.csv("/v1/import/tasks?on_duplicate=update", withIDs).wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks?on_duplicate=update", withIDs).wantCounts(0, 2, 0, 0)
	a.csv("/v1/import/tasks", withIDs).wantError(409, "conflict", "", "2 rows of 2")
	a.csv("/v1/import/tasks?on_same_file=all", withIDs).wantCounts(0, 0, 2, 0)
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
	job := a.importTasks(strings.ReplaceAll(file.String(), ",x", ",y"), "?on_duplicate_row=reject&on_same_file=all")
	a.do("GET", job, "").wantCounts(15, 0, 2, 28)
	if r := a.do("POST", job+"/retry", ""); r.status != http.StatusOK ||
		r.get("data.rejected_by_reason.duplicate") != 28.0 {
		t.Errorf("a retry takes up rows that stand in the file before: %d %s", r.status, r.raw)
	}
	dry := a.planned(strings.ReplaceAll(file.String(), ",x", ",z"), "&on_duplicate_row=reject&on_same_file=all")
	a.do("POST", dry+"/commit", "")
	a.await(a.jobID(dry)).wantCounts(15, 0, 2, 28)
	if r := a.csv("/v1/import/tasks", "title,contact_name\nCall once,Hans Müller\n"); r.get("data.duplicate_rows") != nil {
		t.Error(r.raw)
	}
	a.csv("/v1/import/tasks?on_duplicate_row=skip", twoTasks).wantError(400, "validation_error", "on_duplicate_row",
		"keep, reject")
}
