package importer

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"taskport/importer/file"
)

// Survey collects, while a file is cut, what must be known before its first row is read: how full
// the columns are, samples, the forms of dates, and the unknown words. It depends on the rows
// alone, not on how they are cut, and its size is bounded.
type Survey struct {
	kind Kind
	rows int // without a problem
	// firstFilled reports that the first of them has something in its first column.
	firstFilled bool
	columns     []columnSurvey
	keep        bool // placeholders count as text
	tabular     bool
	defused     bool
	names       []string // of the columns; for JSON those seen so far
	mapping     Mapping
	sums        bool  // the rows are compared with those of earlier files
	mapped      []int // the columns whose values are compared
	scratch     []byte
	fed         func(column int) func(field string) bool // reports whether a column feeds a field, or might
	// assignees are those of the rows; nil unless they are surveyed.
	assignees       *Assignees
	assigneeColumns []int
	joined          []joinedDates
	reader          *RowReader // of a table
}

// joinedDates are the dates of a field whose time of day has a column of its own.
type joinedDates struct {
	field   string
	columns []int
	dates   dateTally
}

// columnSurvey is the part of a survey about one column.
type columnSurvey struct {
	filled   int
	samples  []string
	dates    *dateTally // only of columns that may hold dates
	ids      *idTally   // only of columns that may hold external_ids
	words    *wordTally // only of columns that may hold the words of a closed field
	mojibake mojibakeTally
	assignee bool // it may say something of the assignee
	mapped   bool // its values are compared with those of earlier files
	markup   markupTally
	// programs reports that programWords count as empty.
	programs bool
}

const (
	maxSamples   = 3
	sampledCells = 1000
	sampleSize   = 60 // characters
)

// Watch begins a survey of everything that the cutter reads from now on. It refuses a mapping that
// the columns known so far cannot follow; the error is a *Fault.
func Watch(c *file.Cutter, kind Kind, r Mapping) (*Survey, error) {
	layout := Layout{Layout: c.Layout()}
	s := &Survey{kind: kind, mapping: r, keep: layout.KeepPlaceholders, tabular: layout.Tabular(),
		sums: kind == Tasks && c.HashesRows()}
	if !s.tabular {
		s.fed = func(column int) func(string) bool { return s.mayFeed(s.names[column]) }
		c.Observe(s)
		return s, r.Check(kind)
	}
	_, p, err := Decide(kind, layout, r, nil)
	if err != nil {
		return nil, err
	}
	s.defused, s.reader = p.defused, p
	for _, field := range dateFields[kind] {
		if columns := p.composed[position(kind, field)]; len(columns) == 2 {
			s.joined = append(s.joined, joinedDates{field: field, columns: columns})
		}
	}
	s.fed = func(column int) func(string) bool {
		return func(field string) bool { return slices.Contains(p.Layout.Sources[field], column) }
	}
	c.Observe(s)
	return s, nil
}

// Columns prepares for more columns. Those of JSON appear one after another, and their fields are
// known only at the end: all that might feed a field are examined.
func (s *Survey) Columns(names []string) {
	s.names = names
	for c := len(s.columns); c < len(names); c++ {
		var col columnSurvey
		feeds := s.fed(c)
		if slices.ContainsFunc(dateFields[s.kind], feeds) {
			col.dates = &dateTally{}
		}
		if feeds(fieldExternalID) {
			col.ids = &idTally{}
		}
		if slices.ContainsFunc(wordFields[s.kind], feeds) {
			col.words = newWordTally(s.kind)
		}
		if col.mapped = s.sums && slices.ContainsFunc(comparedFields[s.kind], feeds); col.mapped {
			s.mapped = append(s.mapped, c)
		}
		col.programs = slices.ContainsFunc(fieldTable[s.kind], func(f fieldSpec) bool {
			return !f.takesProgramWords() && feeds(f.name)
		})
		s.columns = append(s.columns, col)
		if s.kind == Tasks && slices.ContainsFunc(assigneeFields, func(f *fieldSpec) bool { return feeds(f.name) }) {
			s.assigneeColumns = append(s.assigneeColumns, c)
			s.columns[c].assignee = true
		}
	}
	if s.assignees != nil {
		s.assignees.columns = s.assigneeColumns
	}
}

