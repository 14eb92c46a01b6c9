package intake_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"taskport"
	"taskport/store"
)

// TestColumnsAddUpRowByRow imports the fixtures of every preset: each column of each file feeds a
// field, is kept, or is named as not imported; and the custom_fields of each task are the cells of
// its row.
func TestColumnsAddUpRowByRow(t *testing.T) {
	a := setup(t)
	files, kept := 0, 0
	for _, folder := range []string{"presets", "presets/linked", "presets/titled"} {
		for _, product := range []string{"hubspot", "salesforce", "pipedrive", "zoho", "dynamics", "suitecrm", "espocrm"} {
			fill := map[string][]bool{} // the kept columns of a file, to fill their empty cells in the second round
			for round := range 2 {
				b := *a
				b.workspace, b.key = a.newWorkspace(fmt.Sprint(folder, product, round), store.Permissions()...)
				if folder == "presets" { // the others have contacts of their own
					b.uglyContacts()
				}
				for _, kind := range []string{"companies", "contacts", "deals", "users", "tasks", "", "ids", "ids_only"} {
					name := "testdata/" + folder + "/" + strings.TrimSuffix(product+"_"+kind, "_") + ".csv"
					text, err := taskport.Testdata.ReadFile(name)
					if err != nil {
						continue // not every product has every kind
					}
					if slices.Contains([]string{"", "ids", "ids_only"}, kind) {
						kind = "tasks"
					}
					records := filled(t, string(text), fill[name])
					r := b.csv("/v1/import/"+kind, asCSV(t, records))
					if r.get("data.status") != "completed" {
						t.Fatal(name, r.raw)
					}
					files++
					fill[name] = b.wantColumnsAddUp(name, r, records[0])
					if kind == "tasks" {
						kept += b.wantCellsKept(name, fmt.Sprint(r.get("data.job_id")), records, fill[name])
					}
				}
			}
		}
	}
	if files < 150 || kept < 50 {
		t.Errorf("%d files with %d kept cells: the fixtures are not where they were", files, kept)
	}
}

// filled returns the records of a file, with a text in each empty cell of some columns.
func filled(t *testing.T, text string, columns []bool) [][]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for n, record := range records[1:] {
		for c := range record {
			if columns != nil && columns[c] && record[c] == "" {
				record[c] = fmt.Sprintf(" kept; row %d, \"column\" %d", n+1, c+1)
			}
		}
	}
	return records
}

func asCSV(t *testing.T, records [][]string) string {
	t.Helper()
	var text strings.Builder
	if err := csv.NewWriter(&text).WriteAll(records); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// wantColumnsAddUp makes sure that a job accounts for each column, and returns which are kept.
func (a *api) wantColumnsAddUp(name string, r reply, header []string) (kept []bool) {
	a.t.Helper()
	left := map[string]bool{}
	all, _ := r.get("data.not_imported").([]any)
	for _, one := range all {
		of, _ := one.(map[string]any)
		left[fmt.Sprint(of["column"])] = true
		if !slices.Contains(header, fmt.Sprint(of["column"])) {
			a.t.Errorf("%s: the column %v, which is not imported, is not in the file", name, of["column"])
		}
	}
	columns, _ := r.get("data.file.columns").([]any)
	if len(columns) != len(header) {
		a.t.Fatalf("%s: %d columns are described, the file has %d", name, len(columns), len(header))
	}
	for i, one := range columns {
		of, _ := one.(map[string]any)
		if of["name"] != header[i] {
			a.t.Errorf("%s: column %d is called %v, want %s", name, i+1, of["name"], header[i])
		}
		isKept, feeds := of["kept"] == true, of["feeds"] != nil
		if !isKept && !feeds && !left[header[i]] || isKept && left[header[i]] {
			a.t.Errorf("%s: column %q: kept %t, feeds %v, not imported %t", name, header[i], isKept, of["feeds"],
				left[header[i]])
		}
		kept = append(kept, isKept)
	}
	return kept
}

// wantCellsKept makes sure that the custom_fields of each task are the cells of its row: of the
// kept columns all, of the others only originals. It returns how many there are.
func (a *api) wantCellsKept(name, job string, records [][]string, kept []bool) int {
	a.t.Helper()
	var number int
	var custom string
	cells := 0
	rows, _ := a.sql.Query(context.Background(), `SELECT row_number, coalesce(custom_fields::text, '{}') FROM tasks
		WHERE workspace_id = $1 AND import_id = $2::uuid`, a.workspace, job)
	if _, err := pgx.ForEachRow(rows, []any{&number, &custom}, func() error {
		of := map[string]string{}
		if err := json.Unmarshal([]byte(custom), &of); err != nil {
			return err
		}
		for i, header := range records[0] {
			cell := records[number][i]
			text, is := of[header]
			delete(of, header)
			if is {
				cells++
			}
			if is && text != cell || kept[i] && !is && strings.TrimSpace(cell) != "" {
				a.t.Errorf("%s, row %d: %s is kept as %q, want %q", name, number, header, text, cell)
			}
		}
		if len(of) > 0 {
			a.t.Errorf("%s, row %d: %v are of no column", name, number, of)
		}
		return nil
	}); err != nil {
		a.t.Fatal(err)
	}
	return cells
}
