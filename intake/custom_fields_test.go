package intake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// customFields returns the custom_fields of the workspace's tasks by title.
func (a *api) customFields() map[string]string {
	a.t.Helper()
	r := a.do("GET", "/v1/tasks?include=custom_fields", "")
	all := map[string]string{}
	tasks, _ := r.json["data"].([]any)
	for _, task := range tasks {
		of, _ := task.(map[string]any)
		all[fmt.Sprint(of["title"])] = strings.TrimSpace(jsonOf(a.t, of["custom_fields"]))
	}
	return all
}

func (a *api) wantCustomFields(want map[string]string) {
	a.t.Helper()
	if got := a.customFields(); fmt.Sprint(got) != fmt.Sprint(want) {
		a.t.Errorf("custom_fields are %v, want %v", got, want)
	}
}

func TestTaskWithCustomFields(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for _, prefer := range []string{"", "respond-async"} {
		r := a.do("POST", "/v1/tasks", `{"title": "T`+prefer+`", "contact_name": "Anna Nowak",
			"custom_fields": {"Bud\u0067et": "9 €", "None": null, "Größe": " a\"b "}}`, "Prefer", prefer)
		if r.status != http.StatusCreated && r.status != http.StatusAccepted {
			t.Fatalf("%d %s", r.status, r.raw)
		}
		if prefer == "" {
			got := strings.TrimSpace(jsonOf(t, r.get("data.custom_fields")))
			if got != `{"Budget":"9 €","Größe":" a\"b "}` {
				t.Errorf("answered %s", r.raw)
			}
			continue
		}
		a.await(fmt.Sprint(r.get("data.job_id")))
	}
	want := `{"Budget":"9 €","Größe":" a\"b "}`
	a.wantCustomFields(map[string]string{"T": want, "Trespond-async": want})
	if short := a.do("GET", "/v1/tasks", ""); strings.Contains(short.raw, "custom_fields") {
		t.Errorf("a list without include: %s", short.raw)
	}
	a.do("GET", "/v1/tasks?include=title", "").wantError(400, "validation_error", "include", "custom_fields")
	for _, wrong := range []string{`"x"`, `[]`, `5`, `{"Budget": 5}`, `{"Budget": {}}`, `{"A": "1", "A": "2"}`,
		`{"A": "\u0000"}`, `{"A": "` + strings.Repeat("x", 64<<10) + `"}`} {
		a.do("POST", "/v1/tasks", `{"title": "x", "contact_name": "Anna Nowak", "custom_fields": `+wrong+`}`).wantError(400,
			"validation_error", "custom_fields", "custom_fields")
	}
}

// Kept columns go with a row on every way that it may take.
func TestKeptColumnsGoWithTheRow(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const header = "external_id,title,contact_name,Budget,Budget,Region\n"
	job := a.importTasks(header+"1,One,Anna Nowak,9,8,\n2,Two,Nobody,7,,South\n3,Three,Nobody,6,,\n", "")
	a.wantCustomFields(map[string]string{"One": `{"Budget":"9","Budget (2)":"8"}`})

	if r := a.do("POST", job+"/rejects/2", `{"fields": {"contact_name": "Anna Nowak"}}`); r.status > 202 {
		t.Fatal(r.raw)
	}
	a.await(a.jobID(job))
	report := a.do("GET", job+"/rejects?format=csv", "").raw
	a.importTasks(strings.ReplaceAll(report, "3,Three,Nobody", "3,Three,Anna Nowak"), "")
	a.wantCustomFields(map[string]string{"One": `{"Budget":"9","Budget (2)":"8"}`,
		"Two": `{"Budget":"7","Region":"South"}`, "Three": `{"Budget":"6"}`})

	a.importTasks(header+"1,One,Anna Nowak,10,,North\n", "?on_duplicate=update")
	a.wantCustomFields(map[string]string{"One": `{"Budget":"10","Budget (2)":"8","Region":"North"}`,
		"Two": `{"Budget":"7","Region":"South"}`, "Three": `{"Budget":"6"}`})

	dry := a.importTasks("title,contact_name,Budget\nDry,Anna Nowak,1\n", "?dry_run=true")
	a.await(fmt.Sprint(a.do("POST", dry+"/commit", "").get("data.job_id")))
	if got := a.customFields()["Dry"]; got != `{"Budget":"1"}` {
		t.Errorf("committed with %s", got)
	}
	a.importTasks("title,contact_name,Budget,Region\nList,Anna Nowak,1,S\n",
		"?keep_columns="+url.QueryEscape(`["Region"]`))
	a.importTasks("title,contact_name,Budget,Region\nNone,Anna Nowak,1,S\n", "?keep_columns=none")
	got := a.customFields()
	if got["List"] != `{"Region":"S"}` || got["None"] != "{}" {
		t.Errorf("got %v", got)
	}
	a.csv("/v1/import/tasks?keep_columns=some", "title\nx\n").wantError(400, "validation_error", "keep_columns",
		"all, none")
	a.csv("/v1/import/contacts?keep_columns=all", people).wantError(400, "validation_error", "keep_columns", "tasks")
}

