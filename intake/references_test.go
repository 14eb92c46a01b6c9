package intake_test

import (
	"context"
	"encoding/csv"
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
	"taskport/importer/file/xlsx"
)

// referenceCase is the references of a row, and its required outcome, as in importer/check.
type referenceCase struct {
	Row                           map[string]string
	Contact, Company, Deal, Event string
	Assignee                      string
	Reason, Field                 string
	Candidates                    []string
	Options                       map[string]string
}

// setupReferences loads the directory of testdata/references. It returns its cases, and the
// external id, or what is assigned, of each record.
func setupReferences(t *testing.T) (a *api, all []referenceCase, of map[uuid.UUID]string) {
	t.Helper()
	a = setup(t)
	for _, kind := range []string{"companies", "contacts", "deals", "events", "users"} {
		a.loadReferences(kind)
	}
	conn, err := pgx.Connect(t.Context(), a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	of = map[uuid.UUID]string{}
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
	text, err := taskport.Testdata.ReadFile("testdata/references/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return a, all, of
}

// rowOf returns the row of a case under a title.
func (a *api) rowOf(c referenceCase, title string) map[string]string {
	row := maps.Clone(c.Row)
	row["title"] = title
	for _, kind := range []string{"contact", "deal", "event"} {
		if id, ok := strings.CutPrefix(row[kind+"_id"], "="); ok {
			row[kind+"_id"] = a.id(`SELECT id FROM `+kind+`s WHERE external_id = $1 AND workspace_id = $2`, id)
		}
	}
	return row
}

// query returns the options of a case as those of a request.
func (c referenceCase) query() string {
	q := url.Values{}
	for name, value := range c.Options {
		q.Set(name, value)
	}
	return q.Encode()
}

// Every case of testdata/references ends as it says as a single task. The checks of importer do the
// same offline.
func TestReferencesByExample(t *testing.T) {
	a, all, of := setupReferences(t)
	for n, c := range all {
		row := a.rowOf(c, fmt.Sprintf("case %d", n))
		single := a.do("POST", "/v1/tasks?"+c.query(), jsonOf(t, row))
		if c.Reason != "" {
			candidates := named(of, single.get("error.candidates"))
			if single.status != http.StatusBadRequest || c.Field != "" && single.get("error.field") != c.Field ||
				!slices.Equal(candidates, slices.Sorted(slices.Values(c.Candidates))) {
				t.Errorf("%v: %s\nwant a refusal of %s with %q", c.Row, single.raw, c.Field, c.Candidates)
			}
			continue
		}
		want := strings.Join([]string{c.Contact, c.Company, c.Deal, c.Event, c.Assignee}, "|")
		const linked = `SELECT count(*) FROM (` + links + `) t WHERE title = $1 AND linked = $2`
		if single.status != http.StatusCreated || a.query(linked, row["title"], want) != 1 {
			t.Errorf("%v: %s\nwant it to be created and linked to %s", c.Row, single.raw, want)
		}
	}
}

// Every case ends alike in files of every format, and as a reference of POST /v1/resolve.
func TestReferencesByExampleInEveryFormat(t *testing.T) {
	a, all, of := setupReferences(t)
	groups := map[string][]referenceCase{}
	for _, c := range all {
		groups[c.query()] = append(groups[c.query()], c)
	}
	for query, cases := range groups {
		rows, references := []map[string]string{}, []map[string]string{}
		for n, c := range cases {
			row := a.rowOf(c, fmt.Sprintf("case %d", n))
			rows = append(rows, row)
			reference := maps.Clone(row)
			delete(reference, "title")
			references = append(references, reference)
		}
		for name, format := range rowFormats {
			r := a.do("POST", "/v1/import/tasks?on_same_file=all&"+query, format.file(t, rows), "Content-Type", format.media)
			job := fmt.Sprint(r.get("data.job_id"))
			if done := a.await(job); done.get("data.total_count") != float64(len(rows)) {
				t.Fatalf("%s: %s, want %d rows", name, done.raw, len(rows))
			}
			dead, linked := a.deadByRow(job), a.linksOf(job)
			for n, c := range cases {
				letter, isDead := dead[n+1]
				candidates := named(of, letter["candidates"])
				switch {
				case isDead != (c.Reason != ""):
					t.Errorf("%s, %v: rejected is %t (%v), want %q", name, c.Row, isDead, letter["message"], c.Reason)
				case isDead && (letter["reason"] != c.Reason || c.Field != "" && letter["field"] != c.Field ||
					!slices.Equal(candidates, slices.Sorted(slices.Values(c.Candidates)))):
					t.Errorf("%s, %v: got %v of %v with %q (%v), want %s of %s with %q", name, c.Row, letter["reason"],
						letter["field"], candidates, letter["message"], c.Reason, c.Field, c.Candidates)
				case !isDead:
					want := strings.Join([]string{c.Contact, c.Company, c.Deal, c.Event, c.Assignee}, "|")
					if got := linked[rows[n]["title"]]; !slices.Equal(got, []string{want}) {
						t.Errorf("%s, %v: tasks are linked to %q, want one to %s", name, c.Row, got, want)
					}
				}
			}
		}
		resolved := a.do("POST", "/v1/resolve?"+query, jsonOf(t, map[string]any{"references": references}))
		for n, c := range cases {
			if c.Field == "external_id" { // the task's own, and not a reference
				continue
			}
			v := resolved.verdict(n)
			e, _ := v["error"].(map[string]any)
			candidates := named(of, e["candidates"])
			if (v["verdict"] == "linked") != (c.Reason == "") || c.Field != "" && e["field"] != c.Field ||
				!slices.Equal(candidates, slices.Sorted(slices.Values(c.Candidates))) {
				t.Errorf("resolve, %v: %v, want %q of %s with %q", c.Row, v, c.Reason, c.Field, c.Candidates)
			}
		}
	}
}

// links has the titles of tasks, and the external ids of what they are linked to.
const links = `SELECT t.title, t.import_id, concat_ws('|', coalesce(c.external_id, ''), coalesce(f.external_id, ''),
	coalesce(d.external_id, ''), coalesce(e.external_id, ''), coalesce(t.assignee_id, '')) AS linked FROM tasks t
	LEFT JOIN contacts c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
	LEFT JOIN companies f ON f.workspace_id = t.workspace_id AND f.id = t.company_id
	LEFT JOIN deals d ON d.workspace_id = t.workspace_id AND d.id = t.deal_id
	LEFT JOIN events e ON e.workspace_id = t.workspace_id AND e.id = t.event_id`

// linksOf returns what the tasks of an import are linked to, by their titles.
func (a *api) linksOf(job string) map[string][]string {
	a.t.Helper()
	rows, err := a.sql.Query(a.t.Context(), links+` WHERE t.import_id = $1`, job)
	if err != nil {
		a.t.Fatal(err)
	}
	linked := map[string][]string{}
	var title, to string
	if _, err := pgx.ForEachRow(rows, []any{&title, nil, &to}, func() error {
		linked[title] = append(linked[title], to)
		return nil
	}); err != nil {
		a.t.Fatal(err)
	}
	return linked
}

// rowFormats write rows as files of each format.
var rowFormats = map[string]struct {
	media string
	file  func(*testing.T, []map[string]string) string
}{
	"json": {"application/json", func(t *testing.T, rows []map[string]string) string {
		t.Helper()
		return jsonOf(t, map[string]any{"rows": rows})
	}},
	"ndjson": {"application/x-ndjson", func(t *testing.T, rows []map[string]string) string {
		t.Helper()
		var lines strings.Builder
		for _, row := range rows {
			lines.WriteString(jsonOf(t, row))
		}
		return lines.String()
	}},
	"csv": {"text/csv", func(t *testing.T, rows []map[string]string) string {
		t.Helper()
		var out strings.Builder
		w := csv.NewWriter(&out)
		if err := w.WriteAll(tableOf(rows)); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}},
	"xlsx": {xlsxType, func(t *testing.T, rows []map[string]string) string {
		t.Helper()
		var out strings.Builder
		w, err := xlsx.NewWriter(&out, "Rows")
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range tableOf(rows) {
			if err := w.Write(row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}},
}

// tableOf returns rows as cells below a header with all of their fields.
func tableOf(rows []map[string]string) [][]string {
	all := map[string]bool{}
	for _, row := range rows {
		for field := range row {
			all[field] = true
		}
	}
	header := slices.Sorted(maps.Keys(all))
	table := [][]string{header}
	for _, row := range rows {
		cells := make([]string, len(header))
		for i, field := range header {
			cells[i] = row[field]
		}
		table = append(table, cells)
	}
	return table
}

// deadByRow returns the dead letters of an import by their rows.
func (a *api) deadByRow(job string) map[int]map[string]any {
	a.t.Helper()
	dead, cursor := map[int]map[string]any{}, ""
	for {
		r := a.do("GET", "/v1/import/jobs/"+job+"/rejects?per_page=100"+cursor, "")
		page, ok := r.get("data").([]any)
		if !ok {
			a.t.Fatalf("%s", r.raw)
		}
		for _, one := range page {
			letter, _ := one.(map[string]any)
			number, _ := letter["row_number"].(float64)
			dead[int(number)] = letter
		}
		next, more := r.get("meta.next_cursor").(string)
		if !more || next == "" {
			return dead
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// Bad input of the directory has one answer in every format: shortened or overlong ids and
// addresses that are none are refused, a whole number loses its fraction, ids that differ in case
// are two records, and a domain at which anybody may have an address is kept and identifies
// nobody.
func TestBadInputOfTheDirectory(t *testing.T) {
	a := setup(t)
	long := strings.Repeat("x", 600)
	kinds := map[string]struct {
		needed [2]string
		ids    []string
	}{
		"contacts":  {[2]string{"full_name", "Person %s"}, []string{"external_id", "company_external_id"}},
		"companies": {[2]string{"name", "Company %s"}, []string{"external_id"}},
		"deals":     {[2]string{"title", "Deal %s"}, []string{"external_id", "company_external_id", "contact_external_id"}},
		"events":    {[2]string{"title", "Event %s"}, []string{"external_id", "company_external_id", "contact_external_id"}},
		"users":     {[2]string{"email", "u%s@ours.example"}, []string{"external_id", "assignee_id"}},
	}
	formats := slices.Sorted(maps.Keys(rowFormats))
	for kind, of := range kinds {
		for n, name := range formats {
			type badRow struct{ field, value, stored string } // stored is empty for a refused row
			var cases []badRow
			for _, field := range of.ids {
				cases = append(cases, badRow{field, long, ""}, badRow{field, "1.2E+15", ""}, badRow{field, "1,2E+15", ""})
			}
			cases = append(cases, badRow{"external_id", fmt.Sprintf("1%d023.0", n), fmt.Sprintf("1%d023", n)},
				badRow{"external_id", fmt.Sprint("aB-", n), fmt.Sprint("aB-", n)},
				badRow{"external_id", fmt.Sprint("AB-", n), fmt.Sprint("AB-", n)})
			switch kind {
			case "contacts", "users":
				cases = append(cases, badRow{"email", "anna at acme", ""}, badRow{"email", "@acme.example", ""},
					badRow{"email", "anna@", ""})
			case "companies":
				cases = append(cases, badRow{"domain", "gmail.com", "gmail.com"}, badRow{"domain", "no domain", "no domain"},
					badRow{"domain", fmt.Sprintf("https://www.x%d.example/about", n), fmt.Sprintf("x%d.example", n)})
			}
			var rows []map[string]string
			for i, c := range cases {
				row := map[string]string{of.needed[0]: fmt.Sprintf(of.needed[1], fmt.Sprint(name, i))}
				row[c.field] = c.value
				rows = append(rows, row)
			}
			format := rowFormats[name]
			r := a.do("POST", "/v1/import/"+kind, format.file(t, rows), "Content-Type", format.media)
			job := fmt.Sprint(r.get("data.job_id"))
			a.await(job)
			dead := a.deadByRow(job)
			for i, c := range cases {
				letter, isDead := dead[i+1]
				switch {
				case c.stored == "" && (letter["reason"] != "invalid_value" || letter["field"] != c.field):
					t.Errorf("%s, %s, %s %.20q: got %v, want invalid_value", kind, name, c.field, c.value, letter)
				case c.stored != "" && isDead:
					t.Errorf("%s, %s, %s %q: got %v, want it to be loaded", kind, name, c.field, c.value, letter)
				case c.stored != "":
					if n := a.query(`SELECT count(*) FROM `+kind+` WHERE `+c.field+` = $1`, c.stored); n == 0 {
						t.Errorf("%s, %s, %s %q: %q is not stored", kind, name, c.field, c.value, c.stored)
					}
				}
			}
		}
	}
	a.do("POST", "/v1/resolve", `{"references": [{"company_domain": "gmail.com"}, {"contact_external_id": "aB-0"},
		{"contact_external_id": "ab-0"}, {"company_domain": "x1.example"}]}`).wantVerdicts("unresolved_reference", "linked",
		"unresolved_reference", "linked")
}

func (r reply) wantVerdicts(want ...string) {
	r.t.Helper()
	for n, w := range want {
		if v := r.verdict(n); v["verdict"] != w {
			r.t.Errorf("reference %d: got %v, want %s", n, v, w)
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
			"Three": `{"deal_name": "Renewal 2027; More"}`, "Names": `{"contact_name": "Hans Müller"}`,
			"Unknown": `{"contact_external_id": "999"}`, "Title": ``} {
			if n := a.query(`SELECT count(*) FROM tasks WHERE import_id = $1 AND title = $2
				AND coalesce(custom_fields::jsonb::text, '') = $3`, job, title, rest); n != 1 {
				t.Errorf("dry run %t: %s does not keep %s", dry, title, rest)
			}
		}
	}
	one := a.do("POST", "/v1/tasks?on_several=first", `{"title": "One", "company_external_id": "14;16"}`)
	if one.status != http.StatusCreated || one.get("data.custom_fields.company_external_id") != "16" {
		t.Errorf("%s, want 16 in custom_fields", one.raw)
	}
}
