package importer

import "strings"

// commonValues are the words of most products. Canceled and Archived have no counterpart: such a
// row is rejected.
var commonValues = map[string]map[string]string{
	fieldStatus: {
		"notstarted": "open", "todo": "open", "open": "open", "deferred": "open", "postponed": "open",
		"inprogress": "in_progress", "started": "in_progress", "workinprogress": "in_progress", "waiting": "in_progress",
		"waitingonsomeoneelse": "in_progress", "waitingforinput": "in_progress", "pendinginput": "in_progress",
		"completed": "completed", "done": "completed",
	},
	fieldPriority: {
		"highest": "high", "urgent": "high", "high": "high", "normal": "medium", "medium": "medium", "low": "low",
		"lowest": "low", "none": "",
	},
}

// splitNumber takes the number of a record off its name: "Marc Lemaire (4421)". A name without one
// is returned as it is.
func splitNumber(name string) (rest, number string) {
	trimmed := strings.TrimSpace(name)
	open := strings.LastIndex(trimmed, " (")
	if open < 1 || !strings.HasSuffix(trimmed, ")") {
		return name, ""
	}
	number = trimmed[open+2 : len(trimmed)-1]
	if !isDigits(number) {
		return name, ""
	}
	return strings.TrimSpace(trimmed[:open]), number
}

// numberOf returns the number behind a name; empty for none.
func numberOf(name string) string {
	if !mayEndInNumber(name) {
		return ""
	}
	_, number := splitNumber(name)
	return number
}

// Positions of the fields of contacts that presets translate.
var (
	atEmail    = position(Contacts, fieldEmail)
	atEmployer = position(Contacts, fieldCompanyName)

	atEmployerID = position(Contacts, fieldCompanyExternalID)
)

// translateRecord returns the values of a contact in our words.
func (s *preset) translateRecord(v Values) {
	if s.kind == Contacts {
		translateContact(v)
	}
}

// translateContact keeps the first of several addresses, which the products prefer. It removes
// several companies in one cell, since the row does not say which one employs the contact.
func translateContact(v Values) {
	first, _, _ := strings.Cut(strings.ReplaceAll(v[atEmail], ";", ","), ",")
	v[atEmail] = strings.TrimSpace(first)
	for _, at := range [...]int{atEmployer, atEmployerID} {
		if strings.Contains(v[at], ";") {
			v[at] = ""
		}
	}
}
