package intake_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"taskport"
	"taskport/store"
)

const owners, unknownOwners = 40, 3

// ownerName returns the name of an owner, in one of its usual ways of writing.
func ownerName(owner, row int) string {
	given, surname := []string{"Jane", "Omar", "Petra", "Lars", "Mia"}[owner%5], fmt.Sprintf("Whit%c%c", 'a'+owner/5, 'k')
	if row%2 == 0 {
		return surname + ", " + given
	}
	return given + " " + surname
}

// ownedTasks returns a file of tasks of 40 owners, three of whom nobody is.
func ownedTasks(ownedRows int) string {
	var b strings.Builder
	b.WriteString("Subject,Contact,Task Owner\n")
	for row := range ownedRows {
		fmt.Fprintf(&b, "Task %d,Hans Müller,\"%s\"\n", row, ownerName(row%owners, row))
	}
	return b.String()
}

// Each unknown owner is listed once, is mapped once, and is remembered.
func TestUnknownOwnersAreAskedOnce(t *testing.T) {
	ownedRows := 100_000
	if testing.Short() {
		ownedRows = 4000
	}
	a := setup(t)
	a.csv("/v1/import/contacts", "full_name,external_id\nHans Müller,c1\n")
	var users strings.Builder
	users.WriteString("assignee_id,name,email\n")
	for owner := range owners - unknownOwners {
		fmt.Fprintf(&users, "u-%d,%s,owner%d@ours.example\n", owner, ownerName(owner, 1), owner)
	}
	a.csv("/v1/import/users", users.String()).wantCounts(owners-unknownOwners, 0, 0, 0)
	file := ownedTasks(ownedRows)
	asked := a.csv("/v1/import/tasks?dry_run=true", file)
	if got := asked.get("data.job_id"); asked.status != 202 && asked.status != 200 {
		t.Fatalf("%v: %s", got, asked.raw)
	}
	a.await(fmt.Sprint(asked.get("data.job_id"))).wantCounts(ownedRows/owners*(owners-unknownOwners), 0, 0,
		ownedRows/owners*unknownOwners)
	unknown, _ := asked.get("data.file.unknown_values.assignee").([]any)
	if len(unknown) != unknownOwners {
		t.Fatalf("%v, want three unknown assignees", unknown)
	}
	values := map[string]string{}
	for n, u := range unknown {
		one, _ := u.(map[string]any)
		if one["rows"] != float64(ownedRows/owners) {
			t.Errorf("%v, want %d rows of each", u, ownedRows/owners)
		}
		values[fmt.Sprint(one["value"])] = []string{"u-0", "owner1@ours.example", ""}[n]
	}
	options := url.Values{"values": {jsonOf(t, map[string]any{"assignee": values})}}
	if r := a.csv("/v1/import/tasks?values="+url.QueryEscape(`{"assignee": {"Karl Nobody": "u-999"}}`), file); r.status !=
		400 || r.get("error.field") != "values" {
		t.Errorf("%s, want the unknown user of values to be refused", r.raw)
	}
	before := a.query(`SELECT count(*) FROM aliases WHERE workspace_id = $1`, a.workspace)
	for round, query := range []string{"?" + options.Encode(), "?on_same_file=all"} {
		r := a.csv("/v1/import/tasks"+query, file)
		job := fmt.Sprint(r.get("data.job_id"))
		a.await(job).wantCounts(ownedRows, 0, 0, 0)
		if still := r.get("data.file.unknown_values.assignee"); still != nil {
			t.Errorf("round %d asks about %v", round, still)
		}
		for owner := range owners - unknownOwners {
			want := ownedRows / owners
			if owner == 0 || owner == 1 {
				want *= 2
			}
			if got := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1::uuid AND assignee_id = $2`, job,
				fmt.Sprintf("u-%d", owner)); got != want {
				t.Errorf("round %d: %d tasks of u-%d, want %d", round, got, owner, want)
			}
		}
		if got := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1::uuid AND assignee_id IS NULL`, job); got !=
			ownedRows/owners {
			t.Errorf("round %d: %d tasks unassigned, want %d", round, got, ownedRows/owners)
		}
	}
	if got := a.query(`SELECT count(*) FROM aliases WHERE workspace_id = $1`, a.workspace); got != before+unknownOwners {
		t.Errorf("%d aliases, want %d", got, before+unknownOwners)
	}
}

