package importer

import "cmp"

// NamedCell is a cell of a dead letter with the column in which it stands, and the field that it feeds, if any.
type NamedCell struct {
	Column string
	Field  string
	Text   string
}

// Named gives the cells of a dead letter as they stood in the file, in the order of its columns. Surplus cells of a malformed row are joined to its last column.
func (p *Plan) Named(d DeadLetter) []NamedCell {
	columns := p.Layout.Columns
	cells := fitCells(d.Cells, len(columns), cmp.Or(p.Layout.Delimiter, ","))
	of := p.fieldsOfColumns()
	named := make([]NamedCell, len(columns))
	for c, name := range columns {
		named[c] = NamedCell{Column: name, Field: of[c]}
		if c < len(cells) {
			named[c].Text = cells[c]
		}
	}
	return named
}

// ValuesOf gives what the pipeline reads in a dead letter, by field: its cells as they stand, over them what every row has, and over all what operators have put in.
func (p *Plan) ValuesOf(d DeadLetter) map[string]string {
	cells := d.Cells
	if d.Anew {
		cells = nil
	}
	values := p.values(cells, nil)
	for at, value := range p.constant {
		values[at] = value
	}
	p.correct(values, cells, d.Mends)
	of := make(map[string]string, len(values))
	for i, field := range fields[p.Kind] {
		of[field] = values[i]
	}
	return of
}
