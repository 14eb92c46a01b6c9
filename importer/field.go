package importer

import (
	"strings"
	"unicode"
)

// Kind says what the rows of an import are.
type Kind string

// The kinds of import: tasks, and the four parts of the directory that tasks refer to.
const (
	Tasks     Kind = "tasks"
	Contacts  Kind = "contacts"
	Companies Kind = "companies"
	Deals     Kind = "deals"
	Events    Kind = "events"
)

// Fields of a row. A file's columns are mapped onto them.
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
	fieldCreatedDate = "created_date"
	fieldExternalID  = "external_id"
	fieldFullName    = "full_name"
	fieldFirstName   = "first_name"
	fieldLastName    = "last_name"
	fieldEmail       = "email"
	fieldName        = "name"
	fieldDomain      = "domain"
)

// fields lists what a row of each kind may carry.
var fields = map[Kind][]string{
	Tasks: {fieldTitle, fieldDescription, fieldStatus, fieldPriority, fieldTaskType, fieldDueDate, fieldAssigneeID,
		fieldContactID, fieldContactName, fieldCompanyID, fieldCompanyName, fieldDealID, fieldEventID, fieldCreatedDate, fieldExternalID},
	Contacts:  {fieldFullName, fieldFirstName, fieldLastName, fieldEmail, fieldCompanyName, fieldExternalID},
	Companies: {fieldName, fieldDomain, fieldExternalID},
	Deals:     {fieldTitle, fieldExternalID},
	Events:    {fieldTitle, fieldExternalID},
}

// NamesParent reports whether a field of a task names one of its parents, by id or by name: the contact, company, deal or event that it must have one of.
func NamesParent(field string) bool {
	switch field {
	case fieldContactID, fieldContactName, fieldCompanyID, fieldCompanyName, fieldDealID, fieldEventID:
		return true
	}
	return false
}

// needs lists, for each kind, fields of which a file with a header must offer at least one: without them every row would be rejected.
var needs = map[Kind][]string{
	Tasks:     {fieldTitle},
	Contacts:  {fieldFullName, fieldFirstName, fieldLastName, fieldEmail},
	Companies: {fieldName},
	Deals:     {fieldTitle},
	Events:    {fieldTitle},
}

// exact are further names of columns that are taken as they stand, as those of the fields are.
var exact = map[string]string{"assigned_to_user_id": fieldAssigneeID}

var underscores = strings.NewReplacer(" ", "_", "-", "_", "\u00A0", "_")

// columnKey makes "Contact Name", "contact-name" and "contact_name" the same.
func columnKey(name string) string {
	return underscores.Replace(strings.ToLower(strings.TrimFunc(name, func(r rune) bool { return unicode.IsSpace(r) || isOddSpace(r) })))
}
