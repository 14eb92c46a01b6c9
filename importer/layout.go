package importer

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// Layout is all that is needed to read a chunk of a file besides its bytes: how it is decoded, and
// what its columns and values mean. It is saved with the import, so that every chunk is read the
// same way.
type Layout struct {
	file.Layout
	// Preset names the product whose export the file is; empty for none.
	Preset string `json:"preset,omitempty"`
	// Sources are the columns that feed each field, as they were settled.
	Sources map[string][]int `json:"sources,omitempty"`
	// Dates say how the dates of a field are written where they are not all ISO 8601.
	Dates map[string]dates.Form `json:"dates,omitempty"`
	// Words says that a closed field has other words than its own.
	Words bool `json:"words,omitempty"`
	// The rest is for people; no row depends on it. Profile tells of the columns, and Unknown lists
	// the values of closed fields that nothing is known of.
	Profile []ColumnProfile           `json:"profile,omitempty"`
	Unknown map[string][]UnknownValue `json:"unknown_values,omitempty"`
	// Repeated tells of rows that stand in the file before; nil for none.
	Repeated *RepeatedRows `json:"repeated,omitempty"`
}

// Reading tells people how a file was read.
type Reading struct {
	Format    file.Format `json:"format"`
	Encoding  string      `json:"encoding,omitempty"`
	Delimiter string      `json:"delimiter,omitempty"`
	Sheet     string      `json:"sheet,omitempty"`
	Packing   string      `json:"packing,omitempty"`
	Preset    string      `json:"preset,omitempty"`
	Notes     []string    `json:"notes,omitempty"`   // in the words of the face that tells of it
	Remarks   []file.Note `json:"remarks,omitempty"` // the same, for a program that words the remedies itself

	Columns []ColumnReading           `json:"columns,omitempty"`
	Dates   map[string]dates.Form     `json:"dates,omitempty"`
	Unknown map[string][]UnknownValue `json:"unknown_values,omitempty"`
}

// ColumnReading is a ColumnProfile whose problems are told in the words of a face.
type ColumnReading struct {
	ColumnProfile
	Problems []string `json:"problems,omitempty"`
}

// Reading tells how the file was read, in the words of a face.
func (l Layout) Reading(w file.Words) Reading {
	r := Reading{Format: l.Format, Encoding: l.Encoding, Delimiter: l.Delimiter, Sheet: l.Sheet, Packing: l.Packing,
		Preset: l.Preset,
		Notes:  file.NotesIn(l.Notes, w), Remarks: l.Notes, Dates: l.Dates, Unknown: l.Unknown}
	for _, c := range l.Profile {
		r.Columns = append(r.Columns, ColumnReading{ColumnProfile: c, Problems: file.NotesIn(c.Problems, w)})
	}
	return r
}

// In returns the reading in the words of another face.
func (r Reading) In(w file.Words) Reading {
	own := file.NotesIn(r.Remarks, w)
	if len(own) != len(r.Notes) {
		return r
	}
	r.Columns = slices.Clone(r.Columns)
	for i := range r.Columns {
		problems := slices.Clone(r.Columns[i].Problems)
		for n, p := range problems {
			if at := slices.Index(r.Notes, p); at >= 0 {
				problems[n] = own[at]
			}
		}
		r.Columns[i].Problems = problems
	}
	r.Notes = own
	return r
}

// String returns it in a line, without the notes.
func (r Reading) String() string {
	parts := []string{map[file.Format]string{file.CSV: "CSV", file.NDJSON: "NDJSON", file.JSON: "a JSON array",
		file.XLSX: "a workbook"}[r.Format]}
	for _, p := range []struct{ what, of string }{{"", r.Encoding}, {"delimiter ", delimiterName(r.Delimiter)},
		{"sheet ", r.Sheet}, {"packed with ", r.Packing}, {"preset ", r.Preset}} {
		if p.of != "" {
			parts = append(parts, p.what+p.of)
		}
	}
	return strings.Join(parts, ", ")
}

// delimiterName returns a delimiter as a person reads it.
func delimiterName(d string) string {
	return cmp.Or(map[string]string{",": "comma", ";": "semicolon", "\t": "tab"}[d], d)
}

// Open begins to read a file of rows. Its header is recognized by the names that columns have here,
// and by those that the recipe names.
func Open(in file.Input, o file.Options, r Mapping) (*file.Cutter, error) {
	o.Known = knownColumn(r.Columns())
	return file.Open(in, o)
}

// knownColumn returns a function that reports whether a text is the name of a column: of any kind
// of rows, of a report, or one of those that the client speaks of.
func knownColumn(named []string) func(column string) bool {
	keys := make([]string, len(named))
	for i, n := range named {
		keys[i] = columnKey(n)
	}
	return func(column string) bool {
		key := columnKey(column)
		return key != "" && (isColumn(key) || slices.Contains(keys, key) || isSynonym(column))
	}
}

// isColumn reports whether a column of some kind of rows, or of a report, is called so.
func isColumn(key string) bool {
	for _, all := range fields {
		if slices.Contains(all, key) {
			return true
		}
	}
	return exact[key] != "" || slices.Contains(reportColumns, key)
}

func isSynonym(name string) bool {
	if len(name) > longestSynonym {
		return false
	}
	key := headerKey(name)
	for kind := range synonyms {
		if synonyms[kind][key] != "" {
			return true
		}
	}
	return false
}

// CutAll hands all chunks of a file to keep, and settles how its rows are read; seen is the survey
// that went along, nil for none. The digest is that by which the same rows are known again, nil
// where they need not be: records of the directory and the rows of a report are known again by
// themselves. Where the columns cannot be followed the error is a *Fault, and layout and digest are
// given all the same; file.ErrNoRows refuses a file without rows, and what next and keep give is
// passed on.
func CutAll(next func() (file.Chunk, error), layout func() file.Layout, kind Kind, o Options, seen *Survey,
	keep func(file.Chunk) error) (settled Layout, digest []byte, err error) {
	rows, repeats := 0, NewRepeats(kind, o)
	for {
		c, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Layout{}, nil, err
		}
		rows += c.Rows
		repeats.Look(layout, &c)
		if err := keep(c); err != nil {
			return Layout{}, nil, err
		}
	}
	if rows == 0 {
		return Layout{}, nil, file.ErrNoRows
	}
	read := Layout{Layout: layout()}
	read.Repeated = repeats.Found()
	settled, plan, err := Settle(kind, read, o.Mapping, seen)
	if kind == Tasks && (plan == nil || !plan.isTied()) {
		digest = repeats.Digest(settled.Columns)
	}
	return settled, digest, err
}
