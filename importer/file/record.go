package importer

import (
	"cmp"
	"fmt"
	"strings"

	"taskport/importer/dates"
)

// Format names how the bytes of an import are read.
type Format string

// The formats of a file. The rows of a JSON array are stored one a line, as those of NDJSON are, and those of a workbook as escaped lines.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
	JSON   Format = "json" // an array of objects
	XLSX   Format = "xlsx"
)

// keyed reports whether the rows of a format name their columns themselves.
func (f Format) keyed() bool { return f == NDJSON || f == JSON }

// Layout is all that is needed to decode a chunk of a file besides its bytes.
// It is saved with the import, so that every chunk is read the same way.
type Layout struct {
	Format Format `json:"format"`
	// Delimiter separates the fields of a CSV record: one of , ; tab |.
	Delimiter string `json:"delimiter,omitempty"`
	// Columns are the header of a CSV file or workbook or, for JSON, every key in the order of first appearance.
	Columns []string `json:"columns"`
	// KeepPlaceholders says that N/A, - and the like are text, and not taken for nothing.
	KeepPlaceholders bool `json:"keep_placeholders,omitempty"`
	// Preset names the product whose export the file is; empty for none.
	Preset string `json:"preset,omitempty"`
	// Sources are the columns that feed each field, as they were settled.
	Sources map[string][]int `json:"sources,omitempty"`
	// Dates say how the dates of a field are written where they are not all ISO 8601.
	Dates map[string]dates.Form `json:"dates,omitempty"`
	// Words says that a closed field has other words than its own.
	Words bool `json:"words,omitempty"`
	// The rest tells how the file was read; no row depends on it.
	Encoding string   `json:"encoding,omitempty"`
	Packing  string   `json:"packing,omitempty"`
	Sheet    string   `json:"sheet,omitempty"`
	Notes    []string `json:"notes,omitempty"` // what a person should know
	// Profile tells of the columns, and Unknown lists the values of closed fields that nothing is known of.
	Profile []ColumnProfile           `json:"profile,omitempty"`
	Unknown map[string][]UnknownValue `json:"unknown_values,omitempty"`
	// Repeated tells of rows that stand in the file before; nil for none.
	Repeated *RepeatedRows `json:"repeated,omitempty"`
}

// Tabular reports whether the columns are known before the rows.
func (l Layout) Tabular() bool { return !l.Format.keyed() }

// Reading tells people how a file was read.
type Reading struct {
	Format    Format   `json:"format"`
	Encoding  string   `json:"encoding,omitempty"`
	Delimiter string   `json:"delimiter,omitempty"`
	Sheet     string   `json:"sheet,omitempty"`
	Packing   string   `json:"packing,omitempty"`
	Preset    string   `json:"preset,omitempty"`
	Notes     []string `json:"notes,omitempty"`

	Columns []ColumnProfile           `json:"columns,omitempty"`
	Dates   map[string]dates.Form     `json:"dates,omitempty"`
	Unknown map[string][]UnknownValue `json:"unknown_values,omitempty"`
}

// Reading tells how the file was read.
func (l Layout) Reading() Reading {
	return Reading{Format: l.Format, Encoding: l.Encoding, Delimiter: l.Delimiter, Sheet: l.Sheet, Packing: l.Packing, Preset: l.Preset, Notes: l.Notes,
		Columns: l.Profile, Dates: l.Dates, Unknown: l.Unknown}
}

// String gives it in a line, without the notes.
func (r Reading) String() string {
	parts := []string{map[Format]string{CSV: "CSV", NDJSON: "NDJSON", JSON: "a JSON array", XLSX: "a workbook"}[r.Format]}
	for _, p := range []struct{ what, of string }{{"", r.Encoding}, {"delimiter ", delimiterName(r.Delimiter)}, {"sheet ", r.Sheet}, {"packed with ", r.Packing}, {"preset ", r.Preset}} {
		if p.of != "" {
			parts = append(parts, p.what+p.of)
		}
	}
	return strings.Join(parts, ", ")
}

// delimiterName gives a delimiter as a person reads it.
func delimiterName(d string) string {
	return cmp.Or(map[string]string{",": "comma", ";": "semicolon", "\t": "tab"}[d], d)
}

// Chunk is a run of whole records, cut from a file in order.
type Chunk struct {
	Number    int // from 1
	FirstRow  int // number of its first data row, from 1
	FirstLine int // line of the file at which that row starts, from 1
	Rows      int // data rows in it, malformed ones included
	Data      []byte
	// Repeats are the rows that are rejected because they stand in the file before.
	Repeats []int

	hashes []uint64 // of its rows, where the cutter makes them
}

// Record is one data row as it stands in the file.
type Record struct {
	Row  int // data rows counted from 1
	Line int // line of the file at which the row starts, from 1
	// Cells stand in the order of Layout.Columns. Only a malformed row has more or fewer cells than there are columns, but that
	// empty cells at the end of an object are left out.
	Cells []string
	// Problem says why the row is malformed and what to do about it; empty for a sound one.
	Problem string
}

// FileError says why a file cannot be read as a whole, and where.
type FileError struct {
	Line     int // 0 when it concerns no line
	Message  string
	Field    string // the option at fault, if one is
	TooLarge bool   // a size limit, not a fault of form
}

// Error gives the message with its line.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}
