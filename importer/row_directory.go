package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"taskport/importer/match"
)

// Contact is a person of the directory.
type Contact struct {
	Source
	FullName    string // "Hans Müller"; empty when only an email is known
	FirstName   string
	LastName    string
	Email       string // lower case
	CompanyName string
	// CompanyExternalID is what the product that the contact comes from calls its company.
	CompanyExternalID string
	ExternalID        string
}

// Company is a company of the directory. Key is its name in the form in which names are compared.
type Company struct {
	Source
	Name       string
	Key        string
	Domain     string // lower case
	ExternalID string
}

// Item is a deal or an event of the directory. Key is its title in the form in which titles are
// compared. Its company and its contact choose it among equal titles.
type Item struct {
	Source
	Title             string
	Key               string
	ExternalID        string
	CompanyName       string
	CompanyExternalID string
	ContactExternalID string
}

// User is a person to whom tasks are assigned.
type User struct {
	Source
	AssigneeID string // the id in the system that the tasks go to; empty without one
	Name       string
	FirstName  string
	LastName   string
	Email      string // lower case
	ExternalID string
	Active     string // true or false; empty where the row does not say
	Disabled   string // the opposite, as some products have it
}

// validateUser returns a valid user with their name in one form. A user needs something that a task
// can be assigned to: an id in either system, or else an address.
func validateUser(v Values) (User, *Fault) {
	if fault := checkText(Users, v, false); fault != nil {
		return User{}, fault
	}
	var u User
	for i, f := range fieldTable[Users] {
		*f.user(&u) = f.cleaned(v[i])
		if f.words == nil {
			continue
		}
		if _, fault := oneOf(f.name, v[i], f.words); fault != nil {
			return u, fault
		}
	}
	var fault *Fault
	if u.Email, fault = addressOf(u.Email); fault != nil {
		return u, fault
	}
	u.Name = cmp.Or(match.GivenFirst(u.Name), strings.TrimSpace(u.FirstName+" "+u.LastName))
	if u.AssigneeID == "" && u.ExternalID == "" && u.Email == "" {
		return u, &Fault{Reason: InvalidValue, Field: fieldAssigneeID,
			Message: "a user needs assignee_id, external_id or email, to which tasks can be assigned; fill in one of them"}
	}
	switch {
	case u.Disabled == yesNo[0]:
		u.Active = yesNo[1]
	case u.Disabled != "" && u.Active == "":
		u.Active = yesNo[0]
	}
	return u, nil
}

// addressOf returns the address in an email cell: also of Hans <hans@example.com> and
// mailto:hans@example.com. It refuses anything else.
func addressOf(text string) (string, *Fault) {
	if _, address := splitAddress(text); address != "" && strings.Count(text, "@") == 1 {
		text = address
	}
	if text != "" && !looksLikeEmail(text) {
		return text, &Fault{Reason: InvalidValue, Field: fieldEmail, Subject: text,
			Message: fmt.Sprintf("email must be an address such as hans@example.com, not %s", shown(text))}
	}
	return text, nil
}

// validateContact returns a valid contact with its name in one form: "Müller, Hans" becomes Hans
// Müller, a missing full name is composed, and missing first and last names are split from it. It
// needs a name or an email.
func validateContact(v Values) (Contact, *Fault) {
	if fault := checkText(Contacts, v, false); fault != nil {
		return Contact{}, fault
	}
	var c Contact
	for i, f := range fieldTable[Contacts] {
		*f.contact(&c) = f.cleaned(v[i])
	}
	var fault *Fault
	if c.Email, fault = addressOf(c.Email); fault != nil {
		return c, fault
	}
	c.FullName = match.GivenFirst(c.FullName)
	if c.FullName == "" {
		c.FullName = strings.TrimSpace(c.FirstName + " " + c.LastName)
	}
	if c.FullName == "" && c.Email == "" {
		return c, &Fault{Reason: InvalidValue, Field: fieldFullName,
			Message: "a contact needs full_name, first_name, last_name or email; fill in one of them"}
	}
	if c.FirstName == "" && c.LastName == "" {
		c.FirstName, c.LastName = splitName(c.FullName)
	}
	return c, nil
}

// nobody compares the names of persons without a directory.
var nobody = sync.OnceValue(func() *match.Directory { return match.NewDirectory(match.Person, nil, nil) })

// MayBeOnePerson reports whether two names may be those of one person: equal, alike, or another
// usual way of writing the same. A missing name may be anybody's, and an address is not a name.
func MayBeOnePerson(a, b string) bool {
	if a == "" || b == "" || a == b || strings.Contains(a, "@") || strings.Contains(b, "@") {
		return true
	}
	p := Settings{}.Params(match.Person)
	return growsInto(a, b) || growsInto(b, a) ||
		nobody().Agrees(a, b, p) != match.Disagrees || nobody().Agrees(b, a, p) != match.Disagrees
}

// growsInto reports whether two names differ by the ending of a surname alone: Anna Nowak and Anna
// Nowakowa.
func growsInto(short, long string) bool {
	const root = 4 // letters
	as, bs := strings.Fields(strings.ToLower(short)), strings.Fields(strings.ToLower(long))
	if len(as) != len(bs) || len(as) < 2 || as[0] != bs[0] {
		return false
	}
	for i, word := range as {
		if word != bs[i] && (utf8.RuneCountInString(word) < root || !strings.HasPrefix(bs[i], word)) {
			return false
		}
	}
	return true
}

// NamedRecords are the records of the directory that rejected rows name: by their ids, email
// addresses, and names (of companies in the form in which they are compared).
type NamedRecords struct {
	ExternalIDs, Emails, Names []string
	unknown, first             int // rows that do not say what they name, and the first of them
}

