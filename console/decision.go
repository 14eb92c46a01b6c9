package console

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taskport/importer"
)

// readCorrection reads a correction from the form: a record or a new contact, new values, or both.
func readCorrection(r *request, p *deadLetterPage) (importer.Correction, error) {
	version, err := strconv.Atoi(r.PostFormValue("version"))
	if err != nil || version < 1 {
		return importer.Correction{}, errToken()
	}
	m := importer.Correction{Version: version, Fields: editedFields(p.Fields, r.PostForm)}
	do, typed := r.PostFormValue("do"), p.readContact(r)
	switch text := r.PostFormValue("choose"); {
	case text != "":
		kind := p.Named
		if of, id, ofAny := strings.Cut(text, ":"); ofAny && p.TakesAny() && slices.Contains(parentKinds, importer.Kind(of)) {
			kind, text = importer.Kind(of), id
		}
		id, ok := importer.ParseID(text)
		if !ok || kind == "" {
			return m, refuse(http.StatusBadRequest, "Nothing was chosen", "Choose one of the records.")
		}
		if kind == importer.Users {
			m = assign(m, id)
		} else {
			m = beside(chosen(m, kind, id), kind)
		}
	case do == "unassign" && p.NamesUser():
		m = assign(m, uuid.Nil)
	case do == "create" || do == "enter" && typed && len(m.Fields) == 0: // Enter in a field of the contact
		if m.NewContact, err = newContact(p); err != nil {
			return m, err
		}
		m = beside(m, importer.Contacts)
	case len(m.Fields) == 0:
		return m, &importer.Fault{Message: "nothing was changed: " +
			"edit a value, or retry the import if the directory has changed"}
	}
	return m, p.meant(m, r.PostForm)
}

// beside removes the edits that a chosen record overrides.
func beside(m importer.Correction, named importer.Kind) importer.Correction {
	void := map[importer.Kind][]string{importer.Contacts: {"contact_name", "contact_id"},
		importer.Companies: {"company_name", "company_id"}}
	for _, field := range void[named] {
		delete(m.Fields, field)
	}
	return m
}

// meant refuses edits of other fields than the one at fault in all rows like this one, until the
// operator confirms them.
func (p *deadLetterPage) meant(m importer.Correction, form url.Values) error {
	if form.Get("all") == "" || p.Same < 2 || form.Get("wide") != "" {
		return nil
	}
	var others []string
	for _, field := range slices.Sorted(maps.Keys(m.Fields)) {
		parent := p.Reason == importer.Orphan && importer.NamesParent(field)
		assigns := p.NamesUser() && importer.NamesUser(field)
		if field != p.Field && field != p.SubjectField() && !parent && !assigns {
			others = append(others, field)
		}
	}
	if len(others) == 0 {
		return nil
	}
	p.Wide = strings.Join(others, ", ")
	return &importer.Fault{Message: fmt.Sprintf("%s would change in all %s rows: untick “Apply to all”, or tick “Change”",
		p.Wide, grouped(int64(p.Same)))}
}

// chosen sets the record of a correction.
func chosen(m importer.Correction, kind importer.Kind, id uuid.UUID) importer.Correction {
	switch kind {
	case importer.Companies:
		m.CompanyID = id
	case importer.Deals, importer.Events:
		fields := map[string]string{strings.TrimSuffix(string(kind), "s") + "_id": id.String()}
		maps.Copy(fields, m.Fields)
		m.Fields = fields
	default:
		m.ContactID = id
	}
	return m
}

// editedFields returns the values that differ from those shown. It ignores differences of line
// ends, which browsers change.
func editedFields(shown []editField, form url.Values) map[string]string {
	changes := map[string]string{}
	for _, f := range shown {
		name := "field_" + f.Name
		if f.Huge > 0 || !form.Has(name) {
			continue
		}
		text := form.Get(name)
		if picked := form.Get("date_" + f.Name); picked != "" && f.Date {
			text = picked
		}
		if oneLineEnd(text) != oneLineEnd(f.Value) {
			changes[f.Name] = text
		}
	}
	return changes
}

var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func oneLineEnd(text string) string { return lineEnds.Replace(text) }

// readContact reads the contact to be created from the form. It reports whether the contact differs
// from the proposal.
func (p *deadLetterPage) readContact(r *request) bool {
	if !r.PostForm.Has("new_name") {
		return false
	}
	typed := importer.Contact{FullName: r.PostFormValue("new_name"), Email: r.PostFormValue("new_email"),
		CompanyName: r.PostFormValue("new_company")}
	p.Creating = typed.FullName != p.Contact.FullName || typed.Email != p.Contact.Email ||
		typed.CompanyName != p.Contact.CompanyName
	p.Contact = typed
	return p.Creating
}

// newContact checks the contact that the correction adds to the directory.
func newContact(p *deadLetterPage) (*importer.Contact, error) {
	c, err := importer.NewContact(map[string]string{"full_name": p.Contact.FullName, "email": p.Contact.Email,
		"company_name": p.Contact.CompanyName})
	if err != nil {
		return nil, err
	}
	return &c, nil
}
