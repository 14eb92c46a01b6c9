package intake_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taskport/importer"
	"taskport/store"
)

// titleColumns are the columns that hold the names of the kinds of record.
var titleColumns = map[importer.Kind]string{importer.Contacts: "full_name", importer.Companies: "name",
	importer.Deals: "title", importer.Events: "title", importer.Users: "name"}

// list returns the values of a member of the records of a page.
func (r reply) list(member string) []string {
	r.t.Helper()
	rows, ok := r.get("data").([]any)
	if !ok || r.status != http.StatusOK {
		r.t.Fatalf("got %d %s, want a list", r.status, r.raw)
	}
	var all []string
	for _, row := range rows {
		record, _ := row.(map[string]any)
		all = append(all, fmt.Sprint(record[member]))
	}
	return all
}

// Records are found by the beginnings of words of their names, addresses and external ids.
func TestDirectoryIsSearched(t *testing.T) {
	a := setup(t)
	a.load("companies", "name,domain,external_id\nBergmann & Söhne KG,bergmann.example,K-13\n")
	a.load("contacts", `full_name,email,external_id,company_name
Hans Müller,h.mueller@nordwind.example,552,Bergmann & Söhne KG
Łukasz Ørsted,,zcrm_553,
Софья КОВАЛЕВСКАЯ,,,
Ἀρχιμήδης ΣΥΡΑΚΟΥΣΙΟΣ,,,
김민준,,,
`)
	a.load("deals", "title,external_id\n\"Renewal, 2027\",77\n"+strings.Repeat("x", 3000)+",78\n")
	a.load("events", "title\nFair\n")
	for _, c := range []struct{ kind, search, want string }{
		{"contacts", "müller", "Hans Müller"}, {"contacts", "MULLER ha", "Hans Müller"}, {"contacts", "ller", ""},
		{"contacts", "h.mueller@nordwind.example", "Hans Müller"}, {"contacts", "NORDWIND", "Hans Müller"},
		{"contacts", "552", "Hans Müller"}, {"contacts", "zcrm_553", "Łukasz Ørsted"},
		{"contacts", "orsted", "Łukasz Ørsted"},
		{"contacts", "lukasz", "Łukasz Ørsted"}, {"contacts", "ковалевская софья", "Софья КОВАЛЕВСКАЯ"},
		{"contacts", "συρακουσιος", "Ἀρχιμήδης ΣΥΡΑΚΟΥΣΙΟΣ"}, {"contacts", "김민", "김민준"}, {"contacts", "hans kaminski", ""},
		{"contacts", "-", ""}, {"contacts", `'\ & | ! :* <->`, ""}, {"companies", "sohne", "Bergmann & Söhne KG"},
		{"companies", "bergmann.example k-13", "Bergmann & Söhne KG"}, {"deals", "2027 renew", "Renewal, 2027"},
		{"deals", strings.Repeat("x", 160), strings.Repeat("x", 3000)}, {"deals", "77", "Renewal, 2027"},
		{"events", "FAIR", "Fair"},
	} {
		r := a.do("GET", "/v1/"+c.kind+"?total=true&search="+url.QueryEscape(c.search), "")
		got := strings.Join(r.list(titleColumns[importer.Kind(c.kind)]), "; ")
		if got != c.want || r.get("meta.total") != float64(min(1, len(c.want))) {
			t.Errorf("%s %q: got %s, want %q", c.kind, c.search, r.raw, c.want)
		}
	}
	r := a.do("GET", "/v1/contacts?external_id=552", "")
	id, _ := r.get("data").([]any)[0].(map[string]any)["id"].(string)
	one := a.do("GET", "/v1/contacts/"+id, "")
	for member, want := range map[string]any{"full_name": "Hans Müller", "first_name": "Hans", "last_name": "Müller",
		"email": "h.mueller@nordwind.example", "external_id": "552", "company_id": a.company("Bergmann & Söhne KG"),
		"company_name": "Bergmann & Söhne KG", "active": true} {
		if got := one.get("data." + member); got != want {
			t.Errorf("%s: got %v, want %v", member, got, want)
		}
	}
	for query, field := range map[string]string{"?external_id=": "external_id", "?active=maybe": "active",
		"?cursor=x": "cursor", "?search=" + strings.Repeat("x", 501): "search", "?cursor=AAAAAAAAAAAAAAAAAAAAAA": "cursor",
		"?total=2x": "total", "?name=Hans": "name", "?page=2&cursor=AZgAAAAAAAAAAAAAAAAAAA": "cursor"} {
		if r := a.do("GET", "/v1/contacts"+query, ""); r.status != http.StatusBadRequest || r.get("error.field") != field {
			t.Errorf("%s: got %d %s, want 400 of %s", query, r.status, r.raw, field)
		}
	}
}

