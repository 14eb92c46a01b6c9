package importer

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// readContact reads the contact of a row: a name, an email address, or both, as "Hans Müller
// <hans@example.com>". It refuses several contacts in one cell: a task has one, and the row does
// not say which is meant.
func (d *Draft) readContact(text string) *Fault {
	d.ContactName = text
	if d.ContactID != uuid.Nil || !hasContactSign(text) {
		return nil
	}
	if n := severalPeople(text); n > 1 {
		return &Fault{Reason: InvalidValue, Field: fieldContactName, Subject: text,
			Message: fmt.Sprintf("%s names %d contacts, and a task has one; keep one of them here, and give the others "+
				"rows of their own", shown(text), n)}
	}
	d.ContactName, d.ContactEmail = splitAddress(strings.TrimSpace(strings.Trim(text, ";|\n")))
	return nil
}

// hasContactSign reports whether a cell may hold more than one name.
func hasContactSign(text string) bool {
	for i := range len(text) {
		if c := text[i]; c == '@' || c == ';' || c == '|' || c == '\n' {
			return true
		}
	}
	return false
}

// severalPeople counts the persons in a cell. A comma separates them only where each has an
// address: it is also part of "Müller, Hans".
func severalPeople(text string) int {
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '|' || r == '\n' })
	n := 0
	for _, p := range parts {
		if strings.ContainsFunc(p, unicode.IsLetter) {
			n++
		}
	}
	if n > 1 {
		return n
	}
	addresses := 0
	for _, p := range strings.Split(text, ",") {
		if strings.Contains(p, "@") {
			addresses++
		}
	}
	return max(n, addresses)
}

// splitAddress returns the name and the address of a text. An address without a name is returned as
// the name too, so that a message can show it.
func splitAddress(text string) (name, email string) {
	text = strings.TrimPrefix(text, "mailto:")
	switch open, end := strings.LastIndexByte(text, '<'), strings.LastIndexByte(text, '>'); {
	case open >= 0 && end > open:
		name, email = text[:open]+text[end+1:], text[open+1:end]
	case looksLikeEmail(text):
		name, email = "", text
	default:
		before, within, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
		name, email = before, within // Hans Müller (hans@example.com)
		if looksLikeEmail(strings.TrimSpace(before)) {
			name, email = within, before
		}
	}
	email = strings.ToLower(strings.TrimSpace(email))
	if !looksLikeEmail(email) {
		return text, ""
	}
	name = strings.Trim(strings.TrimSpace(name), `"'“”„`)
	if name == "" {
		name = email
	}
	return name, email
}

// Emails returns the addresses of contacts in the tasks, each once.
func (b *Batch) Emails() []string {
	var emails []string
	seen := map[string]bool{}
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactEmail != "" && d.ContactID == uuid.Nil && !seen[d.ContactEmail] {
			seen[d.ContactEmail] = true
			emails = append(emails, d.ContactEmail)
		}
	}
	return emails
}

// identify sets the contacts of the tasks whose address exactly one contact has. For others the
// name decides. link checks that name and address agree.
func (b *Batch) identify(contacts map[string][]uuid.UUID) {
	for i := range b.Tasks {
		if d := &b.Tasks[i]; d.ContactEmail != "" && d.ContactID == uuid.Nil && len(contacts[d.ContactEmail]) == 1 {
			d.ContactID, d.byAddress = contacts[d.ContactEmail][0], true
		}
	}
}

// addressFault refuses a contact found by its address when the name in the row means somebody else.
func (n *Snapshot) addressFault(ctx context.Context, d *Draft) (*Fault, error) {
	owner := n.People.NameOf(d.ContactID)
	if d.ContactName == d.ContactEmail || owner == "" || match.Key(match.Person, owner) == match.Key(match.Person,
		d.ContactName) {
		return nil, nil
	}
	v, err := n.People.ResolveContext(ctx, d.ContactName, nil, n.Settings.Params(match.Person))
	if err != nil {
		return nil, err
	}
	others := v.Candidates
	switch {
	case v.Finding == match.Linked && v.Winner.ID != match.ID(d.ContactID):
		others = []match.Candidate{v.Winner}
	case v.Finding == match.Ambiguous && !slices.Contains(v.All, match.ID(d.ContactID)):
	default:
		return nil, nil
	}
	if c, ok := n.People.Candidate(d.ContactID, d.ContactName); ok {
		// The owner replaces the last of many namesakes.
		others = append(slices.Clone(others[:min(len(others), MaxCandidates-1)]), c)
	}
	return &Fault{Reason: AmbiguousReference, Field: fieldContactName, Subject: d.ContactName, Company: d.CompanyName,
		Candidates: n.candidates(others, MaxCandidates), Details: details(v),
		Message: fmt.Sprintf("%s means another contact than the address %s, which is that of %s", shown(d.ContactName),
			d.ContactEmail, shown(owner)), Remedy: file.Remedy{Code: RemedyCandidate, Field: fieldContactID}}, nil
}
