package importer

import (
	"testing"
	"time"

	"taskport/importer/file"
)

func TestShortenedNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1.20123E+15", "1,20123E+15", "5.72577e+18", "1E+12", "-1.5E+12"} {
		if !isShortenedNumber(text) {
			t.Errorf("%q is not a shortened number", text)
		}
	}
	for _, text := range []string{"", "120123", "1.20123E15", "1E-7", "12.5E+3", "E+15", "1.E+15", "1.2E+", "A1E+15",
		"1E+1F", "1.2.3E+4", "T-1E+5"} {
		if isShortenedNumber(text) {
			t.Errorf("%q is a shortened number", text)
		}
	}
}

// Two tasks or contacts whose ids a spreadsheet has made equal are not repetitions of one another.
func TestShortenedIdsAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    Kind
		columns []string
		cells   string
	}{
		{Tasks, []string{"Record", "title", "contact_name"}, "1.20123E+15,Call,Anna"},
		{Contacts, []string{"Record", "full_name"}, "5.72577E+18,Anna"},
		{Companies, []string{"Record", "name"}, `"5,72577E+18",Acme`},
		{Deals, []string{"Record", "title"}, "1E+12,Renewal"},
	} {
		p, err := NewRowReader(c.kind, csvLayout(c.columns...), Mapping{ByColumn: map[string]string{"Record": "external_id"}})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: 1, Data: []byte(c.cells + "\n")}, time.Now())
		if len(b.Dead) != 1 || b.Dead[0].Reason != InvalidValue || b.Dead[0].Field != fieldExternalID ||
			b.Dead[0].Remedy != (file.Remedy{Code: RemedyShortened, Field: fieldExternalID, Column: "Record"}) {
			t.Errorf("%s: %+v", c.kind, b)
		}
	}
}

// So are the ids of other records in the rows of a directory.
func TestShortenedReferencesOfTheDirectoryAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind    Kind
		columns []string
		cells   string
	}{
		{Contacts, []string{"company_external_id", "full_name"}, "5.72577E+18,Anna"},
		{Deals, []string{"company_external_id", "title"}, "5.72577E+18,Renewal"},
		{Deals, []string{"contact_external_id", "title"}, "5.72577E+18,Renewal"},
		{Events, []string{"company_external_id", "title"}, "5.72577E+18,Fair"},
		{Users, []string{"assignee_id", "email"}, "5.72577E+18,anna@ours.example"},
		{Users, []string{"external_id", "email"}, "5.72577E+18,anna@ours.example"},
	} {
		p, err := NewRowReader(c.kind, csvLayout(c.columns...), Mapping{})
		if err != nil {
			t.Fatal(err)
		}
		b := p.Read(file.Chunk{FirstRow: 1, FirstLine: 2, Rows: 1, Data: []byte(c.cells + "\n")}, time.Now())
		if len(b.Dead) != 1 || b.Dead[0].Reason != InvalidValue || b.Dead[0].Field != c.columns[0] {
			t.Errorf("%s: got %+v, want invalid_value of %s", c.kind, b, c.columns[0])
		}
	}
}

// The external_id of a single task is accepted as it is.
func TestAnExternalIdOfTheAPIMayBeAnyText(t *testing.T) {
	t.Parallel()
	v := make(Values, len(fields[Tasks]))
	v[atTitle], v[atContactName], v[atExternalID] = "Call", "Anna", "1.2E+15"
	b, fault := ReadTask(v, time.Now())
	if fault != nil || len(b.Tasks) != 1 || b.Tasks[0].ExternalID != "1.2E+15" {
		t.Errorf("%+v, %+v", b, fault)
	}
}
