package importer

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer/dates"
)

// Limits of a value, in bytes.
const (
	MaxText  = 1 << 20 // a title or a description
	maxShort = 500     // names, identifiers, anything that is compared or indexed

	maxCustomFields = 64 << 10
)

// Task is a task as it is stored. Empty strings, nil ids and a zero Due mean absence.
type Task struct {
	ID          uuid.UUID
	Title       string
	Description string
	Status      string
	Priority    string
	TaskType    string
	Due         dates.When // the zero value means absence
	AssigneeID  string
	ContactID   uuid.UUID
	CompanyID   uuid.UUID
	DealID      uuid.UUID
	EventID     uuid.UUID
	CreatedDate string    // as the client wrote it, or the time of the import
	CreatedAt   time.Time // the instant of CreatedDate
	ExternalID  string
	// CustomFields is a JSON object of text; empty without a member.
	CustomFields string
}

// Draft is a valid task whose links are not checked yet.
type Draft struct {
	Source
	Task
	Evidence
	StatusGiven bool // false: Status is the default
	replaced    How  // why created_date is the time of the import; empty where it is not, or was absent
	Origin      Origin
	// Rules say by what Resolve has found each record: id, another evidence, a rule of package match,
	// or contact for a company that the contact settles. Nil where nobody asks.
	Rules map[Kind]string
	// several reports that the cell of the contact's name or address has several of them.
	several bool
	hasKey  bool // one of keyFields has a value
	rest    []restOfCell
	user    uuid.UUID // the record of the assignee
}

// Linked returns the records of the directory that Resolve has linked the task to, also its
// assignee.
func (d *Draft) Linked() []uuid.UUID {
	return slices.DeleteFunc([]uuid.UUID{d.ContactID, d.CompanyID, d.DealID, d.EventID, d.user},
		func(id uuid.UUID) bool { return id == uuid.Nil })
}

// by notes the rule that has found the record of a kind.
func (d *Draft) by(kind Kind, rule string) {
	if d.Rules != nil {
		d.Rules[kind] = rule
	}
}

// restOfCell is what a cell has besides its first reference, or an original: all of a cell that
// other evidence has overruled, with the name of its column as the field.
type restOfCell struct {
	field, text string
	original    bool
}

// keepRest keeps the other references of a cell whose first is taken.
func (d *Draft) keepRest(field string, parts []string) {
	d.rest = append(d.rest, restOfCell{field: field, text: strings.Join(parts[1:], "; ")})
}

// Evidence is what a row says of its parents and its assignee besides their ids; see
// docs/resolution.md.
type Evidence struct {
	ContactName       string
	ContactExternalID string
	ContactEmail      string
	// cellEmail is the address in the cell of the contact's name.
	cellEmail         string
	CompanyName       string
	CompanyExternalID string
	CompanyDomain     string // what identifies a company of the address or domain; see readDomain
	DealExternalID    string
	DealName          string
	EventExternalID   string
	EventName         string
	RelatedExternalID string
	RelatedName       string
	RelatedType       string

	AssigneeExternalID string
	AssigneeEmail      string
	AssigneeName       string
}

var (
	statuses   = []string{"open", "in_progress", "completed"}
	priorities = []string{"low", "medium", "high"}
)

// Positions in Values of the fields of a task that need special treatment.
var (
	atTitle       = position(Tasks, fieldTitle)
	atStatus      = position(Tasks, fieldStatus)
	atContactName = position(Tasks, fieldContactName)
	atDueDate     = position(Tasks, fieldDueDate)
	atCreatedDate = position(Tasks, fieldCreatedDate)
	atExternalID  = position(Tasks, fieldExternalID)
	atRelatedType = position(Tasks, fieldRelatedType)
)

