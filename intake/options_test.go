package intake_test

import "testing"

// A misspelt option would have no effect, even dry_run. It is refused before the file is read, in
// the query and in a form.
func TestUnknownOptions(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	const file = "title,contact_name\nCall,Hans Müller\n"
	a.csv("/v1/import/tasks?dryrun=true", file).wantError(400, "validation_error", "dryrun", "dry_run")
	a.csv("/v1/import/contacts?dry-run=true", people).wantError(400, "validation_error", "dry-run", "dry_run")
	a.csv("/v1/import/tasks?dry_run=false&dry_run=true", file).wantError(400, "validation_error", "dry_run", "once")
	a.do("POST", "/v1/import/tasks?dryrun=true",
		`{"rows": [{"title": "Call", "contact_name": "Hans Müller"}]}`).wantError(400, "validation_error", "dryrun",
		"dry_run")
	body, contentType := form(t, "old.csv", file, "dryrun", "true")
	a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType).wantError(400, "validation_error", "dryrun",
		"dry_run")
	body, contentType = form(t, "old.csv", file, "dry_run", "true", "dry_run", "false")
	a.do("POST", "/v1/import/tasks", body, "Content-Type", contentType).wantError(400, "validation_error", "dry_run",
		"once")
	a.nothingLeft()
	body, contentType = form(t, "old.csv", file, "dry_run", "true")
	if r := a.do("POST", "/v1/import/tasks?dry_run=false", body, "Content-Type",
		contentType); r.get("data.dry_run") != true {
		t.Errorf("a form does not count over the address: %s", r.raw)
	}
}
