package importer

import (
	"cmp"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"

	"taskport/importer/file"
)

// Reason is why a row was rejected; the list is closed.
type Reason string

// The reasons of a dead letter.
const (
	MissingTitle        Reason = "missing_title"
	Orphan              Reason = "orphan"
	InvalidValue        Reason = "invalid_value"
	UnknownReference    Reason = "unknown_reference"
	AmbiguousReference  Reason = "ambiguous_reference"
	UnresolvedReference Reason = "unresolved_reference"
	CompanyMismatch     Reason = "company_mismatch"
	Duplicate           Reason = "duplicate"
	MalformedRow        Reason = "malformed_row"
)

// Reasons returns all reasons.
func Reasons() []Reason {
	return []Reason{MissingTitle, Orphan, InvalidValue, UnknownReference, AmbiguousReference, UnresolvedReference,
		CompanyMismatch, Duplicate, MalformedRow}
}

// IsReference reports whether a row is rejected because of what it refers to, so that another
// directory may resolve it.
func (r Reason) IsReference() bool {
	return r == AmbiguousReference || r == UnresolvedReference || r == CompanyMismatch
}

// Code is an error code of the API.
type Code string

// The codes of rejected rows.
const (
	CodeValidation Code = "validation_error"
	CodeAmbiguous  Code = "ambiguous_reference"
	CodeUnresolved Code = "unresolved_reference"
	CodeConflict   Code = "conflict"
)

// OrphanMessage is the message for a task without a parent.
const OrphanMessage = "At least one parent link (contact_id, company_id, deal_id, or event_id) is required"

// Candidate is a record that a name may mean.
type Candidate struct {
	ID         uuid.UUID `json:"id"`
	Kind       Kind      `json:"kind,omitempty"`
	Name       string    `json:"name"`
	Company    string    `json:"company,omitempty"`
	Email      string    `json:"email,omitempty"`       // where an external id, an address or a domain named it
	ExternalID string    `json:"external_id,omitempty"` // likewise
	// 0 to 1, Jaro–Winkler over the normalized names; 1 where the row has no name
	Score    float64 `json:"score"`
	Evidence string  `json:"evidence,omitempty"` // what named it: id, external_id, email, domain or name
}

// Details explain the decision about a name.
type Details struct {
	Rule      string  `json:"rule"`
	Best      float64 `json:"best"`
	Second    float64 `json:"second"`
	Threshold float64 `json:"threshold"`
	Margin    float64 `json:"margin"`
}

// Fault is why a row is rejected, or why a single task is refused.
type Fault struct {
	Reason Reason
	Field  string // empty where no single field is at fault
	// The option at fault; each face puts its own name of it before the message. Empty for a row.
	Option  string
	Message string      // what is wrong, and what to do where that is the same for everybody
	Remedy  file.Remedy // what to do where each face has its own way; else without a code
	// The value that failed; empty without one, and for one that cannot be stored as text.
	Subject    string
	Company    string // that the row names beside it, where the subject is a contact
	Candidates []Candidate
	Details    *Details // only for names
}

// Error returns what is wrong, without what to do where each face has its own way.
func (f *Fault) Error() string {
	if f.Option != "" {
		return f.ofOption(f.Option)
	}
	return f.Message
}

// Code returns the API's error code for the reason.
func (f *Fault) Code() Code {
	switch f.Reason {
	case AmbiguousReference:
		return CodeAmbiguous
	case UnresolvedReference:
		return CodeUnresolved
	case Duplicate:
		return CodeConflict
	case MissingTitle, Orphan, InvalidValue, UnknownReference, CompanyMismatch, MalformedRow:
	}
	return CodeValidation
}

// DeadLetter is a rejected row with the reason.
type DeadLetter struct {
	Source
	Fault
	Corrections map[string]string // new values of operators by field; nil without any
	Replaced    bool              // the row consists of Corrections alone, without its cells
	Version     int               // from 1; each decision about the row adds 1
	Decision    *Decision         // the last one; nil without one
	Dismissed   *Dismissed        // nil while it is open
}

// Decision is what was decided about a row: by whom, and when.
type Decision struct {
	By      string
	At      time.Time
	Pending bool // not carried out yet
}

// Dismissed is by whom a dead letter was dismissed, when and why.
type Dismissed struct {
	By  string
	At  time.Time
	Why string // may be empty
}

// PackCells appends cells as bytes. They may have any content, also text that is not UTF-8.
func PackCells(to []byte, cells []string) []byte {
	for _, c := range cells {
		to = binary.AppendUvarint(to, uint64(len(c)))
		to = append(to, c...)
	}
	return to
}

// UnpackCells parses what PackCells wrote; anything else is an error.
func UnpackCells(packed []byte) ([]string, error) {
	cells := []string{}
	for len(packed) > 0 {
		n, used := binary.Uvarint(packed)
		if used <= 0 || n > uint64(len(packed)-used) {
			return nil, errors.New("stored row is damaged: a cell's length does not fit")
		}
		packed = packed[used:]
		cells = append(cells, string(packed[:n]))
		packed = packed[n:]
	}
	return cells, nil
}

// NamedCell is a cell of a dead letter with its column and the field, if any, that the column
// feeds.
type NamedCell struct {
	Column string
	Field  string
	Text   string
}

// Named returns the cells of a dead letter as in the file, in the order of its columns. Surplus
// cells of a malformed row are joined to its last column.
func (p *RowReader) Named(d DeadLetter) []NamedCell {
	columns := p.Layout.Columns
	cells := fitCells(d.Cells, len(columns), cmp.Or(p.Layout.Delimiter, ","))
	of := p.fieldsOfColumns()
	named := make([]NamedCell, len(columns))
	for c, name := range columns {
		named[c] = NamedCell{Column: name, Field: of[c]}
		if c < len(cells) {
			named[c].Text = cells[c]
		}
	}
	return named
}

// ValuesOf returns the values of a dead letter by field as the pipeline reads them. Constants
// replace its cells, and corrections replace both.
func (p *RowReader) ValuesOf(d DeadLetter) map[string]string {
	cells := d.Cells
	if d.Replaced {
		cells = nil
	}
	values := p.values(cells, nil)
	for at, value := range p.constant {
		values[at] = value
	}
	p.correct(values, cells, d.Corrections)
	of := make(map[string]string, len(values))
	for i, field := range fields[p.Kind] {
		of[field] = values[i]
	}
	return of
}
