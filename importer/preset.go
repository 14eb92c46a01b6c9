package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// NoPreset is the choice of a client who wants columns taken by their names alone.
const NoPreset = "none"

// preset is what is known of a product's exports of one kind.
type preset struct {
	name    string
	product string
	kind    Kind
	// signs are sets of columns; a header that has all of one set is an export of the product.
	signs [][]string
	// absent are columns that only others have whose headers look alike.
	absent []string
	// columns lists, for each field, the columns that feed it, the one that is preferred first.
	columns map[string][]string
	// never are columns that look like a link or a person and are none of the task's own.
	never []string
	// values says what a value of the product means, besides what it means everywhere.
	values map[string]map[string]string
	// idInName says that a contact stands with its number behind it: "Marc Lemaire (4421)".
	idInName bool
	// serialDates says that a date may stand as the number that a spreadsheet keeps for it.
	serialDates bool
}

// presets are the products whose exports are known by their header. Who a task or a record belongs
// to, who made it and who reports to whom is in none of the columns that feed a contact or a
// company; nor is what may be either, such as Regarding, Related To and Parent.
var presets = slices.Concat(hubspotPresets, salesforcePresets, pipedrivePresets, zohoPresets, dynamicsPresets,
	suitecrmPresets, espocrmPresets)

// nameFold makes the spellings of a column or a value the same: no case, no spaces, no punctuation.
func nameFold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// presetsOf returns the presets of a kind.
func presetsOf(kind Kind) []*preset {
	var all []*preset
	for i := range presets {
		if presets[i].kind == kind {
			all = append(all, &presets[i])
		}
	}
	return all
}

// presetNamed finds a preset; nil for none of them.
func presetNamed(kind Kind, name string) *preset {
	for _, s := range presetsOf(kind) {
		if s.name == name {
			return s
		}
	}
	return nil
}

// checkPreset refuses the name of no preset, and a preset for rows of a kind that has none. Empty
// means that the header decides.
func checkPreset(kind Kind, name string) error {
	if name == "" || name == NoPreset {
		return nil
	}
	known := presetsOf(kind)
	if len(known) == 0 {
		return &Fault{Reason: InvalidValue, Field: "preset",
			Message: fmt.Sprintf("presets are for tasks, contacts, companies and deals, and these are %s; leave the preset "+
				"out", kind)}
	}
	if presetNamed(kind, name) == nil {
		var names []string
		for _, s := range known {
			names = append(names, s.name)
		}
		return optionFault("preset", name, strings.Join(append(names, NoPreset), ", "))
	}
	return nil
}

// recognize finds the preset whose signs a header shows. A header that shows those of two is taken
// for neither.
func recognize(kind Kind, columns []string) *preset {
	has := map[string]bool{}
	for _, c := range columns {
		has[nameFold(c)] = true
	}
	var found *preset
	for _, s := range presetsOf(kind) {
		if !s.shownBy(has) {
			continue
		}
		if found != nil {
			return nil
		}
		found = s
	}
	return found
}

func (s *preset) shownBy(has map[string]bool) bool {
	if slices.ContainsFunc(s.absent, func(c string) bool { return has[nameFold(c)] }) {
		return false
	}
	return slices.ContainsFunc(s.signs, func(sign []string) bool {
		return !slices.ContainsFunc(sign, func(c string) bool { return !has[nameFold(c)] })
	})
}

var oneOfKind = map[Kind]string{Tasks: "a task", Contacts: "a contact", Companies: "a company", Deals: "a deal"}

// presetNote tells what a preset makes of the columns.
func (p *RowReader) presetNote(found bool) string {
	var fed []string
	taken := map[int]bool{}
	for i, c := range p.source {
		if c >= 0 {
			fed = append(fed, fmt.Sprintf("%s feeds %s", shown(p.Layout.Columns[c]), fields[p.Kind][i]))
			taken[c] = true
		}
		for _, c := range p.composed[i] {
			taken[c] = true
		}
	}
	var left []string
	for c, name := range p.Layout.Columns {
		if !taken[c] && name != "" && !slices.Contains(reportColumns, name) {
			left = append(left, name)
		}
	}
	how := "by its header taken for"
	if !found {
		how = "read as"
	}
	note := fmt.Sprintf("%s %s export of %s: %s", how, oneOfKind[p.Kind], p.preset.product, strings.Join(fed, ", "))
	if len(left) > 0 {
		note += "; not taken: " + shownList(left)
	}
	return note + "; mapping and preset say otherwise"
}

// matchPreset returns the columns that the mapping left alone to the fields that the preset has
// them for, and bars those that it knows to be no links.
func (p *RowReader) matchPreset(named map[int]bool) error {
	for c, name := range p.Layout.Columns {
		if !named[c] && p.preset.bars(name) {
			named[c] = true
		}
	}
	for i, field := range fields[p.Kind] {
		if !p.isFree(i) || slices.Contains(p.Layout.Columns, field) {
			continue // the user's own column is preferred
		}
		for _, alias := range p.preset.columns[field] {
			at := p.columnsLike(alias, named)
			if len(at) == 0 {
				continue
			}
			if err := p.feed(i, at); err != nil {
				return err
			}
			named[at[0]] = true
			break
		}
	}
	return nil
}

// columnsLike returns the columns that are called so, in whatever spelling, and that nothing has
// been said of yet.
func (p *RowReader) columnsLike(name string, named map[int]bool) []int {
	var at []int
	for c, column := range p.Layout.Columns {
		if !named[c] && nameFold(column) == nameFold(name) && !slices.Contains(fields[p.Kind], column) {
			at = append(at, c)
		}
	}
	return at
}

// bars reports whether a column must not be taken for a link: the ids of another system are none of
// ours. A column that is called exactly as a field is the user's own, such as the one that a report
// adds.
func (s *preset) bars(column string) bool {
	if slices.Contains(fields[s.kind], column) {
		return false
	}
	key := nameFold(column)
	is := func(name string) bool { return nameFold(name) == key }
	for _, columns := range s.columns {
		if slices.ContainsFunc(columns, is) {
			return false
		}
	}
	ofID := func(f fieldSpec) bool { return f.refers.by == byID && (is(f.name) || f.also != "" && is(f.also)) }
	return slices.ContainsFunc(taskFields, ofID) || slices.ContainsFunc(s.never, is)
}
