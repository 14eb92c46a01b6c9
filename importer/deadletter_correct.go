package importer

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"taskport/importer/match"
)

// Correction is what an operator decides about a dead letter: new values by field, and the records
// that its names mean.
type Correction struct {
	Fields    map[string]string // an empty value removes that of the row
	ContactID uuid.UUID         // the nil id without a choice
	CompanyID uuid.UUID
	// NewContact is added to the directory and chosen; nil without one.
	NewContact *Contact
	// NewCompany likewise.
	NewCompany *Company
	// KnownCompany requires that the company of NewContact is in the directory: it is not added.
	KnownCompany bool
	// Version is that of the dead letter when the operator saw it; 0 for any.
	Version int
}

// Values returns the new values by field, including the ids of chosen records.
func (m Correction) Values() map[string]string {
	v := make(map[string]string, len(m.Fields)+2)
	maps.Copy(v, m.Fields)
	for field, id := range map[string]uuid.UUID{fieldContactID: m.ContactID, fieldCompanyID: m.CompanyID} {
		if id != uuid.Nil {
			v[field] = id.String()
		}
	}
	return v
}

// Size returns the size of the fields and new values, in bytes.
func (m Correction) Size() int {
	n := 0
	for field, value := range m.Values() {
		n += len(field) + len(value)
	}
	return n
}

// Check refuses a correction that no row of the kind can take: one without a change, one with a
// field that such rows do not have, or one with a value that is always rejected. The error is a
// *Fault that names the field.
func (m Correction) Check(kind Kind) error {
	changes := m.Values()
	if len(changes) == 0 {
		return &Fault{Reason: InvalidValue, Field: "fields",
			Message: "nothing is corrected; give new values in fields, or a contact_id or company_id"}
	}
	for _, field := range sortedKeys(changes) {
		if !slices.Contains(fields[kind], field) {
			return unknownField(kind, field)
		}
		if given, ok := m.Fields[field]; ok && changes[field] != given {
			return &Fault{Reason: InvalidValue, Field: field,
				Message: fmt.Sprintf("%s is given twice, in fields and beside them; give it once", field)}
		}
	}
	fault := m.trial(kind)
	if _, corrected := changes[faultField(fault)]; corrected {
		return fault
	}
	return nil
}

// trial validates the new values in a row that has all needed fields.
func (m Correction) trial(kind Kind) *Fault {
	const something = "-"
	v := make(Values, len(fields[kind]))
	for _, field := range needs[kind] {
		if specOf(kind, field).is != lowerType {
			put(kind, v, map[string]string{field: something})
		}
	}
	put(kind, v, m.Values())
	b := &Batch{}
	fault := b.add(kind, Source{}, v, time.Time{})
	if fault == nil && kind == Tasks {
		fault = b.oneContact(SeveralReject)
	}
	return fault
}

func faultField(f *Fault) string {
	if f == nil {
		return ""
	}
	return f.Field
}

// Replaces lists the fields of earlier decisions that this one ends besides its own: a record that
// was chosen for a name or a key, once that is another.
func (m Correction) Replaces() []string {
	ends := []string{}
	for _, f := range slices.Concat(parentFields, assigneeFields) {
		_, named := m.Fields[f.name]
		if id := idFieldOf(f.name); named && f.refers.by != byID && id != "" && !slices.Contains(ends, id) {
			ends = append(ends, id)
		}
	}
	return ends
}

// idFieldOf returns the field with the id of the record that a field of a task names; empty where
// the record may be of any kind.
func idFieldOf(name string) string {
	if f := idFieldReferring(specOf(Tasks, name).refers.kind); f != nil {
		return f.name
	}
	return ""
}

// References returns the records that the correction names by id. Check must have passed.
func (m Correction) References() References {
	refs := References{}
	for field, text := range m.Values() {
		if kind, ok := parentOf(field); ok && strings.TrimSpace(text) != "" {
			refs[kind] = append(refs[kind], uuid.MustParse(strings.TrimSpace(text)))
		}
	}
	return refs
}

