package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport"
)

// Every case of testdata/references ends alike as a single task and as a row of an import. The
// checks of importer do the same offline.
func TestReferencesByExample(t *testing.T) {
	a := setup(t)
	for _, kind := range []string{"companies", "contacts", "deals", "events", "users"} {
		a.loadReferences(kind)
	}
	conn, err := pgx.Connect(t.Context(), a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	of := map[uuid.UUID]string{}
	rows, err := conn.Query(t.Context(), `SELECT id, external_id FROM contacts UNION ALL SELECT id, external_id
		FROM companies
		UNION ALL SELECT id, external_id FROM deals UNION ALL SELECT id, external_id FROM events
		UNION ALL SELECT id, coalesce(assignee_id, external_id, email) FROM users`)
	if err != nil {
		t.Fatal(err)
	}
	var id uuid.UUID
	var external string
	if _, err := pgx.ForEachRow(rows, []any{&id, &external}, func() error { of[id] = external; return nil }); err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Row                           map[string]string
		Contact, Company, Deal, Event string
		Assignee                      string
		Reason, Field                 string
		Candidates                    []string
		Options                       map[string]string
	}
	text, err := taskport.Testdata.ReadFile("testdata/references/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for n, c := range all {
		row := maps.Clone(c.Row)
		row["title"] = fmt.Sprintf("case %d", n)
		for _, kind := range []string{"contact", "deal", "event"} {
			if id, ok := strings.CutPrefix(row[kind+"_id"], "="); ok {
				row[kind+"_id"] = a.id(`SELECT id FROM `+kind+`s WHERE external_id = $1 AND workspace_id = $2`, id)
			}
		}
		q := url.Values{}
		for name, value := range c.Options {
			q.Set(name, value)
		}
		query := "?" + q.Encode()
		single := a.do("POST", "/v1/tasks"+query, jsonOf(t, row))
		bulk := a.do("POST", "/v1/import/tasks"+query, jsonOf(t, map[string]any{"rows": []any{row}, "on_same_file": "all"}))
		if c.Reason != "" {
			if single.status != http.StatusBadRequest || bulk.get("data.rejected_count") != 1.0 {
				t.Errorf("%v: %s\n%s\nwant %s", c.Row, single.raw, bulk.raw, c.Reason)
				continue
			}
			dead := a.do("GET", fmt.Sprintf("/v1/import/jobs/%v/rejects", bulk.get("data.job_id")), "")
			letters, _ := dead.get("data").([]any)
			if len(letters) != 1 {
				t.Errorf("%v: %s, want one dead letter", c.Row, dead.raw)
				continue
			}
			letter, _ := letters[0].(map[string]any)
			if letter["reason"] != c.Reason || c.Field != "" && letter["field"] != c.Field {
				t.Errorf("%v: %s, want %s of %s", c.Row, dead.raw, c.Reason, c.Field)
			}
			for door, got := range map[string]any{"single": single.get("error.candidates"), "bulk": letter["candidates"]} {
				if candidates := named(of, got); !slices.Equal(candidates, slices.Sorted(slices.Values(c.Candidates))) {
					t.Errorf("%v, %s: candidates %q, want %q", c.Row, door, candidates, c.Candidates)
				}
			}
			continue
		}
		if single.status != http.StatusCreated || bulk.get("data.created_count") != 1.0 {
			t.Errorf("%v: %s\n%s\nwant it to be created", c.Row, single.raw, bulk.raw)
			continue
		}
		const linked = `SELECT count(*) FROM tasks t LEFT JOIN contacts c ON c.workspace_id = t.workspace_id
			AND c.id = t.contact_id
			LEFT JOIN companies f ON f.workspace_id = t.workspace_id AND f.id = t.company_id
			LEFT JOIN deals d ON d.workspace_id = t.workspace_id AND d.id = t.deal_id LEFT JOIN events e
			ON e.workspace_id = t.workspace_id AND e.id = t.event_id
			WHERE t.title = $1 AND concat_ws('|', coalesce(c.external_id, ''), coalesce(f.external_id, ''),
			coalesce(d.external_id, ''), coalesce(e.external_id, ''),
			coalesce(t.assignee_id, '')) = $2`
		want := strings.Join([]string{c.Contact, c.Company, c.Deal, c.Event, c.Assignee}, "|")
		if got := a.query(linked, row["title"], want); got != 2 {
			t.Errorf("%v: %d of 2 tasks are linked to %s; %s", c.Row, got, want, single.raw)
		}
	}
}