// A workspace without users takes any assignee_id, and says which columns it does not import.
func TestWithoutUsersTheAssigneeIsText(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/contacts", "full_name,external_id\nHans Müller,c1\n")
	r := a.csv("/v1/import/tasks", "title,contact_name,assignee_id,Task Owner\nCall,Hans Müller,anybody,Jane Whitcombe\n")
	r.wantCounts(1, 0, 0, 0)
	notes := fmt.Sprint(r.get("data.file.notes"))
	if !strings.Contains(notes, `not imported, because the workspace has no users: "Task Owner" (filled in 100 % of`) {
		t.Errorf("notes are %s", notes)
	}
	left, _ := r.get("data.not_imported").([]any)
	if want := "[map[column:Task Owner filled:1 how:load the users with POST /v1/import/users of_users:true]]"; fmt.Sprint(
		left) != want {
		t.Errorf("not_imported is %v, want %s", left, want)
	}
	if n := a.query(`SELECT count(*) FROM tasks WHERE workspace_id = $1 AND assignee_id = 'anybody'`,
		a.workspace); n != 1 {
		t.Errorf("%d tasks are assigned to anybody, want 1", n)
	}
	a.csv("/v1/import/users", "assignee_id,name\nu-1,Jane Whitcombe\n").wantCounts(1, 0, 0, 0)
	again := a.csv("/v1/import/tasks", "title,contact_name,Task Owner\nMail,Hans Müller,Jane Whitcombe\n")
	if left := again.get("data.not_imported"); fmt.Sprint(left) != "[]" {
		t.Errorf("with users, not_imported is %v", left)
	}
	for query, want := range map[string]string{"": "400 ", "?on_unknown_assignee=unassigned": "201 ",
		"?default_assignee=u-1": "201 u-1", "?on_unknown_assignee=default": "400 ", "?on_unknown_assignee=x": "400 ",
		"?on_unknown_assignee=reject&default_assignee=u-1": "400 "} {
		r := a.do("POST", "/v1/tasks"+query, `{"title": "Call", "contact_name": "Hans Müller", "assignee_id": "anybody"}`)
		to := r.get("data.assigned_to_user_id")
		if to == nil {
			to = ""
		}
		if got := fmt.Sprintf("%d %v", r.status, to); got != want {
			t.Errorf("%q: %s, want %s; %s", query, got, want, r.raw)
		}
	}
}

// Users of two systems that are loaded one after the other become one, and reading a user who has
// left is a matter of an update.
func TestUsersAreJoined(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/contacts", "full_name,external_id\nHans Müller,c1\n")
	a.csv("/v1/import/users", "name,email,external_id\nJane Whitcombe,JANE@ours.example,005A0000001QaBc\n"+
		"Omar Haddad,omar@ours.example,005A0000001QaBd\n").wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/users", "name,email,assignee_id\nJane W.,jane@ours.example,u-1\nMia Berg,mia@ours.example,u-3\n").
		wantCounts(1, 1, 0, 0)
	a.csv("/v1/import/users", "name,email,assignee_id\nJane W.,jane@ours.example,u-1\n").wantCounts(0, 0, 1, 0)
	a.csv("/v1/import/users", "name,email,assignee_id\nJane Other,jane@ours.example,u-4\n").wantCounts(1, 0, 0, 0)
	task := func(field, text string) reply {
		return a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": "Call", "contact_external_id": "c1",
			field: text}))
	}
	if r := task("assignee_external_id", "005A0000001QaBcIAK"); r.get("data.assigned_to_user_id") != "u-1" {
		t.Errorf("%s, want u-1", r.raw)
	}
	a.csv("/v1/import/users?on_duplicate=update", "assignee_id,Disabled\nu-3,yes\n").wantCounts(0, 1, 0, 0)
	if r := task("assignee_name", "Mia Berg"); r.status != 400 || !strings.Contains(r.raw, "is not active") {
		t.Errorf("%s, want a user who is not active", r.raw)
	}
	a.csv("/v1/import/users?on_duplicate=update", "assignee_id,active\nu-3,yes\n").wantCounts(0, 1, 0, 0)
	if r := task("assignee_name", "Mia Berg"); r.get("data.assigned_to_user_id") != "u-3" {
		t.Errorf("%s, want u-3", r.raw)
	}
	// Another workspace's users are nobody here, and an alias ties a name to one of ours.
	b := *a
	b.workspace, b.key = a.newWorkspace("users elsewhere", store.Permissions()...)
	b.csv("/v1/import/users", "assignee_id,name\nu-9,Zoe Else\n").wantCounts(1, 0, 0, 0)
	if r := task("assignee_name", "Zoe Else"); r.status != 400 {
		t.Errorf("%s, want a user of another workspace refused", r.raw)
	}
	mia := a.id(`SELECT id FROM users WHERE assignee_id = $1 AND workspace_id = $2`, "u-3")
	kept := jsonOf(t, map[string]string{"name": "Zoe Else", "user_id": mia})
	if r := a.do("POST", "/v1/aliases", kept); r.status != 201 ||
		r.get("data.user_id") != mia || r.get("data.record_name") != "Mia Berg" {
		t.Errorf("%s, want the alias of a user", r.raw)
	}
	if r := task("assignee_name", "ELSE, Zoe"); r.get("data.assigned_to_user_id") != "u-3" {
		t.Errorf("%s, want u-3 by alias", r.raw)
	}
	foreign := b.id(`SELECT id FROM users WHERE assignee_id = $1 AND workspace_id = $2`, "u-9")
	if r := a.do("POST", "/v1/aliases", jsonOf(t, map[string]string{"name": "Zoe", "user_id": foreign})); r.status != 400 {
		t.Errorf("%s, want another workspace's user refused", r.raw)
	}
}

