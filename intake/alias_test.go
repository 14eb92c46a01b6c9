package intake_test

import (
	"net/http"
	"testing"
)

// Aliases are created, listed, used and deleted.
func TestAliases(t *testing.T) {
	a := setup(t)
	a.load("contacts", people)
	hans := a.contact("Hans Müller")
	kept := a.do("POST", "/v1/aliases", `{"name": "der Chef", "contact_id": "`+hans+`"}`)
	id, _ := kept.get("data.id").(string)
	if kept.status != http.StatusCreated || kept.get("data.record_name") != "Hans Müller" ||
		kept.get("data.field") != "contact_name" || kept.get("data.contact_id") != hans {
		t.Fatalf("%d %s", kept.status, kept.raw)
	}
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "Der  Chef"}`); r.get("data.contact_id") != hans {
		t.Errorf("not used: %d %s", r.status, r.raw)
	}
	for query, total := range map[string]float64{"": 1, "?search=chef": 1, "?search=hans": 1, "?search=nobody": 0} {
		if r := a.do("GET", "/v1/aliases"+query, ""); r.get("meta.total") != total {
			t.Errorf("%s: %s", query, r.raw)
		}
	}
	for body, field := range map[string]string{`{"name": "x"}`: "contact_id", `{"name": "?!", "contact_id": "` + hans +
		`"}`: "name", `{"name": "x", "company_id": "` + hans + `"}`: "company_id",
		`{"name": "x", "contact_id": "` + hans + `", "company_id": "` + hans + `"}`: "contact_id"} {
		if r := a.do("POST", "/v1/aliases", body); r.status != http.StatusBadRequest || r.get("error.field") != field {
			t.Errorf("%s: %d %s", body, r.status, r.raw)
		}
	}
	if r := a.other.do("DELETE", "/v1/aliases/"+id, ""); r.status != http.StatusNotFound {
		t.Errorf("of another workspace: %d %s", r.status, r.raw)
	}
	if r := a.do("DELETE", "/v1/aliases/"+id, ""); r.status != http.StatusNoContent {
		t.Errorf("%d %s", r.status, r.raw)
	}
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_name": "der Chef"}`); r.status != http.StatusBadRequest {
		t.Errorf("still used: %d %s", r.status, r.raw)
	}
}