func (a *api) loadReferences(kind string) {
	a.t.Helper()
	data, err := taskport.Testdata.ReadFile("testdata/references/" + kind + ".csv")
	if err != nil {
		a.t.Fatal(err)
	}
	r := a.csv("/v1/import/"+kind, string(data))
	r.wantCounts(strings.Count(string(data), "\n")-1, 0, 0, 0)
}

// named returns the external id and the evidence of each candidate, in order.
func named(of map[uuid.UUID]string, candidates any) []string {
	all := []string{}
	list, _ := candidates.([]any)
	for _, c := range list {
		fields, _ := c.(map[string]any)
		id, _ := uuid.Parse(fmt.Sprint(fields["id"]))
		all = append(all, fmt.Sprintf("%s %v", of[id], fields["evidence"]))
	}
	slices.Sort(all)
	return all
}

// One record of each kind, in whatever form the product writes its id: it is loaded once.
func TestOneRecordInEveryFormOfItsID(t *testing.T) {
	a := setup(t)
	for kind, name := range map[string]string{"contacts": "full_name", "companies": "name", "deals": "title",
		"events": "title"} {
		for _, forms := range [][2]string{
			{"0035g00000AbCdE", "0035g00000AbCdEAAV"},
			{"0035g00000AbCdHAAV", "0035g00000AbCdH"},
			{"4876876000000050001", "zcrm_4876876000000050001"},
			{"8f5c2a10-1111-4222-8333-4444abcdef01", "{8F5C2A10-1111-4222-8333-4444ABCDEF01}"},
			{"10023", "10023.0"},
		} {
			head := "external_id," + name + "\n"
			a.csv("/v1/import/"+kind, head+forms[0]+",First name\n").wantCounts(1, 0, 0, 0)
			a.csv("/v1/import/"+kind+"?on_duplicate=update", head+forms[1]+",Second name\n").wantCounts(0, 1, 0, 0)
			// within one file too
			a.csv("/v1/import/"+kind, head+forms[1]+",Third\n"+forms[0]+",Fourth\n").wantCounts(0, 0, 2, 0)
		}
		// A number that a program has written as a fraction is the number.
		a.csv("/v1/import/"+kind, "external_id,"+name+"\n20077.0,Fifth\nx-1,Sixth\n").wantCounts(2, 0, 0, 0)
		field := strings.TrimSuffix(strings.Replace(kind, "companies", "companys", 1), "s") + "_external_id"
		if r := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": "Call", field: "20077"})); r.status !=
			http.StatusCreated {
			t.Errorf("%s 20077: %s", kind, r.raw)
		}
		// In the form of 15 characters, case tells two records apart.
		a.csv("/v1/import/"+kind, "external_id,"+name+"\n0035g00000abcde,Another\n").wantCounts(1, 0, 0, 0)
		if n := a.query(`SELECT count(*) FROM ` + kind); n != 8 {
			t.Errorf("%d %s, want 8", n, kind)
		}
	}
}

