package importer

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"taskport/importer/file"
)

// NoPreset turns presets off: columns are matched by their names alone.
const NoPreset = "none"

// preset describes the exports of a product for one kind of rows.
type preset struct {
	name    string
	product string
	kind    Kind
	// signs are sets of columns. A header with all columns of one set is an export of the product.
	signs [][]string
	// absent are columns that only others have whose headers look alike.
	absent []string
	// databaseColumn is a column that only the tables of the product's database have. Beside it,
	// columns called exactly like our ids, such as contact_id, hold the product's.
	databaseColumn string
	// columns lists, for each field, the columns that feed it, the one that is preferred first.
	columns map[string][]string
	// never are columns that look like a link or a person but do not belong to the task.
	never []string
	// values has the meaning of the product's words, besides commonValues.
	values map[string]map[string]string
	// idInName reports that names of contacts end with a number: "Marc Lemaire (4421)".
	idInName bool
	// serialDates reports that dates may be the day numbers of a spreadsheet.
	serialDates bool
}

// presets are the products whose exports are recognized by their header. Columns of owners feed the
// assignee only, and those of creators and managers nothing. Columns that may hold a record of any
// kind, such as Regarding, Related To and Parent, feed related_name.
var presets = slices.Concat(hubspotPresets, salesforcePresets, pipedrivePresets, zohoPresets, dynamicsPresets,
	suitecrmPresets, espocrmPresets)

// nameFold returns the name of a column or a value without case, spaces and punctuation.
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

// presetNamed returns a preset of the kind; nil for an unknown name.
func presetNamed(kind Kind, name string) *preset {
	for _, s := range presetsOf(kind) {
		if s.name == name {
			return s
		}
	}
	return nil
}

// checkPreset refuses an unknown preset, and any preset for a kind without presets. An empty name
// means that the header decides.
func checkPreset(kind Kind, name string) error {
	if name == "" || name == NoPreset {
		return nil
	}
	known := presetsOf(kind)
	if len(known) == 0 {
		return &Fault{Reason: InvalidValue, Field: "preset",
			Message: fmt.Sprintf("presets are for tasks, contacts, companies, deals and users, and these are %s; leave the "+
				"preset out", kind)}
	}
	if presetNamed(kind, name) == nil {
		return optionFault("preset", name, strings.Join(append(PresetNames(kind), NoPreset), ", "))
	}
	return nil
}

// PresetNames returns the names of the presets of a kind.
func PresetNames(kind Kind) []string {
	var names []string
	for _, s := range presetsOf(kind) {
		names = append(names, s.name)
	}
	return names
}

// recognize returns the preset whose signs are in the header; nil without one, or when two products
// match.
func recognize(kind Kind, columns []string) *preset {
	has := map[string]bool{}
	for _, c := range columns {
		has[signKey(c)], has[headerKey(c)] = true, true
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
	shows := func(c string) bool {
		if strings.Contains(c, " ") {
			return has[headerKey(c)]
		}
		return has[signKey(c)]
	}
	if slices.ContainsFunc(s.absent, shows) {
		return false
	}
	return slices.ContainsFunc(s.signs, func(sign []string) bool {
		return !slices.ContainsFunc(sign, func(c string) bool { return !shows(c) })
	})
}

// signKey returns the name of a column as a sign of one word is compared: AccountId of Salesforce
// is not the Account ID of others. Behind a space it differs from headerKey.
func signKey(name string) string { return " " + strings.ToLower(strings.TrimSpace(name)) }

var oneOfKind = map[Kind]string{Tasks: "a task", Contacts: "a contact", Companies: "a company", Deals: "a deal",
	Users: "a user"}

// presetNote returns the note about the columns that a preset feeds.
func (p *RowReader) presetNote(found bool) file.Note {
	var fed []string
	for i, c := range p.source {
		if c >= 0 {
			fed = append(fed, fmt.Sprintf("%s feeds %s", shown(p.Layout.Columns[c]), fields[p.Kind][i]))
		}
	}
	how := "by its header taken for"
	if !found {
		how = "read as"
	}
	note := fmt.Sprintf("%s %s export of %s: %s", how, oneOfKind[p.Kind], p.preset.product, strings.Join(fed, ", "))
	return file.Note{Text: note, Remedy: file.Remedy{Code: RemedyOtherPreset}}
}

// matchPreset matches columns that the mapping does not name to the fields of the preset, and bars
// those that are not links.
func (p *RowReader) matchPreset(named map[int]bool) error {
	for c, name := range p.Layout.Columns {
		if !named[c] && p.preset.bars(name) {
			named[c] = true
		}
	}
	for i, field := range fields[p.Kind] {
		if !p.isFree(i) || slices.Contains(p.Layout.Columns, field) && !p.hasColumnOfDatabase(field) {
			continue // a column with the name of the field is preferred
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

// columnsLike returns the columns of this name, in any spelling, that are still free.
func (p *RowReader) columnsLike(name string, named map[int]bool) []int {
	var at []int
	for c, column := range p.Layout.Columns {
		isOurs := slices.Contains(fields[p.Kind], column) && !p.hasColumnOfDatabase(column)
		if !named[c] && headerKey(column) == headerKey(name) && !isOurs {
			at = append(at, c)
		}
	}
	return at
}

// hasColumnOfDatabase reports whether the file is a table of the product's database, and has this
// column of the preset.
func (p *RowReader) hasColumnOfDatabase(name string) bool {
	return p.preset != nil && p.preset.databaseColumn != "" &&
		slices.Contains(p.Layout.Columns, p.preset.databaseColumn) && p.preset.feeds(name)
}

// feeds reports whether a column feeds a field of the preset.
func (s *preset) feeds(column string) bool {
	for _, columns := range s.columns {
		if slices.ContainsFunc(columns, func(c string) bool { return headerKey(c) == headerKey(column) }) {
			return true
		}
	}
	return false
}

// bars reports whether a column must not be used: it is of another person or record. A column with
// the exact name of a field is the user's own, such as one that a report adds.
func (s *preset) bars(column string) bool {
	if slices.Contains(fields[s.kind], column) {
		return false
	}
	return !s.feeds(column) && slices.ContainsFunc(s.never, func(c string) bool {
		return headerKey(c) == headerKey(column)
	})
}
