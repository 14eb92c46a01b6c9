package intake_test

import (
	"context"
	"net/http"
	"testing"

	"taskport/importer"
)

// taskFor posts a task for a contact's name.
func (a *api) taskFor(name string) reply {
	a.t.Helper()
	return a.do("POST", "/v1/tasks", jsonOf(a.t, map[string]string{"title": "Call", "contact_name": name}))
}

// Changes of the directory apply to the next task: new people, new names, new company names,
// aliases.
func TestNamesFollowTheDirectory(t *testing.T) {
	a := setup(t)
	a.load("contacts", "full_name,external_id,company_name\nPetra Vogelsang,1,Brandhorst AG\nLudwig Haverkamp,2,\n")
	a.taskFor("Wolfgang Eisenhauer").wantError(http.StatusBadRequest, "unresolved_reference", "contact_name",
		"fits no contact")
	if r := a.taskFor("Petra Vogelsnag"); r.status != http.StatusCreated ||
		r.get("data.contact_id") != a.contact("Petra Vogelsang") {
		t.Error(r.raw)
	}
	a.load("contacts", "full_name,external_id\nWolfgang Eisenhauer,3\n")
	if r := a.taskFor("Eisenhauer, Wolfgang"); r.status != http.StatusCreated {
		t.Error(r.raw)
	}
	a.csv("/v1/import/contacts?on_duplicate=update", "full_name,external_id\nPetra Sonnenschein,1\n").wantCounts(0, 1,
		0, 0)
	a.taskFor("Petra Vogelsang").wantError(http.StatusBadRequest, "unresolved_reference", "contact_name",
		"fits no contact")
	if r := a.taskFor("Petra Sonnenschein"); r.status != http.StatusCreated ||
		r.get("data.contact_id") != a.contact("Petra Sonnenschein") {
		t.Error(r.raw)
	}
	a.load("companies", "name,external_id\nBrandhorst AG,K\n")
	a.csv("/v1/import/companies?on_duplicate=update", "name,external_id\nKesselring AG,K\n").wantCounts(0, 1, 0, 0)
	a.load("contacts", "full_name,external_id,company_name\nPetra Sonnenschein,4,Other GmbH\n")
	r := a.taskFor("Petra Sonnenschein")
	r.wantError(http.StatusBadRequest, "ambiguous_reference", "contact_name", "more than one")
	names := map[any]bool{}
	list, _ := r.get("error.candidates").([]any)
	for _, c := range list {
		one, _ := c.(map[string]any)
		names[one["company"]] = true
	}
	if len(list) != 2 || !names["Kesselring AG"] || !names["Other GmbH"] {
		t.Error(r.raw)
	}
}

// The settings of a workspace apply to its next task, and to no other workspace.
func TestSettingsOfAWorkspace(t *testing.T) {
	a := setup(t)
	for _, of := range []*api{a, a.other} {
		of.load("contacts", "full_name\nPetra Vogelsang\nRobert Haverkamp\n")
	}
	set := func(s importer.Settings) {
		t.Helper()
		if err := a.store.ChangeSettings(context.Background(), a.workspace, s); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		settings    importer.Settings
		typo, short int
	}{
		{importer.Settings{}, http.StatusCreated, http.StatusCreated},
		{importer.Settings{Contacts: importer.NameSettings{Threshold: 1}}, http.StatusBadRequest, http.StatusCreated},
		{importer.Settings{Contacts: importer.NameSettings{Certainty: 1e60}}, http.StatusBadRequest, http.StatusBadRequest},
		{importer.Settings{NoNicknames: true}, http.StatusCreated, http.StatusBadRequest},
		{importer.Settings{}, http.StatusCreated, http.StatusCreated},
	} {
		set(c.settings)
		if r := a.taskFor("Petra Vogelsnag"); r.status != c.typo {
			t.Errorf("%+v: %s", c.settings, r.raw)
		}
		if r := a.taskFor("Bob Haverkamp"); r.status != c.short {
			t.Errorf("%+v: %s", c.settings, r.raw)
		}
		if r := a.other.taskFor("Bob Haverkamp"); r.status != http.StatusCreated {
			t.Errorf("the other workspace under %+v: %s", c.settings, r.raw)
		}
	}
}