// What a record names by an external id may be loaded after it.
func TestFilesOfTheDirectoryInAnyOrder(t *testing.T) {
	a := setup(t)
	a.load("contacts", "external_id,full_name,company_external_id\nc1,Hans Müller,0015g00000QrStU\n"+
		"c2,Hans Müller,0015g00000QrStVAAV\nc3,Anna Schmidt,nobody's\n")
	a.csv("/v1/import/deals", "external_id,title,company_external_id,contact_external_id,company_name\n"+
		"d1,Renewal,0015g00000QrStUAAV,,\nd2,Renewal,,c9,\nd3,Renewal,,,Bergmann KG\n").wantCounts(3, 0, 0, 0)
	ambiguous := a.do("POST", "/v1/tasks", `{"title": "too early", "contact_name": "Hans Müller",
		"company_name": "Bergmann"}`)
	if ambiguous.status != http.StatusBadRequest {
		t.Errorf("the company of nobody chose: %s", ambiguous.raw)
	}
	a.load("companies", "external_id,name\n0015g00000QrStUAAV,Nordwind AG\n0015g00000QrStV,Bergmann KG\n")
	a.load("contacts", "external_id,full_name\nc9,Jonas Vogt\n")
	for title, links := range map[string][3]string{
		"contact": {"contact_name=Hans Müller;company_name=Bergmann", "contacts", "c2"},
		"deal 1":  {"deal_name=Renewal;company_name=Nordwind AG", "deals", "d1"},
		"deal 2":  {"deal_name=Renewal;contact_name=Jonas Vogt", "deals", "d2"},
		"deal 3":  {"deal_name=Renewal;contact_external_id=c2", "deals", "d3"},
	} {
		row := map[string]string{"title": title}
		for _, field := range strings.Split(links[0], ";") {
			name, value, _ := strings.Cut(field, "=")
			row[name] = value
		}
		r := a.do("POST", "/v1/tasks", jsonOf(t, row))
		one := strings.TrimSuffix(links[1], "s") + "_id"
		if want := a.id(`SELECT id FROM `+links[1]+` WHERE external_id = $1 AND workspace_id = $2`, links[2]); r.get(
			"data."+one) != want {
			t.Errorf("%v: %s, want %s %s", row, r.raw, one, want)
		}
	}
	// A later company does not take over a contact who has another one by now.
	a.csv("/v1/import/contacts?on_duplicate=update", "external_id,full_name,company_name\nc3,Anna Schmidt,Acme GmbH\n").
		wantCounts(0, 1, 0, 0)
	a.load("companies", "external_id,name\nnobody's,Late Ltd\n")
	if n := a.query(`SELECT count(*) FROM contacts c JOIN companies e ON e.workspace_id = c.workspace_id
		AND e.id = c.company_id WHERE c.external_id = 'c3' AND e.name = 'Acme GmbH'`); n != 1 {
		t.Error("Anna Schmidt does not belong to Acme GmbH")
	}
}

// A candidate that a name has found says its address and its external id, which a person can paste.
func TestCandidatesSayTheirKeys(t *testing.T) {
	a := setup(t)
	a.load("contacts", "external_id,full_name,email\n552,Hans Müller,h@nordwind.example\n"+
		"553,Hans Müller,h@bergmann.example\n")
	for name, body := range map[string]string{"equal": "Hans Müller", "similar": "Hans Müler"} {
		r := a.do("POST", "/v1/tasks", jsonOf(t, map[string]string{"title": name, "contact_name": body}))
		said := map[string]bool{}
		list, _ := r.get("error.candidates").([]any)
		for _, c := range list {
			fields, _ := c.(map[string]any)
			said[fmt.Sprint(fields["kind"], " ", fields["external_id"], " ", fields["email"])] = true
		}
		if !said["contacts 552 h@nordwind.example"] || !said["contacts 553 h@bergmann.example"] || len(said) != 2 {
			t.Errorf("%s: %s, want the addresses and external ids of both", name, r.raw)
		}
	}
}

// A name that an operator has tied to a deal means it, though two are called so.
func TestAliasOfADeal(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/deals", "external_id,title\n77,Renewal\n78,Renewal\n").wantCounts(2, 0, 0, 0)
	a.csv("/v1/import/tasks", "title,deal_name\nCall,Renewal\nCall again,Our old friend\n").wantCounts(0, 0, 0, 2)
	id := a.id(`SELECT id FROM deals WHERE external_id = $1 AND workspace_id = $2`, "78")
	for _, name := range []string{"renewal!", "Our Old Friend"} {
		r := a.do("POST", "/v1/aliases", jsonOf(t, map[string]string{"name": name, "deal_id": id}))
		if r.status != http.StatusCreated || r.get("data.deal_id") != id || r.get("data.record_name") != "Renewal" {
			t.Fatalf("%s", r.raw)
		}
	}
	a.csv("/v1/import/tasks?on_same_file=all", "title,deal_name\nCall,Renewal\nCall again,Our old friend\n").
		wantCounts(2, 0, 0, 0)
	if n := a.query(`SELECT count(*) FROM tasks WHERE deal_id = $1`, id); n != 2 {
		t.Errorf("%d tasks of the deal, want 2", n)
	}
}

