package importer

import (
	"strings"
	"testing"

	"taskport/importer/file"
)

// The message names every option that could help.
func TestMissingTitleColumnNamesTheOptions(t *testing.T) {
	t.Parallel()
	layout := Layout{Layout: file.Layout{Format: file.XLSX, Sheet: "Cover", Columns: []string{"Report of 2026"}}}
	_, err := NewRowReader(Tasks, layout, Mapping{})
	for _, want := range []string{`"Report of 2026"`, `sheet "Cover"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	wantRemedy(t, err, file.Remedy{Code: RemedySheetMapping, Field: fieldTitle})
	_, err = NewRowReader(Contacts, csvLayout("Report"), Mapping{})
	wantRemedy(t, err, file.Remedy{Code: RemedyMapping, Field: fieldFullName})
	if err == nil || strings.Contains(err.Error(), "sheet") {
		t.Errorf("got %v, want an error that names no sheet", err)
	}
}
