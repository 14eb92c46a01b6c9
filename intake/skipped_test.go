package intake_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// The rows that were skipped are listed with what they repeat, in a dry run and an import; a note
// names those that differ from it.
func TestSkippedRowsAreShown(t *testing.T) {
	a := setup(t, smallChunks)
	a.load("contacts", people)
	const header = "external_id,title,contact_name\n"
	const before = header + "a,Call,Hans Müller\nb,Write,Hans Müller\n"
	first := a.do("GET", a.importTasks(before, ""), "")
	rows := header + "a,Call,Hans Müller\nb,Write to him,Hans Müller\nc,New,Hans Müller\nc,New again,Hans Müller\n"
	for n := range 120 {
		rows += fmt.Sprintf("x%d,Task,Hans Müller\n", n%60)
	}
	plan := a.importTasks(rows, "?dry_run=true")
	for _, way := range []string{"dry run", "import"} {
		if way == "import" {
			a.do("POST", plan+"/commit", "")
		}
		job := a.await(a.jobID(plan))
		job.wantCounts(61, 0, 63, 0)
		shown, _ := job.get("data.skipped_rows").([]any)
		if len(shown) != 63 {
			t.Fatalf("%s: %d skipped rows", way, len(shown))
		}
		one, two := shown[1].(map[string]any), shown[2].(map[string]any)
		of, _ := one["repeats"].(map[string]any)
		if fmt.Sprintf("%v %v %v", one["row_number"], one["external_id"], one["differs"]) != "2 b [title]" ||
			of["job_id"] != first.get("data.job_id") || of["row_number"] != 2.0 || of["id"] == nil {
			t.Errorf("%s: %v", way, one)
		}
		of, _ = two["repeats"].(map[string]any)
		got := fmt.Sprintf("%v %v %v %v", two["row_number"], two["external_id"], two["differs"], of["row_number"])
		if got != "4 c [title] 3" || of["job_id"] != job.get("data.job_id") {
			t.Errorf("%s: %v", way, two)
		}
		if !strings.Contains(job.raw, "2 skipped rows with another title, name or reference than what exists (2, 4)") {
			t.Errorf("%s: no note: %s", way, job.raw)
		}
	}
	list := a.do("GET", plan+"/skipped?per_page=2&total=true", "")
	if got, _ := list.get("data").([]any); len(got) != 2 || list.get("meta.total") != 63.0 ||
		fmt.Sprint(got[1].(map[string]any)["row"]) != "map[contact_name:Hans Müller external_id:b title:Write to him]" {
		t.Error(list.raw)
	}
	report := a.do("GET", plan+"/rejects?format=csv&skipped=true", "")
	if n := strings.Count(report.raw, "\n"); n != 64 || !strings.Contains(report.raw,
		`b,Write to him,Hans Müller,,,2,3,conflict,duplicate,,"skipped: external_id ""b"" exists already, `+
			`from row 2 of import `) {
		t.Errorf("%d lines: %s", n, report.raw)
	}
	if n := strings.Count(a.do("GET", plan+"/rejects?format=csv", "").raw, "\n"); n != 1 {
		t.Errorf("%d lines without skipped=true", n)
	}
	a.do("GET", plan+"/rejects?skipped=true", "").wantError(400, "validation_error", "skipped", plan+"/skipped")
	a.other.do("GET", plan+"/skipped", "").wantError(404, "not_found", "", "")
	a.do("DELETE", plan, "")
	if n := a.query(`SELECT count(*) FROM skipped_rows`); n != 0 {
		t.Errorf("%d skipped rows are left after the import was purged", n)
	}
}

