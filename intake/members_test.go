package intake_test

import (
	"net/http"
	"testing"
)

// A member that is repeated, capitalized or of the wrong type is refused, and the error has its
// name as sent.
func TestMembersOfABody(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	const rows = `"rows": [{"title": "Call", "contact_name": "Hans Müller"}]`
	for _, c := range [][4]string{
		{"/v1/tasks", `{"title": "Call", "contact_id": "` + hans + `", "contact_id": "` + a.contact("Anna Nowak") + `"}`,
			"contact_id", "twice"},
		{"/v1/tasks", `{"title": "Call", "contact_id": "` + hans + `", "x": 1, "x": 2}`, "x", "twice"},
		{"/v1/import/tasks", `{` + rows + `, "dry_run": true, "dry_run": false}`, "dry_run", "twice"},
		{"/v1/import/tasks", `{` + rows + `, "dry_run": true, "Dry_Run": false}`, "Dry_Run", "the body takes"},
		{"/v1/import/tasks", `{` + rows + `, "Dry_Run": true}`, "Dry_Run", "dry_run"},
		{"/v1/import/tasks", `{` + rows + `, "dryrun": true}`, "dryrun", "dry_run"},
		{"/v1/import/tasks", `{` + rows + `, "mapping": []}`, "mapping", "mapping must be an object"},
		{"/v1/import/tasks", `{` + rows + `, "mapping": {"a": 1}}`, "mapping", "every value of mapping must be a string"},
		{"/v1/import/tasks", `{` + rows + `, "skip_lines": 1.5}`, "skip_lines", "a whole number"},
		{"/v1/import/tasks", `{"csv": "title\nCall\n", "skip_lines": 1001}`, "skip_lines", "from 0 to 1000"},
		{"/v1/import/tasks", `{"csv": "title\nCall\n", "delimiter": "xx"}`, "delimiter", "semicolon"},
		{"/v1/webhooks", `{"url": "https://example.com", "events": [1]}`, "events", "every value of events must be a string"},
		{"/v1/webhooks", `{"url": "https://example.com", "events": ["task.created"], "secret": "x"}`, "secret",
			"url and events"},
		{"/v1/aliases", `{"name": "x", "contact_id": "` + hans + `", "contact_id": null}`, "contact_id", "twice"},
	} {
		a.do("POST", c[0], c[1]).wantError(http.StatusBadRequest, "validation_error", c[2], c[3])
	}
	a.do("PUT", "/v1/import/mappings/m", `{"mapping": []}`).wantError(http.StatusBadRequest, "validation_error",
		"mapping", "mapping must be an object")
	a.do("PUT", "/v1/import/mappings/m", `{"Mapping": {}}`).wantError(http.StatusBadRequest, "validation_error",
		"Mapping", "a mapping takes kind")
	a.nothingLeft()
}

// The error for a path with a trailing slash names the right path.
func TestPathThatGoesOn(t *testing.T) {
	a := setup(t)
	a.do("GET", "/v1/nowhere/", "").wantError(http.StatusNotFound, "not_found", "", `leave out what follows "/v1/nowhere"`)
	a.do("GET", "/v1/nowhere", "").wantError(http.StatusNotFound, "not_found", "", "/docs")
}
