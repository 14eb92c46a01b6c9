package importer

import (
	"slices"
	"strings"
	"time"
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

// Proposal gives, for each column of a layout, the field that it would feed. Where NewPlan refuses the layout, because two columns claim a field or none feeds one that is
// needed, the first column of each name is taken.
func Proposal(kind Kind, layout Layout) []string {
	if p, err := NewPlan(kind, layout, nil); err == nil {
		return p.fieldsOfColumns()
	}
	p := &Plan{Kind: kind, Layout: layout, source: make([]int, len(fields[kind])), preset: presetNamed(layout.Preset)}
	for i := range p.source {
		p.source[i] = -1
	}
	barred := map[int]bool{}
	if p.preset != nil {
		_ = p.matchPreset(barred) // as far as it goes: what is in the way is for the client to settle
	}
	for c, name := range layout.Columns {
		key := columnKey(name)
		if s, ok := synonyms[kind][key]; ok {
			key = s
		}
		if i := slices.Index(fields[kind], key); i >= 0 && p.source[i] < 0 && !barred[c] {
			p.source[i] = c
		}
	}
	return p.fieldsOfColumns()
}

// fieldsOfColumns gives the field that each column feeds.
func (p *Plan) fieldsOfColumns() []string {
	of := make([]string, len(p.Layout.Columns))
	for i, c := range p.source {
		if c >= 0 {
			of[c] = fields[p.Kind][i]
		}
	}
	return of
}

// Preview reads the first rows of a chunk and marks every value that would be rejected. Names are not resolved. now is what an absent created_date becomes.
func (p *Plan) Preview(c Chunk, most int, now time.Time) Preview {
	out := Preview{Columns: make([]PreviewColumn, len(p.Layout.Columns))}
	for i, field := range p.fieldsOfColumns() {
		out.Columns[i] = PreviewColumn{p.Layout.Columns[i], field}
	}
	var values Values
	for rec := range DecodeChunk(p.Layout, c) {
		if len(out.Rows) == most {
			break
		}
		if p.defused {
			restoreAll(rec.Cells)
		}
		row := PreviewRow{Row: rec.Row, Line: rec.Line, Cells: make([]PreviewCell, len(p.Layout.Columns)), Problem: p.problem(&rec)}
		for i, cell := range fitCells(rec.Cells, len(p.Layout.Columns), p.Layout.Delimiter) {
			if i < len(row.Cells) {
				row.Cells[i].Text = strings.Clone(cell)
			}
		}
		if row.Problem == "" {
			values = p.values(rec.Cells, values)
			row.mark(p, values, now)
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

// mark notes each fault of a row at the cell that it comes from. A value that is at fault is put aside, and the rest is looked at again.
func (r *PreviewRow) mark(p *Plan, values Values, now time.Time) {
	const stand = "-" // in for a value that must not be absent
	for range values {
		var b Batch
		fault := b.add(p.Kind, Source{Row: r.Row}, values, now)
		if fault == nil {
			return
		}
		at := slices.Index(fields[p.Kind], fault.Field)
		if at < 0 {
			r.Problem = fault.Message
			return
		}
		if c := p.source[at]; c >= 0 && c < len(r.Cells) {
			r.Cells[c].Problem = fault.Message
		} else {
			r.Problem = fault.Message
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