// By cursor, every record comes once, in an order that later records do not disturb.
func TestDirectoryIsWalkedByCursor(t *testing.T) {
	a := setup(t)
	for _, kind := range store.DirectoryKinds() {
		var file strings.Builder
		fmt.Fprintf(&file, "%s,external_id\n", titleColumns[kind])
		for i := range 57 {
			fmt.Fprintf(&file, "Walker %d,w%d\n", i, i)
		}
		a.load(string(kind), file.String())
		seen, pages := map[string]bool{}, 0
		for path := "/v1/" + string(kind) + "?per_page=10&search=walker"; path != ""; pages++ {
			r := a.do("GET", path, "")
			for _, id := range r.list("external_id") {
				if seen[id] {
					t.Errorf("%s: %s comes twice", kind, id)
				}
				seen[id] = true
			}
			a.load(string(kind), fmt.Sprintf("%s,external_id\nWalker late,late%d\n", titleColumns[kind], pages))
			cursor, _ := r.get("meta.next_cursor").(string)
			link := r.header.Get("Link")
			if (cursor == "") != (link == "") || r.get("meta.per_page") != 10.0 || (r.get("meta.page") == nil) != (pages > 0) {
				t.Fatalf("%s: %s, Link %q", kind, r.raw, link)
			}
			path, _ = strings.CutPrefix(strings.TrimSuffix(link, `>; rel="next"`), "<")
		}
		if len(seen) != 57 || pages != 6 {
			t.Errorf("%s: %d records on %d pages, want 57 on 6", kind, len(seen), pages)
		}
		second := a.do("GET", "/v1/"+string(kind)+"?per_page=10&page=7&total=true", "")
		if n := len(second.list("id")); n != 3 || second.get("meta.total") != 63.0 || second.get("meta.next_cursor") != nil {
			t.Errorf("%s: %s, want the last 3 of 63", kind, second.raw)
		}
	}
}

