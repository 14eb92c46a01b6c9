package intake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taskport/intake"
)

// everyOption is a file that needs every option of a mapping, and the mapping.
const (
	everyOption = "Was;Vor;Nach;Status;Prio;Bis;Erstellt\nEins;Hans;Müller;Läuft noch;A;03.04.2026 09:00;5. März " +
		"2026\nZwei;Hans;Müller;erledigt;a;04.05.2026;\nDrei;;;;;;\nVier;Hans;Müller;?;;;\n"
	everyMapping = `{"mapping": {"Was": "title", "Bis": "due_date"},
		"values": {"status": {"Läuft noch": "in_progress"}, "priority": {"A": "high"}}, "constants": {"task_type": "call"},
		"compose": {"contact_name": ["Vor", "Nach"]}, "date_order": "dmy", "timezone": "Europe/Berlin", "preset": "none"}`
)

// mappingOptions returns the mapping as the options of a query or a form.
func mappingOptions(t *testing.T) map[string]string {
	t.Helper()
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(everyMapping), &members); err != nil {
		t.Fatal(err)
	}
	options := map[string]string{}
	for name, value := range members {
		options[name] = strings.Trim(string(value), `"`)
	}
	return options
}

// A mapping has the same effect in a query, in a form, in JSON and saved, for any size of the
// chunks.
func TestMappingInEveryWay(t *testing.T) { testMapping(t, 5000) }

func TestMappingRowByRow(t *testing.T) { testMapping(t, 1) }

func testMapping(t *testing.T, rows int) {
	t.Helper()
	a := setup(t, func(c *intake.Config) { c.ChunkRows = rows })
	a.load("contacts", people)
	q := url.Values{}
	var pairs []string
	for name, value := range mappingOptions(t) {
		q.Set(name, value)
		pairs = append(pairs, name, value)
	}
	q.Set("on_same_file", "all") // the rows are those of the other ways
	pairs = append(pairs, "on_same_file", "all")
	formBody, formType := form(t, "tasks.csv", everyOption, pairs...)
	inJSON, err := json.Marshal(map[string]string{"csv": strings.ReplaceAll(everyOption, ";", ",")})
	if err != nil {
		t.Fatal(err)
	}
	jsonBody := strings.TrimSuffix(string(inJSON), "}") + "," + strings.TrimPrefix(everyMapping, "{")
	if r := a.do("PUT", "/v1/import/mappings/alt%20und%20neu", everyMapping); r.status != http.StatusCreated {
		t.Fatal(r.raw)
	}
	for name, c := range map[string]struct{ query, body, contentType string }{
		"query": {"?" + q.Encode(), everyOption, "text/csv"},
		"form":  {"", formBody, formType},
		"JSON":  {"?on_same_file=all", jsonBody, "application/json"},
		"saved": {"?on_same_file=all&mapping_name=alt+und+neu", everyOption, "text/csv"},
		"saved JSON": {"?on_same_file=all", strings.TrimSuffix(string(inJSON), "}") +
			`, "mapping_name": "alt und neu"}`, "application/json"},
	} {
		r := a.do("POST", "/v1/import/tasks"+c.query, c.body, "Content-Type", c.contentType)
		if r.status != http.StatusOK {
			t.Errorf("%s: %s", name, r.raw)
			continue
		}
		r.wantCounts(2, 0, 0, 2)
		id, _ := r.get("data.job_id").(string)
		a.wantTasks(name, id, "Eins in_progress high call 2026-04-03T07:00:00Z 2026-03-05",
			"Zwei completed high call 2026-05-04 2026-03-10T12:00:00Z")
		if raw := strings.ReplaceAll(r.raw, `": `, `":`); !strings.Contains(raw,
			`"unknown_values":{"status":[{"value":"?","rows":1}]}`) || !strings.Contains(raw,
			`"name":"Vor","feeds":"contact_name","filled":0.75`) {
			t.Errorf("%s: %s", name, r.raw)
		}
	}
}

