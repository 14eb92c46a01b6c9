package intake_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"reflect"
	"slices"
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

// randomWorkspace makes directories of equal names, shared addresses and ids, equal titles and
// users, and rows that refer to them in every way. What it makes depends on its seed alone.
type randomWorkspace struct {
	*api
	r *rand.Rand
}

func (w *randomWorkspace) pick(all ...string) string { return all[w.r.IntN(len(all))] }

func (w *randomWorkspace) person() string {
	return w.pick("Hans", "Anna", "Peter", "Maria", "H.") + " " +
		w.pick("Müller", "Mueller", "Schmidt", "Schmitt", "Rossi")
}

func (w *randomWorkspace) firm() string {
	return w.pick("Brandt Logistik GmbH", "Brandt", "Acme GmbH", "Acme AG", "Nordwind Logistik AG", "Nordwind")
}

func (w *randomWorkspace) domain() string {
	return w.pick("brandt.example", "acme.example", "gmail.com")
}

func (w *randomWorkspace) address() string { return w.pick("a", "b", "c") + "@" + w.domain() }

func (w *randomWorkspace) heading() string { return w.pick("Renewal", "RENEWAL", "Fair", "Acme GmbH") }

// number returns an external id that a record of any kind may have.
func (w *randomWorkspace) number() string { return fmt.Sprint(w.r.IntN(40)) }

// loadMore adds records of every kind. The directory may refuse some of them.
func (w *randomWorkspace) loadMore() {
	files := map[string]*strings.Builder{}
	add := func(kind, header string, rows int, row func() string) {
		files[kind] = &strings.Builder{}
		files[kind].WriteString(header + "\n")
		for range rows {
			files[kind].WriteString(row() + "\n")
		}
	}
	optional := func(text string) string { return w.pick(text, text, "") }
	add("companies", "name,domain,external_id", 4, func() string {
		return w.firm() + "," + optional(w.domain()) + "," + w.number()
	})
	add("contacts", "full_name,email,external_id,company_external_id,company_name", 10, func() string {
		return w.person() + "," + optional(w.address()) + "," + w.number() + "," + optional(w.number()) + "," +
			w.pick("", "", w.firm())
	})
	for _, kind := range []string{"deals", "events"} {
		add(kind, "title,external_id,company_external_id,contact_external_id,company_name", 4, func() string {
			return w.heading() + "," + w.number() + "," + w.pick("", w.number()) + "," + w.pick("", w.number()) + "," +
				w.pick("", "", w.firm())
		})
	}
	add("users", "assignee_id,name,email,external_id,active", 4, func() string {
		return w.pick("", "u-"+w.number()) + "," + w.person() + "," + optional(w.address()) + "," + w.number() + "," +
			w.pick("true", "true", "", "false")
	})
	for _, kind := range []string{"companies", "contacts", "deals", "events", "users"} {
		w.csv("/v1/import/"+kind, files[kind].String())
	}
}

// evidence returns, for each field that refers to a record, a random value of it.
func (w *randomWorkspace) evidence() map[string]func() string {
	ids := map[string]string{}
	for _, kind := range []string{"contacts", "companies", "deals", "events"} {
		ids[kind] = w.anyRecord(kind)
	}
	several := func(of func() string) func() string {
		return func() string { return w.pick(of(), of(), of(), of()+"; "+of()) }
	}
	user := func() string { return w.pick("u-"+w.number(), w.number(), w.person(), w.address()) }
	id := func() string { return w.pick(w.number(), w.number(), w.number()+".0", "1.2E+15") }
	return map[string]func() string{
		"contact_id": func() string { return w.pick(ids["contacts"], ids["deals"], "42") },
		"company_id": func() string { return ids["companies"] },
		"deal_id":    func() string { return ids["deals"] }, "event_id": func() string { return ids["events"] },
		"contact_name": several(func() string {
			return w.pick(w.person(), w.person()+" ("+w.number()+")", w.person()+" <"+w.address()+">")
		}),
		"contact_email":       func() string { return w.pick(w.address(), "d@"+w.domain(), "nobody") },
		"contact_external_id": several(id), "company_external_id": several(id), "deal_external_id": id,
		"event_external_id": id, "related_external_id": several(id),
		"company_name":   several(func() string { return w.pick(w.firm(), w.firm()+" ("+w.number()+")") }),
		"company_domain": func() string { return w.pick(w.domain(), "https://www."+w.domain()+"/x", "none") },
		"deal_name":      several(w.heading), "event_name": w.heading,
		"related_name": func() string { return w.pick(w.heading(), w.firm(), w.person()) },
		"related_type": func() string { return w.pick("Contact", "Account", "Opportunity", "Event", "Something") },
		"assignee_id":  user, "assignee_external_id": several(id), "assignee_email": w.address,
		"assignee_name": several(w.person),
	}
}

