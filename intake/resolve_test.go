package intake_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"reflect"
	"strings"
	"testing"
)

// verdict is an entry of the answer of POST /v1/resolve.
func (r reply) verdict(n int) map[string]any {
	r.t.Helper()
	all, ok := r.get("data").([]any)
	if !ok || n >= len(all) {
		r.t.Fatalf("got %d %s, want %d verdicts", r.status, r.raw, n+1)
	}
	v, _ := all[n].(map[string]any)
	return v
}

// Each kind of evidence is named as the rule of its link, and a refusal has the candidates.
func TestReferencesAreResolved(t *testing.T) {
	a := setup(t)
	a.load("companies", "name,domain,external_id\nBrandt Logistik GmbH,brandt.example,b\nKaminski Sp. z o.o.,,k\n")
	a.load("contacts", people)
	a.load("deals", "title,external_id\nRenewal,d\n")
	a.do("POST", "/v1/aliases", `{"name": "The Boss", "contact_id": "`+a.contact("Anna Nowak")+`"}`)
	for _, c := range []struct{ reference, verdict, field, rule string }{
		{`{"contact_id": "` + a.contact("Anna Nowak") + `"}`, "linked", "contact_id", "id"},
		{`{"contact_external_id": "p1"}`, "linked", "contact_id", "external_id"},
		{`{"contact_email": "HANS@example.com"}`, "linked", "contact_id", "email"},
		{`{"contact_name": "the boss"}`, "linked", "contact_id", "alias"},
		{`{"contact_name": "MULLER, Hans"}`, "linked", "contact_id", "equal"},
		{`{"contact_name": "H. Müller"}`, "linked", "contact_id", "variant"},
		{`{"contact_name": "Peter Fischer", "company_name": "Kaminski"}`, "linked", "contact_id", "equal_company"},
		{`{"company_domain": "https://www.brandt.example/"}`, "linked", "company_id", "domain"},
		{`{"company_name": "Brandt Logistik"}`, "linked", "company_id", "equal"},
		{`{"deal_external_id": "d", "title": "", "status": "nonsense"}`, "linked", "deal_id", "external_id"},
		{`{"related_external_id": "k"}`, "linked", "company_id", "external_id"},
		{`{"contact_name": "Peter Fischer"}`, "ambiguous_reference", "", ""},
		{`{"contact_name": "Nobody at all"}`, "unresolved_reference", "", ""},
		{`{"contact_id": "42"}`, "validation_error", "", ""}, {`{}`, "validation_error", "", ""},
	} {
		r := a.do("POST", "/v1/resolve", `{"references": [`+c.reference+`]}`)
		v := r.verdict(0)
		links, _ := v["links"].(map[string]any)
		rules, _ := v["rules"].(map[string]any)
		if v["verdict"] != c.verdict || c.field != "" && (rules[c.field] != c.rule || links[c.field] == nil) ||
			(v["error"] == nil) != (c.verdict == "linked") {
			t.Errorf("%s: got %s, want %s of %s by %s", c.reference, r.raw, c.verdict, c.field, c.rule)
		}
	}
	if n := a.query(`SELECT count(*) FROM tasks`); n != 0 {
		t.Errorf("%d tasks were created", n)
	}
	for body, field := range map[string]string{
		`{"references": []}`: "references", `{}`: "references", `{"references": {}}`: "references",
		`{"references": [{"contact_name": "x"}, 7]}`:                    "references[1]",
		`{"references": [{"contact_name": "x"}, {"contact_nam": "x"}]}`: "references[1].contact_nam",
		`{"references": [{"contact_name": 7}]}`:                         "references[0].contact_name",
		`{"references": [` + strings.Repeat(`{},`, 1000) + `{}]}`:       "references",
		`{"rows": []}`: "rows",
	} {
		if r := a.do("POST", "/v1/resolve", body); r.status != http.StatusBadRequest || r.get("error.field") != field {
			t.Errorf("%.60s: got %d %s, want 400 of %s", body, r.status, r.raw, field)
		}
	}
	most := `{"references": [` + strings.Repeat(`{"contact_external_id": "p1"},`, 999) + `{}]}`
	if r := a.do("POST", "/v1/resolve", most); len(r.list("verdict")) != 1000 {
		t.Errorf("got %d %.300s, want 1,000 verdicts", r.status, r.raw)
	}
}

