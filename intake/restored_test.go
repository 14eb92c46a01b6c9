package intake_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"taskport/store"
	"taskport/store/storetest"
)

// After its database was restored in place, a server links to the restored records and no others.
func TestTasksFollowARestoredDirectory(t *testing.T) {
	a := setup(t)
	task := func(name string) string { return `{"title": "Call", "contact_name": "` + name + `"}` }
	a.load("contacts", "external_id,full_name\nc1,Hans Müller\n")
	restore := storetest.Backup(t, a.url)
	a.back()
	a.load("contacts", "external_id,full_name\nc2,Greta Verloren\n")
	if r := a.do("POST", "/v1/tasks", task("Greta Verloren")); r.status != http.StatusCreated {
		t.Fatalf("before the restore: got %d %s", r.status, r.raw)
	}
	restore()
	a.back()
	a.do("POST", "/v1/tasks", task("Greta Verloren")).wantError(http.StatusBadRequest, "unresolved_reference",
		"contact_name", "")
	a.load("contacts", "external_id,full_name\nc3,Otto Später\n")
	a.do("POST", "/v1/tasks", task("Greta Verloren")).wantError(http.StatusBadRequest, "unresolved_reference",
		"contact_name", "")
	for _, name := range []string{"Hans Müller", "Otto Später"} {
		if r := a.do("POST", "/v1/tasks", task(name)); r.status != http.StatusCreated {
			t.Errorf("%s: got %d %s", name, r.status, r.raw)
		}
	}
}

// back waits until the server has connections to its database again.
func (a *api) back() {
	a.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		_, err := a.store.DirectoryVersion(a.t.Context(), a.workspace)
		if err == nil {
			time.Sleep(1100 * time.Millisecond) // connections that were idle for a second are tried before they are used
			return
		}
		if !errors.Is(err, store.ErrUnavailable) || time.Now().After(end) {
			a.t.Fatal(err)
		}
	}
}