// CheckReferences refuses a correction that names a record which is not in the workspace.
func (m Correction) CheckReferences(known Known) error {
	values := m.Values()
	for _, field := range sortedKeys(values) {
		kind, ok := parentOf(field)
		if text := strings.TrimSpace(values[field]); ok && text != "" && !known[kind][uuid.MustParse(text)] {
			return unknownReference(field, text, kind)
		}
	}
	return nil
}

// parentOf returns the kind of the record whose id is in a field of a task; ok is false for any
// other field.
func parentOf(field string) (kind Kind, ok bool) {
	f := specOf(Tasks, field)
	if f == nil || f.is != recordType {
		return "", false
	}
	return f.refers.kind, true
}

// put replaces values of a row by new ones.
func put(kind Kind, v Values, changes map[string]string) {
	for field, text := range changes {
		if i := slices.Index(fields[kind], field); i >= 0 {
			v[i] = text
		}
	}
}

// NamedKind returns the kind of the records that a field names. Such a record can be chosen, and
// kept as an alias; related_name has no kind of its own.
func NamedKind(field string) (Kind, bool) {
	f := specOf(Tasks, field)
	if f == nil || f.refers.by != byName || f.refers.kind == "" {
		return "", false
	}
	return f.refers.kind, true
}

// NamesUser reports whether a field of a task says to whom it is assigned.
func NamesUser(field string) bool {
	f := specOf(Tasks, field)
	return f != nil && f.refers.kind == Users
}

// AssignedTo returns the correction that assigns a task to a user; the nil id leaves it unassigned,
// whatever its row says.
func AssignedTo(user uuid.UUID) Correction {
	m := Correction{Fields: map[string]string{}}
	for _, f := range assigneeFields {
		if m.Fields[f.name] = ""; user != uuid.Nil && f.refers.by == byID {
			m.Fields[f.name] = user.String()
		}
	}
	return m
}

// ChosenKind returns the kind of the record to choose for a field at fault. ok is false unless the
// field refers to a contact or a company.
func ChosenKind(field string) (Kind, bool) {
	f := specOf(Tasks, field)
	if f == nil || !f.namesParent() || f.refers.kind != Contacts && f.refers.kind != Companies {
		return "", false
	}
	return f.refers.kind, true
}

// SubjectField is the field whose value failed; for a contact of another company than the row names
// that is the contact's.
func (f *Fault) SubjectField() string {
	if f.Reason == CompanyMismatch {
		return fieldContactName
	}
	return f.Field
}

// SubjectKey returns the value that failed in the form in which values are compared. For a name
// that is its key, so that one decision covers "Müller, Hans" and "hans muller".
func (f *Fault) SubjectKey() string { return subjectKey(f.SubjectField(), f.Subject) }

func subjectKey(field, value string) string {
	kind, _ := NamedKind(field)
	if as, ok := matchedAs[kind]; ok {
		return cmp.Or(match.Key(as, value), value)
	}
	if slices.Contains(titledKinds[:], kind) {
		return match.TitleKey(value)
	}
	return value
}

// matchedAs has the kinds whose names are matched, and how.
var matchedAs = map[Kind]match.Kind{Contacts: match.Person, Companies: match.Company, Users: match.Person}

// Chosen returns the record that the correction chooses for the name in a field; the nil id without
// one.
func (m Correction) Chosen(named string) uuid.UUID {
	kind, _ := ChosenKind(named)
	if kind, _ := NamedKind(named); slices.Contains(titledKinds[:], kind) {
		id, _ := ParseID(strings.TrimSpace(m.Fields[idFieldOf(named)]))
		return id
	}
	return map[Kind]uuid.UUID{Contacts: m.ContactID, Companies: m.CompanyID}[kind]
}

// Chooses reports whether the correction chooses a record for the name in a field.
func (m Correction) Chooses(named string) bool {
	return m.Chosen(named) != uuid.Nil || m.NewContact != nil && named == fieldContactName ||
		m.NewCompany != nil && named == fieldCompanyName
}

// SubjectKeys returns all keys under which a value can have failed.
func SubjectKeys(value string) []string {
	keys := []string{value}
	for _, field := range namingFields[Tasks] {
		keys = append(keys, subjectKey(field, value))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
