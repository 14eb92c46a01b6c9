package intake_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taskport/store"
)

const people = `external_id,full_name,email,company_name
p1,Hans Müller,hans@example.com,Brandt Logistik GmbH
p2,"Nowak, Anna",anna@example.com,Brandt Logistik GmbH
p3,Peter Fischer,peter1@example.com,Brandt Logistik GmbH
p4,Peter Fischer,peter2@example.com,Kaminski Sp. z o.o.
`

// The example request of the API page, with a contact of this workspace.
func TestCreateTaskAsDocumented(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	r := a.do("POST", "/v1/tasks", `{
    "title": "Follow up with Hans Müller",
    "due_date": "2026-03-10",
    "priority": "high",
    "contact_id": "`+hans+`"
  }`)
	if r.status != http.StatusCreated {
		t.Fatalf("%d %s", r.status, r.raw)
	}
	want := map[string]any{"title": "Follow up with Hans Müller", "description": nil, "status": "open",
		"priority": "high", "task_type": nil, "due_date": "2026-03-10",
		"assigned_to_user_id": nil, "contact_id": hans, "company_id": nil, "deal_id": nil, "event_id": nil,
		"created_date": "2026-03-10T12:00:00Z", "custom_fields": map[string]any{}}
	got, _ := r.get("data").(map[string]any)
	for name, value := range want {
		if v, there := got[name]; !there || !reflect.DeepEqual(v, value) {
			t.Errorf("%s is %v, want %v", name, v, value)
		}
	}
	id, _ := got["id"].(string)
	if _, err := uuid.Parse(id); err != nil || len(got) != len(want)+1 {
		t.Errorf("answer is %s", r.raw)
	}
	if r.header.Get("Location") != "/v1/tasks/"+id {
		t.Errorf("Location is %q", r.header.Get("Location"))
	}
	if read := a.do("GET", "/v1/tasks/"+id, ""); read.status != http.StatusOK || jsonOf(t, read.json) != jsonOf(t,
		r.json) {
		t.Errorf("read back as %s", read.raw)
	}
}

func TestCreateTaskRejectionsAsDocumented(t *testing.T) {
	a := setup(t)
	orphan := a.do("POST", "/v1/tasks", `{"title": "Orphan"}`)
	if orphan.status != http.StatusBadRequest {
		t.Errorf("orphan: %d", orphan.status)
	}
	if want := `{"error":{"code":"validation_error","message":"At least one parent link ` +
		`(contact_id, company_id, deal_id, or event_id) is required"}}`; strings.TrimSpace(orphan.raw) != want {
		t.Errorf("orphan: %s", orphan.raw)
	}
	a.do("POST", "/v1/tasks", `{"contact_id": "`+uuid.NewString()+`"}`).wantError(http.StatusBadRequest,
		"validation_error", "title", "title is required")
	reader := *a
	reader.key = a.newKey(a.workspace, store.ReadActivities)
	forbidden := reader.do("POST", "/v1/tasks", `{"title": "x"}`)
	if forbidden.status != http.StatusForbidden ||
		strings.TrimSpace(forbidden.raw) != `{"error":{"code":"insufficient_permissions",`+
			`"message":"Missing activities:write permission"}}` {
		t.Errorf("forbidden: %d %s", forbidden.status, forbidden.raw)
	}
	a.nothingLeft()
}

func TestCreateTaskResolvesNames(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans, brandt := a.contact("Hans Müller"), a.company("Brandt Logistik GmbH")
	for _, name := range []string{"Hans Müller", "hans mueller", "Müller, Hans", "HANS MULLER"} {
		r := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": "Call", "contact_name": name,
			"company_name": "Brandt Logistik"}))
		if r.status != http.StatusCreated || r.get("data.contact_id") != hans || r.get("data.company_id") != brandt {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Nobody Known", "contact_id": "`+hans+`"}`)
	if r.status != http.StatusCreated || r.get("data.contact_id") != hans {
		t.Errorf("an explicit id must win over a name: %s", r.raw)
	}
}

