package importer

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/file/xlsx"
)

// reportColumns follow the original columns in a report of dead letters.
var reportColumns = []string{"_row", "_line", "_code", "_reason", "_field", "_message", "_candidates", originColumn}

// isReport reports whether a file is a report of dead letters.
func isReport(columns []string) bool {
	return slices.Contains(columns, "_row") && slices.Contains(columns, "_code") && slices.Contains(columns, "_reason")
}

// Report writes dead letters. Its columns are the original ones; then the corrected fields that no
// column feeds and, for tasks, contact_id and company_id; then the new values that need a column of
// their own (newColumn); then the reason. A corrected value replaces the cell of its field. A
// corrected report can be imported with the same options.
type Report struct {
	w     rowWriter
	end   func() error
	shape reportShape
}

// rowWriter writes rows, as csv.Writer does.
type rowWriter interface{ Write(cells []string) error }

// NewReport begins a report as CSV. p is the reader of the import, of its id; for a check without
// an import that is nil. corrected are the fields with new values in the dead letters to come. The
// error is that of the writer.
func NewReport(w io.Writer, p *RowReader, of uuid.UUID, corrected []string) (*Report, error) {
	to, shape := csv.NewWriter(w), p.reportShape(of, corrected)
	to.Comma = rune(shape.comma[0])
	return &Report{w: to, shape: shape, end: func() error { to.Flush(); return to.Error() }}, to.Write(shape.header())
}

// Limits of a report as a workbook; a larger one must be CSV.
const (
	WorkbookRows = xlsx.MaxRows
	WorkbookText = xlsx.MaxText // characters in a cell
)

// NewWorkbookReport begins a report as an Excel workbook, with the same cells.
func NewWorkbookReport(w io.Writer, p *RowReader, of uuid.UUID, corrected []string) (*Report, error) {
	to, err := xlsx.NewWriter(w, "rejects")
	if err != nil {
		return nil, err
	}
	shape := p.reportShape(of, corrected)
	return &Report{w: to, shape: shape, end: to.Close}, to.Write(shape.header())
}

// Write adds a dead letter.
func (r *Report) Write(d DeadLetter) error { return r.w.Write(r.shape.row(d)) }

// WriteSkipped adds a row that was skipped. Its _import is the row that it repeats, so that a
// report that is uploaded again does not import it.
func (r *Report) WriteSkipped(src Source, s SkippedRow) error {
	cells := r.shape.row(DeadLetter{Source: src, Fault: Fault{Reason: Duplicate, Message: "skipped: " + s.String()}})
	tie := &cells[len(cells)-1]
	if *tie = ""; s.Repeats.Import != nil && s.Repeats.Row > 0 && r.shape.reader.Kind == Tasks {
		*tie = Origin{Import: *s.Repeats.Import, Row: s.Repeats.Row}.String()
	}
	return r.w.Write(cells)
}

// Close writes buffered rows and returns the first error of the writer, which it does not close.
func (r *Report) Close() error { return r.end() }

// LongestCell returns the length, in characters, of the longest cell of a dead letter in a report.
func (p *RowReader) LongestCell(d DeadLetter) int {
	longest := 0
	for _, cell := range p.reportShape(uuid.Nil, nil).row(d) {
		longest = max(longest, xlsx.TextLength(cell))
	}
	for _, value := range d.Corrections {
		longest = max(longest, xlsx.TextLength(defuse(value)))
	}
	return longest
}

// reportShape describes the columns of a report.
type reportShape struct {
	reader    *RowReader
	of        uuid.UUID      // the import
	keep      []int          // positions of the original columns
	fields    map[int]string // by original column, the field whose new value it holds
	feed      []string       // by original column, the field that it feeds, if any
	added     []string       // fields with a column in the report only
	ownColumn []string       // fields with a column for their new value
	comma     string
}

