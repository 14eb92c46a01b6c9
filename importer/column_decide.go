package importer

import (
	"cmp"
	"fmt"
	"slices"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// ColumnProfile describes a column to a person: its content, and the field that it feeds.
type ColumnProfile struct {
	Name     string      `json:"name"`
	Feeds    string      `json:"feeds,omitempty"`
	Kept     bool        `json:"kept,omitempty"` // in custom_fields
	Filled   float64     `json:"filled"`         // the share of the rows that have something in it
	Samples  []string    `json:"samples,omitempty"`
	Problems []file.Note `json:"problems,omitempty"`
}

// maxProfiled bounds the profiled columns: those that feed a field, then the first of the others.
const maxProfiled = 100

// Decide decides how a file is read once its columns are known: the preset, the column of each
// field and, with a survey of all rows, the forms of dates. It returns the layout with these
// decisions and notes about them, and the reader. seen is nil before the rows were read. The error
// is a *Fault.
func Decide(kind Kind, layout Layout, r Mapping, seen *Survey) (Layout, *RowReader, error) {
	if err := r.Check(kind); err != nil {
		return layout, nil, err
	}
	layout.Preset, layout.Sources = "", nil
	switch {
	case r.Preset == NoPreset:
	case r.Preset != "":
		layout.Preset = r.Preset
	default:
		if s := recognize(kind, layout.Columns); s != nil {
			layout.Preset = s.name
		}
	}
	p, err := newRowReader(kind, layout, r, seen)
	if err != nil {
		return layout, nil, err
	}
	p.Layout.Notes = slices.Clone(layout.Notes)
	if p.preset != nil {
		p.Layout.Notes = append(p.Layout.Notes, p.presetNote(r.Preset == ""))
	}
	p.Layout.Notes = append(p.Layout.Notes, p.notes...)
	p.kept = slices.DeleteFunc(p.kept, func(k KeptColumn) bool { return p.isNothing(k.Column, seen) })
	p.Layout.Sources, p.Layout.Kept = p.sources(), p.kept
	p.Layout.NotImported = p.notImported(seen, seen.share, p.ignored())
	if seen != nil {
		p.decideValues(seen)
	}
	decided := p.Layout
	decided.Columns = layout.Columns // as in the file, with the quotes of a report
	return decided, p, nil
}

// notImported returns the columns that neither feed a field nor are kept, but for those that a
// report adds. filled returns the share of a column that is filled; ignored are those that are left
// out on purpose.
func (p *RowReader) notImported(seen *Survey, filled func(column int) float64, ignored []bool) []LeftColumn {
	var all []LeftColumn
	for c, of := range p.chosen() {
		if of == "" && !p.ofReport(p.Layout.Columns[c]) && !p.isNothing(c, seen) {
			all = append(all, LeftColumn{Name: shortened(nameOfColumn(p.Layout.Columns, c)),
				Filled: filled(c), Ignored: ignored[c]})
		}
	}
	return all
}

// isNothing reports whether a column has neither a header nor text, as spreadsheets add them.
func (p *RowReader) isNothing(c int, seen *Survey) bool {
	return p.Layout.Columns[c] == "" && seen != nil && c < len(seen.columns) && seen.columns[c].filled == 0
}

// nameOfColumn returns the header of a column, or column_3 where it is empty.
func nameOfColumn(columns []string, c int) string {
	return cmp.Or(columns[c], fmt.Sprintf("column_%d", c+1))
}

// share returns the share of the rows that have something in a column.
func (s *Survey) share(column int) float64 {
	if s == nil || s.rows == 0 || column >= len(s.columns) {
		return 0
	}
	return float64(int(1000*float64(s.columns[column].filled)/float64(s.rows)+0.5)) / 1000
}

// decideValues decides what depends on all rows.
func (p *RowReader) decideValues(seen *Survey) {
	problems := map[int][]file.Note{}
	say := func(column int, note file.Note, isProblem bool) {
		if note.Text == "" {
			return
		}
		p.Layout.Notes = append(p.Layout.Notes, note)
		if isProblem {
			problems[column] = append(problems[column], note)
		}
	}
	for _, field := range fields[p.Kind] {
		for _, c := range p.Layout.Sources[field] {
			if c < len(seen.columns) {
				say(c, file.Note{Text: seen.columns[c].mojibake.problem(p.Layout.Columns[c])}, true)
				say(c, file.Note{Text: seen.columns[c].markup.problem(p.Layout.Columns[c])}, true)
			}
		}
		if tally, c := seen.datesOf(field, p.Layout.Sources[field]); tally != nil && IsDate(p.Kind, field) {
			form, said := tally.decide(p.Layout.Columns[c], p.mapping.DateOrder)
			if form != "" {
				p.setDates(field, form)
			}
			if form == dates.Unsure && specOf(p.Kind, field).orNow {
				said.Text += fmt.Sprintf("; until that is settled %s is the time of the import", field)
			}
			say(c, said, form == dates.Unsure)
			problems[c] = append(problems[c], tally.problems(p.Layout.Columns[c], form, p.countsDays(),
				!specOf(p.Kind, field).orNow)...)
		}
		c := p.onlyColumn(field, seen)
		if c < 0 {
			continue
		}
		if ids := seen.columns[c].ids; ids != nil && field == fieldExternalID {
			p.Layout.FloatIDs, p.Layout.NotIDs = ids.areFloats(), ids.notIDs(seen.rows)
		}
		if words := seen.columns[c].words; words != nil && closed(p.Kind, field) != nil {
			p.Layout.Words = p.Layout.Words || len(words.rows) > 0 || words.more > 0
			say(c, p.decideWords(field, words), true)
		}
	}
	p.sayCompletion(seen)
	p.sayGroups(seen, say)
	p.Layout.Profile = p.profile(seen, problems)
	if p.Layout.Assignees = seen.assignees; seen.assignees != nil {
		seen.assignees.reader = p
	}
}

// sayGroups notes a first column that names a parent and is filled only now and then, as in a table
// in groups whose first rows alone bear the name.
func (p *RowReader) sayGroups(seen *Survey, say func(column int, note file.Note, isProblem bool)) {
	if p.Kind != Tasks || !p.Layout.Tabular() || len(seen.columns) == 0 || !seen.firstFilled ||
		seen.columns[0].filled == seen.rows {
		return
	}
	for field, columns := range p.Layout.Sources {
		if slices.Contains(columns, 0) && NamesParent(field) {
			empty := seen.rows - seen.columns[0].filled
			say(0, file.Note{Text: fmt.Sprintf("%s is empty in %d of %s; if these rows belong to the one above, fill it in",
				shown(p.Layout.Columns[0]), empty, counted(seen.rows, "row"))}, true)
		}
	}
}

// onlyColumn returns the column of a field, or -1 unless it has one that was seen.
func (p *RowReader) onlyColumn(field string, seen *Survey) int {
	if columns := p.Layout.Sources[field]; len(columns) == 1 && columns[0] < len(seen.columns) {
		return columns[0]
	}
	return -1
}

func (p *RowReader) setDates(field string, form dates.Form) {
	if p.Layout.Dates == nil {
		p.Layout.Dates = map[string]dates.Form{}
	}
	p.Layout.Dates[field] = form
}

// profile describes the columns.
func (p *RowReader) profile(seen *Survey, problems map[int][]file.Note) []ColumnProfile {
	feeds := map[int]string{}
	for field, columns := range p.Layout.Sources {
		for _, c := range columns {
			feeds[c] = field
		}
	}
	kept := map[int]bool{}
	for _, k := range p.kept {
		kept[k.Column] = true
	}
	var all []ColumnProfile
	others := maxProfiled - len(feeds)
	for c, name := range p.Layout.Columns[:min(len(p.Layout.Columns), len(seen.columns))] {
		if p.ofReport(name) {
			continue
		}
		if feeds[c] == "" {
			if others--; others < 0 {
				continue
			}
		}
		all = append(all, ColumnProfile{Name: shortened(name), Feeds: feeds[c], Kept: kept[c], Filled: seen.share(c),
			Samples: seen.columns[c].samples, Problems: problems[c]})
	}
	return all
}