// What is resolved without a task is what a task gets.
func TestResolveAnswersAsTasksDo(t *testing.T) {
	a := setup(t)
	for _, kind := range []string{"companies", "contacts", "deals", "events", "users"} {
		a.loadReferences(kind)
	}
	text, err := taskport.Testdata.ReadFile("testdata/references/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Row     map[string]string
		Options map[string]string
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, c := range cases {
		// The external id of the task itself is not a reference.
		if len(c.Options) == 0 && !strings.HasPrefix(c.Row["contact_id"], "=") && c.Row["external_id"] == "" {
			rows = append(rows, c.Row)
		}
	}
	resolved := a.do("POST", "/v1/resolve", jsonOf(t, map[string]any{"references": rows}))
	if n := a.query(`SELECT count(*) FROM tasks WHERE workspace_id = $1`, a.workspace); n != 0 {
		t.Errorf("%d tasks were created", n)
	}
	for i, row := range rows {
		row["title"] = "Call"
		task := a.do("POST", "/v1/tasks", jsonOf(t, row))
		got := resolved.verdict(i)
		links, _ := got["links"].(map[string]any)
		for _, field := range []string{"contact_id", "company_id", "deal_id", "event_id", "assigned_to_user_id"} {
			if want := task.get("data." + field); links[field] != want {
				t.Errorf("%v: %s is %v, want %v", row, field, links[field], want)
			}
		}
		if !reflect.DeepEqual(got["error"], task.get("error")) {
			t.Errorf("%v: %v, want %v", row, got["error"], task.get("error"))
		}
	}
	owner := a.do("POST", "/v1/resolve", `{"references": [{"assignee_name": "Jane Whitcombe"}, {"description": "-"}]}`)
	if one, _ := owner.get("data").([]any); len(one) != 2 || owner.get("data") == nil ||
		!strings.Contains(owner.raw, `"assigned_to_user_id":"u-1001"`) || !strings.Contains(owner.raw, "parent link") {
		t.Errorf("%s, want the assignee alone", owner.raw)
	}
}

// A user is listed, read and deleted like any record; a task goes neither to one who is not active
// nor to a deleted one.
func TestUsersAreRecordsOfTheDirectory(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	a.load("users", "assignee_id,name,email,external_id\nu-1,Jane Whitcombe,jane@ours.example,zcrm_4150868000000225013\n"+
		"u-2,Omar Haddad,omar@ours.example,9002\nu-3,Lars Holm,lars@ours.example,9003\nu-4,Mia Berg,mia@ours.example,\n"+
		"u-5,Ana Silva,ana@ours.example,\nu-6,Ines Duarte,ines@ours.example,\n")
	verdict := func(reference string) map[string]any {
		return a.do("POST", "/v1/resolve", `{"references": [`+reference+`]}`).verdict(0)
	}
	a.do("POST", "/v1/aliases", `{"name": "The Boss", "user_id": "`+a.user("u-1")+`"}`)
	for reference, rule := range map[string]string{`{"assignee_id": "u-1"}`: "id",
		`{"assignee_external_id": "4150868000000225013"}`: "external_id", `{"assignee_email": "JANE@ours.example"}`: "email",
		`{"assignee_name": "Whitcombe, Jane"}`: "equal", `{"assignee_name": "J. Whitcombe"}`: "variant",
		`{"assignee_name": "The Boss"}`: "alias"} {
		v := verdict(reference)
		links, _ := v["links"].(map[string]any)
		rules, _ := v["rules"].(map[string]any)
		if links["assigned_to_user_id"] != "u-1" || rules["assigned_to_user_id"] != rule {
			t.Errorf("%s: got %v, want u-1 by %s", reference, jsonOf(t, v), rule)
		}
	}
	one := a.do("GET", "/v1/users?search=whitcombe", "").get("data").([]any)[0].(map[string]any)
	if one["assignee_id"] != "u-1" || one["email"] != "jane@ours.example" || one["active"] != true {
		t.Errorf("got %v, want Jane", one)
	}
	// The file lacks Ines, and says of Mia that she is not active: neither is assigned anything.
	a.load("users?mirror=true&mirror_most=50", "name,email,active\nJane Whitcombe,jane@ours.example,\n"+
		"Omar Haddad,omar@ours.example,\nLars Holm,lars@ours.example,\nAna Silva,ana@ours.example,\n"+
		"Mia Berg,mia@ours.example,no\n")
	if r := a.do("GET", "/v1/users?active=false", ""); len(r.list("name")) != 1 {
		t.Errorf("got %s, want Ines, for rows that exist are skipped", r.raw)
	}
	a.load("users?on_duplicate=update", "email,active\nmia@ours.example,no\n")
	for _, name := range []string{"Mia Berg", "Ines Duarte"} {
		if v := verdict(`{"assignee_name": "` + name + `"}`); !strings.Contains(jsonOf(t, v), "is not active") {
			t.Errorf("%s: got %s, want the user not active", name, jsonOf(t, v))
		}
	}
	a.load("users", "name,email,active\nInes Duarte,ines@ours.example,\nMia Berg,mia@ours.example,no\n")
	if v := verdict(`{"assignee_name": "Ines Duarte"}`); v["verdict"] != "linked" {
		t.Errorf("got %s, want Ines back", jsonOf(t, v))
	}
	if v := verdict(`{"assignee_name": "Mia Berg"}`); v["verdict"] == "linked" {
		t.Errorf("got %s, want Mia not active still", jsonOf(t, v))
	}
	task := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_external_id": "p1", "assignee_id": "u-1"}`)
	for _, path := range []string{"/v1/users/" + a.user("u-1"), "/v1/users?external_id=9002"} {
		if r := a.do("DELETE", path, ""); r.status != http.StatusNoContent {
			t.Errorf("%s: %d %s", path, r.status, r.raw)
		}
		a.do("DELETE", path, "").wantError(http.StatusNotFound, "not_found", "", "")
	}
	for _, reference := range []string{`{"assignee_id": "u-1"}`, `{"assignee_name": "Jane Whitcombe"}`,
		`{"assignee_email": "jane@ours.example"}`, `{"assignee_name": "The Boss"}`, `{"assignee_external_id": "9002"}`,
		`{"assignee_id": "` + one["id"].(string) + `"}`} {
		if v := verdict(reference); v["verdict"] != "unresolved_reference" || strings.Contains(jsonOf(t, v), "candidates") {
			t.Errorf("%s: got %s, want nobody", reference, jsonOf(t, v))
		}
	}
	if r := a.do("GET", "/v1/tasks/"+task.get("data.id").(string), ""); r.get("data.assigned_to_user_id") != "u-1" {
		t.Errorf("got %s, want the task as it was", r.raw)
	}
	a.load("users", "assignee_id,email\nu-1,jane@ours.example\n")
	if v := verdict(`{"assignee_email": "jane@ours.example"}`); v["verdict"] != "linked" {
		t.Errorf("got %s, want the new bearer of the address", jsonOf(t, v))
	}
}

// user returns the id of the user to whom tasks are assigned under an id.
func (a *api) user(assignee string) string {
	return a.id(`SELECT id FROM users WHERE assignee_id = $1 AND workspace_id = $2`, assignee)
}
