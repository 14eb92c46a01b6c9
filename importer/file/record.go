// Package file turns the bytes of a file into records. It unpacks the file, detects format and
// encoding, cuts it into chunks at record boundaries and decodes those. It is independent of fields
// and tasks.
package file

import (
	"fmt"
)

// Format is the format of a file.
type Format string

// The formats of a file. The rows of a JSON array are stored as NDJSON, and those of a workbook as
// escaped lines.
const (
	CSV    Format = "csv"
	NDJSON Format = "ndjson"
	JSON   Format = "json" // an array of objects
	XLSX   Format = "xlsx"
)

// keyed reports whether each row names its columns itself.
func (f Format) keyed() bool { return f == NDJSON || f == JSON }

// Layout has the parameters for decoding a chunk.
type Layout struct {
	Format Format `json:"format"`
	// Delimiter separates the fields of a CSV record: one of , ; tab |.
	Delimiter string `json:"delimiter,omitempty"`
	// Quote encloses fields where it is not ".
	Quote string `json:"quote,omitempty"`
	// Guarded reports that an apostrophe precedes the text of cells, which is not part of it.
	Guarded bool `json:"guarded,omitempty"`
	// Columns are the header of a CSV file or workbook or, for JSON, all keys in the order of first
	// appearance.
	Columns []string `json:"columns"`
	// KeepPlaceholders is that of the options. It does not affect the cells.
	KeepPlaceholders bool `json:"keep_placeholders,omitempty"`
	// The rest is for people; no cell depends on it.
	Encoding string `json:"encoding,omitempty"`
	// EncodingSure is how sure the guess of the encoding is, below 1; 0 where it is not a guess.
	EncodingSure float64 `json:"encoding_sure,omitempty"`
	Packing      string  `json:"packing,omitempty"`
	Sheet        string  `json:"sheet,omitempty"`
	// EmptyRows is the number of rows without text, which are not counted as rows.
	EmptyRows int    `json:"empty_rows,omitempty"`
	Notes     []Note `json:"notes,omitempty"` // what a person should know
}

// Tabular reports whether the columns are known before the rows.
func (l Layout) Tabular() bool { return !l.Format.keyed() }

// Chunk is a number of consecutive whole records of a file.
type Chunk struct {
	Number    int // from 1
	FirstRow  int // number of its first data row, from 1
	FirstLine int // line of the file at which that row starts, from 1
	Rows      int // data rows in it, malformed ones included
	Data      []byte
	// Repeats are the rows that are rejected because they repeat a row of the same file. The caller of
	// the cutter sets them.
	Repeats []int
	// Hashes are the hashes of the rows, if the options ask for them; Sums are the checksums of their
	// values, if there is an observer too.
	Hashes []uint64
	Sums   []int64
	// Known are the rows that are skipped because an earlier import has taken them in. The caller of
	// Decode sets them.
	Known []int
}

// Row is one data row, as it is in the file.
type Row struct {
	Row  int // data rows counted from 1
	Line int // line of the file at which the row starts, from 1
	// Cells are in the order of Layout.Columns. Only a malformed row has more or fewer cells than
	// there are columns, except that empty cells at the end of an object are left out.
	Cells []string
	// Problem says why the row is malformed and how to correct it; empty for a sound row.
	Problem string
}

// Error says why a file cannot be read as a whole, and where.
type Error struct {
	Line     int // 0 if it is not about a line
	Message  string
	Field    string // the option at fault, if one is
	Remedy   Remedy // without a code where the message says all
	TooLarge bool   // a size limit, not a fault of form
}

// Error returns the message with its line.
func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d: %s", e.Line, e.Message)
}

// ErrNoRows is returned for a file with a header only.
var ErrNoRows = &Error{Message: "the file has no data rows; send one with at least one row below the header"}