// Add adds what a rejected row names.
func (n *NamedRecords) Add(p *RowReader, d DeadLetter) {
	switch {
	case d.Reason == MalformedRow && slices.Contains([]string{repeatedHeader, totalsLine, notTaskRow,
		deletedRow}, d.Message):
		return
	case d.Reason == MalformedRow, d.Reason == InvalidValue && (d.Field == fieldExternalID || d.Field == fieldAssigneeID):
		if n.unknown++; n.unknown == 1 {
			n.first = d.Row
		}
		return
	}
	values := p.ValuesOf(d)
	text := func(field string) string { return squeeze(values[field]) }
	add := func(to *[]string, text string) {
		if text != "" {
			*to = append(*to, text)
		}
	}
	add(&n.ExternalIDs, text(fieldExternalID))
	add(&n.ExternalIDs, text(fieldAssigneeID))
	add(&n.Names, match.GivenFirst(text(fieldFullName)))
	add(&n.Names, strings.TrimSpace(text(fieldFirstName)+" "+text(fieldLastName)))
	if p.Kind == Users {
		add(&n.Names, match.GivenFirst(text(fieldName)))
	} else {
		add(&n.Names, match.Key(match.Company, text(fieldName)))
	}
	if _, address := splitAddress(text(fieldEmail)); address != "" {
		add(&n.Emails, address)
	}
}

// Refuses returns why the file cannot be compared with the directory; empty if it can.
func (n *NamedRecords) Refuses() string {
	if n.unknown == 0 {
		return ""
	}
	return fmt.Sprintf("it is not known which records the unreadable rows name (%d, the first is row %d); correct them",
		n.unknown, n.first)
}

// NewContact returns a contact with values by field, as from a row of a file. The error is a *Fault
// that names the field.
func NewContact(values map[string]string) (Contact, error) {
	for _, field := range sortedKeys(values) {
		if !slices.Contains(fields[Contacts], field) {
			return Contact{}, unknownField(Contacts, field)
		}
	}
	v := make(Values, len(fields[Contacts]))
	put(Contacts, v, values)
	c, fault := validateContact(v)
	if fault != nil {
		return Contact{}, fault
	}
	return c, nil
}

// NewCompany returns a company with a name and a domain, which may be empty. The error is a
// *Fault that names the field.
func NewCompany(name, domain string) (Company, error) {
	v := make(Values, len(fields[Companies]))
	put(Companies, v, map[string]string{fieldName: name, fieldDomain: domain})
	c, fault := validateCompany(v)
	if fault != nil {
		return Company{}, fault
	}
	return c, nil
}

func unknownField(kind Kind, field string) *Fault {
	return &Fault{Reason: InvalidValue, Field: cmp.Or(field, "fields"),
		Message: fmt.Sprintf("%s is not a field of %s; choose one of %s", shown(field), kind,
			strings.Join(fields[kind], ", "))}
}

// validateCompany returns a valid company; it needs a name.
func validateCompany(v Values) (Company, *Fault) {
	if fault := checkText(Companies, v, false); fault != nil {
		return Company{}, fault
	}
	var c Company
	for i, f := range fieldTable[Companies] {
		*f.company(&c) = f.cleaned(v[i])
	}
	if c.Name == "" {
		return c, &Fault{Reason: InvalidValue, Field: fieldName, Message: "name is required and must not be blank"}
	}
	if domain, ok := domainOf(c.Domain); ok {
		c.Domain = domain
	}
	c.Key = match.Key(match.Company, c.Name)
	return c, nil
}

// Spelling returns the name of a company in lower case, by which one without an external_id is
// recognized.
func Spelling(name string) string { return strings.ToLower(name) }

// validateItem returns a valid deal or event; it needs a title.
func validateItem(kind Kind, v Values) (Item, *Fault) {
	if fault := checkText(kind, v, false); fault != nil {
		return Item{}, fault
	}
	var it Item
	for i, f := range fieldTable[kind] {
		*f.item(&it) = f.cleaned(v[i])
	}
	if it.Title == "" {
		return it, &Fault{Reason: MissingTitle, Field: fieldTitle, Message: "title is required and must not be blank"}
	}
	it.Key = match.TitleKey(it.Title)
	return it, nil
}

// particles belong to the surname that follows them.
var particles = map[string]bool{"von": true, "van": true, "de": true, "der": true, "den": true, "di": true,
	"da": true, "del": true, "della": true, "dos": true, "du": true, "la": true, "le": true, "zu": true, "zum": true,
	"zur": true, "ter": true, "ten": true, "bin": true, "al": true}

// splitName returns the given names and the surname of a full name.
func splitName(full string) (first, last string) {
	words := strings.Fields(full)
	if len(words) < 2 {
		return full, ""
	}
	at := len(words) - 1
	for at > 1 && particles[strings.ToLower(words[at-1])] {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// cleaned returns the text of a field as it is stored.
func (f *fieldSpec) cleaned(text string) string {
	switch f.is {
	case verbatimType, objectType:
		return text
	case nameType:
		return squeeze(text)
	case lowerType:
		return strings.ToLower(strings.TrimSpace(text))
	case idType:
		return withoutPoint(strings.TrimSpace(text))
	case textType, wordType, dateType, recordType:
	}
	return strings.TrimSpace(text)
}

func looksLikeEmail(s string) bool {
	user, host, ok := strings.Cut(s, "@")
	return ok && user != "" && host != "" && !strings.ContainsAny(s, " \t\r\n,;") && !strings.Contains(host, "@")
}

// squeeze trims a text and replaces each run of spaces, of any kind, by one.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