func (p *RowReader) reportShape(of uuid.UUID, corrected []string) reportShape {
	s := reportShape{reader: p, of: of, feed: p.fieldsOfColumns(), comma: cmp.Or(p.Layout.Delimiter, ","),
		fields: map[int]string{}}
	for i, c := range p.Layout.Columns {
		if !p.ofReport(c) {
			s.keep = append(s.keep, i)
		}
	}
	for i, f := range fields[p.Kind] {
		_, before := p.newValues[i]
		switch now := slices.Contains(corrected, f); {
		case before, now && p.Feeds(f) && !p.hasColumn(i):
			s.ownColumn = append(s.ownColumn, f)
		case p.source[i] >= 0:
			s.fields[p.source[i]] = f
		case now && !p.Feeds(f):
			s.added = append(s.added, f)
		}
	}
	slices.Sort(s.added)
	slices.Sort(s.ownColumn)
	if p.Kind == Tasks {
		for _, name := range namingFields[Tasks] {
			if f := idFieldOf(name); p.takesCandidate(f) && !p.Feeds(f) && !slices.Contains(s.added, f) {
				s.added = append(s.added, f)
			}
		}
	}
	return s
}

// takesCandidate reports whether a report has a column for the id of a candidate: always of a
// contact or a company, and of a deal or an event where a column of the file may name one.
func (p *RowReader) takesCandidate(idField string) bool {
	kind, ok := parentOf(idField)
	if !ok || kind == Contacts || kind == Companies {
		return ok
	}
	return slices.ContainsFunc(taskFields, func(f fieldSpec) bool {
		return f.namesParent() && (f.refers.kind == kind || f.refers.kind == "") && p.Feeds(f.name)
	})
}

// columns returns the columns of the row itself, original and added.
func (s reportShape) columns() []string {
	columns := make([]string, 0, len(s.keep)+len(s.added))
	for _, i := range s.keep {
		columns = append(columns, s.reader.Layout.Columns[i])
	}
	return append(columns, s.added...)
}

func (s reportShape) header() []string {
	header := s.columns()
	for i := range s.keep {
		header[i] = defuse(header[i])
	}
	for _, f := range s.ownColumn {
		header = append(header, newColumn+f)
	}
	return append(header, reportColumns...)
}

func (s reportShape) row(d DeadLetter) []string {
	cells := fitCells(d.Cells, len(s.reader.Layout.Columns), s.comma)
	out := make([]string, 0, len(s.keep)+len(s.added)+len(s.ownColumn)+len(reportColumns))
	for _, i := range s.keep {
		cell := ""
		if i < len(cells) && (!d.Replaced || s.feed[i] == "") {
			cell = cells[i]
		}
		if field, ok := s.fields[i]; ok {
			cell = d.correctedCell(field, cell)
		}
		out = append(out, cell)
	}
	for _, f := range s.added {
		out = append(out, d.Corrections[f])
	}
	for _, f := range s.ownColumn {
		out = append(out, d.correctedCell(f, s.newCell(d, f)))
	}
	tie := s.origin(d, cells)
	if d.Reason == MalformedRow {
		tie += "/" + cellsChecksum(s.columns(), out[:len(s.keep)+len(s.added)])
	}
	for i, cell := range out {
		out[i] = defuse(cell)
	}
	return append(out, strconv.Itoa(d.Row), lineCell(d.Line), string(d.Code()), string(d.Reason), d.Field,
		defuse(d.In(reportWords)), defuse(candidatesCell(d.Candidates)), tie)
}

// newCell returns the new value of a field in a dead letter that came from a report.
func (s reportShape) newCell(d DeadLetter, field string) string {
	c, ok := s.reader.newValues[slices.Index(fields[s.reader.Kind], field)]
	if !ok || d.Replaced || c >= len(d.Cells) {
		return ""
	}
	return d.Cells[c]
}

// origin returns the row of the import, or of the earlier one whose report it comes from.
func (s reportShape) origin(d DeadLetter, cells []string) string {
	if o, fault := s.reader.readOrigin(cells); fault == nil && o != (Origin{}) {
		return o.String()
	}
	if s.of == uuid.Nil || s.reader.Kind != Tasks {
		return ""
	}
	return Origin{Import: s.of, Row: d.Row}.String()
}

// correctedCell returns the corrected value of a field, or its cell.
func (d *DeadLetter) correctedCell(field, cell string) string {
	if value, ok := d.Corrections[field]; ok {
		return value
	}
	return cell
}