// WatchAssignees makes the survey collect the assignees, for Layout.DecideAssignees.
func (s *Survey) WatchAssignees() {
	s.assignees = &Assignees{rows: rowCounts{}, columns: s.assigneeColumns}
}

// NeedsText reports whether the text of a cell is needed, not only whether it is empty.
func (s *Survey) NeedsText(column int) bool {
	c := &s.columns[column]
	return c.mapped || c.dates != nil || c.words != nil || c.ids != nil || c.wantsSamples() ||
		c.assignee && s.assignees != nil
}

// mayFeed returns a function that reports whether a column could feed a field in any way.
func (s *Survey) mayFeed(column string) func(field string) bool {
	key := nameFold(column)
	is := func(name string) bool { return nameFold(name) == key }
	named := fieldNamed(s.kind, column)
	presets := presetsOf(s.kind)
	_, completes := isCompletion(column)
	return func(field string) bool {
		if completes && field == fieldStatus {
			return true
		}
		for name, f := range s.mapping.ByColumn {
			if f == field && is(name) {
				return true
			}
		}
		return named == field || slices.ContainsFunc(s.mapping.Compose[field], is) ||
			slices.ContainsFunc(presets, func(p *preset) bool { return slices.ContainsFunc(p.columns[field], is) })
	}
}

// fieldNamed returns the field that a column is called by, or nearly; empty for none.
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
	return nearlyNamed(kind, column)
}

// Row adds the cells of a row, and returns the checksum of the values that feed fields.
func (s *Survey) Row(cells [][]byte) uint64 {
	if s.defused {
		for i, cell := range cells {
			if len(cell) > 1 && cell[0] == '\'' {
				cells[i] = []byte(restore(string(cell)))
			}
		}
	}
	if s.tabular && s.isNoRow(cells) {
		return 0
	}
	s.rows++
	if s.rows == 2 { //nolint:mnd // after the first
		s.firstFilled = s.columns[0].filled > 0
	}
	for i, cell := range cells {
		if len(cell) > 0 {
			s.columns[i].see(cell, s.keep)
			if ids := s.columns[i].ids; ids != nil {
				ids.see(bytes.TrimSpace(cell), cells)
			}
		}
	}
	for i := range s.joined {
		if text := s.reader.dateAndTime(texts(cells), s.joined[i].columns); text != "" {
			s.joined[i].dates.see([]byte(text))
		}
	}
	if s.assignees != nil && len(s.assigneeColumns) > 0 {
		s.assignees.see(cells)
	}
	return s.sum(cells)
}

// datesOf returns the dates of a field, and a column of them; nil without any.
func (s *Survey) datesOf(field string, columns []int) (tally *dateTally, column int) {
	for i := range s.joined {
		if j := &s.joined[i]; j.field == field && slices.Equal(j.columns, columns) {
			return &j.dates, columns[0]
		}
	}
	for _, c := range columns {
		if c < len(s.columns) && s.columns[c].dates != nil && (len(columns) == 1 || s.columns[c].dates.ordered > 0) {
			return s.columns[c].dates, c
		}
	}
	return nil, -1
}

// isNoRow reports whether the cells repeat the header or are totals, as the pipeline decides it.
func (s *Survey) isNoRow(cells [][]byte) bool {
	if len(cells) > 0 && len(s.names) > 0 && bytes.HasSuffix(bytes.TrimSpace(cells[0]), []byte(s.names[0])) &&
		repeatsHeader(texts(cells), s.names) {
		return true
	}
	if s.reader != nil && (isDeleted(s.reader, cells) || s.reader.notTask >= 0 && s.reader.isNotTask(texts(cells))) {
		return true
	}
	return (s.kind == Tasks || s.kind == Contacts || s.kind == Users) && !hasWords(cells) && LooksLikeTotals(texts(cells))
}

func texts(cells [][]byte) []string {
	all := make([]string, len(cells))
	for i, c := range cells {
		all[i] = string(c)
	}
	return all
}

