package intake_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A preset is detected, named or turned off, however the rows are sent. The job reports it.
func TestPresetInEveryWay(t *testing.T) {
	a := setup(t)
	a.uglyContacts()
	const known = "Record ID,Task title,Task status,Associated Contact\n1,Call,WAITING,Carmen Peñalver (4421)\n"
	const unknown = "Record Id,Subject,Contact Name\n2,Call,Carmen Peñalver\n"
	inJSON := func(csv, preset string) string {
		members := map[string]string{"csv": csv}
		if preset != "" {
			members["preset"] = preset
		}
		body, err := json.Marshal(members)
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	for name, c := range map[string]struct {
		query, body, contentType string
		status                   int
		says                     string
	}{
		"found":         {"", known, "text/csv", http.StatusOK, `"preset":"hubspot"`},
		"found in JSON": {"", inJSON(known, ""), "application/json", http.StatusOK, `"preset":"hubspot"`},
		"found in rows": {"",
			`{"rows":[{"Task title":"Call","Task status":"WAITING","Associated Contact":"Carmen Peñalver (4421)"}]}`,
			"application/json", http.StatusOK, `"preset":"hubspot"`},
		"named":         {"?preset=zoho", unknown, "text/csv", http.StatusOK, `"preset":"zoho"`},
		"named in JSON": {"", inJSON(unknown, "zoho"), "application/json", http.StatusOK, `"preset":"zoho"`},
		"none": {"?preset=none", strings.NewReplacer("WAITING", "Erledigt", " (4421)", "").Replace(known),
			"text/csv", http.StatusOK, `taken by name`},
		"unknown": {"?preset=hubspott", known, "text/csv", http.StatusBadRequest, "preset must be one of"},
		"unknown in JSON": {"", inJSON(known, "hubspott"), "application/json", http.StatusBadRequest,
			"preset must be one of"},
	} {
		r := a.do("POST", again("/v1/import/tasks"+c.query), c.body, "Content-Type", c.contentType)
		raw := strings.ReplaceAll(r.raw, `": `, `":`)
		if r.status != c.status || !strings.Contains(raw, c.says) || c.status == http.StatusOK && !strings.Contains(raw,
			`"rejected_count":0`) {
			t.Errorf("%s: %d %s", name, r.status, r.raw)
		}
	}
	if r := a.do("POST", "/v1/import/events?preset=hubspot", "title\nRenewal\n", "Content-Type",
		"text/csv"); r.status != http.StatusBadRequest || !strings.Contains(r.raw, "presets are for tasks") {
		t.Errorf("events: %d %s", r.status, r.raw)
	}
	if r := a.do("POST", "/v1/tasks?preset=hubspot", `{"title": "Call"}`, "Content-Type",
		"application/json"); r.status != http.StatusBadRequest || !strings.Contains(r.raw, "options of an import") {
		t.Errorf("single task: %d %s", r.status, r.raw)
	}
}
