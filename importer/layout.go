package importer

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// Layout is what is needed besides its bytes to read a chunk: how it is decoded, and what its
// columns and values mean. It is saved with the import, so that every chunk is read in the same
// way.
type Layout struct { //nolint:recvcheck // it is saved as a value, and completed in place
	file.Layout
	// Preset names the product whose export the file is; empty without one.
	Preset string `json:"preset,omitempty"`
	// Sources are the columns that feed each field, as Decide chose them.
	Sources map[string][]int `json:"sources,omitempty"`
	// Kept are the columns whose cells are kept in custom_fields.
	Kept []KeptColumn `json:"kept,omitempty"`
	// Dates are the forms of the dates of a field, unless all are ISO 8601.
	Dates map[string]dates.Form `json:"dates,omitempty"`
	// FloatIDs reports that the external_ids are numbers to which a program has added .0. NotIDs are
	// texts in their column that rows share which differ otherwise, so not ids.
	FloatIDs bool     `json:"float_ids,omitempty"`
	NotIDs   []string `json:"not_ids,omitempty"`
	// Completion is the column that says whether a task is completed where its status is empty; nil
	// without one.
	Completion *int `json:"completion,omitempty"`
	// Words reports that a closed field has words besides the allowed ones.
	Words bool `json:"words,omitempty"`
	// The rest is for people; no row depends on it. Profile describes the columns; Unknown has the
	// unknown values of closed fields.
	Profile []ColumnProfile `json:"profile,omitempty"`
	// NotImported are the columns that neither feed a field nor are kept.
	NotImported []LeftColumn              `json:"not_imported,omitempty"`
	Unknown     map[string][]UnknownValue `json:"unknown_values,omitempty"`
	// Repeated counts the rows that are in the file more than once; nil without any.
	Repeated *RepeatedRows `json:"repeated,omitempty"`
	// Remembered is the mapping that was remembered for the header; nil without one.
	Remembered *Remembered `json:"remembered,omitempty"`
	// SameFile counts the rows that earlier imports had; nil without any.
	SameFile *SameFile `json:"same_file,omitempty"`
	// Assignees are those of the file, for DecideAssignees; nil unless they were surveyed.
	Assignees *Assignees `json:"-"`
}

// KeptColumn is a column that is kept in custom_fields, with the name of its member there.
type KeptColumn struct {
	Column int    `json:"column"`
	Name   string `json:"name"`
}

// LeftColumn is a column that is not imported.
type LeftColumn struct {
	Name   string  `json:"column"`
	Filled float64 `json:"filled"` // the share of the rows that have something in it
	// Ignored reports that the mapping ignores it on purpose.
	Ignored bool `json:"ignored,omitempty"`
	// OfUsers reports that it says the assignee, and the workspace has no users.
	OfUsers bool `json:"of_users,omitempty"`
}

// Remedy returns what imports the column.
func (c LeftColumn) Remedy() file.Remedy {
	if c.OfUsers {
		return file.Remedy{Code: RemedyUsers}
	}
	return file.Remedy{Code: RemedyNotImported, Column: c.Name}
}

// LeftColumnReading is a LeftColumn, and how to import it in the words of a face.
type LeftColumnReading struct {
	LeftColumn
	How string `json:"how"`
}

// ColumnsNotImported describes the columns that are not imported in the words of a face.
func (l Layout) ColumnsNotImported(w file.Words) []LeftColumnReading {
	all := make([]LeftColumnReading, len(l.NotImported))
	for i, c := range l.NotImported {
		all[i] = LeftColumnReading{c, w(c.Remedy())}
	}
	return all
}

// Reading describes to people how a file was read.
type Reading struct {
	Format   file.Format `json:"format"`
	Encoding string      `json:"encoding,omitempty"`
	// EncodingSure is how sure a guess of the encoding is, below 1; 0 where it is certain.
	EncodingSure float64     `json:"encoding_sure,omitempty"`
	Delimiter    string      `json:"delimiter,omitempty"`
	Sheet        string      `json:"sheet,omitempty"`
	Quote        string      `json:"quote,omitempty"`
	EmptyRows    int         `json:"empty_rows,omitempty"`
	Packing      string      `json:"packing,omitempty"`
	Preset       string      `json:"preset,omitempty"`
	Notes        []string    `json:"notes,omitempty"`   // in the words of the face that tells of it
	Remarks      []file.Note `json:"remarks,omitempty"` // the same, for a program that words the remedies itself

	Columns []ColumnReading           `json:"columns,omitempty"`
	Dates   map[string]dates.Form     `json:"dates,omitempty"`
	Unknown map[string][]UnknownValue `json:"unknown_values,omitempty"`
}

// ColumnReading is a ColumnProfile whose problems are told in the words of a face.
type ColumnReading struct {
	ColumnProfile
	Problems []string `json:"problems,omitempty"`
}