// wantTasks compares the tasks of an import, in the order of their rows.
func (a *api) wantTasks(name, importID string, want ...string) {
	a.t.Helper()
	r := a.do("GET", "/v1/tasks?import_id="+importID, "")
	tasks, _ := r.get("data").([]any)
	var got []string
	for i := len(tasks) - 1; i >= 0; i-- { // newest first
		task, _ := tasks[i].(map[string]any)
		got = append(got, fmt.Sprint(task["title"], " ", task["status"], " ", task["priority"], " ", task["task_type"],
			" ", task["due_date"], " ", task["created_date"]))
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		a.t.Errorf("%s: tasks\n%s, want\n%s", name, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// An invalid mapping is refused before the file is read, and nothing is kept.
func TestMappingsAreRefusedBeforeTheFile(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const file = "title,contact_name\nCall,Hans Müller\n"
	for query, want := range map[string][2]string{
		`values={"status":"open"}`:                          {"values", "values must be a JSON object from field"},
		`values={"status":{"a":"b"}}`:                       {"values", "choose one of open, in_progress, completed"},
		`constants=[]`:                                      {"constants", "constants must be a JSON object"},
		`constants={"external_id":"1"}`:                     {"constants", "must differ from row to row"},
		`compose={"contact_name":"a"}`:                      {"compose", "compose must be a JSON object"},
		`compose={"contact_name":["a"]}`:                    {"compose", `column "a" is not in the file`},
		`date_order=ddmmyy`:                                 {"date_order", "dmy, mdy, ymd"},
		`timezone=CET%2B1`:                                  {"timezone", "Europe/Berlin"},
		`mapping_name=nobody`:                               {"mapping_name", "no mapping of this name"},
		`mapping_name=of+contacts`:                          {"mapping_name", "is for contacts, and these are tasks"},
		`mapping={"title":"title"}&constants={"title":"x"}`: {"constants", "also set by mapping"},
	} {
		if r := a.do("PUT", "/v1/import/mappings/of%20contacts", `{"kind": "contacts"}`); r.status > http.StatusCreated {
			t.Fatal(r.raw)
		}
		a.csv("/v1/import/tasks?"+strings.NewReplacer(`"`, "%22", "{", "%7B", "}", "%7D").Replace(query),
			file).wantError(400, "validation_error", want[0], want[1])
	}
	if n := a.query(`SELECT count(*) FROM imports WHERE kind = 'tasks'`); n != 0 {
		t.Errorf("%d imports are left", n)
	}
	if r := a.do("POST", "/v1/tasks?timezone=UTC",
		`{"title": "Call", "contact_name": "Hans Müller"}`); r.status != http.StatusBadRequest || !strings.Contains(r.raw,
		"options of an import") {
		t.Errorf("single task: %d %s", r.status, r.raw)
	}
}

// A report can be imported with options that resolve its unknown values and ambiguous dates.
func TestUnsureRowsAreResolvedByASecondImport(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	r := a.csv("/v1/import/tasks",
		"title,contact_name,status,due_date\nEins,Hans Müller,Wartet,\nZwei,Hans Müller,,03/04/2026\nDrei,Hans "+
			"Müller,,2026-04-03\n")
	r.wantCounts(1, 0, 0, 2)
	if form := r.get("data.file.dates.due_date"); form != "unsure" {
		t.Errorf("due_date is %v", form)
	}
	id, _ := r.get("data.job_id").(string)
	report := a.do("GET", "/v1/import/jobs/"+id+"/rejects?format=csv", "").raw
	for _, want := range []string{"write the day as YYYY-MM-DD, or import with the order",
		"write one of our own, such as open"} {
		if !strings.Contains(report, want) || strings.Contains(report, "option") {
			t.Errorf("got the report %s, want %q and no option in it", report, want)
		}
	}
	rejects := a.do("GET", "/v1/import/jobs/"+id+"/rejects", "")
	list, _ := rejects.get("data").([]any)
	if len(list) != 2 {
		t.Fatalf("got %s, want 2 rejected rows", rejects.raw)
	}
	rejects.json = map[string]any{"0": list[0], "1": list[1]}
	for path, want := range map[string]string{
		"0.message": `say what it means with the option values, for instance {"status": {"Wartet": "open"}}`,
		"1.message": "say with the option date_order", "0.remedy.value": "Wartet", "1.remedy.code": "date_order"} {
		if got, _ := rejects.get(path).(string); !strings.Contains(got, want) {
			t.Errorf("%s: got %q, want %q in it", path, got, want)
		}
	}
	q := url.Values{"values": {`{"status": {"wartet": "in_progress"}}`}, "date_order": {"mdy"}}
	again := a.csv("/v1/import/tasks?"+q.Encode(), report)
	again.wantCounts(2, 0, 0, 0)
	id, _ = again.get("data.job_id").(string)
	a.wantTasks("the report", id, "Eins in_progress <nil> <nil> <nil> 2026-03-10T12:00:00Z",
		"Zwei open <nil> <nil> 2026-03-04 2026-03-10T12:00:00Z")
}

// A saved mapping belongs to its workspace and is replaced by name. Imports keep the mapping that
// they used.
func TestSavedMappings(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.do("PUT", "/v1/import/mappings/x", `{"mapping": {"Was": "title"}}`)
	first := a.do("GET", "/v1/import/mappings/x", "")
	if r := a.do("PUT", "/v1/import/mappings/x", `{"mapping": {"Was": "title"}}`); r.status != http.StatusOK ||
		strings.TrimSpace(r.raw) != strings.TrimSpace(first.raw) {
		t.Errorf("saved again: %d %s, want %s", r.status, r.raw, first.raw)
	}
	r := a.csv("/v1/import/tasks?mapping_name=x&mapping=%7B%22Wer%22:%22contact_name%22%7D",
		"Was,Wer\nEins,Nobody at all\n")
	r.wantCounts(0, 0, 0, 1)
	id, _ := r.get("data.job_id").(string)
	if r := a.do("DELETE", "/v1/import/mappings/x", ""); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.raw)
	}
	a.load("contacts", "full_name\nNobody at all\n")
	a.do("POST", "/v1/import/jobs/"+id+"/retry", "")
	a.await(id).wantCounts(1, 0, 0, 0)
	for body, says := range map[string]string{`{"maping": {}}`: "unknown field", `{"date_order": "x"}`: "dmy, mdy, ymd",
		`[]`: "must be a JSON object"} {
		if r := a.do("PUT", "/v1/import/mappings/x", body); r.status != http.StatusBadRequest || !strings.Contains(r.raw,
			says) {
			t.Errorf("%s: %d %s", body, r.status, r.raw)
		}
	}
	for name := range map[string]bool{"%20x": true, strings.Repeat("x", 101): true, "a%0Ab": true, "%FF": true} {
		a.do("PUT", "/v1/import/mappings/"+name, `{}`).wantError(400, "validation_error", "name", "1 to 100 bytes")
	}
	a.query(`WITH m AS (INSERT INTO mappings SELECT $1, 'm' || n, 'tasks', '{}', now(), now()
		FROM generate_series(1, 200) n RETURNING 1) SELECT count(*) FROM m`, a.workspace)
	if r := a.do("PUT", "/v1/import/mappings/x", `{}`); r.status != http.StatusConflict || !strings.Contains(r.raw,
		"at most 200") {
		t.Errorf("one too many: %d %s", r.status, r.raw)
	}
	if r := a.do("PUT", "/v1/import/mappings/m7", `{"preset": "none"}`); r.status != http.StatusOK {
		t.Errorf("one of 200: %d %s", r.status, r.raw)
	}
}
