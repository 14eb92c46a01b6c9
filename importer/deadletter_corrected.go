package importer

import (
	"maps"
	"slices"
	"strings"
)

// newColumn begins the name of a column in a report with the new value of a field. A field has one
// where no column of the file can hold the new value: a constant feeds it, several columns make it
// up, or its words have another meaning in the file.
const newColumn = "_new_"

// newColumns returns the columns of a report with new values, by field.
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

// ofReport reports whether the report added the column.
func (p *RowReader) ofReport(column string) bool {
	field, isNew := strings.CutPrefix(column, newColumn)
	return slices.Contains(reportColumns, column) || p.defused && isNew && slices.Contains(fields[p.Kind], field)
}

// hasColumn reports whether the column of a field can hold its new value, so that it is read as it
// was written.
func (p *RowReader) hasColumn(field int) bool {
	return p.source[field] >= 0 && p.mapping.Values[fields[p.Kind][field]] == nil
}

// correct replaces translated values of a row: by those of a report, then by the corrections of
// operators.
func (p *RowReader) correct(v Values, cells []string, corrections map[string]string) {
	for field, c := range p.newValues {
		if c < len(cells) && strings.TrimSpace(cells[c]) != "" {
			v[field] = p.translated(fields[p.Kind][field], cells[c])
		}
	}
	put(p.Kind, v, corrections)
}

// Translated returns a correction in the words of the API. Other words and dates mean what they
// mean in the file.
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
	case IsDate(p.Kind, field):
		text = p.date(field, text)
	}
	return text
}
