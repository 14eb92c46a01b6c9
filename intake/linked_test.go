package intake_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"taskport"
	"taskport/store"
)

// The files that a product exports together go in with no option, and its ids tie the tasks to
// their records. A dry run that is committed ends alike.
func TestExportsLinkByTheirIDs(t *testing.T) { exportsLink(t, "linked") }

// Likewise with the titles of their deals.
func TestExportsLinkByTitles(t *testing.T) { exportsLink(t, "titled") }

func exportsLink(t *testing.T, sets string) {
	a := setup(t)
	text, err := taskport.Testdata.ReadFile("testdata/presets/" + sets + "/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Preset string
		Rows   []struct{ Contact, Company, Deal, Assignee, Reason string }
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, set := range all {
		b := *a
		b.workspace, b.key = a.newWorkspace(set.Preset, store.Permissions()...)
		kinds := []string{"companies", "contacts", "deals"}
		if sets == "linked" { // the others have no users
			kinds = append(kinds, "users")
		}
		for _, kind := range kinds {
			if r := b.csv("/v1/import/"+kind, b.linked(sets+"/"+set.Preset, kind)); r.get("data.rejected_count") != 0.0 ||
				r.get("data.file.preset") != set.Preset {
				t.Errorf("%s of %s: %s", kind, set.Preset, r.raw)
			}
		}
		rejected := 0
		for _, row := range set.Rows {
			if row.Reason != "" {
				rejected++
			}
		}
		for _, dry := range []bool{true, false} {
			r := b.csv(fmt.Sprintf("/v1/import/tasks?on_same_file=all&dry_run=%t", dry),
				b.linked(sets+"/"+set.Preset, "tasks"))
			r.wantCounts(len(set.Rows)-rejected, 0, 0, rejected)
			job := fmt.Sprint(r.get("data.job_id"))
			if dry {
				b.do("POST", "/v1/import/jobs/"+job+"/commit", "")
				b.await(job).wantCounts(len(set.Rows)-rejected, 0, 0, rejected)
			}
			for n, row := range set.Rows {
				b.wantLinks(set.Preset, job, n+1, row.Contact, row.Company, row.Deal, row.Reason)
				const assigned = `SELECT count(*) FROM tasks WHERE import_id = $1::uuid AND row_number = $2
					AND coalesce(assignee_id, '') = $3`
				if row.Reason == "" && b.query(assigned, job, n+1, row.Assignee) != 1 {
					t.Errorf("%s, row %d: want it assigned to %q", set.Preset, n+1, row.Assignee)
				}
			}
			if dry {
				b.do("POST", "/v1/import/jobs/"+job+"/undo", "")
			}
		}
		if n := a.query(`SELECT count(*) FROM tasks WHERE workspace_id = $1`, b.workspace); n != len(set.Rows)-rejected {
			t.Errorf("%s: %d tasks, want %d", set.Preset, n, len(set.Rows)-rejected)
		}
	}
}

func (a *api) linked(preset, kind string) string {
	a.t.Helper()
	data, err := taskport.Testdata.ReadFile("testdata/presets/" + preset + "_" + kind + ".csv")
	if err != nil {
		a.t.Fatal(err)
	}
	return string(data)
}

// wantLinks makes sure that a row became a task with these links, or was rejected for the reason.
func (a *api) wantLinks(preset, job string, row int, contact, company, deal, reason string) {
	a.t.Helper()
	if reason != "" {
		if n := a.query(`SELECT count(*) FROM dead_letters WHERE workspace_id = $1 AND import_id = $2 AND row_number = $3
			AND reason = $4`, a.workspace, job, row, reason); n != 1 {
			a.t.Errorf("%s, row %d: not rejected for %s", preset, row, reason)
		}
		return
	}
	const linked = `SELECT count(*) FROM tasks t LEFT JOIN contacts c ON c.workspace_id = t.workspace_id
		AND c.id = t.contact_id
		LEFT JOIN companies f ON f.workspace_id = t.workspace_id AND f.id = t.company_id
		LEFT JOIN deals d ON d.workspace_id = t.workspace_id AND d.id = t.deal_id
		WHERE t.workspace_id = $1 AND t.import_id = $2 AND t.row_number = $3
			AND coalesce(c.external_id, '') = $4 AND coalesce(f.external_id, '') = $5 AND coalesce(d.external_id, '') = $6`
	if n := a.query(linked, a.workspace, job, row, contact, company, deal); n != 1 {
		a.t.Errorf("%s, row %d: %d tasks with %q, %q, %q, want 1", preset, row, n, contact, company, deal)
	}
}
