package console_test

import (
	"net/http"
	"testing"
)

// A task without a parent is given a record of any kind, found by one search.
func TestOrphanIsGivenAnyParent(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", "full_name,company_name\nRita Bigler,Bigler Works\n")
	s.load("deals", "title,external_id\nBigler Renewal,77\n")
	s.load("events", "title,external_id\nBigler Fair,78\n")
	path := s.imported("tasks", "orphans.csv", "title\nA\nB\nC\nD\n")
	for n, c := range []struct{ kind, table, column string }{{"contacts", "contacts", "contact_id"},
		{"companies", "companies", "company_id"}, {"deals", "deals", "deal_id"}, {"events", "events", "event_id"}} {
		p := s.get(rowPath(path, n+1)+"?find=bigler").has(http.StatusOK, "Search contacts, companies, deals and events",
			`<span class="chip">contact</span>`, `<span class="chip">company</span>`, `<span class="chip">deal</span>`,
			`<span class="chip">event</span>`)
		id := query[string](s, `SELECT id::text FROM `+c.table+` LIMIT 1`)
		s.send(p, rowPath(path, n+1), "version", "1", "choose", c.kind+":"+id).has(http.StatusOK, "1 row decided: 1 created")
		if got := query[string](s, `SELECT `+c.column+`::text FROM tasks WHERE row_number = $1`, n+1); got != id {
			t.Errorf("%s: the task has %s, want %s", c.kind, got, id)
		}
	}
	other := s.imported("tasks", "named.csv", "title,contact_name\nA,Nobody Known\n")
	s.send(s.get(rowPath(other, 1)), rowPath(other, 1), "version", "1", "choose",
		"deals:"+query[string](s, `SELECT id::text FROM deals LIMIT 1`)).has(http.StatusBadRequest, "Nothing was chosen")
}
