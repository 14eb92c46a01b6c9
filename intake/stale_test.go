package intake_test

import (
	"net/http"
	"testing"
	"time"

	"taskport/store"
)

// elsewhere returns a second store on the same database, like another process.
func (a *api) elsewhere() *store.Store {
	a.t.Helper()
	s, err := store.Open(a.t.Context(), a.url, store.Options{})
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(s.Close)
	return s
}

// A key revoked by another process is accepted for at most a second, however busy it is.
func TestKeyRevokedElsewhere(t *testing.T) {
	a := setup(t)
	status := func() int { return a.do("GET", "/v1/tasks", "").status }
	if s := status(); s != http.StatusOK {
		t.Fatalf("a live key: %d", s)
	}
	other := a.elsewhere()
	key, err := other.Authenticate(t.Context(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.RevokeKey(t.Context(), a.workspace, key.ID, clock); err != nil {
		t.Fatal(err)
	}
	for revoked := time.Now(); status() != http.StatusUnauthorized; {
		if time.Since(revoked) > 5*time.Second {
			t.Fatal("a revoked key still works after 5 s")
		}
	}
}

// A cached key does not make a process use an outdated directory: a new contact is found, and a
// name that now fits two contacts is not linked.
func TestTasksFollowTheDirectoryAtOnce(t *testing.T) {
	a := setup(t)
	const task = `{"title": "Call", "contact_name": "Hans Müller"}`
	a.do("POST", "/v1/tasks", task).wantError(http.StatusBadRequest, "unresolved_reference", "contact_name", "")
	a.load("contacts", "external_id,full_name\nc1,Hans Müller\n")
	for n := range 20 {
		if r := a.do("POST", "/v1/tasks", task); r.status != http.StatusCreated {
			t.Fatalf("task %d after the contact was added: %d %s", n, r.status, r.raw)
		}
	}
	a.load("contacts", "external_id,full_name\nc2,Hans Müller\n")
	a.do("POST", "/v1/tasks", task).wantError(http.StatusBadRequest, "ambiguous_reference", "contact_name", "")
}
