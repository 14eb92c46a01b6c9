package importer

import (
	"slices"
	"strings"
	"taskport/importer/dates"
	"unicode"

	"github.com/google/uuid"
)

// Kind is what the rows of an import are.
type Kind string

// The kinds of import: tasks, and the five parts of the directory that tasks refer to.
const (
	Tasks     Kind = "tasks"
	Contacts  Kind = "contacts"
	Companies Kind = "companies"
	Deals     Kind = "deals"
	Events    Kind = "events"
	Users     Kind = "users" // to whom tasks are assigned
)

// Kinds lists the kinds of rows, tasks first.
func Kinds() []Kind { return []Kind{Tasks, Contacts, Companies, Deals, Events, Users} }

// kindNames lists all kinds, for messages.
const kindNames = "tasks, contacts, companies, deals, events, users"

// The fields of rows. The columns of a file are mapped to them.
const (
	fieldTitle       = "title"
	fieldDescription = "description"
	fieldStatus      = "status"
	fieldPriority    = "priority"
	fieldTaskType    = "task_type"
	fieldDueDate     = "due_date"
	fieldAssigneeID  = "assignee_id"
	fieldContactID   = "contact_id"
	fieldContactName = "contact_name"
	fieldCompanyID   = "company_id"
	fieldCompanyName = "company_name"
	fieldDealID      = "deal_id"
	fieldEventID     = "event_id"

	fieldAssigneeExternalID = "assignee_external_id"
	fieldAssigneeEmail      = "assignee_email"
	fieldAssigneeName       = "assignee_name"

	fieldContactExternalID = "contact_external_id"
	fieldContactEmail      = "contact_email"
	fieldCompanyExternalID = "company_external_id"
	fieldCompanyDomain     = "company_domain"
	fieldDealExternalID    = "deal_external_id"
	fieldDealName          = "deal_name"
	fieldEventExternalID   = "event_external_id"
	fieldEventName         = "event_name"
	fieldRelatedExternalID = "related_external_id"
	fieldRelatedName       = "related_name"
	fieldRelatedType       = "related_type"

	fieldCreatedDate = "created_date"
	fieldExternalID  = "external_id"
	fieldFullName    = "full_name"
	fieldFirstName   = "first_name"
	fieldLastName    = "last_name"
	fieldEmail       = "email"
	fieldName        = "name"
	fieldDomain      = "domain"
	fieldActive      = "active"
	fieldDisabled    = "disabled"
)

// FieldCustomFields holds what the source of a task had and no field takes.
const FieldCustomFields = "custom_fields"

// fieldType is how the text of a field is read.
type fieldType uint8

const (
	verbatimType fieldType = iota // unchanged
	textType                      // without the spaces around it
	nameType                      // also with single spaces between words
	idType                        // an id of another system; a nearly right column name does not feed it
	lowerType                     // an email address or a domain
	wordType                      // one of the allowed words
	dateType                      // ISO 8601, or the form of the dates of the file
	recordType                    // the UUID of a record of the workspace
	objectType                    // a JSON object of text
)

// evidence is how a field identifies the record that it refers to.
type evidence string

const (
	byID         evidence = "id"
	byExternalID evidence = "external_id"
	byEmail      evidence = "email"
	byDomain     evidence = "domain"
	byName       evidence = "name"
	byEqual      evidence = "equal" // a title that one record has; never the evidence of a field
	byType       evidence = "type"  // the kind of the record
)

// reference is the kind of record that a field refers to, and how; the zero value is none. The kind
// is empty when it may be any.
type reference struct {
	kind Kind
	by   evidence
}

// fieldSpec is a line of the table of fields. Its name is also the key of its synonyms
// (columnNames), its words in files (usualWords, commonValues) and its columns in presets.
type fieldSpec struct {
	name    string
	is      fieldType
	limit   int       // in bytes; 0 for maxShort
	words   []string  // the allowed values of a wordType
	refers  reference // what the field refers to
	needed  bool      // a table must have at least one of the needed fields of its kind
	inParts bool      // may be composed of a first and a last name
	single  bool      // differs from row to row, so it cannot be a constant
	orNow   bool      // an unreadable date becomes the time of the import
	also    string    // a further name of its column
	answer  string    // its name in API answers if that differs; noAnswer to omit the field

	// Where the value is in the result of the row; nil where validate sets it.
	text    func(*Draft) *string
	when    func(*Draft) *dates.When
	id      func(*Draft) *uuid.UUID
	contact func(*Contact) *string
	company func(*Company) *string
	item    func(*Item) *string
	user    func(*User) *string
}

