package check

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport"
	"taskport/importer"
	"taskport/importer/file"
)

// The files that a product exports together load by their headers, and link by the product's ids,
// or by the titles of its deals.
func TestExportsLinkByTheirIDs(t *testing.T) {
	t.Parallel()
	for _, sets := range []string{"linked", "titled"} {
		exportsLink(t, sets)
	}
}

func exportsLink(t *testing.T, sets string) {
	t.Helper()
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
		o := NewOffline()
		kinds := []importer.Kind{importer.Companies, importer.Contacts, importer.Deals}
		if sets == "linked" { // the others have no users
			kinds = append(kinds, importer.Users)
		}
		for _, kind := range kinds {
			b := readExport(t, sets+"/"+set.Preset, kind)
			o.Add(kind, b)
			if len(b.Dead) > 0 {
				t.Errorf("%s of %s: %+v", kind, set.Preset, b.Dead)
			}
		}
		b := readExport(t, sets+"/"+set.Preset, importer.Tasks)
		run := NewRun(o, o.Snapshot(), importer.Options{})
		if err := run.Options.Validate(); err != nil {
			t.Fatal(err)
		}
		dead, err := run.Take(t.Context(), b)
		if err != nil {
			t.Fatal(err)
		}
		rejected := map[int]importer.DeadLetter{}
		for _, d := range dead {
			rejected[d.Row] = d
		}
		tasks := map[int]importer.Draft{}
		for _, d := range b.Tasks {
			tasks[d.Row] = d
		}
		if len(tasks)+len(rejected) != len(set.Rows) {
			t.Errorf("%s: %d tasks and %d dead letters, want %d rows", set.Preset, len(tasks), len(rejected), len(set.Rows))
		}
		for n, want := range set.Rows {
			d, rejected := tasks[n+1], rejected[n+1]
			if string(rejected.Reason) != want.Reason {
				t.Errorf("%s, row %d: %q %s, want %q", set.Preset, n+1, rejected.Reason, rejected.Message, want.Reason)
			}
			if d.AssigneeID != want.Assignee {
				t.Errorf("%s, row %d: assigned to %q, want %q", set.Preset, n+1, d.AssigneeID, want.Assignee)
			}
			for _, link := range []struct {
				kind importer.Kind
				id   uuid.UUID
				want string
			}{{importer.Contacts, d.ContactID, want.Contact}, {importer.Companies, d.CompanyID, want.Company},
				{importer.Deals, d.DealID, want.Deal}} {
				if want := o.holders.ExternalIDs[link.kind][link.want].ID; link.id != want || link.want != "" && want == uuid.Nil {
					t.Errorf("%s, row %d: %s is %s, want %s (%s)", set.Preset, n+1, link.kind, link.id, want, link.want)
				}
			}
		}
	}
}

// readExport reads a file of a set by its header.
func readExport(t *testing.T, set string, kind importer.Kind) *importer.Batch {
	t.Helper()
	_, preset, _ := strings.Cut(set, "/")
	name := set + "_" + string(kind) + ".csv"
	data, err := taskport.Testdata.ReadFile("testdata/presets/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var last *importer.Batch
	f := File{Kind: kind, Name: name, Cut: file.Options{HasHeader: true},
		Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(string(data))), nil }}
	start := func(p *importer.RowReader) error {
		if p.Layout.Preset != preset {
			t.Errorf("%s is read as an export of %q", name, p.Layout.Preset)
		}
		return nil
	}
	if err := f.Read(time.Now(), start, func(b *importer.Batch) error { last = b; return nil }); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return last
}
