package intake_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport"
	"taskport/intake"
	"taskport/internal/web"
	"taskport/store"
	"taskport/worker/queue"
)

// await polls a job until it has ended.
func (a *api) await(id string) reply {
	a.t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for range 3000 {
		r := a.do("GET", "/v1/import/jobs/"+id, "")
		if s := r.get("data.status"); s != "queued" && s != "processing" {
			return r
		}
		<-ticker.C
	}
	a.t.Fatalf("job %s did not end within 30 s", id)
	return reply{}
}

// wantCounts compares the counts of a job.
func (r reply) wantCounts(created, updated, skipped, rejected int) {
	r.t.Helper()
	got := fmt.Sprint(r.get("data.created_count"), r.get("data.updated_count"), r.get("data.skipped_count"),
		r.get("data.rejected_count"))
	if want := fmt.Sprint(created, updated, skipped, rejected); got != want || r.get("data.status") != "completed" {
		r.t.Errorf("created, updated, skipped, rejected: %s, want %s: %s", got, want, r.raw)
	}
	if total := float64(created + updated + skipped + rejected); r.get("data.total_count") != total ||
		r.get("data.processed_count") != total {
		r.t.Errorf("the counts do not add up: %s", r.raw)
	}
}

const fourTasks = `Subject,Who,Firm,Note
Call Hans,Hans Müller,Brandt Logistik,a
Which Peter?,Peter Fischer,,"b, c"
Nobody,Wolfgang Unbekannt,,=1+1
,Hans Müller,,d
`

const fourMapping = `{"Subject": "title", "Who": "contact_name", "Firm": "company_name"}`

func TestImportInEveryShape(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(z, fourTasks)
	_ = z.Close()
	query := "/v1/import/tasks?on_same_file=all&mapping=" + url.QueryEscape(fourMapping)
	ndjson := []string{`{"Subject":"Call Hans","Who":"Hans Müller","Firm":"Brandt Logistik","Note":"a"}`,
		`{"Subject":"Which Peter?","Who":"Peter Fischer"}`,
		`{"Subject":"Nobody","Who":"Wolfgang Unbekannt","Firm":null}`, `{"Who":"Hans Müller","Note":5}`}
	shapes := map[string]reply{
		"csv body": a.csv(query, fourTasks),
		"gzip":     a.csv(query, zipped.String(), "Content-Encoding", "gzip"),
		"csv text": a.do("POST", "/v1/import/tasks", `{"csv": `+jsonOf(t,
			fourTasks)+`, "on_same_file": "all", "mapping": `+fourMapping+`}`),
		"no header": a.do("POST", "/v1/import/tasks", `{"csv": `+jsonOf(t, strings.SplitN(fourTasks, "\n",
			2)[1])+`, "has_header": false,
			"mapping": {"column_1": "title", "column_2": "contact_name", "column_3": "company_name"}}`),
		"semicolons": a.csv(query, strings.ReplaceAll(strings.ReplaceAll(fourTasks, ",", ";"), `"b; c"`, `"b, c"`)),
		"json rows": a.do("POST", "/v1/import/tasks", `{"rows": [`+strings.Join(ndjson,
			",\n")+`], "mapping": `+fourMapping+`}`),
		"ndjson": a.do("POST", query, strings.Join(ndjson, "\n"), "Content-Type", "application/x-ndjson"),
	}
	for name, r := range shapes {
		t.Run(name, func(t *testing.T) {
			r.t = t
			if r.status != http.StatusOK {
				t.Fatalf("%d %s", r.status, r.raw)
			}
			r.wantCounts(1, 0, 0, 3)
			for reason, n := range map[string]float64{"ambiguous_reference": 1, "unresolved_reference": 1, "missing_title": 1} {
				if r.get("data.rejected_by_reason."+reason) != n {
					t.Errorf("%s: %s", reason, r.raw)
				}
			}
		})
	}
	broken := a.do("POST", query, "{\"Subject\":\"Call\",\"Who\":\"Hans Müller\"}\n\n{\"Subject\":\"Call\"\n"+ndjson[0],
		"Content-Type", "application/x-ndjson")
	broken.wantCounts(2, 0, 0, 1)
	if broken.get("data.rejected_by_reason.malformed_row") != 1.0 {
		t.Error(broken.raw)
	}
}