const noAnswer = "-"

// fieldTable has the fields of each kind, in the order of Values. A new field of tasks needs a line
// here, a field of Task (or Draft), and a column in store/task_columns.go;
// TestFieldsHaveTheirPlaces names the other places.
var fieldTable = map[Kind][]fieldSpec{
	Tasks: {
		{name: fieldTitle, limit: MaxText, needed: true, text: func(d *Draft) *string { return &d.Title }},
		{name: fieldDescription, limit: MaxText, text: func(d *Draft) *string { return &d.Description }},
		{name: fieldStatus, is: wordType, words: statuses, text: func(d *Draft) *string { return &d.Status }},
		{name: fieldPriority, is: wordType, words: priorities, text: func(d *Draft) *string { return &d.Priority }},
		{name: fieldTaskType, is: textType, text: func(d *Draft) *string { return &d.TaskType }},
		{name: fieldDueDate, is: dateType, when: func(d *Draft) *dates.When { return &d.Due }},
		{name: fieldAssigneeID, is: idType, refers: reference{Users, byID},
			also: "assigned_to_user_id", answer: "assigned_to_user_id",
			text: func(d *Draft) *string { return &d.AssigneeID }},
		{name: fieldAssigneeExternalID, is: idType, refers: reference{Users, byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.AssigneeExternalID }},
		{name: fieldAssigneeEmail, is: lowerType, refers: reference{Users, byEmail}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.AssigneeEmail }},
		{name: fieldAssigneeName, is: textType, refers: reference{Users, byName}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.AssigneeName }},
		{name: fieldContactID, is: recordType, refers: reference{Contacts, byID},
			id: func(d *Draft) *uuid.UUID { return &d.ContactID }},
		{name: fieldContactExternalID, is: idType, refers: reference{Contacts, byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.ContactExternalID }},
		{name: fieldContactEmail, is: lowerType, refers: reference{Contacts, byEmail}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.ContactEmail }},
		{name: fieldContactName, is: textType, refers: reference{Contacts, byName}, inParts: true, answer: noAnswer,
			text: func(d *Draft) *string { return &d.ContactName }},
		{name: fieldCompanyID, is: recordType, refers: reference{Companies, byID},
			id: func(d *Draft) *uuid.UUID { return &d.CompanyID }},
		{name: fieldCompanyExternalID, is: idType, refers: reference{Companies, byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.CompanyExternalID }},
		{name: fieldCompanyDomain, is: lowerType, refers: reference{Companies, byDomain}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.CompanyDomain }},
		{name: fieldCompanyName, is: textType, refers: reference{Companies, byName}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.CompanyName }},
		{name: fieldDealID, is: recordType, refers: reference{Deals, byID},
			id: func(d *Draft) *uuid.UUID { return &d.DealID }},
		{name: fieldDealExternalID, is: idType, refers: reference{Deals, byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.DealExternalID }},
		{name: fieldDealName, is: textType, refers: reference{Deals, byName}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.DealName }},
		{name: fieldEventID, is: recordType, refers: reference{Events, byID},
			id: func(d *Draft) *uuid.UUID { return &d.EventID }},
		{name: fieldEventExternalID, is: idType, refers: reference{Events, byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.EventExternalID }},
		{name: fieldEventName, is: textType, refers: reference{Events, byName}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.EventName }},
		{name: fieldRelatedExternalID, is: idType, refers: reference{by: byExternalID}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.RelatedExternalID }},
		{name: fieldRelatedName, is: textType, refers: reference{by: byName}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.RelatedName }},
		{name: fieldRelatedType, is: textType, refers: reference{by: byType}, answer: noAnswer,
			text: func(d *Draft) *string { return &d.RelatedType }},
		{name: fieldCreatedDate, is: dateType, orNow: true, text: func(d *Draft) *string { return &d.CreatedDate }},
		{name: fieldExternalID, is: idType, single: true, answer: noAnswer,
			text: func(d *Draft) *string { return &d.ExternalID }},
		{name: FieldCustomFields, is: objectType, limit: maxCustomFields,
			text: func(d *Draft) *string { return &d.CustomFields }},
	},
	Contacts: {
		{name: fieldFullName, is: nameType, needed: true, inParts: true,
			contact: func(c *Contact) *string { return &c.FullName }},
		{name: fieldFirstName, is: nameType, needed: true, contact: func(c *Contact) *string { return &c.FirstName }},
		{name: fieldLastName, is: nameType, needed: true, contact: func(c *Contact) *string { return &c.LastName }},
		{name: fieldEmail, is: lowerType, needed: true, contact: func(c *Contact) *string { return &c.Email }},
		{name: fieldCompanyName, is: nameType, refers: reference{Companies, byName},
			contact: func(c *Contact) *string { return &c.CompanyName }},
		{name: fieldCompanyExternalID, is: idType, refers: reference{Companies, byExternalID},
			contact: func(c *Contact) *string { return &c.CompanyExternalID }},
		{name: fieldExternalID, is: idType, single: true, contact: func(c *Contact) *string { return &c.ExternalID }},
	},
	Companies: {
		{name: fieldName, is: nameType, needed: true, company: func(c *Company) *string { return &c.Name }},
		{name: fieldDomain, is: lowerType, company: func(c *Company) *string { return &c.Domain }},
		{name: fieldExternalID, is: idType, single: true, company: func(c *Company) *string { return &c.ExternalID }},
	},
	Deals:  itemFields,
	Events: itemFields,
	Users: {
		{name: fieldAssigneeID, is: idType, needed: true, single: true, user: func(u *User) *string { return &u.AssigneeID }},
		{name: fieldName, is: nameType, inParts: true, user: func(u *User) *string { return &u.Name }},
		{name: fieldFirstName, is: nameType, user: func(u *User) *string { return &u.FirstName }},
		{name: fieldLastName, is: nameType, user: func(u *User) *string { return &u.LastName }},
		{name: fieldEmail, is: lowerType, needed: true, user: func(u *User) *string { return &u.Email }},
		{name: fieldExternalID, is: idType, needed: true, single: true, user: func(u *User) *string { return &u.ExternalID }},
		{name: fieldActive, is: wordType, words: yesNo, user: func(u *User) *string { return &u.Active }},
		{name: fieldDisabled, is: wordType, words: yesNo, user: func(u *User) *string { return &u.Disabled }},
	},
}

