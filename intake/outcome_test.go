package intake_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"taskport"
	"taskport/importer"
	"taskport/intake"
)

// expectation is the wanted outcome of a row of testdata/tasks.csv.
type expectation struct {
	Row        int    `csv:"row_number"`
	Outcome    string `csv:"outcome"`
	Reason     string `csv:"reason"`
	Contact    string `csv:"contact_external_id"`
	Company    string `csv:"company_external_id"`
	Kind       string `csv:"kind"`
	Candidates string `csv:"candidates"`
}

// outcome is the actual outcome of a row.
type outcome struct {
	what, reason, contact, company string
	candidates                     []string
}

// Every row of the sample has its expected outcome, and the four counts add up.
func TestEveryRowOfTheSampleEndsWhereItMust(t *testing.T) {
	testSample(t, 5000)
}

// The outcome does not depend on the size of the chunks.
func TestEveryRowOfTheSampleInSmallChunks(t *testing.T) {
	if testing.Short() {
		t.Skip("the same as in large chunks, only slower")
	}
	// Rows with the same external_id are in one chunk at this size. Otherwise their order would
	// depend on the chunks.
	testSample(t, 103)
}

// testSample imports the sample in chunks of so many rows.
func testSample(t *testing.T, chunkRows int) {
	a := setup(t, func(c *intake.Config) { c.ChunkRows = chunkRows })
	for _, kind := range []string{"companies", "contacts", "deals", "events"} {
		a.importSample(kind)
	}
	job := a.importSample("tasks")
	id, _ := job.get("data.job_id").(string)
	expected := readExpected(t)
	job.wantCounts(countOutcome(expected, "created"), 0, countOutcome(expected, "skipped"), countOutcome(expected,
		"rejected"))
	outcomes := a.outcomes(id)
	if len(outcomes) != len(expected)-countOutcome(expected, "skipped") {
		t.Errorf("%d rows have a place", len(outcomes))
	}
	wrong := 0
	for _, e := range expected {
		if why := e.differs(outcomes[e.Row]); why != "" {
			wrong++
			if wrong <= 20 {
				t.Errorf("row %d (%s): %s", e.Row, e.Kind, why)
			}
		}
	}
	if wrong > 0 {
		t.Errorf("%d of %d rows ended elsewhere", wrong, len(expected))
	}
}

func (e expectation) differs(o outcome) string {
	switch {
	case e.Outcome == "skipped" && o.what == "":
		return ""
	case e.Outcome != o.what || e.Reason != o.reason:
		return fmt.Sprintf("%s %s, want %s %s", o.what, o.reason, e.Outcome, e.Reason)
	case e.Contact != o.contact || e.Company != o.company:
		return fmt.Sprintf("linked to contact %q and company %q, want %q and %q", o.contact, o.company, e.Contact, e.Company)
	}
	for _, c := range strings.Fields(e.Candidates) {
		if !strings.Contains(strings.Join(o.candidates, " ")+" ", c+" ") {
			return fmt.Sprintf("candidates %v lack %s", o.candidates, c)
		}
	}
	return ""
}

func (a *api) importSample(kind string) reply {
	a.t.Helper()
	file, err := taskport.Testdata.ReadFile("testdata/" + kind + ".csv")
	if err != nil {
		a.t.Fatal(err)
	}
	r := a.csv("/v1/import/"+kind+"?file_name="+kind+".csv", string(file))
	id, _ := r.get("data.job_id").(string)
	return a.await(id)
}

func readExpected(t *testing.T) []expectation {
	t.Helper()
	file, err := taskport.Testdata.ReadFile("testdata/expected.csv")
	if err != nil {
		t.Fatal(err)
	}
	var all []expectation
	if err := gocsv.UnmarshalBytes(file, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func countOutcome(all []expectation, outcome string) int {
	n := 0
	for _, e := range all {
		if e.Outcome == outcome {
			n++
		}
	}
	return n
}

// outcomes returns the outcome of each row of an import, from the database.
func (a *api) outcomes(importID string) map[int]outcome {
	a.t.Helper()
	found := map[int]outcome{}
	var row int
	var contact, company string
	rows, _ := a.sql.Query(context.Background(), `SELECT t.row_number, coalesce(p.external_id, ''),
		coalesce(f.external_id, '') FROM tasks t
		LEFT JOIN contacts p ON p.workspace_id = t.workspace_id AND p.id = t.contact_id
		LEFT JOIN companies f ON f.workspace_id = t.workspace_id AND f.id = t.company_id WHERE t.import_id = $1`, importID)
	if _, err := pgx.ForEachRow(rows, []any{&row, &contact, &company}, func() error {
		found[row] = outcome{what: "created", contact: contact, company: company}
		return nil
	}); err != nil {
		a.t.Fatal(err)
	}
	external := a.externalIDs()
	var reason string
	var candidates []importer.Candidate
	rows, _ = a.sql.Query(context.Background(), `SELECT row_number, reason, coalesce(candidates, '[]') FROM dead_letters
		WHERE import_id = $1`, importID)
	if _, err := pgx.ForEachRow(rows, []any{&row, &reason, &candidates}, func() error {
		if _, twice := found[row]; twice {
			a.t.Errorf("row %d ended in two places", row)
		}
		o := outcome{what: "rejected", reason: reason}
		for _, cand := range candidates {
			o.candidates = append(o.candidates, external[cand.ID])
		}
		found[row] = o
		candidates = nil
		return nil
	}); err != nil {
		a.t.Fatal(err)
	}
	return found
}

func (a *api) externalIDs() map[uuid.UUID]string {
	a.t.Helper()
	names := map[uuid.UUID]string{}
	var id uuid.UUID
	var external string
	rows, _ := a.sql.Query(context.Background(), `SELECT id, coalesce(external_id, '') FROM contacts UNION ALL
		SELECT id, coalesce(external_id, '') FROM companies`)
	if _, err := pgx.ForEachRow(rows, []any{&id, &external},
		func() error { names[id] = external; return nil }); err != nil {
		a.t.Fatal(err)
	}
	return names
}
