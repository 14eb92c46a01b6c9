package importer

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// Preview shows the first rows of a file as a plan would read them.
type Preview struct {
	Columns []PreviewColumn
	Rows    []PreviewRow
}

// PreviewColumn is a column and the field that it feeds; empty when it is ignored.
type PreviewColumn struct {
	Name  string
	Field string
}

// PreviewRow is a row: a cell for each column, and what would reject the row besides single cells.
type PreviewRow struct {
	Row, Line int
	Cells     []PreviewCell
	Problem   string
}

// PreviewCell is a cell, and why its value would be rejected; empty for a good one.
type PreviewCell struct {
	Text    string
	Problem string
}

// FieldsOf lists the fields that rows of a kind may carry.
func FieldsOf(kind Kind) []string { return slices.Clone(fields[kind]) }

// Proposal gives, for each column of a layout, the field that it feeds, or would. Where
// NewRowReader refuses the layout, because two columns claim a field or none feeds one that is
// needed, the first column of each name is taken.
func Proposal(kind Kind, layout Layout) []string {
	p, err := NewRowReader(kind, layout, Mapping{})
	if err == nil {
		return p.fieldsOfColumns()
	}
	p = emptyPlan(kind, layout, Mapping{})
	_ = p.match() // as far as it goes: what is in the way is for the client to settle
	for c, name := range layout.Columns {
		if i := slices.Index(fields[kind], columnKey(name)); i >= 0 && p.isFree(i) {
			p.source[i] = c
		}
	}
	return p.fieldsOfColumns()
}

// Fed returns a layout whose columns feed the fields that a person has chosen for them, column by
// column, instead of those that were settled. First and last name may make up a name together.
// Dates that now stand in another column are in the given order, if any. The error is a *Fault.
func (l Layout) Fed(kind Kind, of []string, order dates.Order) (Layout, error) {
	before := l.Sources
	l.Sources, l.Dates = map[string][]int{}, maps.Clone(l.Dates)
	for c, field := range of {
		if field != "" {
			l.Sources[field] = append(l.Sources[field], c)
		}
	}
	for field, columns := range l.Sources {
		if f := specOf(kind, field); len(columns) > 1 && (f == nil || !f.inParts) || len(columns) > maxComposed {
			return l, &Fault{Reason: InvalidValue, Field: field,
				Message: fmt.Sprintf("columns %d and %d both feed %s; choose one of them", columns[0]+1, columns[1]+1, field)}
		}
	}
	for _, field := range dateFields[kind] {
		if !slices.Equal(before[field], l.Sources[field]) {
			delete(l.Dates, field)
		}
		if form := l.Dates[field]; order != "" && (form == "" || form == dates.Unsure) {
			if l.Dates == nil {
				l.Dates = map[string]dates.Form{}
			}
			l.Dates[field] = dates.Form(order)
		}
	}
	l.Profile = slices.Clone(l.Profile)
	for i := range l.Profile {
		if c := slices.Index(l.Columns, l.Profile[i].Name); c >= 0 && c < len(of) {
			l.Profile[i].Feeds = of[c]
		}
	}
	p, err := NewRowReader(kind, l, Mapping{})
	if err != nil {
		return l, err
	}
	return l, p.checkNeeds()
}

// fieldsOfColumns returns the field that each column feeds.
func (p *RowReader) fieldsOfColumns() []string {
	of := make([]string, len(p.Layout.Columns))
	for i, c := range p.source {
		if c >= 0 {
			of[c] = fields[p.Kind][i]
		}
		for _, c := range p.composed[i] {
			of[c] = fields[p.Kind][i]
		}
	}
	return of
}

// Preview reads the first rows of a chunk and marks every value that would be rejected. Snapshot
// are not resolved; problems are told in the words of a face. now is what an absent created_date
// becomes.
func (p *RowReader) Preview(c file.Chunk, most int, now time.Time, w file.Words) Preview {
	out := Preview{Columns: make([]PreviewColumn, len(p.Layout.Columns))}
	for i, field := range p.fieldsOfColumns() {
		out.Columns[i] = PreviewColumn{p.Layout.Columns[i], field}
	}
	t := p.translator()
	for rec := range file.Decode(p.Layout.Layout, c) {
		if len(out.Rows) == most {
			break
		}
		if p.defused {
			restoreAll(rec.Cells)
		}
		row := PreviewRow{Row: rec.Row, Line: rec.Line, Cells: make([]PreviewCell, len(p.Layout.Columns)),
			Problem: p.problem(&rec)}
		for i, cell := range fitCells(rec.Cells, len(p.Layout.Columns), p.Layout.Delimiter) {
			if i < len(row.Cells) {
				row.Cells[i].Text = strings.Clone(cell)
			}
		}
		if row.Problem == "" {
			row.mark(t, t.mapped(rec.Cells, nil), now, w)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// mark notes each fault of a row at the cell that it comes from. A value that is at fault is put
// aside, and the rest is looked at again.
func (r *PreviewRow) mark(t *translator, values Values, now time.Time, w file.Words) {
	const stand = "-" // in for a value that must not be absent
	p := t.plan
	for range values {
		var b Batch
		fault := t.validated(&b, Source{Row: r.Row}, values, now)
		if fault == nil {
			return
		}
		at := slices.Index(fields[p.Kind], fault.Field)
		if at < 0 {
			r.Problem = fault.In(w)
			return
		}
		if c := p.columnOf(at); c >= 0 && c < len(r.Cells) {
			r.Cells[c].Problem = fault.In(w)
		} else {
			r.Problem = fault.In(w)
		}
		if values[at] == stand {
			return
		}
		values[at] = ""
		if slices.Contains(needs[p.Kind], fault.Field) {
			values[at] = stand
		}
	}
}

// columnOf returns a column that feeds a field; -1 when there is none.
func (p *RowReader) columnOf(field int) int {
	if columns := p.composed[field]; len(columns) > 0 {
		return columns[0]
	}
	return p.source[field]
}