func TestJobShowsItsErrorsAndReport(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	job := a.csv("/v1/import/tasks?file_name=old%20tasks.csv&mapping="+url.QueryEscape(fourMapping), fourTasks)
	id, _ := job.get("data.job_id").(string)
	errors, _ := job.get("data.errors").([]any)
	if len(errors) != 3 || job.get("data.kind") != "tasks" || job.get("data.file_name") != "old tasks.csv" ||
		job.get("data.dry_run") != false {
		t.Fatal(job.raw)
	}
	if first, _ := errors[0].(map[string]any); first["row_number"] != 2.0 || first["code"] != "ambiguous_reference" ||
		first["message"] == "" {
		t.Errorf("first error is %v", first)
	}
	rejects := a.do("GET", "/v1/import/jobs/"+id+"/rejects?per_page=1", "")
	list, _ := rejects.get("data").([]any)
	if len(list) != 1 || rejects.get("meta.total") != 3.0 {
		t.Fatal(rejects.raw)
	}
	if d, _ := list[0].(map[string]any); d["line"] != 3.0 || d["reason"] != "ambiguous_reference" ||
		d["field"] != "contact_name" || len(d["candidates"].([]any)) != 2 || d["row"].(map[string]any)["Note"] != "b, c" {
		t.Errorf("dead letter is %v", d)
	}
	report := a.do("GET", "/v1/import/jobs/"+id+"/rejects", "", "Accept", "text/csv")
	records, err := csv.NewReader(strings.NewReader(report.raw)).ReadAll()
	if err != nil || len(records) != 4 {
		t.Fatalf("%v: %s", err, report.raw)
	}
	if got := strings.Join(records[0], " "); got != "Subject Who Firm Note contact_id company_id _row _line _code "+
		"_reason _field _message _candidates _import" {
		t.Error(got)
	}
	if records[2][3] != "'=1+1" || !strings.Contains(report.header.Get("Content-Disposition"), "old tasks.rejects.csv") {
		t.Errorf("%v %v", records[2], report.header)
	}
	results := a.do("GET", "/v1/import/jobs/"+id+"/results?format=csv", "")
	taskID := a.id(`SELECT id FROM tasks WHERE title = $1 AND workspace_id = $2`, "Call Hans")
	if results.raw != "row_number,id\n1,"+taskID+"\n" {
		t.Errorf("results are %q", results.raw)
	}
	if r := a.do("GET", "/v1/import/jobs/"+id+"/results", ""); r.get("meta.total") != 1.0 {
		t.Error(r.raw)
	}
	for _, path := range []string{"", "/rejects", "/results", "/rejects?format=csv"} {
		a.other.do("GET", "/v1/import/jobs/"+id+path, "").wantError(http.StatusNotFound, "not_found", "", "import job")
	}
	if r := a.other.do("GET", "/v1/import/jobs", ""); r.get("meta.total") != 0.0 {
		t.Errorf("another workspace lists %s", r.raw)
	}
	if r := a.do("GET", "/v1/import/jobs", ""); r.get("meta.total") != 2.0 {
		t.Error(r.raw)
	}
	a.do("GET", "/v1/import/jobs/"+id+"/rejects?format=pdf", "").wantError(http.StatusNotAcceptable, "not_acceptable",
		"", "json or csv")
	a.do("GET", "/v1/import/jobs/"+id, "", "Accept", "text/html").wantError(http.StatusNotAcceptable, "not_acceptable",
		"", "application/json")
}

