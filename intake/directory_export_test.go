package intake_test

import (
	"encoding/json"
	"testing"

	"taskport"
)

// Exports of contacts and companies need no mapping. A second import updates the records by the id
// of the other system or by the email.
func TestDirectoryExports(t *testing.T) {
	a := setup(t)
	text, err := taskport.Testdata.ReadFile("testdata/presets/directory.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		File, Kind, Preset string
		Rows               []struct{ Rejected string }
	}
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		file, err := taskport.Testdata.ReadFile("testdata/presets/" + f.File)
		if err != nil {
			t.Fatal(err)
		}
		rejected := 0
		for _, row := range f.Rows {
			if row.Rejected != "" {
				rejected++
			}
		}
		path := "/v1/import/" + f.Kind
		first := a.csv(path, string(file))
		if created, _ := first.get("data.created_count").(float64); int(created) > len(f.Rows)-rejected ||
			first.get("data.rejected_count") != float64(rejected) || first.get("data.file.preset") != f.Preset {
			t.Errorf("%s: %s", f.File, first.raw)
		}
		a.csv(path+"?on_duplicate=update", string(file)).wantCounts(0, len(f.Rows)-rejected, 0, rejected)
	}
	if n := a.query(`SELECT count(*) FROM contacts c JOIN companies f ON f.workspace_id = c.workspace_id
		AND f.id = c.company_id
		WHERE c.external_id = '003A1' AND c.full_name = 'Theres Obermaier' AND f.name = 'Obermaier & Söhne KG'
		AND f.external_id = '001A1' AND f.domain = 'obermaier.example'`); n != 1 {
		t.Errorf("%d contacts 003A1 with their company, want 1", n)
	}
	a.csv("/v1/import/contacts?on_duplicate=update",
		"Record ID,First Name,Last Name,Email,Associated Company,Lead "+
			"Status\n,Lioba,Achterberg-Noll,lioba@achterberg.example,,\n").wantCounts(0, 1, 0, 0)
	if n := a.query(`SELECT count(*) FROM contacts WHERE external_id = '4421'
		AND full_name = 'Lioba Achterberg-Noll'`); n != 1 {
		t.Errorf("%d contacts were brought up to date by their email, want 1", n)
	}
}
