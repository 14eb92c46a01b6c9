package importer

import "fmt"

// Format names how the bytes of an import are read.
type Format string

// The formats a chunk can be stored in. JSON rows are stored as NDJSON.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
)

// Layout is all that is needed to decode a chunk of a file besides its bytes.
// It is saved with the import, so that every chunk is read the same way.
type Layout struct {
	Format Format `json:"format"`
	// Delimiter separates the fields of a CSV record: one of , ; tab |.
	Delimiter string `json:"delimiter,omitempty"`
	// Columns are the header of a CSV file or, for NDJSON, every key in the order of first appearance.
	Columns []string `json:"columns"`
}

// Chunk is a run of whole records, cut from a file in order.
type Chunk struct {
	Number    int // from 1
	FirstRow  int // number of its first data row, from 1
	FirstLine int // line of the file at which that row starts, from 1
	Rows      int // data rows in it, malformed ones included
	Data      []byte
}

// Record is one data row as it stands in the file.
type Record struct {
	Row  int // data rows counted from 1
	Line int // line of the file at which the row starts, from 1
	// Cells stand in the order of Layout.Columns. Only a malformed row has more or fewer cells than there are columns.
	Cells []string
	// Problem says why the row is malformed and what to do about it; empty for a sound one.
	Problem string
}

// FileError says why a file cannot be read as a whole, and where.
type FileError struct {
	Line     int // 0 when it concerns no line
	Message  string
	TooLarge bool // a size limit, not a fault of form
}

// Error gives the message with its line.
func (e *FileError) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}