// Reading describes how the file was read, in the words of a face.
func (l Layout) Reading(w file.Words) Reading {
	notes := l.AllNotes()
	r := Reading{Format: l.Format, Encoding: l.Encoding, EncodingSure: l.EncodingSure, Delimiter: l.Delimiter,
		Sheet: l.Sheet, Packing: l.Packing, Quote: l.Quote, EmptyRows: l.EmptyRows, Preset: l.Preset,
		Notes: file.NotesIn(notes, w), Remarks: notes, Dates: l.Dates, Unknown: l.Unknown}
	for _, c := range l.Profile {
		r.Columns = append(r.Columns, ColumnReading{ColumnProfile: c, Problems: file.NotesIn(c.Problems, w)})
	}
	return r
}

// AllNotes returns the notes of the layout, and those about the columns that feed no field.
func (l Layout) AllNotes() []file.Note {
	var kept, left []string
	for _, c := range l.Kept {
		kept = append(kept, c.Name)
	}
	for _, c := range l.NotImported {
		if !c.Ignored && !c.OfUsers { // of those there is a note
			left = append(left, c.Name)
		}
	}
	notes := slices.Clone(l.Notes)
	if l.Remembered != nil {
		notes = append(notes, l.Remembered.note())
	}
	if l.SameFile != nil {
		notes = append(notes, file.Note{Text: l.SameFile.String(), Remedy: file.Remedy{Code: RemedySameFile}})
	}
	for _, n := range [...]struct {
		what    string
		columns []string
	}{{"kept in custom_fields", kept}, {"not imported", left}} {
		if len(n.columns) > 0 {
			notes = append(notes, file.Note{Text: counted(len(n.columns), "column") + " " + n.what + ": " +
				strings.ReplaceAll(shownList(n.columns), `"`, "")})
		}
	}
	return notes
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

// String returns the reading in one line, without the notes.
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

// delimiterName returns a delimiter in words.
func delimiterName(d string) string {
	return cmp.Or(map[string]string{",": "comma", ";": "semicolon", "\t": "tab"}[d], d)
}

// Open opens a file of rows. Its header is recognized by known names of columns and those of the
// mapping. The error is that of file.Open.
func Open(in file.Input, o file.Options, r Mapping) (*file.Cutter, error) {
	o.Known = knownColumn(r.Columns())
	return file.Open(in, o)
}

// knownColumn returns a function that reports whether a text is the name of a column: of rows of
// any kind, of a report, or among named.
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

// isColumn reports whether key is a column of rows of any kind or of a report.
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

// textEncoding is the encoding of text within JSON.
const textEncoding = "utf-8"

// SingleFile returns the layout and the only chunk of the file that a line of TaskLine is, and its
// cells.
func SingleFile(line []byte) (Layout, file.Chunk, []string, error) {
	var only file.Chunk
	cutter, err := Open(file.Input{From: bytes.NewReader(line)},
		file.Options{Format: file.NDJSON, Encoding: textEncoding, KeepPlaceholders: true, ChunkRows: 1}, Mapping{})
	if err != nil {
		return Layout{}, only, nil, err
	}
	defer cutter.Close()
	seen, err := Watch(cutter, Tasks, Mapping{})
	if err != nil {
		return Layout{}, only, nil, err
	}
	layout, _, err := CutAll(cutter.Next, cutter.Layout, Tasks, Options{}, seen, func(c file.Chunk) error {
		only = c
		return nil
	})
	if err != nil {
		return layout, only, nil, err
	}
	var cells []string
	for row := range file.Decode(layout.Layout, only) {
		cells = slices.Clone(row.Cells)
	}
	return layout, only, cells, nil
}

// StreamLayout returns how the rows of a stream are read, which are worked on before all have
// arrived: each is an object as POST /v1/tasks takes it. So nothing depends on later rows.
func StreamLayout(r Mapping) (Layout, error) {
	columns := slices.Clone(fields[Tasks])
	layout := Layout{Layout: file.Layout{Format: file.NDJSON, Encoding: textEncoding, KeepPlaceholders: true,
		Columns: columns}}
	r.Preset, r.ByColumn = NoPreset, map[string]string{}
	for _, c := range columns {
		r.ByColumn[c] = c
	}
	decided, _, err := Decide(Tasks, layout, r, nil)
	return decided, err
}

// CutAll passes all chunks of a file to keep and decides how its rows are read. seen is the survey
// of the same file, nil without one. compared reports whether its rows are compared with those of
// earlier files; those of a report identify themselves. Where the columns cannot be followed, the
// error is a *Fault, and the other results are valid. Other errors are file.ErrNoRows for a file
// without rows, and those of next and keep.
func CutAll(next func() (file.Chunk, error), layout func() file.Layout, kind Kind, o Options, seen *Survey,
	keep func(file.Chunk) error) (decided Layout, compared bool, err error) {
	rows, repeats := 0, NewRepeats(kind, o)
	for {
		c, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Layout{}, false, err
		}
		rows += c.Rows
		repeats.Look(layout, &c)
		if err := keep(c); err != nil {
			return Layout{}, false, err
		}
	}
	if rows == 0 {
		return Layout{}, false, file.ErrNoRows
	}
	read := Layout{Layout: layout()}
	read.Repeated = repeats.Found()
	decided, reader, err := Decide(kind, read, o.Mapping, seen)
	return decided, kind == Tasks && (reader == nil || !reader.isTied()), err
}
