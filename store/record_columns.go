package store

import (
	"slices"

	"github.com/google/uuid"

	"taskport/importer"
)

// recordColumn is a column of a table of the directory. The function that returns its value
// determines its type; an absent value is NULL.
type recordColumn[R any] struct {
	name  string
	never bool // it is never NULL
	kept  bool // an update leaves it unchanged
	text  func(*R) string
	id    func(*R) uuid.UUID
	// isTrue reports whether the record has the property, and whether it says so; a new record has
	// one that it does not speak of.
	isTrue func(*R) (is, said bool)
}

// recordTable is a table of the directory; its COPY and UPDATE are built from the columns. The
// other columns hold the identity of a record (workspace_id, id), its creation time and its source.
type recordTable[R any] struct {
	name      string
	columns   []recordColumn[R]
	versioned bool // its records hold the version of the directory of their last change
}

// employedContact is a contact with its company.
type employedContact struct {
	*importer.Contact
	company employer
}

// ownedItem is a deal or an event with its company and its contact.
type ownedItem struct {
	*importer.Item
	company, contact employer
}

// employer is a record that another one names: its id, or what it waits for. Both are empty where
// it names none.
type employer struct {
	id  uuid.UUID
	ref string
}

var contactColumns = []recordColumn[employedContact]{
	{name: "full_name", never: true, text: func(c *employedContact) string { return c.FullName }},
	{name: "first_name", never: true, text: func(c *employedContact) string { return c.FirstName }},
	{name: "last_name", never: true, text: func(c *employedContact) string { return c.LastName }},
	{name: "email", text: func(c *employedContact) string { return c.Email }},
	{name: "company_id", id: func(c *employedContact) uuid.UUID { return c.company.id }},
	{name: "company_ref", text: func(c *employedContact) string { return c.company.ref }},
	{name: "external_id", text: func(c *employedContact) string { return c.ExternalID }},
}

var companyColumns = []recordColumn[importer.Company]{
	{name: "name", never: true, text: func(c *importer.Company) string { return c.Name }},
	{name: "match_key", never: true, text: func(c *importer.Company) string { return c.Key }},
	{name: "domain", text: func(c *importer.Company) string { return c.Domain }},
	{name: "external_id", text: func(c *importer.Company) string { return c.ExternalID }},
}

var userColumns = []recordColumn[importer.User]{
	{name: "name", never: true, text: func(u *importer.User) string { return u.Name }},
	{name: "email", text: func(u *importer.User) string { return u.Email }},
	{name: "assignee_id", text: func(u *importer.User) string { return u.AssigneeID }},
	{name: "external_id", text: func(u *importer.User) string { return u.ExternalID }},
	{name: "active", never: true, isTrue: func(u *importer.User) (is, said bool) {
		return u.Active == "true", u.Active != ""
	}},
}

// itemColumns are the columns of deals and of events.
var itemColumns = []recordColumn[ownedItem]{
	{name: "title", never: true, text: func(it *ownedItem) string { return it.Title }},
	{name: "match_key", never: true, text: func(it *ownedItem) string { return it.Key }},
	{name: "external_id", kept: true, text: func(it *ownedItem) string { return it.ExternalID }},
	{name: "company_id", id: func(it *ownedItem) uuid.UUID { return it.company.id }},
	{name: "contact_id", id: func(it *ownedItem) uuid.UUID { return it.contact.id }},
	{name: "company_ref", text: func(it *ownedItem) string { return it.company.ref }},
	{name: "contact_ref", text: func(it *ownedItem) string { return it.contact.ref }},
}

var (
	contactTable = recordTable[employedContact]{name: "contacts", columns: contactColumns, versioned: true}
	userTable    = recordTable[importer.User]{name: "users", columns: userColumns, versioned: true}
	companyTable = recordTable[importer.Company]{name: "companies", columns: companyColumns, versioned: true}
)

func itemTable(kind importer.Kind) recordTable[ownedItem] {
	return recordTable[ownedItem]{name: string(kind), columns: itemColumns, versioned: true}
}

// copied returns the columns of a COPY, in the order of row.
func (t recordTable[R]) copied() []string {
	all := append([]string{"workspace_id", "id"}, namesOf(t.columns, (*recordColumn[R]).column)...)
	if t.versioned {
		all = append(all, "version")
	}
	return append(all, "created_at", "import_id", "row_number")
}

// row returns the values of a new record that comes from a row of the import; 0 for a record
// without a row.
func (t recordTable[R]) row(w *directoryWriter, id uuid.UUID, r *R, number int) []any {
	all := []any{[16]byte(w.workspace), [16]byte(id)}
	for i := range t.columns {
		all = append(all, t.columns[i].value(r, t.columns[i].never))
	}
	if t.versioned {
		all = append(all, w.version)
	}
	importID, ofRow := w.source(number)
	return append(all, w.now, importID, ofRow)
}

// update queues the update of a record, which is active afterwards; absent values leave it
// unchanged.
func (t recordTable[R]) update(w *directoryWriter, id uuid.UUID, r *R) {
	columns := slices.DeleteFunc(slices.Clone(t.columns), func(c recordColumn[R]) bool { return c.kept })
	args := []any{w.workspace, id}
	for i := range columns {
		args = append(args, columns[i].value(r, false))
	}
	names := namesOf(columns, (*recordColumn[R]).column)
	if t.versioned {
		names, args = append(names, "version"), append(args, w.version)
	}
	if w.inactive[id] {
		delete(w.inactive, id)
		names, args = append(names, "active"), append(args, true)
		if t.name == companyTable.name {
			w.returned = append(w.returned, id)
		}
	}
	w.updates.Queue(`UPDATE `+t.name+` SET `+setList(names, 3)+` WHERE workspace_id = $1 AND id = $2`, args...)
}

func (c *recordColumn[R]) column() string { return c.name }

func (c *recordColumn[R]) value(r *R, never bool) any {
	switch {
	case c.id != nil:
		return idOrNull(c.id(r))
	case c.isTrue != nil:
		is, said := c.isTrue(r)
		if !said && !never {
			return nil
		}
		return is || !said
	case never:
		return c.text(r)
	}
	return orNull(c.text(r))
}

// The columns of a Record: of contacts r with their companies e, and of companies r.
const (
	contactRecord = `r.id, coalesce(nullif(r.full_name, ''), r.email, ''), coalesce(r.email, ''), coalesce(e.name, ''),
		coalesce(r.external_id, '')`
	companyRecord = `r.id, r.name, coalesce(r.domain, ''), '', coalesce(r.external_id, '')`
	employersOfR  = ` LEFT JOIN companies e ON e.workspace_id = r.workspace_id AND e.id = r.company_id `
)