func TestCreateTaskWithDoubtfulNames(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	ambiguous := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Peter Fischer"}`)
	ambiguous.wantError(http.StatusBadRequest, "ambiguous_reference", "contact_name", "contact_id")
	candidates, _ := ambiguous.get("error.candidates").([]any)
	if len(candidates) != 2 {
		t.Fatalf("candidates are %v", candidates)
	}
	for _, c := range candidates {
		m, _ := c.(map[string]any)
		if m["name"] != "Peter Fischer" || m["score"] != 1.0 || m["id"] == "" || m["company"] == "" {
			t.Errorf("candidate is %v", m)
		}
	}
	chosen := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Peter Fischer", "company_name": "Kaminski"}`)
	if chosen.status != http.StatusCreated || chosen.get("data.company_id") != a.company("Kaminski Sp. z o.o.") {
		t.Errorf("the company must choose among equal names: %s", chosen.raw)
	}
	a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Wolfgang Unbekannt"}`).wantError(
		http.StatusBadRequest, "unresolved_reference", "contact_name", "Wolfgang Unbekannt")
	a.do("POST", "/v1/tasks", `{"title": "Call", "company_name": "Unbekannt AG"}`).wantError(http.StatusBadRequest,
		"unresolved_reference", "company_name", "Unbekannt AG")
	mismatch := `{"title": "Call", "contact_name": "Hans Müller", "company_name": "Kaminski"}`
	a.do("POST", "/v1/tasks", mismatch).wantError(http.StatusBadRequest, "validation_error", "company_name", "belongs to")
	if r := a.do("POST", "/v1/tasks?on_company_mismatch=link", mismatch); r.status != http.StatusCreated {
		t.Errorf("on_company_mismatch=link: %s", r.raw)
	}
}

func TestCreateTaskKnowsOnlyItsWorkspace(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.load("deals", "external_id,title\nd1,Big deal\n")
	a.load("events", "external_id,title\ne1,Fair\n")
	hans := a.contact("Hans Müller")
	for field, id := range map[string]string{"contact_id": hans, "company_id": a.company("Brandt Logistik GmbH"),
		"deal_id":  a.id(`SELECT id FROM deals WHERE title = $1 AND workspace_id = $2`, "Big deal"),
		"event_id": a.id(`SELECT id FROM events WHERE title = $1 AND workspace_id = $2`, "Fair")} {
		body := jsonOf(t, map[string]string{"title": "Call", field: id})
		a.other.do("POST", "/v1/tasks", body).wantError(http.StatusBadRequest, "validation_error", field,
			"not in this workspace")
		if r := a.do("POST", "/v1/tasks", body); r.status != http.StatusCreated || r.get("data."+field) != id {
			t.Errorf("%s: %s", field, r.raw)
		}
	}
	a.other.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Hans Müller"}`).wantError(http.StatusBadRequest,
		"unresolved_reference", "contact_name", "fits no contact")
	mine := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_id": "`+hans+`"}`)
	id, _ := mine.get("data.id").(string)
	a.other.do("GET", "/v1/tasks/"+id, "").wantError(http.StatusNotFound, "not_found", "", "task")
	if r := a.other.do("GET", "/v1/tasks", ""); r.get("meta.total") != 0.0 {
		t.Errorf("another workspace lists %s", r.raw)
	}
}

func TestCreateTaskFieldTypes(t *testing.T) {
	a := setup(t)
	cases := []struct{ body, field, says string }{
		{`{"title": 5}`, "title", "must be a string"},
		{`{"title": "x", "contact_id": {"id": 1}}`, "contact_id", "must be a string"},
		{`{"title": "x", "contact_id": "42"}`, "contact_id", "UUID"},
		{`{"title": "x", "status": "done"}`, "status", "open, in_progress, completed"},
		{`{"title": "x", "priority": "urgent"}`, "priority", "low, medium, high"},
		{`{"title": "x", "due_date": "soon"}`, "due_date", "YYYY-MM-DD"},
		{`{"title": "x"`, "", "breaks off at byte 13"},
		{`{"title": "x"} {}`, "", "goes on after"},
		{`{"title": tru}`, "", "not valid JSON at byte"},
		{`[1]`, "", "must be a JSON object"},
		{`null`, "", "null"},
		{"{\"title\": \"M\xfcller\"}", "", "UTF-8"},
		{" ", "", "empty"},
	}
	for _, c := range cases {
		a.do("POST", "/v1/tasks", c.body, "Content-Type", "application/json").wantError(http.StatusBadRequest,
			"validation_error", c.field, c.says)
	}
	a.do("POST", "/v1/tasks", strings.Repeat(" ", 5<<20)).wantError(http.StatusRequestEntityTooLarge,
		"payload_too_large", "", "larger than")
	a.nothingLeft()
}