// yesNo are the values of a field that is true or false.
var yesNo = []string{"true", "false"}

// itemFields are the fields of deals and events.
var itemFields = []fieldSpec{
	{name: fieldTitle, is: nameType, limit: MaxText, needed: true, item: func(it *Item) *string { return &it.Title }},
	{name: fieldExternalID, is: idType, single: true, item: func(it *Item) *string { return &it.ExternalID }},
	{name: fieldCompanyName, is: nameType, refers: reference{Companies, byName},
		item: func(it *Item) *string { return &it.CompanyName }},
	{name: fieldCompanyExternalID, is: idType, refers: reference{Companies, byExternalID},
		item: func(it *Item) *string { return &it.CompanyExternalID }},
	{name: fieldContactExternalID, is: idType, refers: reference{Contacts, byExternalID},
		item: func(it *Item) *string { return &it.ContactExternalID }},
}

// These lists are derived from the table.
var (
	// fields has the names of all fields of each kind.
	fields = namesWhere(func(*fieldSpec) bool { return true })
	// needs has the fields without which every row would be rejected: a table must feed at least
	// one of them.
	needs = namesWhere(func(f *fieldSpec) bool { return f.needed })
	// comparedFields are those by which a file is recognized later: a task that has gone to another
	// assignee is not a new one, and a column of owners that was added does not hide the file.
	comparedFields = namesWhere(func(f *fieldSpec) bool { return f.refers.kind != Users })
	// dateFields, idFields, wordFields and namingFields hold a date, an id of another system, a word
	// of a list, and the name of another record.
	dateFields   = namesWhere(func(f *fieldSpec) bool { return f.is == dateType })
	idFields     = namesWhere(func(f *fieldSpec) bool { return f.is == idType })
	wordFields   = namesWhere(func(f *fieldSpec) bool { return f.is == wordType })
	namingFields = namesWhere(func(f *fieldSpec) bool { return f.refers.by == byName })

	// exact has the fields of further column names that are used as they are.
	exact = exactNames()

	// taskFields are the fields of a task; parentIDs are those with the id of a parent.
	taskFields = fieldTable[Tasks]
	parentIDs  = linesWhere(Tasks, func(f *fieldSpec) bool { return f.is == recordType })
	// parentFields are all that name a parent, and keyFields those of them that name it by a key.
	parentFields = linesWhere(Tasks, (*fieldSpec).namesParent)
	keyFields    = linesWhere(Tasks, func(f *fieldSpec) bool {
		return f.namesParent() && f.refers.by != byID && f.refers.by != byName
	})
	// assigneeFields are all that name the assignee.
	assigneeFields = linesWhere(Tasks, func(f *fieldSpec) bool { return f.refers.kind == Users })
	// ownWords are the words of all fields that take no others, by kind.
	ownWords = map[Kind][]string{Tasks: wordsOf(Tasks), Users: wordsOf(Users)}
)