// validate fills an empty draft and checks every field. isText is that of checkText. now replaces
// an absent or unusable created_date. It returns the first fault in this order: title, the values,
// the parent link.
func (d *Draft) validate(v Values, isText bool, now time.Time) *Fault {
	if fault := checkText(Tasks, v, isText); fault != nil {
		return fault
	}
	if strings.TrimSpace(v[atTitle]) == "" {
		return &Fault{Reason: MissingTitle, Field: fieldTitle, Message: "title is required and must not be blank"}
	}
	if fault := d.readValues(v); fault != nil {
		return fault
	}
	d.CreatedDate, d.CreatedAt, d.replaced = keepCreatedDate(strings.TrimSpace(v[atCreatedDate]), now)
	if d.StatusGiven = d.Status != ""; !d.StatusGiven {
		d.Status = statuses[0]
	}
	if fault := d.readKeys(); fault != nil {
		return fault
	}
	d.readContact(d.ContactName)
	if !d.hasParent() {
		return &Fault{Reason: Orphan, Message: OrphanMessage}
	}
	return nil
}

// readValues stores each value in an empty draft as the table of fields says. It skips dates that
// become the time of the import when they cannot be read.
func (d *Draft) readValues(v Values) *Fault {
	for i := range taskFields {
		f, text := &taskFields[i], v[i]
		if text == "" {
			continue
		}
		if f.is != verbatimType {
			text = strings.TrimSpace(text)
		}
		var fault *Fault
		switch {
		case f.id != nil:
			*f.id(d), fault = recordID(f.name, text)
		case f.when != nil:
			*f.when(d), fault = dateOf(f.name, text)
		case f.is == wordType:
			*f.text(d), fault = oneOf(f.name, text, f.words)
		case f.is == objectType:
			*f.text(d), fault = textObject(f.name, text)
		case f.is != dateType:
			*f.text(d) = text
		}
		if fault != nil {
			return fault
		}
	}
	return nil
}

func (d *Draft) hasParent() bool {
	return slices.ContainsFunc(parentFields, func(f *fieldSpec) bool {
		return f.id != nil && *f.id(d) != uuid.Nil || f.id == nil && *f.text(d) != ""
	})
}

// Answer yields the name of each field in an API answer, besides the id, and its text; empty
// without a value.
func (t *Task) Answer() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		d := Draft{Task: *t}
		for i := range taskFields {
			if f := &taskFields[i]; f.answer != noAnswer && !yield(cmp.Or(f.answer, f.name), f.textOf(&d)) {
				return
			}
		}
	}
}

// textOf returns the text of a field of a task.
func (f *fieldSpec) textOf(d *Draft) string {
	switch {
	case f.when != nil:
		return answeredDate(*f.when(d))
	case f.id == nil:
		return *f.text(d)
	case *f.id(d) == uuid.Nil:
		return ""
	}
	return f.id(d).String()
}

// answeredDate returns a date as the API answers it; empty without one.
func answeredDate(w dates.When) string {
	switch {
	case !w.Given:
		return ""
	case w.DayOnly:
		return w.At.Format(time.DateOnly)
	}
	return dates.Format(w.At)
}

// recordID parses the id of a record; an empty text is the nil id.
func recordID(field, text string) (uuid.UUID, *Fault) {
	if text == "" {
		return uuid.Nil, nil
	}
	id, ok := ParseID(text)
	if !ok {
		return uuid.Nil, &Fault{Reason: InvalidValue, Field: field, Subject: text,
			Message: fmt.Sprintf("%s must be the UUID of a record of this workspace, not %s", field, shown(text))}
	}
	return id, nil
}

