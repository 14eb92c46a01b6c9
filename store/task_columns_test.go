package store

import (
	"reflect"
	"slices"
	"testing"

	"taskport/importer"
)

// Each field of the structs has a column; TestColumnsAreThoseOfTheTables compares the columns with
// the schema.
func TestFieldsHaveColumns(t *testing.T) {
	t.Parallel()
	var task importer.Task
	var places []any
	for _, c := range taskColumns {
		places = append(places, c.placesIn(&task)...)
	}
	v := reflect.ValueOf(&task).Elem()
	for i := range v.NumField() {
		if !slices.Contains(places, v.Field(i).Addr().Interface()) {
			name := v.Type().Field(i).Name
			t.Errorf("no column holds %s of a task: add one to taskColumns in store/task_columns.go", name)
		}
	}
	employed := func(c *importer.Contact) *employedContact { return &employedContact{Contact: c} }
	allWritten(t, contactTable.columns, employed, "CompanyName", "CompanyExternalID")
	allWritten(t, companyTable.columns, func(c *importer.Company) *importer.Company { return c })
	allWritten(t, itemColumns, func(it *importer.Item) *ownedItem { return &ownedItem{Item: it} }, "CompanyName",
		"CompanyExternalID", "ContactExternalID")
}

func (c *taskColumn) placesIn(t *importer.Task) []any {
	var all []any
	if c.text != nil {
		all = append(all, c.text(t))
	}
	if c.id != nil {
		all = append(all, c.id(t))
	}
	if c.when != nil {
		all = append(all, c.when(t))
	}
	if c.moment != nil {
		all = append(all, c.moment(t))
	}
	return all
}

// allWritten checks that each text of a record, with exceptions, is the value of a column.
func allWritten[R, C any](t *testing.T, columns []recordColumn[C], columnsOf func(*R) *C, but ...string) {
	t.Helper()
	record := new(R)
	v := reflect.ValueOf(record).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		if v.Field(i).Kind() != reflect.String || slices.Contains(but, name) {
			continue
		}
		v.Field(i).SetString("the " + name)
		holdsIt := func(c recordColumn[C]) bool { return c.text != nil && c.text(columnsOf(record)) == "the "+name }
		if !slices.ContainsFunc(columns, holdsIt) {
			t.Errorf("no column holds %s.%s: add one in store/record_columns.go", v.Type(), name)
		}
	}
}