// A row of JSON may have custom_fields as an object, and a saved mapping may say what is kept.
func TestRowsWithCustomFields(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	if r := a.do("PUT", "/v1/import/mappings/none", `{"keep_columns": "none"}`); r.get("data.keep_columns") != "none" {
		t.Fatalf("saved as %s", r.raw)
	}
	row := func(title string) json.RawMessage {
		return json.RawMessage(`{"title": "` + title + `", "contact_name": "Anna Nowak", "custom_fields": {"A": "1"},
			"B": 2}`)
	}
	for title, member := range map[string]string{"All": "", "Saved": `, "mapping_name": "none"`,
		"Over": `, "mapping_name": "none", "keep_columns": ["B"]`} {
		r := a.do("POST", "/v1/import/tasks", `{"rows": [`+string(row(title))+`]`+member+`}`)
		if r.status != http.StatusOK || r.get("data.created_count") != 1.0 {
			t.Fatalf("%s: %d %s", title, r.status, r.raw)
		}
	}
	a.wantCustomFields(map[string]string{"All": `{"A":"1","B":"2"}`, "Saved": `{"A":"1"}`, "Over": `{"A":"1","B":"2"}`})
}

// A column that is not imported is named, whatever the rows are; an ignored one without a note.
func TestColumnsThatAreNotImported(t *testing.T) {
	a := setup(t)
	contacts := a.csv("/v1/import/contacts", "full_name,Phone,,Age\nAnna Nowak,1,,\nHans Müller,,,\n")
	tasks := a.csv("/v1/import/tasks?keep_columns=none&mapping="+url.QueryEscape(`{"Notes": ""}`),
		"title,contact_name,Notes,Phone\nCall,Anna Nowak,x,\n")
	for name, c := range map[string]struct {
		got  reply
		want string
		note string
	}{
		"contacts": {contacts, `[{"column":"Phone","filled":0.5},{"column":"Age","filled":0}]`,
			"2 columns not imported: Phone, Age"},
		"tasks": {tasks, `[{"column":"Notes","filled":1,"ignored":true},{"column":"Phone","filled":0}]`,
			"1 column not imported: Phone"},
	} {
		all, _ := c.got.get("data.not_imported").([]any)
		for i, of := range all {
			left, _ := of.(map[string]any)
			if how, _ := left["how"].(string); !strings.Contains(how, `"`+fmt.Sprint(left["column"])+`"`) {
				t.Errorf("%s: column %d says %q", name, i, how)
			}
			delete(left, "how")
		}
		if got := strings.TrimSpace(jsonOf(t, all)); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
		if notes := fmt.Sprint(c.got.get("data.file.notes")); !strings.Contains(notes, c.note) {
			t.Errorf("%s: notes %s, want %s", name, notes, c.note)
		}
	}
}

// TestCustomFieldsKeepTheirOrder reads the kept columns in the order of the file, which is that of
// neither their length nor the alphabet.
func TestCustomFieldsKeepTheirOrder(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.importTasks("title,contact_name,Zeta,Bee,Aa,C\nA,Hans Müller,1,2,3,4\n", "")
	raw := a.do("GET", "/v1/tasks?include=custom_fields", "").raw
	if want := `{"Zeta":"1","Bee":"2","Aa":"3","C":"4"}`; !strings.Contains(raw, want) {
		t.Errorf("%s lacks %s", raw, want)
	}
}