func (c *columnSurvey) see(cell []byte, keep bool) {
	if isUntidy(cell) {
		if cell = bytes.TrimFunc(cell, isOddSpace); isNothing(cell, keep) || c.programs && !keep &&
			len(cell) <= longestPlaceholder && slices.Contains(programWords, string(bytes.TrimSpace(cell))) {
			return
		}
	}
	c.filled++
	if c.samples == nil || c.wantsSamples() {
		c.sample(cell)
	}
	if c.filled <= maxMojibake {
		c.mojibake.see(cell)
		c.markup.see(cell)
	}
	if c.dates != nil {
		c.dates.see(cell)
	}
	if c.words != nil {
		c.words.see(cell)
	}
}

// isNothing reports whether an untidy cell counts as empty.
func isNothing(cell []byte, keep bool) bool {
	cell = bytes.TrimSpace(cell)
	return len(cell) == 0 || !keep && len(cell) <= longestPlaceholder && isPlaceholder(string(cell))
}

// wantsSamples reports whether more samples are needed. The search ends after the first cells of a
// column, which may all be equal.
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

// shortened returns the beginning of a text, for people.
func shortened(text string) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD")
	if len(text) <= sampleSize || utf8.RuneCountInString(text) <= sampleSize {
		return text
	}
	return string([]rune(text)[:sampleSize]) + "…"
}

// idTally judges the external_ids of a column as a whole. Its memory is constant: an id that many
// rows share is found by the counters of Misra and Gries, which miss at most one in idCounters
// rows.
type idTally struct {
	floats, fractions int
	sums              [idCounters]uint64 // checksums of the ids that are counted
	rows              [idCounters]int    // the rows of each; 0 for a free counter
	common            [idCounters]commonID
	zeros             map[string]*commonID // texts that hardly are ids; see isDoubtful
}

// commonID is an id that rows share, and whether these rows differ otherwise. The first of them is
// not compared, since most ids have no other row.
type commonID struct {
	id      string // empty until the second row
	content uint64
	differ  bool
}

func (c *commonID) see(id []byte, row [][]byte) {
	if content := contentOf(row, id); c.id != "" {
		c.differ = c.differ || c.content != content
	} else {
		c.id, c.content = string(id), content
	}
}

// idCounters is the number of ids that are counted; fewest rows must share an id that is none.
const idCounters, fewestSharing = 16, 5

func (t *idTally) see(id []byte, row [][]byte) {
	if len(id) == 0 || len(id) > maxShort {
		return
	}
	if whole, isFloat := bytes.CutSuffix(id, []byte(".0")); isFloat && onlyDigits(string(whole)) {
		t.floats++
	} else if whole, part, broken := bytes.Cut(id, []byte(".")); broken && onlyDigits(string(whole)) &&
		onlyDigits(string(part)) {
		t.fractions++
	}
	if isDoubtful(id) {
		z := t.zeros[string(id)]
		if z == nil {
			if t.zeros == nil {
				t.zeros = map[string]*commonID{}
			}
			z = &commonID{}
			t.zeros[string(id)] = z
		}
		z.see(id, row)
	}
	sum, free := xxhash.Sum64(id), -1
	for i, rows := range t.rows {
		if rows == 0 {
			free = i
		} else if t.sums[i] == sum {
			t.rows[i]++
			t.common[i].see(id, row)
			return
		}
	}
	if free >= 0 {
		t.sums[free], t.rows[free], t.common[free] = sum, 1, commonID{}
		return
	}
	for i := range t.rows {
		t.rows[i]--
	}
}

// contentOf returns a checksum of a row without its id.
func contentOf(row [][]byte, id []byte) (sum uint64) {
	const odd = 0x9E3779B97F4A7C15 // so that the order of the cells counts
	for _, cell := range row {
		sum *= odd
		if len(cell) < len(id) || !bytes.Equal(bytes.TrimSpace(cell), id) {
			sum += xxhash.Sum64(cell)
		}
	}
	return sum
}

// areFloats reports whether a program has added .0 to whole numbers: no id has another fraction.
func (t *idTally) areFloats() bool { return t.floats > 0 && t.fractions == 0 }

// isDoubtful reports whether a text is a number such as 0, 000, 0.0 or -1, which programs write
// for a missing id.
func isDoubtful(id []byte) bool {
	const longest = 16 // so that there are few of them
	return len(id) <= longest && id[0] <= '0' && (bytes.Trim(id, "0.") == nil || string(id) == "-1")
}

