package importer

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// reportColumns stand behind the original ones in a dead-letter report.
var reportColumns = []string{"_row", "_line", "_code", "_reason", "_field", "_message", "_candidates", originColumn}

// isReport recognizes a file as a dead-letter report that came back.
func isReport(columns []string) bool {
	return slices.Contains(columns, "_row") && slices.Contains(columns, "_code") && slices.Contains(columns, "_reason")
}

// Report writes dead letters as CSV: the original columns untouched and in their order, an empty contact_id and company_id
// where a file of tasks has none, then the reason. A mended report can be imported as it is.
type Report struct {
	w       *csv.Writer
	keep    []int // original columns that are written
	added   int   // empty id columns
	columns int
	comma   string
	of      uuid.UUID // the import
	plan    *Plan
}

// NewReport writes the header. The plan is the one of the import; where there is no import but a check, its id is nil and the rows are tied to none.
func NewReport(w io.Writer, p *Plan, of uuid.UUID) (*Report, error) {
	r := &Report{w: csv.NewWriter(w), comma: ",", of: of, plan: p}
	if p.Layout.Delimiter != "" {
		r.comma = p.Layout.Delimiter
		r.w.Comma = rune(p.Layout.Delimiter[0])
	}
	header := []string{}
	r.columns = len(p.Layout.Columns)
	for i, c := range p.Layout.Columns {
		if !slices.Contains(reportColumns, c) {
			r.keep = append(r.keep, i)
			header = append(header, defuse(c))
		}
	}
	for _, f := range []string{fieldContactID, fieldCompanyID} {
		if p.Kind == Tasks && !p.Feeds(f) {
			header = append(header, f)
			r.added++
		}
	}
	return r, r.w.Write(append(header, reportColumns...))
}

// Write adds a dead letter.
func (r *Report) Write(d DeadLetter) error {
	cells := fitCells(d.Cells, r.columns, r.comma)
	out := make([]string, 0, len(r.keep)+r.added+len(reportColumns))
	for _, i := range r.keep {
		cell := ""
		if i < len(cells) {
			cell = defuse(cells[i])
		}
		out = append(out, cell)
	}
	for range r.added {
		out = append(out, "")
	}
	out = append(out, strconv.Itoa(d.Row), lineCell(d.Line), string(d.Code()), string(d.Reason), d.Field, defuse(d.Message), defuse(candidatesCell(d.Candidates)), r.origin(d, cells))
	return r.w.Write(out)
}

// origin ties a row to the import, or to the earlier one whose report it comes from.
func (r *Report) origin(d DeadLetter, cells []string) string {
	if o, fault := r.plan.readOrigin(cells); fault == nil && o != (Origin{}) {
		return o.String()
	}
	if r.of == uuid.Nil || r.plan.Kind != Tasks {
		return ""
	}
	return Origin{Import: r.of, Row: d.Row}.String()
}

// Flush writes what is buffered and gives the first error of the writer.
func (r *Report) Flush() error {
	r.w.Flush()
	return r.w.Error()
}

// NamedCells gives the cells of a dead letter by column, for people and programs that want names instead of positions.
// Surplus cells of a malformed row are joined to its last column.
func NamedCells(l Layout, cells []string) map[string]string {
	named := make(map[string]string, len(l.Columns))
	if l.Format.keyed() { // its empty cells at the end are left out
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

// fitCells joins surplus cells to the last column, so that a malformed row keeps its columns and loses nothing.
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
	}
	return strings.Join(parts, " | ")
}

// dangerous reports whether a spreadsheet could run the cell: a formula sign or a control character at its start, quotes before it included,
// since those are what defuse adds (OWASP, CSV injection).
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

// restore gives the original text of a cell that defuse wrote.
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