// reference returns some of the evidence, each with the same chance.
func (w *randomWorkspace) reference(of map[string]func() string, oneOf int) map[string]string {
	row := map[string]string{}
	for _, field := range slices.Sorted(maps.Keys(of)) {
		if w.r.IntN(oneOf) == 0 {
			row[field] = of[field]()
		}
	}
	return row
}

// The verdict on a reference is what a task with it is created with, or refused for: its code,
// field, message and candidates, under every option.
func TestVerdictsAreThoseOfTasks(t *testing.T) {
	a := setup(t)
	w := &randomWorkspace{a, rand.New(rand.NewPCG(19, 2))}
	queries := []string{"", "", "on_company_mismatch=link", "on_several=first", "on_unknown_assignee=unassigned",
		"default_assignee=Anna+Rossi&on_several=first", "on_company_mismatch=link&on_unknown_assignee=unassigned"}
	verdicts := map[string]int{}
	for n, query := range queries {
		w.loadMore()
		of := w.evidence()
		var references []map[string]string
		for range 80 {
			references = append(references, w.reference(of, 5+5*(n%2)))
		}
		resolved := a.do("POST", "/v1/resolve?"+query, jsonOf(t, map[string]any{"references": references}))
		for n, one := range references {
			v := resolved.verdict(n)
			one["title"] = "Call"
			task := a.do("POST", "/v1/tasks?"+query, jsonOf(t, one))
			delete(one, "title")
			verdicts[fmt.Sprint(v["verdict"])]++
			if task.status != http.StatusCreated {
				// A task needs a parent; a reference may be of an assignee alone.
				isOrphan := strings.Contains(task.raw, "At least one parent link")
				if !reflect.DeepEqual(v["error"], task.json["error"]) && !isOrphan {
					t.Errorf("?%s, %v: the verdict is\n%v, the task\n%s", query, one, jsonOf(t, v), task.raw)
				}
				continue
			}
			links, _ := v["links"].(map[string]any)
			rules, _ := v["rules"].(map[string]any)
			if len(links) != len(idFields)+1 {
				t.Errorf("?%s, %v: got %s, want a link or null of each kind", query, one, jsonOf(t, v))
			}
			for field, link := range links {
				if link != task.get("data."+field) || (rules[field] == nil) != (link == nil) {
					t.Errorf("?%s, %v: the verdict is\n%v, the task\n%s", query, one, jsonOf(t, v), task.raw)
				}
			}
		}
	}
	t.Log(verdicts)
	for _, code := range []string{"linked", "ambiguous_reference", "unresolved_reference", "validation_error"} {
		if verdicts[code] < 20 {
			t.Errorf("got %v, want 20 of each at least", verdicts)
		}
	}
}

// More evidence turns a link into a rejection, or a rejection into a link, and never a link into
// that of another record. An id of the workspace is the word of the row's author, and may.
func TestMoreEvidenceNeverMovesAVerdict(t *testing.T) {
	a := setup(t)
	w := &randomWorkspace{a, rand.New(rand.NewPCG(19, 3))}
	links := 0
	for range 4 {
		w.loadMore()
		of := w.evidence()
		maps.DeleteFunc(of, func(field string, _ func() string) bool {
			return slices.Contains(append(idFields, "assignee_id"), field)
		})
		var references []map[string]string
		for range 500 {
			less := w.reference(of, 12)
			more := maps.Clone(less)
			for field, value := range w.reference(of, 16) {
				if _, given := less[field]; !given {
					more[field] = value
				}
			}
			references = append(references, less, more)
		}
		resolved := a.do("POST", "/v1/resolve", jsonOf(t, map[string]any{"references": references}))
		for n := 0; n < len(references); n += 2 {
			less, _ := resolved.verdict(n)["links"].(map[string]any)
			more, _ := resolved.verdict(n + 1)["links"].(map[string]any)
			for field, link := range less {
				if other := more[field]; link != nil && other != nil {
					if links++; link != other {
						t.Errorf("%v is linked by %s to %v, with %v to %v", references[n], field, link, references[n+1], other)
					}
				}
			}
		}
	}
	if links < 100 {
		t.Errorf("%d links were compared, want 100 at least", links)
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