// notIDs returns the texts that rows share though they differ otherwise: one that half of all rows
// share, and doubtful ones.
func (t *idTally) notIDs(rows int) []string {
	var all []string
	for i, c := range t.common {
		if c.differ && t.rows[i] >= fewestSharing && 2*(t.rows[i]+rows/(idCounters+1)) >= rows {
			all = append(all, c.id)
		}
	}
	for _, id := range sortedKeys(t.zeros) {
		if t.zeros[id].differ && !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	return all
}

// wordTally counts the words of a closed field that are not among its allowed ones.
type wordTally struct {
	own  []string // the allowed words of all fields of the kind
	rows rowCounts
	more int // rows with words beyond maxWords
}

// rowCounts has numbers of rows by text. A text that is known is counted without a copy of it.
type rowCounts map[string]*int

// again counts a row more of a text, unless it is the first.
func (c rowCounts) again(text []byte) bool {
	n := c[string(text)]
	if n == nil {
		return false
	}
	*n++
	return true
}

// first counts the first row of a text.
func (c rowCounts) first(text []byte) {
	n := 1
	c[string(text)] = &n
}

// maxWords bounds the words of a column that are counted, maxWord their length in bytes.
const maxWords, maxWord = 100, maxShort

func newWordTally(kind Kind) *wordTally {
	return &wordTally{own: ownWords[kind], rows: rowCounts{}}
}

func (t *wordTally) see(cell []byte) {
	for _, own := range t.own {
		if string(cell) == own {
			return
		}
	}
	cell = bytes.TrimSpace(cell)
	switch {
	case t.rows.again(cell):
	case len(t.rows) == maxWords || len(cell) > maxWord:
		t.more++
	default:
		t.rows.first(cell)
	}
}

// markupTally counts the cells of a column that have tags or entities of HTML in them.
type markupTally struct {
	rows  int
	first string
}

func (t *markupTally) see(cell []byte) {
	if bytes.IndexByte(cell, '&') < 0 && bytes.IndexByte(cell, '<') < 0 || !mayHaveMarkup(cell) {
		return
	}
	if m := markup.Find(cell[:min(len(cell), maxMojibakeText)]); m != nil {
		if t.rows++; t.rows == 1 {
			t.first = shortened(string(m))
		}
	}
}

// problem returns a note about the cells; empty without any.
func (t *markupTally) problem(column string) string {
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("%s: %s with HTML such as %s; names are read without it, other text keeps it", shown(column),
		counted(t.rows, "cell"), shown(t.first))
}

// mojibakeTally counts the cells of a column that a program has read in the wrong encoding before
// it wrote the file.
type mojibakeTally struct {
	rows        int
	first, once string // the first such cell, and its original text
}

// maxMojibake bounds the cells of a column that are examined, maxMojibakeText their size in bytes.
// A file with mojibake has much of it.
const maxMojibake, maxMojibakeText = 10 * sampledCells, 4 << 10

// mayBeMojibake reports whether a cell has one of the letters that bytes of UTF-8 begin with in
// Windows-1252, Â to ô, before another letter beyond ASCII. Müller does not.
func mayBeMojibake(cell []byte) bool {
	for {
		at := bytes.IndexByte(cell, 0xC3)
		if at < 0 || at+2 >= len(cell) {
			return false
		}
		if cell[at+1] >= 0x82 && cell[at+1] <= 0xB4 && cell[at+2] >= utf8.RuneSelf {
			return true
		}
		cell = cell[at+2:]
	}
}

func (t *mojibakeTally) see(cell []byte) {
	if len(cell) > maxMojibakeText || !mayBeMojibake(cell) {
		return
	}
	once, ok := file.FixMojibake(string(cell))
	if !ok {
		return
	}
	if t.rows++; t.rows == 1 {
		t.first, t.once = shortened(string(cell)), shortened(once)
	}
}

// problem returns a note about the cells; empty without any.
func (t *mojibakeTally) problem(column string) string {
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("%s: a program has read the file in the wrong encoding before it was saved: %s was %s once, "+
		"and %s like it; export it again, or open it there as UTF-8",
		shown(column), shown(t.first), shown(t.once), counted(t.rows, "cell"))
}
