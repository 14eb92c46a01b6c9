package console_test

import (
	"net/http"
	"strings"
	"testing"

	"taskport/store"
)

// Who may only look is offered nothing that will be refused.
func TestNothingIsOfferedThatIsRefused(t *testing.T) {
	s := setup(t)
	path := s.open()
	reader := s.colleague("Reader", store.ReadActivities).signIn()
	for _, at := range []string{"/console/imports", path, path + "/groups", rowPath(path, 4)} {
		if p := reader.get(at).has(http.StatusOK); strings.Contains(p.body, "/console/upload") {
			t.Errorf("%s leads to the upload", at)
		}
	}
	writer := s.colleague("Writer", store.ReadActivities, store.WriteActivities).signIn()
	if p := writer.get("/console/upload").has(http.StatusOK, `value="tasks"`); strings.Contains(p.body, `value="contacts"`) {
		t.Error("contacts are offered to a key that may not import them")
	}
}

// Dead letters that stay as they are promise no decisions.
func TestUndoneImportPromisesNoDecisions(t *testing.T) {
	s := setup(t)
	path := s.open()
	s.get(path).has(http.StatusOK, "4 decisions")
	s.send(s.get(path+"/undo"), path+"/undo").has(http.StatusOK, "Rejected by cause")
	s.get(path+"/groups").has(http.StatusOK, "The import was undone: they stay as they are")
	if p := s.get(path); strings.Contains(p.body, "decisions") {
		t.Errorf("decisions are promised: %s", p.body)
	}
}
