package importer

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// Survey is what is learnt of a file while it is cut, row by row: how full its columns are, with what, and what must be known of all rows before the first is read, such as
// whether the day or the month comes first. It depends on the rows alone, not on how they are cut. What it holds is bounded.
type Survey struct {
	kind    Kind
	rows    int // that are sound
	columns []columnSurvey
	keep    bool // placeholders are text
	tabular bool
	defused bool
	names   []string // of the columns; for JSON as far as they are known
	recipe  Recipe
	index   map[string]int // for JSON
	cells   [][]byte       // of a row; room that is used again
}

// columnSurvey is what is learnt of a column.
type columnSurvey struct {
	filled  int
	samples []string
	dates   *dateTally // only of columns that may hold dates
	words   *wordTally // only of columns that may hold the words of a closed field
	garbled garbledTally
}

const (
	maxSamples   = 3
	sampledCells = 1000
	sampleSize   = 60 // characters
)

// Watch begins a survey of all that is cut from now on. What cannot be followed is refused as far as the columns are known; the error is a *Fault.
func (c *Cutter) Watch(kind Kind, r Recipe) (*Survey, error) {
	s := &Survey{kind: kind, recipe: r, keep: c.layout.KeepPlaceholders, tabular: c.layout.Tabular(), index: map[string]int{}}
	if !s.tabular {
		c.survey = s
		return s, r.Check(kind)
	}
	_, p, err := Settle(kind, c.Layout(), r, nil)
	if err != nil {
		return nil, err
	}
	s.defused = p.defused
	s.watch(c.layout.Columns, func(column int) func(string) bool {
		return func(field string) bool { return slices.Contains(p.Layout.Sources[field], column) }
	})
	c.survey = s
	return s, nil
}

// surveyRecord takes up a record that is about to be cut.
func (c *Cutter) surveyRecord(record []byte, span recordSpan) {
	s := c.survey
	if c.keys != nil && len(s.columns) < len(c.keys.columns) {
		for i := len(s.columns); i < len(c.keys.columns); i++ {
			s.index[c.keys.columns[i]] = i
		}
		s.watch(c.keys.columns, func(column int) func(string) bool { return s.mayFeed(c.keys.columns[column]) })
	}
	if format, ok := c.format.(surveyor); ok {
		format.survey(s, record, span)
	}
}

// watch prepares for more columns. Those of JSON come one after another, and which of them feeds a field is known at the end only: all that might are looked at.
func (s *Survey) watch(names []string, fed func(column int) func(field string) bool) {
	for c := len(s.columns); c < len(names); c++ {
		var col columnSurvey
		feeds := fed(c)
		if slices.ContainsFunc(dateFields[s.kind], feeds) {
			col.dates = &dateTally{}
		}
		if slices.ContainsFunc(wordFields[s.kind], feeds) {
			col.words = &wordTally{rows: map[string]int{}}
		}
		s.columns = append(s.columns, col)
	}
	s.names = names
}

// mayFeed gives a function that reports whether a column could feed a field in any way.
func (s *Survey) mayFeed(column string) func(field string) bool {
	key := nameFold(column)
	is := func(name string) bool { return nameFold(name) == key }
	named := fieldNamed(s.kind, column)
	return func(field string) bool {
		for name, f := range s.recipe.Mapping {
			if f == field && is(name) {
				return true
			}
		}
		return named == field || slices.ContainsFunc(s.recipe.Compose[field], is) ||
			slices.ContainsFunc(presets, func(p preset) bool { return slices.ContainsFunc(p.columns[field], is) })
	}
}

// fieldNamed gives the field that a column is called by, or nearly; empty for none.
func fieldNamed(kind Kind, column string) string {
	key := columnKey(column)
	for _, field := range fields[kind] {
		if key == field {
			return field
		}
	}
	if field := synonymOf(kind, column); field != "" || len(column) > longestSynonym {
		return field
	}
	return headerIndexes[kind]().find(column)
}

// see takes up the cells of a row.
func (s *Survey) see(cells [][]byte) {
	if s.defused {
		for i, cell := range cells {
			if len(cell) > 1 && cell[0] == '\'' {
				cells[i] = []byte(restore(string(cell)))
			}
		}
	}
	if s.tabular && s.isNoRow(cells) {
		return
	}
	s.rows++
	for i, cell := range cells {
		if len(cell) > 0 {
			s.columns[i].see(cell, s.keep)
		}
	}
}

// isNoRow recognizes the header where it stands again, and totals, as the pipeline does.
func (s *Survey) isNoRow(cells [][]byte) bool {
	if len(cells) > 0 && len(s.names) > 0 && string(bytes.TrimSpace(cells[0])) == s.names[0] && repeatsHeader(texts(cells), s.names) {
		return true
	}
	return (s.kind == Tasks || s.kind == Contacts) && !hasWords(cells) && looksLikeTotals(texts(cells))
}

func texts(cells [][]byte) []string {
	all := make([]string, len(cells))
	for i, c := range cells {
		all[i] = string(c)
	}
	return all
}

func (c *columnSurvey) see(cell []byte, keep bool) {
	if untidyStart[cell[0]] || cell[len(cell)-1] >= utf8.RuneSelf {
		if cell = bytes.TrimFunc(cell, isOddSpace); isNothing(cell, keep) {
			return
		}
	}
	c.filled++
	if c.samples == nil || c.wantsSamples() {
		c.sample(cell)
	}
	if c.filled <= maxGarbled {
		c.garbled.see(cell)
	}
	if c.dates != nil {
		c.dates.see(cell)
	}
	if c.words != nil {
		c.words.see(cell)
	}
}

// isNothing reports whether a cell, which is not quite plain, counts as empty.
func isNothing(cell []byte, keep bool) bool {
	cell = bytes.TrimSpace(cell)
	return len(cell) == 0 || !keep && len(cell) <= longestPlaceholder && isPlaceholder(string(cell))
}

// wantsSamples reports whether more samples are looked for: that ends with the first cells of a column, which may all be the same.
func (c *columnSurvey) wantsSamples() bool {
	return len(c.samples) < maxSamples && c.filled <= sampledCells
}

func (c *columnSurvey) sample(cell []byte) {
	for _, s := range c.samples {
		if s == string(cell) {
			return
		}
	}
	if text := shortened(strings.TrimSpace(string(cell))); !slices.Contains(c.samples, text) {
		c.samples = append(c.samples, text)
	}
}

// shortened cuts a text for a person to see.
func shortened(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
	if len(text) <= sampleSize || utf8.RuneCountInString(text) <= sampleSize {
		return text
	}
	return string([]rune(text)[:sampleSize]) + "…"
}

// wordTally counts the words of a closed field that are not its own.
type wordTally struct {
	rows map[string]int
	more int // rows of words beyond those that are kept
}

// maxWords is how many words of a column are counted, and maxWord how long they may be.
const maxWords, maxWord = 100, maxShort

func (t *wordTally) see(cell []byte) {
	for _, own := range ownWords {
		if string(cell) == own {
			return
		}
	}
	cell = bytes.TrimSpace(cell)
	if n, ok := t.rows[string(cell)]; ok {
		t.rows[string(cell)] = n + 1
		return
	}
	if len(t.rows) == maxWords || len(cell) > maxWord {
		t.more++
		return
	}
	t.rows[string(cell)] = 1
}
