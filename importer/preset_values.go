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
	if open < 1 || !strings.HasSuffix(trimmed, ")") || isNumbered(severalNames(trimmed)) {
		return name, ""
	}
	number = trimmed[open+2 : len(trimmed)-1]
	if !isDigits(number) {
		return name, ""
	}
	return strings.TrimSpace(trimmed[:open]), number
}

// isNumbered reports whether the first of several names has a number of its own, so that the last
// number is not that of the cell: "Acme (14); Roche (15)".
func isNumbered(names []string) bool { return len(names) > 0 && strings.HasSuffix(names[0], ")") }

// numberOf returns the number behind a name; empty for none.
func numberOf(name string) string {
	if !strings.HasSuffix(name, ")") {
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

// ownerColumns are the positions of the fields of a deal that name its company and its contact.
var ownerColumns = positions(Deals, []string{fieldCompanyName, fieldCompanyExternalID, fieldContactExternalID})

// translateRecord returns the values of a contact or a deal in our words, and calls changed for
// each that loses a part.
func (s *preset) translateRecord(v Values, changed func(field int, how How)) {
	switch s.kind {
	case Contacts:
		translateContact(v, changed)
	case Deals:
		translateDeal(v, changed)
	case Tasks, Companies, Events, Users:
	}
}

// translateDeal removes several companies or contacts in one cell, since the row does not say which
// one the deal belongs to. A contact may be written as a name with its number.
func translateDeal(v Values, changed func(field int, how How)) {
	for _, at := range ownerColumns {
		if strings.Contains(v[at], ";") {
			v[at] = ""
			changed(at, LeftOut)
		}
	}
	contact := &v[ownerColumns[len(ownerColumns)-1]]
	if _, number := splitNumber(*contact); number != "" {
		*contact = number
	}
}

// translateContact keeps the first of several addresses, which the products prefer. It removes
// several companies in one cell, since the row does not say which one employs the contact.
func translateContact(v Values, changed func(field int, how How)) {
	first, rest, _ := strings.Cut(strings.ReplaceAll(v[atEmail], ";", ","), ",")
	if strings.Trim(rest, ", ") != "" {
		changed(atEmail, FirstOnly)
	}
	v[atEmail] = strings.TrimSpace(first)
	for _, at := range [...]int{atEmployer, atEmployerID} {
		if strings.Contains(v[at], ";") {
			v[at] = ""
			changed(at, LeftOut)
		}
	}
}