func linesWhere(kind Kind, is func(*fieldSpec) bool) []*fieldSpec {
	var lines []*fieldSpec
	for i := range fieldTable[kind] {
		if f := &fieldTable[kind][i]; is(f) {
			lines = append(lines, f)
		}
	}
	return lines
}

func namesWhere(is func(*fieldSpec) bool) map[Kind][]string {
	all := map[Kind][]string{}
	for kind := range fieldTable {
		for _, f := range linesWhere(kind, is) {
			all[kind] = append(all[kind], f.name)
		}
	}
	return all
}

func exactNames() map[string]string {
	all := map[string]string{}
	for _, f := range linesWhere(Tasks, func(f *fieldSpec) bool { return f.also != "" }) {
		all[f.also] = f.name
	}
	return all
}

func wordsOf(kind Kind) []string {
	var all []string
	for _, f := range fieldTable[kind] {
		all = append(all, f.words...)
	}
	return all
}

// specOf returns the line of a field; nil when rows of the kind do not have it.
func specOf(kind Kind, field string) *fieldSpec {
	table := fieldTable[kind]
	for i := range table {
		if table[i].name == field {
			return &table[i]
		}
	}
	return nil
}

// position returns the index of a field in Values; -1 when rows of the kind do not have it.
func position(kind Kind, field string) int { return slices.Index(fields[kind], field) }

// positions returns the indexes of fields in Values.
func positions(kind Kind, names []string) []int {
	at := make([]int, len(names))
	for i, field := range names {
		at[i] = position(kind, field)
	}
	return at
}

// IsDate reports whether a field of the kind holds a date.
func IsDate(kind Kind, field string) bool {
	f := specOf(kind, field)
	return f != nil && f.is == dateType
}

// most returns the largest size of the field, in bytes.
func (f *fieldSpec) most() int {
	if f.limit > 0 {
		return f.limit
	}
	return maxShort
}

// isCalled reports whether name is that of the field or its further name.
func (f *fieldSpec) isCalled(name string) bool { return name == f.name || name != "" && name == f.also }

// fieldMaking returns the field of a row of the kind that makes a reference; empty without one.
func fieldMaking(kind Kind, to reference) string {
	for i := range fieldTable[kind] {
		if fieldTable[kind][i].refers == to {
			return fieldTable[kind][i].name
		}
	}
	return ""
}

// externalIDFields returns, for each field that names a record, the one that refers to it by its
// external id; empty where rows of the kind do not have it.
func externalIDFields(kind Kind, naming []string) []string {
	all := make([]string, len(naming))
	for i, name := range naming {
		all[i] = fieldMaking(kind, reference{specOf(kind, name).refers.kind, byExternalID})
	}
	return all
}

// NamesParent reports whether a field of a task names one of its parents, by whatever evidence: the
// contact, company, deal or event that it must have one of.
func NamesParent(field string) bool {
	f := specOf(Tasks, field)
	return f != nil && f.namesParent()
}

// namesParent reports whether the field says which record a task belongs to.
func (f *fieldSpec) namesParent() bool {
	return f.refers.by != "" && f.refers.by != byType && f.refers.kind != Users
}

var underscores = strings.NewReplacer(" ", "_", "-", "_", "\u00A0", "_")

// columnKey returns a column name in the form of a field name: "Contact Name" and "contact-name"
// are contact_name.
func columnKey(name string) string {
	return underscores.Replace(strings.ToLower(strings.TrimFunc(undecorated(name), func(r rune) bool {
		return unicode.IsSpace(r) || isOddSpace(r)
	})))
}
