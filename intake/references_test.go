package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
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
		if id, ok := strings.CutPrefix(row["contact_id"], "="); ok {
			row["contact_id"] = a.id(`SELECT id FROM contacts WHERE external_id = $1 AND workspace_id = $2`, id)
		}
		q := url.Values{}
		for name, value := range c.Options {
			q.Set(name, value)
		}
		query := "?" + q.Encode()
		single := a.do("POST", "/v1/tasks"+query, jsonOf(t, row))
		bulk := a.do("POST", "/v1/import/tasks"+query, jsonOf(t, map[string]any{"rows": []any{row}, "allow_duplicate": true}))
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