// A deleted record is linked no more, at once; the tasks that refer to it stay as they are.
func TestDeletedRecordIsNotLinked(t *testing.T) {
	a := setup(t)
	a.load("companies", "name,external_id,domain\nBrandt Logistik GmbH,b,brandt.example\n")
	a.load("contacts", people)
	a.load("deals", "title,external_id\nRenewal,d\n")
	a.load("events", "title,external_id\nFair,e\n")
	hans, brandt := a.contact("Hans Müller"), a.company("Brandt Logistik GmbH")
	deal, event := a.id(`SELECT id FROM deals WHERE title = $1 AND workspace_id = $2`, "Renewal"),
		a.id(`SELECT id FROM events WHERE title = $1 AND workspace_id = $2`, "Fair")
	a.do("POST", "/v1/aliases", `{"name": "The Boss", "contact_id": "`+hans+`"}`)
	rows := []struct{ kind, body string }{
		{"contacts", `"contact_name": "Hans Müller"`}, {"contacts", `"contact_name": "The Boss"`},
		{"contacts", `"contact_external_id": "p1"`}, {"contacts", `"contact_email": "hans@example.com"`},
		{"contacts", `"contact_id": "` + hans + `"`}, {"companies", `"company_name": "Brandt Logistik"`},
		{"companies", `"company_external_id": "b"`}, {"companies", `"company_domain": "brandt.example"`},
		{"companies", `"company_id": "` + brandt + `"`}, {"deals", `"deal_external_id": "d"`},
		{"deals", `"deal_id": "` + deal + `"`}, {"events", `"event_external_id": "e"`},
		{"events", `"event_id": "` + event + `"`}, {"events", `"related_external_id": "e"`},
	}
	for _, row := range rows {
		if r := a.do("POST", "/v1/tasks", `{"title": "Call", `+row.body+`}`); r.status != http.StatusCreated {
			t.Fatalf("%s: %d %s", row.body, r.status, r.raw)
		}
	}
	for _, c := range []struct{ path, by string }{{"/v1/contacts/" + hans, ""}, {"/v1/companies", "?external_id=b"},
		{"/v1/deals/" + deal, ""}, {"/v1/events", "?external_id=e"}} {
		if r := a.do("DELETE", c.path+c.by, ""); r.status != http.StatusNoContent {
			t.Errorf("%s: %d %s", c.path, r.status, r.raw)
		}
		if r := a.do("DELETE", c.path+c.by, ""); r.status != http.StatusNotFound {
			t.Errorf("%s again: %d %s", c.path, r.status, r.raw)
		}
	}
	for _, row := range rows {
		r := a.do("POST", "/v1/tasks", `{"title": "Call", `+row.body+`}`)
		if r.status != http.StatusBadRequest || strings.Contains(r.raw, `"candidates"`) {
			t.Errorf("%s: got %d %s, want a refusal without candidates", row.body, r.status, r.raw)
		}
	}
	for path, want := range map[string]int{"/v1/contacts/" + hans: 404, "/v1/companies/" + brandt: 404,
		"/v1/contacts?external_id=p1": 0, "/v1/deals": 0, "/v1/events?search=fair": 0, "/v1/aliases": 0,
		"/v1/tasks?contact_id=" + hans: 5, "/v1/tasks?company_id=" + brandt: 4, "/v1/tasks?deal_id=" + deal: 2,
		"/v1/tasks?event_id=" + event: 3} {
		r := a.do("GET", path, "")
		rows, _ := r.get("data").([]any)
		if got := len(rows); got != want && r.status != want {
			t.Errorf("%s: got %d %s, want %d", path, r.status, r.raw, want)
		}
	}
	anna := a.do("GET", "/v1/contacts/"+a.contact("Anna Nowak"), "")
	if anna.get("data.company_id") != nil || anna.get("data.company_name") != nil {
		t.Errorf("got %s, want Anna without the deleted company", anna.raw)
	}
	if n := a.query(`SELECT count(*) FROM tasks t WHERE contact_id IS NOT NULL AND NOT EXISTS (SELECT FROM contacts c
		WHERE c.workspace_id = t.workspace_id AND c.id = t.contact_id)`); n != 0 {
		t.Errorf("%d tasks refer to a contact that is not there", n)
	}
	// The external id and the address are free: this is another person.
	a.load("contacts", "external_id,full_name,email\np1,Maria Rossi,hans@example.com\n")
	maria := a.contact("Maria Rossi")
	if r := a.do("POST", "/v1/tasks", `{"title": "Call", "contact_external_id": "p1"}`); r.get(
		"data.contact_id") != maria {
		t.Errorf("got %s, want the new bearer of the external id", r.raw)
	}
	if n := a.query(`SELECT count(*) FROM audit WHERE action = 'delete_record'`); n != 4 {
		t.Errorf("got %d deletions in the audit, want 4", n)
	}
}

// Either permission to read is enough, and a deletion needs that of its kind.
func TestDirectoryPermissions(t *testing.T) {
	a := setup(t)
	for _, kind := range store.DirectoryKinds() {
		path := "/v1/" + string(kind)
		writes, _ := store.WritePermission(kind)
		for _, p := range store.Permissions() {
			key := []string{"Authorization", "Bearer " + a.newKey(a.workspace, p)}
			reads := p == store.ReadContacts || p == store.ReadActivities
			if r := a.do("GET", path, "", key...); (r.status == http.StatusOK) != reads {
				t.Errorf("GET %s with %s: %d %s", path, p, r.status, r.raw)
			} else if !reads {
				r.wantError(http.StatusForbidden, "insufficient_permissions", "",
					"Missing contacts:read or activities:read permission")
			}
			r := a.do("DELETE", path+"?external_id=nobody", "", key...)
			if want := map[bool]int{true: http.StatusNotFound, false: http.StatusForbidden}[p == writes]; r.status != want {
				t.Errorf("DELETE %s with %s: got %d %s, want %d", path, p, r.status, r.raw, want)
			}
		}
	}
}
