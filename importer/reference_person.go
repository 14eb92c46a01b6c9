package importer

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// readContact reads the contact of a row: a name, an email address, or both, as "Hans Müller
// <hans@example.com>". It leaves several contacts in one cell to oneContact.
func (d *Draft) readContact(text string) {
	d.ContactName = text
	switch {
	case d.ContactID != uuid.Nil || !hasContactSign(text):
	case severalPeople(text) > 1:
		d.several = true
	default:
		d.ContactName, d.cellEmail = splitAddress(strings.TrimSpace(strings.Trim(text, ";|\n")))
	}
}

// oneContact does so with the last task of the batch, and removes it when it is refused.
func (b *Batch) oneContact(on OnSeveral) *Fault {
	last := len(b.Tasks) - 1
	fault := b.Tasks[last].oneContact(on)
	if fault != nil {
		b.Tasks = b.Tasks[:last]
	}
	return fault
}

// oneContact refuses several contacts or addresses in one cell, or takes the first: a task has one,
// and the row does not say which is meant.
func (d *Draft) oneContact(on OnSeveral) *Fault {
	if !d.several || d.ContactID != uuid.Nil {
		return nil
	}
	if n := severalPeople(d.ContactName); n > 1 {
		if on != SeveralFirst {
			return severalFault(fieldContactName, d.ContactName, n)
		}
		parts := severalNames(d.ContactName)
		if len(parts) == 0 {
			parts = partsOf(d.ContactName, ",")
		}
		d.keepRest(fieldContactName, parts)
		d.readContact(parts[0])
	}
	if n := strings.Count(d.ContactEmail, "@"); n > 1 {
		parts := partsOf(d.ContactEmail, ";|,\n ")
		if on != SeveralFirst || len(parts) == 0 {
			return severalFault(fieldContactEmail, d.ContactEmail, n)
		}
		d.keepRest(fieldContactEmail, parts)
		d.ContactEmail = parts[0]
		return d.readKeys()
	}
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
		if parts := strings.Split(text, ","); within == "" && len(parts) > 1 { // Müller, Hans, hans@example.com
			if last := len(parts) - 1; looksLikeEmail(strings.TrimSpace(parts[last])) {
				name, email = strings.Join(parts[:last], ","), parts[last]
			} else if looksLikeEmail(strings.TrimSpace(parts[0])) {
				name, email = strings.Join(parts[1:], ","), parts[0]
			}
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

// storeRest adds to custom_fields what cells have besides their first reference, under the names of
// their fields.
func (d *Draft) storeRest() *Fault {
	if len(d.rest) == 0 {
		return nil
	}
	var members []byte
	used := map[string]bool{}
	if d.CustomFields != "" {
		used = namesOfMembers(d.CustomFields)
		members = append(append(members, ','), d.CustomFields[1:len(d.CustomFields)-1]...)
	}
	for _, r := range d.rest {
		members = appendText(append(members, ','), unusedName(r.field, used))
		members = appendText(append(members, ':'), r.text)
	}
	if n := len(members) + 1; n > maxCustomFields {
		return &Fault{Reason: InvalidValue, Field: FieldCustomFields, Remedy: file.Remedy{Code: RemedyKeepColumns},
			Message: fmt.Sprintf("the values that no field takes are %d bytes long together, at most %d are allowed", n,
				maxCustomFields)}
	}
	d.CustomFields, d.rest = asObject(members), nil
	return nil
}

// restOfAll keeps what the cells of a row have besides the first reference, for a row whose links
// are known already.
func (d *Draft) restOfAll() {
	for _, f := range parentFields {
		if f.text == nil || f.name == fieldContactName || f.name == fieldContactEmail { // those are split already
			continue
		}
		parts := severalNames(*f.text(d))
		if f.is == idType {
			parts = severalIDs(*f.text(d))
		}
		if len(parts) > 0 {
			d.keepRest(f.name, parts)
		}
	}
}