func TestCreatedDateOverTheAPI(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	for given, kept := range map[string]string{
		"":                          "2026-03-10T12:00:00Z",
		"2025-06-01T08:30:00+02:00": "2025-06-01T08:30:00+02:00",
		"2021-03-10T12:00:00Z":      "2021-03-10T12:00:00Z",
		"2021-03-10T11:59:59Z":      "2026-03-10T12:00:00Z",
		"2026-03-11T12:00:00Z":      "2026-03-11T12:00:00Z",
		"2026-03-11T12:00:01Z":      "2026-03-10T12:00:00Z",
		"rubbish":                   "2026-03-10T12:00:00Z",
	} {
		r := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": "x", "contact_id": hans, "created_date": given}))
		if r.get("data.created_date") != kept {
			t.Errorf("%q came back as %v, want %q", given, r.get("data.created_date"), kept)
		}
	}
	r := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": "x", "contact_id": hans,
		"due_date": "2026-03-10T09:00:00+02:00"}))
	if r.get("data.due_date") != "2026-03-10T07:00:00Z" {
		t.Errorf("due_date came back as %v", r.get("data.due_date"))
	}
}

func TestCreateTaskWithExternalID(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	body := func(title string) string {
		return jsonOf(t, map[string]string{"title": title, "contact_name": "Hans Müller", "external_id": "E1"})
	}
	first := a.do("POST", "/v1/tasks", body("one"))
	skipped := a.do("POST", "/v1/tasks", body("two"))
	if skipped.status != http.StatusOK || skipped.get("data.id") != first.get("data.id") ||
		skipped.get("data.title") != "one" {
		t.Errorf("skip: %d %s", skipped.status, skipped.raw)
	}
	updated := a.do("POST", "/v1/tasks?on_duplicate=update", body("three"))
	if updated.status != http.StatusOK || updated.get("data.id") != first.get("data.id") ||
		updated.get("data.title") != "three" {
		t.Errorf("update: %d %s", updated.status, updated.raw)
	}
	a.do("POST", "/v1/tasks?on_duplicate=reject", body("four")).wantError(http.StatusConflict, "conflict",
		"external_id", "taken")
	a.do("POST", "/v1/tasks?on_duplicate=maybe", body("five")).wantError(http.StatusBadRequest, "validation_error",
		"on_duplicate", "skip, update, reject")
	if n := a.query(`SELECT count(*) FROM tasks`); n != 1 {
		t.Errorf("%d tasks, want 1", n)
	}
}

func TestCreateTaskAsynchronously(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	for body, field := range map[string]string{
		`{"title": "Call", "contact_name": "Hans Müller", "status": "Erledigt"}`:     "status",
		`{"title": "Call", "contact_name": "Hans Müller", "due_date": "25.03.2026"}`: "due_date",
		`{"contact_name": "Hans Müller"}`:                                            "title",
	} {
		now, later := a.do("POST", "/v1/tasks", body), a.do("POST", "/v1/tasks", body, "Prefer", "respond-async")
		if later.status != http.StatusBadRequest || later.raw != now.raw || later.get("error.field") != field {
			t.Errorf("%s: at once %d %s, later %d %s", body, now.status, now.raw, later.status, later.raw)
		}
	}
	r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Hans Müller", "unknown": {"to": "us"}}`,
		"Prefer", "respond-async")
	id, _ := r.get("data.job_id").(string)
	if r.status != http.StatusAccepted || r.header.Get("Location") != "/v1/import/jobs/"+id ||
		r.header.Get("Preference-Applied") != "respond-async" {
		t.Fatalf("%d %v %s", r.status, r.header, r.raw)
	}
	job := a.await(id)
	if job.get("data.status") != "completed" || job.get("data.created_count") != 1.0 {
		t.Errorf("job is %s", job.raw)
	}
}

func TestListTasks(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	for i, status := range []string{"open", "completed", "open"} {
		a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": string(rune('a' + i)), "contact_id": hans,
			"status": status, "assignee_id": "u1"}))
	}
	r := a.do("GET", "/v1/tasks?status=open&contact_id="+hans+"&assignee_id=u1&per_page=1&page=2", "")
	rows, _ := r.get("data").([]any)
	if len(rows) != 1 || r.get("meta.total") != 2.0 || r.get("meta.page") != 2.0 || r.get("meta.per_page") != 1.0 {
		t.Fatalf("list is %s", r.raw)
	}
	if m, _ := rows[0].(map[string]any); m["title"] != "a" {
		t.Errorf("page 2 of the newest first is %v", m)
	}
	a.do("GET", "/v1/tasks?per_page=101", "").wantError(http.StatusBadRequest, "validation_error", "per_page", "1 to 100")
	a.do("GET", "/v1/tasks?status=done", "").wantError(http.StatusBadRequest, "validation_error", "status",
		"open, in_progress, completed")
	a.do("GET", "/v1/tasks?assignee_id=%ff", "").wantError(http.StatusBadRequest, "validation_error", "assignee_id",
		"UTF-8")
	a.do("GET", "/v1/tasks?contact_id=x", "").wantError(http.StatusBadRequest, "validation_error", "contact_id", "UUID")
}
