package importer

import (
	"cmp"
	"encoding/binary"
	"errors"
	"time"

	"github.com/google/uuid"
)

// Reason says why a row was rejected; the list is closed.
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

// Reasons lists all of them.
func Reasons() []Reason {
	return []Reason{MissingTitle, Orphan, InvalidValue, UnknownReference, AmbiguousReference, UnresolvedReference,
		CompanyMismatch, Duplicate, MalformedRow}
}

// Code is the error code of the API.
type Code string

// The codes that a row can be rejected with.
const (
	CodeValidation Code = "validation_error"
	CodeAmbiguous  Code = "ambiguous_reference"
	CodeUnresolved Code = "unresolved_reference"
	CodeConflict   Code = "conflict"
)

// OrphanMessage is what a task without a parent is rejected with.
const OrphanMessage = "At least one parent link (contact_id, company_id, deal_id, or event_id) is required"

// Candidate is a record that a name may stand for.
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

// Details say how a name was judged.
type Details struct {
	Rule      string  `json:"rule"`
	Best      float64 `json:"best"`
	Second    float64 `json:"second"`
	Threshold float64 `json:"threshold"`
	Margin    float64 `json:"margin"`
}

// Fault is why a row is rejected, or why a single task is refused.
type Fault struct {
	Reason     Reason
	Field      string // empty where no single field is at fault
	Message    string // what is wrong and what to do
	Subject    string // the value that failed; empty where there is none, or where it is none that could be stored as text
	Company    string // that the row names beside it, where the subject is a contact
	Candidates []Candidate
	Details    *Details // only for names
}

// Error returns the message.
func (f *Fault) Error() string { return f.Message }

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
	Corrections map[string]string // what operators have put in its fields so far; nil for nothing
	Replaced    bool              // its cells are not used: it consists of Corrections alone
	Version     int               // 1, and one more with each decision about the row
	Decision    *Decision         // the last one; nil for none
}

// Decision tells who has decided about a row, and when.
type Decision struct {
	By      string
	At      time.Time
	Pending bool // it is still to be carried out
}

// PackCells appends cells as bytes, so that any content, also text that is not UTF-8, survives
// storage.
func PackCells(to []byte, cells []string) []byte {
	for _, c := range cells {
		to = binary.AppendUvarint(to, uint64(len(c)))
		to = append(to, c...)
	}
	return to
}

// UnpackCells reads what PackCells wrote; it fails on anything else.
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

// NamedCell is a cell of a dead letter with the column in which it stands, and the field that it
// feeds, if any.
type NamedCell struct {
	Column string
	Field  string
	Text   string
}

// Named returns the cells of a dead letter as they stood in the file, in the order of its columns.
// Surplus cells of a malformed row are joined to its last column.
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

// ValuesOf returns what the pipeline reads in a dead letter, by field: its cells as they stand,
// over them what every row has, and over all what operators have put in.
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
