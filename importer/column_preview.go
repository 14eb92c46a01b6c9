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

// Preview shows the first rows of a file as a mapping reads them.
type Preview struct {
	Columns []PreviewColumn
	Rows    []PreviewRow
}

// PreviewColumn is a column and the field that it feeds; empty for an ignored column.
type PreviewColumn struct {
	Name  string
	Field string
}

// PreviewRow is a row with a cell for each column, and the problem that rejects it where that
// belongs to no single cell.
type PreviewRow struct {
	Row, Line int
	Cells     []PreviewCell
	Problem   string
}

// PreviewCell is a cell, and why its value would be rejected; empty for a valid one.
type PreviewCell struct {
	Text    string
	Problem string
}

// FieldsOf returns the fields that rows of a kind may have.
func FieldsOf(kind Kind) []string { return slices.Clone(fields[kind]) }

// Kept is chosen for a column that is kept in custom_fields.
const Kept = "kept"

// Proposal returns, for each column of a layout, the field that it feeds, or Kept. Where
// NewRowReader refuses the layout, because two columns claim a field or no column feeds a needed
// field, the first column of each name is proposed.
func Proposal(kind Kind, layout Layout) []string {
	p, err := NewRowReader(kind, layout, Mapping{})
	if err == nil {
		return p.chosen()
	}
	p = emptyReader(kind, layout, Mapping{})
	_ = p.match() // as far as possible: the client decides about conflicts
	for c, name := range layout.Columns {
		if i := slices.Index(fields[kind], columnKey(name)); i >= 0 && p.isFree(i) {
			p.source[i] = c
		}
	}
	_ = p.matchKept() // it fails for columns that the mapping names, and this one is empty
	return p.chosen()
}

// chosen returns, for each column, the field that it feeds, or Kept.
func (p *RowReader) chosen() []string {
	of := p.fieldsOfColumns()
	for _, k := range p.kept {
		if of[k.Column] == "" {
			of[k.Column] = Kept
		}
	}
	return of
}

// MappingOf returns the mapping by which the columns feed the fields that a person has chosen,
// column by column, with the other choices. ok is false where no mapping can say that, or where the
// file is read so without one.
func (l Layout) MappingOf(kind Kind, of []string, choices Mapping) (m Mapping, ok bool) {
	fed, err := l.Fed(kind, of, choices.DateOrder)
	if err != nil {
		return m, false
	}
	m = choices
	m.ByColumn, m.Compose, m.KeepColumns = map[string]string{}, map[string][]string{}, KeepNone
	var kept []string
	for c, field := range of {
		switch {
		case field == Kept:
			kept = append(kept, l.Columns[c])
		case len(fed.Sources[field]) < 2:
			m.ByColumn[l.Columns[c]] = field
		}
	}
	for field, columns := range fed.Sources {
		for _, c := range columns {
			if len(columns) > 1 {
				m.Compose[field] = append(m.Compose[field], l.Columns[c])
			}
		}
	}
	if len(kept) > 0 {
		m.KeepColumns = KeepOnly(kept)
	}
	bare := Layout{Layout: l.Layout, Preset: l.Preset}
	if l.Remembered == nil && slices.Equal(of, Proposal(kind, bare)) { // the columns are read so anyway
		m.ByColumn, m.Compose, m.KeepColumns = nil, nil, KeepColumns{}
		return m, m.DateOrder != "" || len(m.Values) > 0 || m.Preset != "" || m.OnUnknownAssignee != ""
	}
	_, p, err := Decide(kind, bare, m, nil)
	return m, err == nil && slices.Equal(p.chosen(), of)
}

// Fed returns a layout whose columns feed the fields that a person has chosen, column by column.
// The columns of a first and a last name may make up a name together. Dates in a newly chosen
// column have the given order, if any. The error is a *Fault.
func (l Layout) Fed(kind Kind, of []string, order dates.Order) (Layout, error) {
	before := l.Sources
	l.Sources, l.Dates = map[string][]int{}, maps.Clone(l.Dates)
	kept := make([]bool, len(of))
	for c, field := range of {
		kept[c] = kind == Tasks && field == Kept
		if field != "" && field != Kept {
			l.Sources[field] = append(l.Sources[field], c)
		}
	}
	for field, columns := range l.Sources {
		if same := before[field]; len(same) == len(columns) && !slices.ContainsFunc(columns, func(c int) bool {
			return !slices.Contains(same, c)
		}) {
			l.Sources[field] = same
		}
		f := specOf(kind, field)
		if len(columns) > 1 && (f == nil || !f.inParts && f.is != dateType) || len(columns) > maxComposed {
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
	if !slices.Equal(before[fieldExternalID], l.Sources[fieldExternalID]) {
		l.FloatIDs, l.NotIDs = false, nil
	}
	if c := l.Completion; c != nil && *c < len(of) && of[*c] != Kept {
		l.Completion = nil
	}
	l.Kept = keptColumns(l.Columns, kept)
	l.Profile = slices.Clone(l.Profile)
	for i := range l.Profile {
		if c := slices.Index(l.Columns, l.Profile[i].Name); c >= 0 && c < len(of) {
			l.Profile[i].Feeds, l.Profile[i].Kept = strings.TrimPrefix(of[c], Kept), kept[c]
		}
	}
	p, err := NewRowReader(kind, l, Mapping{})
	if err != nil {
		return l, err
	}
	ignored := make([]bool, len(l.Columns))
	for c := range ignored {
		ignored[c] = true
	}
	l.NotImported = p.notImported(nil, l.filled(), ignored)
	return l, p.checkNeeds()
}

// filled returns a function that returns the known share of a column that is filled.
func (l Layout) filled() func(column int) float64 {
	shares := map[string]float64{}
	for _, c := range l.NotImported {
		shares[c.Name] = c.Filled
	}
	for _, c := range l.Profile {
		shares[c.Name] = c.Filled
	}
	return func(column int) float64 { return shares[shortened(l.Columns[column])] }
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

// Preview reads at most so many rows of a chunk and notes every value that would be rejected, in
// the words of a face. It does not resolve references. now replaces an absent created_date.
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
			row.noteFaults(t, t.mapped(rec.Cells, nil), now, w)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// noteFaults notes each fault of a row at the cell that it comes from. A faulty value is removed,
// and the rest of the row is checked again.
func (r *PreviewRow) noteFaults(t *translator, values Values, now time.Time, w file.Words) {
	const filler = "-" // replaces a value that must not be absent
	p := t.reader
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
		if values[at] == filler {
			return
		}
		values[at] = ""
		if slices.Contains(needs[p.Kind], fault.Field) {
			values[at] = filler
		}
	}
}

// columnOf returns a column that feeds a field, or -1.
func (p *RowReader) columnOf(field int) int {
	if columns := p.composed[field]; len(columns) > 0 {
		return columns[0]
	}
	return p.source[field]
}