// A report corrected by pasting candidates and values can be imported as it is.
func TestCorrectedReportIsImported(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	mapping := url.QueryEscape(fourMapping)
	job := a.csv("/v1/import/tasks?mapping="+mapping, fourTasks)
	id, _ := job.get("data.job_id").(string)
	report := a.do("GET", "/v1/import/jobs/"+id+"/rejects?format=csv", "")
	records, err := csv.NewReader(strings.NewReader(report.raw)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	candidate, _, _ := strings.Cut(records[1][12], " ")
	records[1][4] = candidate
	records[2][1] = "Anna Nowak"
	records[3][0] = "Title at last"
	var corrected bytes.Buffer
	if err := csv.NewWriter(&corrected).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	again := a.csv("/v1/import/tasks?mapping="+mapping, corrected.String())
	again.wantCounts(3, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM tasks WHERE contact_id::text = $1`, candidate); n != 1 {
		t.Errorf("%d tasks of the chosen candidate", n)
	}
}

func TestMalformedInputLeavesNothing(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	foreign := uuid.NewString()
	cases := []struct {
		name, contentType, body string
		status                  int
		code, field, says       string
	}{
		{"broken JSON", "application/json", `{"rows": [{"title": "x"`, 400, "validation_error", "", "breaks off"},
		{"JSON that is none", "application/json", `title,contact_name`, 400, "validation_error", "", "not valid JSON"},
		{"wrong content type", "application/pdf", "%PDF", 415, "unsupported_media_type", "", "text/csv"},
		{"wrong charset", "text/csv; charset=klingon", "title", 400, "validation_error", "encoding", "utf-8"},
		{"0 bytes of CSV", "text/csv", "", 400, "validation_error", "", "empty"},
		{"0 bytes of JSON", "application/json", "", 400, "validation_error", "", "empty"},
		{"0 bytes of NDJSON", "application/x-ndjson", "", 400, "validation_error", "", "row"},
		{"header only", "text/csv", "title,contact_name\n", 400, "validation_error", "", "no data rows"},
		{"no rows", "application/json", `{"rows": []}`, 400, "validation_error", "rows", "rows is empty"},
		{"rows and csv", "application/json", `{"rows": [], "csv": ""}`, 400, "validation_error", "rows", "one of the two"},
		{"rows of the wrong type", "application/json", `{"rows": "x"}`, 400, "validation_error", "rows", "array"},
		{"unknown option", "application/json", `{"rows": [], "on_duplicates": "skip"}`, 400, "validation_error",
			"on_duplicates", "on_duplicates"},
		{"duplicate header", "text/csv", "title,contact_name,title\nA,Hans Müller,B\n", 400, "validation_error", "title",
			"both feed title"},
		{"no title column", "text/csv", "Headline,contact_name\nA,Hans Müller\n", 400, "validation_error", "mapping",
			"no column feeds title"},
		{"unknown mapping target", "application/json", `{"csv": "a\nb\n", "mapping": {"a": "headline"}}`, 400,
			"validation_error", "mapping", "headline"},
		{"unknown mapping column", "application/json", `{"csv": "title\nb\n", "mapping": {"a": "description"}}`, 400,
			"validation_error", "mapping", "not in the file"},
		{"bad option", "application/json", `{"rows": [{"title": "x"}], "on_duplicate": "maybe"}`, 400, "validation_error",
			"on_duplicate", "skip"},
		{"a row over the limit", "text/csv", "title,contact_name\n\"" + strings.Repeat("x", 17<<20), 413,
			"payload_too_large", "", "line 2"},
		{"JSON over the limit", "application/json", `{"csv": "` + strings.Repeat("x", 21<<20) + `"}`, 413,
			"payload_too_large", "", "larger than"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := a.do("POST", "/v1/import/tasks", c.body, "Content-Type", c.contentType, "Idempotency-Key", c.name)
			r.t = t
			r.wantError(c.status, c.code, c.field, c.says)
		})
	}
	a.do("POST", "/v1/import/tasks", "not gzip at all", "Content-Type", "text/csv", "Content-Encoding",
		"gzip").wantError(400, "validation_error", "", "gzip")
	var torn bytes.Buffer
	z := gzip.NewWriter(&torn)
	_, _ = io.WriteString(z, "title,contact_name\n"+strings.Repeat("Call,Hans Müller\n", 50_000))
	_ = z.Close()
	a.csv("/v1/import/tasks", torn.String()[:torn.Len()-20], "Content-Encoding", "gzip").wantError(400,
		"validation_error", "", "cannot be unpacked")
	a.csv("/v1/import/tasks", torn.String()+"and more", "Content-Encoding", "gzip").wantError(400, "validation_error",
		"", "cannot be unpacked")
	a.csv("/v1/import/tasks", "\x28\xb5\x2f\xfd and no zstd", "Content-Encoding", "zstd").wantError(400,
		"validation_error", "", "zstd")
	a.do("POST", "/v1/import/tasks", "x", "Content-Type", "text/csv", "Content-Encoding", "br").wantError(415,
		"unsupported_media_type", "", "zstd")
	a.csv("/v1/import/tasks?file_name=%ff", "title\nx\n").wantError(400, "validation_error", "file_name", "UTF-8")
	a.do("POST", "/v1/import/tasks", `{"rows": [{"title": "x"}], "mapping": {"a\u0000": "title"}}`).wantError(400,
		"validation_error", "mapping", "not a text")
	a.do("POST", "/v1/import/tasks", `{"rows": [{"title": "x"}]}`, "Idempotency-Key", "\xff").wantError(400,
		"validation_error", "Idempotency-Key", "UTF-8")
	a.do("GET", "/v1/import/jobs/"+foreign, "").wantError(404, "not_found", "", "import job")
	a.nothingLeft()
}

// An incomplete body is not imported, however much of it has arrived.
func TestBodyCutOffHalfWay(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for name, body := range map[string]string{
		"text/csv":             "title,contact_name\n" + strings.Repeat("Call,Hans Müller\n", 200_000),
		"application/json":     `{"rows": [{"title": "x"}`,
		"application/x-ndjson": strings.Repeat("{\"title\":\"Call\",\"contact_name\":\"Hans Müller\"}\n", 10),
	} {
		conn, err := (&net.Dialer{}).DialContext(context.Background(), "tcp", a.server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(conn, "POST /v1/import/tasks HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: "+
			"%s\r\nContent-Length: %d\r\nIdempotency-Key: cut\r\n\r\n%s", a.key, name, len(body)+10, body)
		if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(conn) // a reset connection is as good an answer
		if len(answer) > 0 && !bytes.Contains(answer, []byte("400 Bad Request")) {
			t.Errorf("%s: %s", name, answer)
		}
		_ = conn.Close()
	}
	a.server.Close() // waits for the handlers
	a.nothingLeft()
}

// Faulty rows are dead letters; the other rows are imported.
func TestUglyFiles(t *testing.T) {
	a := setup(t)
	for _, kind := range []string{"companies", "contacts"} {
		file, err := taskport.Testdata.ReadFile("testdata/" + kind + ".csv")
		if err != nil {
			t.Fatal(err)
		}
		job := a.csv("/v1/import/"+kind, string(file))
		id, _ := job.get("data.job_id").(string)
		if done := a.await(id); done.get("data.rejected_count") != 0.0 {
			t.Fatal(done.raw)
		}
	}
	refused := map[string]string{"empty": "empty", "header_only": "no data rows", "duplicate_header": "both feed title",
		"no_title_column": "no column feeds title"}
	rejected := map[string]struct {
		n      int
		reason string
	}{
		"too_many_fields": {1, "malformed_row"}, "too_few_fields": {1, "malformed_row"}, "bare_quote": {},
		"unterminated_quote": {1, "malformed_row"},
		"nul_byte":           {1, "invalid_value"}, "invalid_utf8": {1, "invalid_value"}, "semicolon": {}, "tab": {},
		"bom":  {},
		"crlf": {}, "blank_lines": {}, "quoted_newlines": {},
	}
	for name, says := range refused {
		r := a.ugly(name)
		r.t = t
		r.wantError(400, "validation_error", map[string]string{"duplicate_header": "title",
			"no_title_column": "mapping"}[name], says)
	}
	for name, want := range rejected {
		r := a.ugly(name)
		if r.status != 200 || r.get("data.rejected_count") != float64(want.n) || r.get("data.created_count") == 0.0 {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
		if want.n > 0 && r.get("data.rejected_by_reason."+want.reason) != float64(want.n) {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
}

func (a *api) ugly(name string) reply {
	a.t.Helper()
	file, err := taskport.Testdata.ReadFile("testdata/ugly/" + name + ".csv")
	if err != nil {
		a.t.Fatal(err)
	}
	return a.csv(again("/v1/import/tasks"), string(file))
}

func TestHugeFieldIsADeadLetter(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	r := a.csv("/v1/import/tasks", "title,contact_name,description\nCall,Hans Müller,"+strings.Repeat("x",
		10<<20)+"\nCall,Hans Müller,short\n")
	r.wantCounts(1, 0, 0, 1)
	errors, _ := r.get("data.errors").([]any)
	if e, _ := errors[0].(map[string]any); e["field"] != "description" || e["row_number"] != 1.0 ||
		e["reason"] != "invalid_value" {
		t.Errorf("error is %v", e)
	}
}

func TestForeignIDsInAFile(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	r := a.other.csv("/v1/import/tasks", "title,contact_id,deal_id\nCall,"+hans+",\nCall,,"+uuid.NewString()+"\n")
	r.wantCounts(0, 0, 0, 2)
	if r.get("data.rejected_by_reason.unknown_reference") != 2.0 {
		t.Error(r.raw)
	}
}

func TestImportTwiceByExternalID(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	file := func(title string) string {
		return "title,contact_name,external_id\n" + title + ",Hans Müller,E1\n" + title + ",Hans Müller,E2\n" + title +
			",Hans Müller,E1\n" + title + ",Hans Müller,\n"
	}
	a.csv("/v1/import/tasks", file("one")).wantCounts(3, 0, 1, 0)
	a.csv("/v1/import/tasks", file("two")).wantCounts(1, 0, 3, 0)
	a.csv("/v1/import/tasks?on_duplicate=update", file("three")).wantCounts(1, 3, 0, 0)
	rejected := a.csv("/v1/import/tasks?on_duplicate=reject", file("four"))
	rejected.wantCounts(1, 0, 0, 3)
	if rejected.get("data.rejected_by_reason.duplicate") != 3.0 {
		t.Error(rejected.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE title = 'three'`); n != 3 {
		t.Errorf("%d tasks were brought up to date, want 2 and the one without an external_id", n)
	}
}

func TestDryRunInsertsNothing(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	r := a.csv("/v1/import/tasks?dry_run=true&mapping="+url.QueryEscape(fourMapping), fourTasks)
	r.wantCounts(1, 0, 0, 3)
	a.do("POST", "/v1/import/tasks?dry_run=true",
		`{"rows": [{"title": "x", "contact_name": "Hans Müller"}]}`).wantCounts(1, 0, 0, 0)
	if r.get("data.dry_run") != true || a.query(`SELECT count(*) FROM tasks`) != 0 {
		t.Error(r.raw)
	}
	a.csv("/v1/import/contacts?dry_run=true", "full_name\nSomebody New\n").wantCounts(1, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM contacts WHERE full_name = 'Somebody New'`); n != 0 {
		t.Errorf("a dry run added %d contacts", n)
	}
}

func TestWaitingForAnImport(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	many := "title,contact_name\n" + strings.Repeat("Call,Hans Müller\n", 501)
	if r := a.csv("/v1/import/tasks", many); r.status != http.StatusAccepted || r.header.Get("Location") == "" {
		t.Errorf("501 rows: %d %s", r.status, r.raw)
	}
	if r := a.csv("/v1/import/tasks?on_same_file=all", many, "Prefer", "wait=20"); r.status != http.StatusOK ||
		r.header.Get("Preference-Applied") != "wait=20" {
		t.Errorf("wait=20: %d %v", r.status, r.header)
	}
	if r := a.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\n", "Prefer",
		"respond-async"); r.status != http.StatusAccepted {
		t.Errorf("respond-async: %d", r.status)
	}
	a.csv("/v1/import/tasks", many, "Prefer", "wait=soon").wantError(400, "validation_error", "Prefer", "seconds")
}

// Without Redis or Postgres the answer is 503 within seconds, and nothing is kept.
func TestServicesAway(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	nowhere, err := queue.Connect("redis://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nowhere.Close() })
	lost, err := store.Open(t.Context(), "postgres://taskport@127.0.0.1:1/taskport", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(lost.Close)
	quiet := slog.New(slog.DiscardHandler)
	for name, c := range map[string]intake.Config{
		"Redis":    {Store: a.store, Queue: queue.New(nowhere, "x"), Limiter: web.NewLimiter(nowhere, 100), Logger: quiet},
		"Postgres": {Store: lost, Queue: queue.New(a.redis, "x"), Logger: quiet},
	} {
		away := *a
		away.server = httptest.NewServer(intake.New(c))
		t.Cleanup(away.server.Close)
		began := time.Now()
		r := away.csv("/v1/import/tasks", "title,contact_name\nCall,Hans Müller\n", "Idempotency-Key", "away")
		r.wantError(503, "unavailable", "", "try again")
		if r.header.Get("Retry-After") == "" || time.Since(began) > 10*time.Second {
			t.Errorf("%s: Retry-After %q after %v", name, r.header.Get("Retry-After"), time.Since(began))
		}
	}
	a.nothingLeft()
}