// The verdict on a reference is what a task with it is created with, or refused for.
func TestVerdictsAreThoseOfTasks(t *testing.T) {
	a := setup(t)
	r := rand.New(rand.NewPCG(19, 2))
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	given := []string{"Hans", "Anna", "Peter", "Maria", "H."}
	last := []string{"Müller", "Mueller", "Schmidt", "Schmitt", "Rossi"}
	firms := []string{"Brandt Logistik GmbH", "Brandt", "Acme GmbH", "Acme AG", "Nordwind Logistik AG", "Nordwind"}
	domains := []string{"brandt.example", "acme.example", "gmail.com"}
	name := func() string { return pick(given...) + " " + pick(last...) }
	for round := range 3 {
		var companies, contacts, deals, events strings.Builder
		companies.WriteString("name,domain,external_id\n")
		contacts.WriteString("full_name,email,external_id,company_external_id\n")
		for i := range 4 {
			fmt.Fprintf(&companies, "%s,%s,%d\n", pick(firms...), pick(append(domains, "")...), 100*round+i)
		}
		for i := range 12 {
			fmt.Fprintf(&contacts, "%s,%s@%s,%d,%d\n", name(), pick("a", "b", "c"), pick(domains...), 100*round+10+i,
				100*round+r.IntN(5))
		}
		deals.WriteString("title,external_id\nRenewal,")
		fmt.Fprintf(&deals, "%d\n", 100*round+r.IntN(30))
		events.WriteString("title,external_id\nFair,")
		fmt.Fprintf(&events, "%d\n", 100*round+r.IntN(30))
		for kind, file := range map[string]string{"companies": companies.String(), "contacts": contacts.String(),
			"deals": deals.String(), "events": events.String()} {
			a.csv("/v1/import/"+kind, file)
		}
		id := func() string { return fmt.Sprint(100*r.IntN(round+1) + r.IntN(30)) }
		values := map[string]func() string{
			"contact_id":    func() string { return pick(a.anyRecord("contacts"), a.anyRecord("deals"), "42") },
			"company_id":    func() string { return a.anyRecord("companies") },
			"deal_id":       func() string { return a.anyRecord("deals") },
			"event_id":      func() string { return a.anyRecord("events") },
			"contact_name":  func() string { return pick(name(), name()+" ("+id()+")", name()+" <a@"+pick(domains...)+">") },
			"contact_email": func() string { return pick("a", "b", "d") + "@" + pick(domains...) }, "contact_external_id": id,
			"company_name": func() string { return pick(firms...) }, "company_domain": func() string { return pick(domains...) },
			"company_external_id": id, "deal_external_id": id, "event_external_id": id, "related_external_id": id,
			"related_type": func() string { return pick("Contact", "Account", "Opportunity", "Something") },
		}
		var references []map[string]string
		for range 120 {
			one := map[string]string{}
			for field, value := range values {
				if chance := map[bool]int{true: 12, false: 4}[strings.HasSuffix(field, "_id")]; r.IntN(chance) == 0 {
					one[field] = value()
				}
			}
			references = append(references, one)
		}
		query := pick("", "?on_company_mismatch=link")
		resolved := a.do("POST", "/v1/resolve"+query, jsonOf(t, map[string]any{"references": references}))
		verdicts := map[string]int{}
		for n, one := range references {
			v := resolved.verdict(n)
			one["title"] = "Call"
			task := a.do("POST", "/v1/tasks"+query, jsonOf(t, one))
			verdicts[fmt.Sprint(v["verdict"])]++
			delete(one, "title")
			if task.status != http.StatusCreated {
				if !reflect.DeepEqual(v["error"], task.json["error"]) {
					t.Errorf("%v: the verdict is\n%v, the task\n%s", one, jsonOf(t, v), task.raw)
				}
				continue
			}
			links, _ := v["links"].(map[string]any)
			for field, link := range links {
				if link != task.get("data."+field) {
					t.Errorf("%v: the verdict is\n%v, the task\n%s", one, jsonOf(t, v), task.raw)
				}
			}
			if len(links) < len(idFields) {
				t.Errorf("%v: got %s, want links", one, jsonOf(t, v))
			}
		}
		t.Log(verdicts)
		if verdicts["linked"] < 10 || verdicts["ambiguous_reference"] < 5 || verdicts["unresolved_reference"] < 5 {
			t.Errorf("got %v, want some of each", verdicts)
		}
	}
}

// anyRecord returns the id of a record of a kind; always the same one.
func (a *api) anyRecord(kind string) string {
	var rows struct {
		Data []struct {
			ID string `json:"id"`
		} `json:"data"`
	}
	r := a.do("GET", "/v1/"+kind+"?per_page=1", "")
	if err := json.Unmarshal([]byte(r.raw), &rows); err != nil || len(rows.Data) == 0 {
		a.t.Fatal(err, "no "+kind)
	}
	return rows.Data[0].ID
}
