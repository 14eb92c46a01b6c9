package importer

import (
	"maps"
	"slices"
	"strings"
)

// newColumn begins the name of a report's column with the new value of a field that no column gives
// as it stands: the options give it to every row, several columns make it up, or its words mean
// something else in the file.
const newColumn = "_new_"

// newColumns finds them in a report, by field.
func newColumns(kind Kind, columns []string) map[int]int {
	at := map[int]int{}
	for c, name := range columns {
		field, ok := strings.CutPrefix(name, newColumn)
		if i := slices.Index(fields[kind], field); ok && i >= 0 {
			at[i] = c
		}
	}
	return at
}

// ofReport reports whether a column of a report was put there when it was written.
func (p *RowReader) ofReport(column string) bool {
	field, isNew := strings.CutPrefix(column, newColumn)
	return slices.Contains(reportColumns, column) || p.defused && isNew && slices.Contains(fields[p.Kind], field)
}

// hasColumn reports whether the new value of a field can stand in the column that feeds it, and
// will be read there as it was written.
func (p *RowReader) hasColumn(field int) bool {
	return p.source[field] >= 0 && p.recipe.Values[fields[p.Kind][field]] == nil
}

// correct puts the corrected values of a row over the translated ones: those of a report, and over
// them the corrections of operators.
func (p *RowReader) correct(v Values, cells []string, corrections map[string]string) {
	for field, c := range p.renewed {
		if c < len(cells) && strings.TrimSpace(cells[c]) != "" {
			v[field] = p.translated(fields[p.Kind][field], cells[c])
		}
	}
	put(p.Kind, v, corrections)
}

// Translated returns a correct in the words of the API. A value that they do not have is taken for
// one of the file's and means what it does there: a word of a closed field, or a date.
func (p *RowReader) Translated(m Correction) Correction {
	m.Fields = maps.Clone(m.Fields)
	for field, text := range m.Fields {
		m.Fields[field] = p.translated(field, text)
	}
	return m
}

func (p *RowReader) translated(field, text string) string {
	allowed := closed(p.Kind, field)
	switch {
	case allowed != nil && !slices.Contains(allowed, strings.TrimSpace(text)):
		text, _ = p.meaning(field, text)
	case isDate(p.Kind, field):
		text = p.date(field, text)
	}
	return text
}