// ParseID parses a UUID in its canonical form of 36 characters (RFC 9562, section 4). It refuses
// the nil UUID.
func ParseID(s string) (uuid.UUID, bool) {
	const canonical = 36
	if len(s) != canonical {
		return uuid.Nil, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil && id != uuid.Nil
}

func oneOf(field, text string, allowed []string) (string, *Fault) {
	text = strings.TrimSpace(text)
	if text == "" || slices.Contains(allowed, text) {
		return text, nil
	}
	fault := &Fault{Reason: InvalidValue, Field: field, Message: fmt.Sprintf("%s must be one of %s, not %s", field,
		strings.Join(allowed, ", "), shown(text))}
	fault.Subject = text
	return "", fault
}

func dateOf(field, text string) (dates.When, *Fault) {
	text = strings.TrimSpace(text)
	if text == "" {
		return dates.When{}, nil
	}
	when, ok := dates.Parse(text)
	if ok {
		return when, nil
	}
	fault := &Fault{Reason: InvalidValue, Field: field, Subject: text,
		Message: fmt.Sprintf("%s must be ISO 8601 (2026-03-10T09:00:00Z) or YYYY-MM-DD, not %s", field, shown(text))}
	if when.Given {
		fault.Message = fmt.Sprintf("%s %s is in no year from 0000 to %d in UTC; give one that is", field, shown(text),
			dates.MaxYear)
	}
	if w, ok := dates.Read(text); ok && w.BeyondItsMonth() {
		fault.Message = fmt.Sprintf("%s %s is a day that its month does not have; give one that exists, in ISO 8601 "+
			"(2026-03-10T09:00:00Z) or as YYYY-MM-DD", field, shown(text))
	}
	return dates.When{}, fault
}

// checkText refuses values that a text column cannot hold, or that are too long. isText reports
// that all of them are storable, which was checked together.
func checkText(kind Kind, v Values, isText bool) *Fault {
	specs := fieldTable[kind]
	for i, text := range v {
		if text == "" || len(text) <= specs[i].most() && (isText || storable(text)) {
			continue
		}
		field := specs[i].name
		if most := specs[i].most(); len(text) > most {
			return &Fault{Reason: InvalidValue, Field: field,
				Message: fmt.Sprintf("%s is %d bytes long, at most %d are allowed; shorten it", field, len(text), most)}
		}
		if strings.IndexByte(text, 0) >= 0 {
			return &Fault{Reason: InvalidValue, Field: field, Message: field +
				" contains a NUL byte, which text cannot hold; remove it"}
		}
		return &Fault{Reason: InvalidValue, Field: field, Message: field +
			" is not valid UTF-8; save the file as UTF-8 and send it again"}
	}
	return nil
}

// storable reports whether the database can hold the text: valid UTF-8 without NUL.
func storable(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// CheckShort refuses a text that cannot be stored, or is longer than 500 bytes. The error is a
// *Fault that names the field.
func CheckShort(field, text string) error {
	if len(text) > maxShort || !storable(text) {
		return &Fault{Reason: InvalidValue, Field: field,
			Message: fmt.Sprintf("%s must be at most %d bytes of UTF-8 text without NUL", field, maxShort)}
	}
	return nil
}

// CheckStatus refuses a text that is not the status of a task; empty is allowed. The error is a
// *Fault.
func CheckStatus(text string) error {
	if _, fault := oneOf(fieldStatus, text, statuses); fault != nil {
		return fault
	}
	return nil
}

// createdDatePastYears and createdDateAhead bound a created_date: five calendar years back and 24
// hours ahead, both inclusive.
const (
	createdDatePastYears = 5
	createdDateAhead     = 24 * time.Hour
)

// keepCreatedDate returns the created_date to store: the text of the client when it is valid and
// within the bounds, otherwise now and why.
func keepCreatedDate(s string, now time.Time) (text string, at time.Time, replaced How) {
	const surely = createdDatePastYears * 365 * 24 * time.Hour // to count calendar years takes longer
	when, ok := dates.Parse(s)
	age := now.Sub(when.At)
	switch {
	case s == "":
	case !ok:
		replaced = Unreadable
	case age > surely && when.At.Before(now.AddDate(-createdDatePastYears, 0, 0)):
		replaced = TooOld
	case age < -createdDateAhead:
		replaced = InFuture
	default:
		return s, when.At, ""
	}
	return dates.Format(now), now.UTC(), replaced
}
