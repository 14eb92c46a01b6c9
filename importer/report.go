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

	"github.com/google/uuid"

	"taskport/importer/file/xlsx"
)

// reportColumns stand behind the original ones in a dead-letter report.
var reportColumns = []string{"_row", "_line", "_code", "_reason", "_field", "_message", "_candidates", originColumn}

// isReport recognizes a file as a dead-letter report that came back.
func isReport(columns []string) bool {
	return slices.Contains(columns, "_row") && slices.Contains(columns, "_code") && slices.Contains(columns, "_reason")
}

// Report writes dead letters: the original columns in their order, one for each corrected field
// that nothing feeds, an empty contact_id and company_id where a file of tasks has none, one for
// each corrected field that no column gives as it stands (newColumn), then the reason. The cells
// are those of the file, but where somebody has corrected the row: there the new value stands in
// the column of its field. A corrected report can be imported as it is, with the same options.
type Report struct {
	w     rowWriter
	end   func() error
	shape reportShape
}

// rowWriter takes rows, as csv.Writer does.
type rowWriter interface{ Write(cells []string) error }

// NewReport begins a report as CSV. The plan is the one of the import; where there is no import but
// a check, its id is nil and the rows are tied to none. corrected are the fields that dead letters
// to come have new values in.
func NewReport(w io.Writer, p *RowReader, of uuid.UUID, corrected []string) (*Report, error) {
	to, shape := csv.NewWriter(w), p.reportShape(of, corrected)
	to.Comma = rune(shape.comma[0])
	return &Report{w: to, shape: shape, end: func() error { to.Flush(); return to.Error() }}, to.Write(shape.header())
}

// What a report as a workbook holds at most, and the reason why a larger one has to be CSV.
const (
	WorkbookRows = xlsx.MaxRows
	WorkbookText = xlsx.MaxText // characters of a cell
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

// Close writes what is buffered and returns the first error of the writer. It does not close what
// the report is written to.
func (r *Report) Close() error { return r.end() }

// LongestCell is the number of characters of the longest cell that a dead letter has in a report.
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

// reportShape says what the rows of a report consist of.
type reportShape struct {
	plan   *RowReader
	of     uuid.UUID      // the import
	keep   []int          // original columns that are written
	fields map[int]string // whose new values stand in original columns
	feed   []string       // the field, if any, that each original column feeds
	added  []string       // fields that have a column only in the report
	anew   []string       // fields whose new values have a column of their own
	comma  string
}

func (p *RowReader) reportShape(of uuid.UUID, corrected []string) reportShape {
	s := reportShape{plan: p, of: of, feed: p.fieldsOfColumns(), comma: cmp.Or(p.Layout.Delimiter, ","),
		fields: map[int]string{}}
	for i, c := range p.Layout.Columns {
		if !p.ofReport(c) {
			s.keep = append(s.keep, i)
		}
	}
	for i, f := range fields[p.Kind] {
		_, before := p.renewed[i]
		switch now := slices.Contains(corrected, f); {
		case before, now && p.Feeds(f) && !p.hasColumn(i):
			s.replaced = append(s.replaced, f)
		case p.source[i] >= 0:
			s.fields[p.source[i]] = f
		case now && !p.Feeds(f):
			s.added = append(s.added, f)
		}
	}
	slices.Sort(s.added)
	slices.Sort(s.replaced)
	if p.Kind == Tasks {
		for _, name := range namingFields[Tasks] {
			if f := idFieldOf(name); !p.Feeds(f) && !slices.Contains(s.added, f) {
				s.added = append(s.added, f)
			}
		}
	}
	return s
}

// columns are those of the row itself: the original ones, and those that the report adds for its
// fields.
func (s reportShape) columns() []string {
	columns := make([]string, 0, len(s.keep)+len(s.added))
	for _, i := range s.keep {
		columns = append(columns, s.plan.Layout.Columns[i])
	}
	return append(columns, s.added...)
}

func (s reportShape) header() []string {
	header := s.columns()
	for i := range s.keep {
		header[i] = defuse(header[i])
	}
	for _, f := range s.anew {
		header = append(header, newColumn+f)
	}
	return append(header, reportColumns...)
}

func (s reportShape) row(d DeadLetter) []string {
	cells := fitCells(d.Cells, len(s.plan.Layout.Columns), s.comma)
	out := make([]string, 0, len(s.keep)+len(s.added)+len(s.replaced)+len(reportColumns))
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
	for _, f := range s.anew {
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
		defuse(d.Message), defuse(candidatesCell(d.Candidates)), tie)
}

// newCell is what a report that came back has as the new value of a field.
func (s reportShape) newCell(d DeadLetter, field string) string {
	c, ok := s.plan.renewed[slices.Index(fields[s.plan.Kind], field)]
	if !ok || d.Replaced || c >= len(d.Cells) {
		return ""
	}
	return d.Cells[c]
}

// origin ties a row to the import, or to the earlier one whose report it comes from.
func (s reportShape) origin(d DeadLetter, cells []string) string {
	if o, fault := s.plan.readOrigin(cells); fault == nil && o != (Origin{}) {
		return o.String()
	}
	if s.of == uuid.Nil || s.plan.Kind != Tasks {
		return ""
	}
	return Origin{Import: s.of, Row: d.Row}.String()
}

// correctedCell is what stands in the column of a field.
func (d *DeadLetter) correctedCell(field, cell string) string {
	if value, ok := d.Corrections[field]; ok {
		return value
	}
	return cell
}

// NamedCells returns the cells of a dead letter by column, for people and programs that want names
// instead of positions. Surplus cells of a malformed row are joined to its last column.
func NamedCells(l Layout, cells []string) map[string]string {
	named := make(map[string]string, len(l.Columns))
	if !l.Tabular() { // its empty cells at the end are left out
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

// fitCells joins surplus cells to the last column, so that a malformed row keeps its columns and
// loses nothing.
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

// dangerous reports whether a spreadsheet could run the cell: a formula sign or a control character
// at its start, quotes before it included, since those are what defuse adds (OWASP, CSV injection).
func dangerous(cell string) bool {
	rest := strings.TrimLeft(cell, "'")
	return rest != "" && strings.ContainsRune("=+-@\t\r\n", rune(rest[0]))
}

// defuse puts a quote before a cell that a spreadsheet would run; restore takes it away again.
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

// ReportName is what a file that tells of an import is called after the import's own: tasks.csv
// gives tasks.rejects.csv for the ending rejects.csv. Where that has no name, the id of the import
// stands for it.
func ReportName(file, id, ending string) string {
	base := filepath.Base(file)
	base = strings.TrimSuffix(base, filepath.Ext(base))
	if base == "" || base == string(filepath.Separator) {
		base = id
	}
	return base + "." + ending
}