// The record that is chosen for a title can be remembered.
func TestRememberedDeal(t *testing.T) {
	a := setup(t)
	a.csv("/v1/import/deals", "external_id,title\n77,Renewal\n78,Renewal\n").wantCounts(2, 0, 0, 0)
	job := a.csv("/v1/import/tasks", "title,deal_name\nCall,Renewal\nCall again,RENEWAL\n")
	job.wantCounts(0, 0, 0, 2)
	id := a.id(`SELECT id FROM deals WHERE external_id = $1 AND workspace_id = $2`, "77")
	r := a.do("POST", fmt.Sprintf("/v1/import/jobs/%v/rejects/resolve", job.get("data.job_id")), jsonOf(t, map[string]any{
		"name": "Renewal", "field": "deal_name", "fields": map[string]string{"deal_id": id}, "remember": true}))
	if n := a.query(`SELECT count(*) FROM tasks WHERE deal_id = $1`, id); n != 2 {
		t.Errorf("%d tasks of the deal, want 2: %s", n, r.raw)
	}
	a.csv("/v1/import/tasks", "title,deal_name\nThird,Renewal\n").wantCounts(1, 0, 0, 0)
}

// With on_several=first the rest of a cell is in custom_fields, and counted; what nobody has is
// counted where other evidence decided. A committed dry run keeps the same.
func TestRestAndUnknownKeysAreSaid(t *testing.T) {
	a := setup(t)
	for _, kind := range []string{"companies", "contacts", "deals", "events"} {
		a.loadReferences(kind)
	}
	const rows = "title,contact_external_id,contact_name,deal_name,contact_email\n" +
		"Two,551;552,,,\nThree,551,,Extension; Renewal 2027; More,\nNames,,Anna Schmidt; Hans Müller,,\n" +
		"Unknown,999,Anna Schmidt,,\nBoth unknown,999,Anna Schmidt,,nobody@acme.example\nAlone,999,,,\n" +
		"Title,551,,Fit-out; phase two,\n"
	for _, dry := range []bool{false, true} {
		r := a.csv(fmt.Sprintf("/v1/import/tasks?on_several=first&on_same_file=all&dry_run=%t", dry), rows)
		r.wantCounts(6, 0, 0, 1)
		first := map[string]any{"first_only": 1.0}
		want := map[string]any{"contact_external_id": map[string]any{"first_only": 1.0, "unknown": 2.0}, "deal_name": first,
			"contact_name": first, "contact_email": map[string]any{"unknown": 1.0}}
		if got := r.get("data.adjusted"); !reflect.DeepEqual(got, want) {
			t.Errorf("adjusted is %v, want %v", got, want)
		}
		job := fmt.Sprint(r.get("data.job_id"))
		if dry {
			a.do("POST", "/v1/import/jobs/"+job+"/commit", "")
			done := a.await(job)
			done.wantCounts(6, 0, 0, 1)
			if got := done.get("data.adjusted"); !reflect.DeepEqual(got, want) {
				t.Errorf("committed, adjusted is %v, want %v", got, want)
			}
		}
		for title, rest := range map[string]string{"Two": `{"contact_external_id": "552"}`,
			"Three": `{"deal_name": "Renewal 2027; More"}`, "Names": `{"contact_name": "Hans Müller"}`, "Unknown": ``,
			"Title": ``} {
			if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1 AND title = $2
				AND coalesce(custom_fields::text, '') = $3`, job, title, rest); n != 1 {
				t.Errorf("dry run %t: %s does not keep %s", dry, title, rest)
			}
		}
	}
	one := a.do("POST", "/v1/tasks?on_several=first", `{"title": "One", "company_external_id": "14;16"}`)
	if one.status != http.StatusCreated || one.get("data.custom_fields.company_external_id") != "16" {
		t.Errorf("%s, want 16 in custom_fields", one.raw)
	}
}