// NamedCells returns the cells of a dead letter by column. Surplus cells of a malformed row are
// joined to its last column.
func NamedCells(l Layout, cells []string) map[string]string {
	named := make(map[string]string, len(l.Columns))
	if !l.Tabular() { // empty cells at its end are omitted
		for _, c := range l.Columns {
			named[c] = ""
		}
	}
	for i, cell := range fitCells(cells, len(l.Columns), cmp.Or(l.Delimiter, ",")) {
		if i < len(l.Columns) {
			named[l.Columns[i]] = strings.ToValidUTF8(cell, "\uFFFD")
		}
	}
	return named
}

// fitCells joins surplus cells to the last column, so that a malformed row loses nothing.
func fitCells(cells []string, columns int, comma string) []string {
	if len(cells) <= columns || columns == 0 {
		return cells
	}
	return append(slices.Clone(cells[:columns-1]), strings.Join(cells[columns-1:], comma))
}

func lineCell(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}

func candidatesCell(cs []Candidate) string {
	parts := make([]string, len(cs))
	for i, c := range cs {
		parts[i] = fmt.Sprintf("%s %s", c.ID, c.Name)
		if c.Company != "" {
			parts[i] += " (" + c.Company + ")"
		}
		parts[i] += fmt.Sprintf(" %.3f", c.Score)
		if c.ExternalID != "" {
			parts[i] += " external_id " + c.ExternalID
		}
	}
	return strings.Join(parts, " | ")
}

// dangerous reports whether a spreadsheet could run a cell: one that begins with the sign of a
// formula, also in full width, or a control character, also after quotes, which defuse adds (OWASP,
// CSV injection).
func dangerous(cell string) bool {
	first, size := utf8.DecodeRuneInString(strings.TrimLeft(cell, "'"))
	return size > 0 && strings.ContainsRune("=+-@＝＋－＠\t\r\n", first)
}

// defuse puts a quote before a cell that a spreadsheet could run; restore removes it.
func defuse(cell string) string {
	if dangerous(cell) {
		return "'" + cell
	}
	return cell
}

// restore returns the original text of a cell that defuse wrote.
func restore(cell string) string {
	if strings.HasPrefix(cell, "'") && dangerous(cell) {
		return cell[1:]
	}
	return cell
}

func restoreAll(cells []string) {
	for i, c := range cells {
		cells[i] = restore(c)
	}
}

// ReportName returns the name of a file about an import, after that of its file: tasks.csv has
// tasks.rejects.csv for the ending rejects.csv. Without a name, the id of the import replaces it.
func ReportName(file, id, ending string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	if base == "" || base == string(filepath.Separator) {
		base = id
	}
	return base + "." + ending
}

// reportRemedies say, in the column _message of a report, what to write into the row; only rows
// have messages there.
var reportRemedies = map[string]func(r file.Remedy) string{
	RemedyValue: func(r file.Remedy) string {
		return fmt.Sprintf("write one of our own, such as %s, or import with the meaning of %s", r.Meaning, shown(r.Value))
	},
	RemedyImplausible: inRow("correct the date, or import with another choice for implausible dates"),
	RemedyDateOrder:   inRow("write the day as YYYY-MM-DD, or import with the order of day, month and year"),
	RemedyShortened:   inRow("put the whole id into the cell, import the file as it was before, or leave out the column"),
	RemedyCandidate:   func(r file.Remedy) string { return "put the id of the right candidate into " + r.Field },
	RemedyAssignee: inRow("put the id, the address or the name of a user into the cell, or say with the next import who " +
		"is meant"),
	RemedyRecord: func(r file.Remedy) string {
		return fmt.Sprintf("correct the name, add the %s, or put its id into %s", strings.TrimSuffix(r.Field, "_id"), r.Field)
	},
	RemedyGiveID:      func(r file.Remedy) string { return "put the id of the right one into " + r.Field },
	RemedyMismatch:    func(r file.Remedy) string { return "put the id of the right one into " + r.Field },
	RemedySeveral:     inRow("keep one of them here, and give the others rows of their own"),
	RemedyDuplicate:   inRow("remove the row, or give it another external_id"),
	RemedyKeepColumns: inRow("shorten the cells, or import with fewer columns kept"),
	RemedyRepeatedRow: inRow("remove it, or make the rows differ if both are meant"),
}

func inRow(text string) func(file.Remedy) string { return func(file.Remedy) string { return text } }

// reportWords is the report's file.Words.
func reportWords(r file.Remedy) string { return reportRemedies[r.Code](r) }
