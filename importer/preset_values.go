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

// withoutNumber removes the number of a record from its name: "Marc Lemaire (4421)".
func withoutNumber(name string) string {
	trimmed := strings.TrimSpace(name)
	open := strings.LastIndex(trimmed, " (")
	if open < 1 || !strings.HasSuffix(trimmed, ")") {
		return name
	}
	number := trimmed[open+2 : len(trimmed)-1]
	if number == "" || strings.Trim(number, "0123456789") != "" {
		return name
	}
	return strings.TrimSpace(trimmed[:open])
}

// Positions of the fields that presets translate for contacts and companies.
var (
	atEmail    = position(Contacts, fieldEmail)
	atEmployer = position(Contacts, fieldCompanyName)
	atDomain   = position(Companies, fieldDomain)
)

// translateRecord translates the values of a contact or a company in place.
func (s *preset) translateRecord(v Values) {
	switch s.kind {
	case Contacts:
		translateContact(v)
	case Companies:
		translateCompany(v)
	case Tasks, Deals, Events:
	}
}

// translateContact keeps the first of several addresses, which the products prefer. It removes
// several companies in one cell, since the row does not say which one employs the contact.
func translateContact(v Values) {
	first, _, _ := strings.Cut(strings.ReplaceAll(v[atEmail], ";", ","), ",")
	v[atEmail] = strings.TrimSpace(first)
	if strings.Contains(v[atEmployer], ";") {
		v[atEmployer] = ""
	}
}

// translateCompany replaces the address of a website by its domain.
func translateCompany(v Values) {
	text := strings.ToLower(strings.TrimSpace(v[atDomain]))
	if _, after, ok := strings.Cut(text, "://"); ok {
		text = after
	}
	if end := strings.IndexAny(text, "/?#:"); end > 0 {
		text = text[:end]
	}
	v[atDomain] = strings.TrimPrefix(text, "www.")
}