// Skipped records of the directory are shown too.
func TestSkippedRecordsAreShown(t *testing.T) {
	for kind, c := range map[string]struct{ header, one, other, differs string }{
		"contacts":  {"external_id,full_name,company_name", "k1,Ann Lee,Acme", "k1,Bob Ray,Zenith", "[full_name reference]"},
		"companies": {"external_id,name", "k1,Acme", "k1,Zenith", "[name]"},
		"deals":     {"external_id,title", "k1,Renewal", "k1,Another", "[title]"},
		"events":    {"external_id,title", "k1,Fair", "k1,Another", "[title]"},
		"users":     {"assignee_id,name", "k1,Jane Roe", "k1,Omar Haddad", "[name]"},
	} {
		t.Run(kind, func(t *testing.T) {
			a := setup(t)
			a.csv("/v1/import/"+kind, c.header+"\n"+c.one+"\n").wantCounts(1, 0, 0, 0)
			for _, query := range []string{"?dry_run=true", ""} {
				job := a.csv("/v1/import/"+kind+query, c.header+"\n"+c.one+"\n"+c.other+"\n")
				job.wantCounts(0, 0, 2, 0)
				shown, _ := job.get("data.skipped_rows").([]any)
				if len(shown) != 2 {
					t.Fatalf("%q: %s", query, job.raw)
				}
				same, other := shown[0].(map[string]any), shown[1].(map[string]any)
				of, _ := other["repeats"].(map[string]any)
				if same["differs"] != nil || fmt.Sprintf("%v %v %v", other["external_id"], other["differs"], of["row_number"]) !=
					"k1 "+c.differs+" 1" || of["id"] == nil {
					t.Errorf("%q: %s", query, job.raw)
				}
			}
		})
	}
}

// A mapping is remembered for the header, the kind and the workspace, is used and said, and yields
// to what a request says itself.
func TestMappingIsRememberedForTheHeader(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.other.load("contacts", people)
	const rows = "What,Whom,When\n%s,Hans Müller,03/04/2026\n"
	mapping := "?date_order=dmy&mapping=" + url.QueryEscape(
		`{"What":"title","Whom":"contact_name","When":"due_date"}`)
	a.csv("/v1/import/tasks", fmt.Sprintf(rows, "Nothing")).wantError(400, "validation_error", "mapping", "")
	a.csv("/v1/import/tasks"+mapping+"&remember_mapping=true", fmt.Sprintf(rows, "One")).wantCounts(1, 0, 0, 0)
	again := a.csv("/v1/import/tasks", fmt.Sprintf(strings.ToUpper(rows[:14])+rows[14:], "Two"))
	again.wantCounts(1, 0, 0, 0)
	if !strings.Contains(again.raw, "mapped as was confirmed for this header") {
		t.Errorf("not said: %s", again.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE due_at = '2026-04-03'`); n != 2 {
		t.Errorf("%d tasks are due on 3 April, want 2", n)
	}
	a.other.csv("/v1/import/tasks", fmt.Sprintf(rows, "Three")).wantError(400, "validation_error", "mapping", "")
	a.csv("/v1/import/deals", fmt.Sprintf(rows, "Four")).wantError(400, "validation_error", "mapping", "")
	a.csv("/v1/import/tasks", strings.Replace(fmt.Sprintf(rows, "Five"), "When", "Then", 1)).
		wantError(400, "validation_error", "mapping", "")
	own := a.csv("/v1/import/tasks?mapping="+url.QueryEscape(`{"What":"description","Whom":"title"}`),
		fmt.Sprintf(rows, "Six"))
	if own.wantCounts(0, 0, 0, 1); strings.Contains(own.raw, "mapped as was confirmed") {
		t.Errorf("used beside a mapping of the request: %s", own.raw)
	}
	list := a.do("GET", "/v1/import/mappings", "")
	all, _ := list.get("data").([]any)
	if len(all) != 1 {
		t.Fatalf("%d mappings: %s", len(all), list.raw)
	}
	saved := all[0].(map[string]any)
	if header, _ := saved["header"].(string); len(header) != 32 {
		t.Errorf("the header of %v", saved)
	}
	if r := a.do("GET", "/v1/import/mappings?header=0", ""); strings.Contains(r.raw, "remembered") {
		t.Error(r.raw)
	}
	a.do("DELETE", "/v1/import/mappings/"+url.PathEscape(fmt.Sprint(saved["name"])), "")
	a.csv("/v1/import/tasks", fmt.Sprintf(rows, "Seven")).wantError(400, "validation_error", "mapping", "")
	// Neither a file without a header nor JSON has one to remember.
	a.csv("/v1/import/tasks?has_header=false&remember_mapping=true&mapping="+url.QueryEscape(
		`{"column_1":"title","column_2":"contact_name"}`), "Eight,Hans Müller\n").wantCounts(1, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM mappings`); n != 0 {
		t.Errorf("%d mappings are remembered, want none", n)
	}
}
