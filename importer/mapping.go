package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Plan says which field each column of a file feeds.
type Plan struct {
	Kind   Kind
	Layout Layout
	// source gives, for each field of the kind, the column that feeds it, or -1.
	source  []int
	defused bool
	preset  *preset // nil for none
	origin  int     // the column of the origins, or -1
}

// Values are a row's cells in the order of the kind's fields; empty where the row has none.
type Values []string

// NewPlan matches columns to fields: first as mapping says, then as the preset of the layout has them, the rest by name without regard to case, space and punctuation.
// Columns that begin with an underscore, and those that fit no field, are ignored.
// The error is a *Fault of the field "mapping" or of the column.
func NewPlan(kind Kind, layout Layout, mapping map[string]string) (*Plan, error) {
	p := &Plan{Kind: kind, Layout: layout, defused: isReport(layout.Columns), preset: presetNamed(kind, layout.Preset)}
	if p.defused {
		p.Layout.Columns = slices.Clone(layout.Columns)
		restoreAll(p.Layout.Columns)
	}
	p.origin = originAt(kind, p.Layout.Columns)
	p.source = make([]int, len(fields[kind]))
	for i := range p.source {
		p.source[i] = -1
	}
	named, err := p.applyMapping(mapping)
	if err != nil {
		return nil, err
	}
	if p.preset != nil {
		if err := p.matchPreset(named); err != nil {
			return nil, err
		}
	}
	if err := p.matchNames(named); err != nil {
		return nil, err
	}
	return p, p.checkNeeds()
}

// applyMapping follows the client's mapping and reports which columns it speaks of.
func (p *Plan) applyMapping(mapping map[string]string) (map[int]bool, error) {
	named := map[int]bool{}
	for _, column := range sortedKeys(mapping) {
		at := p.columnsNamed(column)
		if len(at) == 0 {
			if p.Layout.Format.keyed() {
				continue
			}
			return nil, mappingFault("column %s is not in the file; its columns are %s", shown(column), shownList(p.Layout.Columns))
		}
		for _, c := range at {
			named[c] = true
		}
		if mapping[column] == "" {
			continue
		}
		field := slices.Index(fields[p.Kind], mapping[column])
		if field < 0 {
			return nil, mappingFault("%s is not a field of %s; choose one of %s", shown(mapping[column]), p.Kind, strings.Join(fields[p.Kind], ", "))
		}
		if err := p.feed(field, at); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// CheckMapping refuses a mapping onto fields that rows of the kind do not have, before any file is read.
func CheckMapping(kind Kind, mapping map[string]string) error {
	for _, column := range sortedKeys(mapping) {
		if !storable(column) {
			return mappingFault("column %s is no text that a file can have; remove it", shown(column))
		}
		if f := mapping[column]; f != "" && !slices.Contains(fields[kind], f) {
			return mappingFault("%s is not a field of %s; choose one of %s", shown(f), kind, strings.Join(fields[kind], ", "))
		}
	}
	return nil
}

// matchNames gives the columns that the mapping left alone to the fields that are still free.
func (p *Plan) matchNames(named map[int]bool) error {
	mapped := slices.Clone(p.source)
	for i, field := range fields[p.Kind] {
		if mapped[i] >= 0 {
			continue
		}
		var at []int
		for c, name := range p.Layout.Columns {
			if !named[c] && columnKey(name) == field {
				at = append(at, c)
			}
		}
		if err := p.feed(i, at); err != nil {
			return err
		}
	}
	for c, name := range p.Layout.Columns {
		field, ok := synonyms[p.Kind][columnKey(name)]
		if i := slices.Index(fields[p.Kind], field); ok && !named[c] && p.source[i] < 0 {
			p.source[i] = c
		}
	}
	return nil
}

// feed lets columns feed a field; two columns for one field are a fault that the client must settle.
func (p *Plan) feed(field int, columns []int) error {
	for _, c := range columns {
		if other := p.source[field]; other >= 0 && other != c {
			return &Fault{Reason: InvalidValue, Field: fields[p.Kind][field],
				Message: fmt.Sprintf("columns %d (%s) and %d (%s) both feed %s; rename or remove one, or set one to \"\" in mapping",
					other+1, shown(p.Layout.Columns[other]), c+1, shown(p.Layout.Columns[c]), fields[p.Kind][field])}
		}
		p.source[field] = c
	}
	return nil
}

// checkNeeds refuses a CSV file in which every row would be rejected for want of the same column.
func (p *Plan) checkNeeds() error {
	if !p.Layout.Tabular() {
		return nil
	}
	for _, f := range needs[p.Kind] {
		if p.Feeds(f) {
			return nil
		}
	}
	return mappingFault("no column feeds %s; the columns are %s; name the right one in mapping, for instance {\"Subject\": %q}",
		strings.Join(needs[p.Kind], " or "), shownList(p.Layout.Columns), needs[p.Kind][0])
}

// Feeds reports whether some column feeds the field.
func (p *Plan) Feeds(field string) bool {
	i := slices.Index(fields[p.Kind], field)
	return i >= 0 && p.source[i] >= 0
}

func (p *Plan) columnsNamed(name string) []int {
	var at []int
	for c, column := range p.Layout.Columns {
		if column == name {
			at = append(at, c)
		}
	}
	if len(at) > 0 {
		return at
	}
	for c, column := range p.Layout.Columns {
		if columnKey(column) == columnKey(name) {
			at = append(at, c)
		}
	}
	return at
}

// values picks the cells that feed fields.
func (p *Plan) values(cells []string, into Values) Values {
	into = into[:0]
	for _, c := range p.source {
		if c < 0 || c >= len(cells) {
			into = append(into, "")
			continue
		}
		cell := cells[c]
		if cell != "" && (untidyStart[cell[0]] || cell[len(cell)-1] >= utf8.RuneSelf) { // most are not, and this asks for each cell of a file
			cell = tidy(cell, p.Layout.KeepPlaceholders)
		}
		into = append(into, cell)
	}
	if p.preset != nil {
		p.preset.translate(into)
	}
	return into
}

func mappingFault(format string, args ...any) *Fault {
	return &Fault{Reason: InvalidValue, Field: "mapping", Message: fmt.Sprintf(format, args...)}
}

func sortedKeys(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
