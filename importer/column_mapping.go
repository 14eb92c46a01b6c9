package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"taskport/importer/file"
)

// RowReader turns the rows of a file into values by field, as its mapping and layout say.
type RowReader struct {
	Kind   Kind
	Layout Layout
	// OnSeveral is what happens to a cell with several contacts; the zero value rejects it.
	OnSeveral OnSeveral
	// source has the column of each field of the kind, or -1.
	source []int
	// composed are the fields that several columns make up, and constant those that are the same in
	// every row.
	composed  map[int][]int
	constant  map[int]string
	defused   bool
	preset    *preset // nil for none
	mapping   Mapping
	zone      *time.Location // nil for UTC
	notes     []file.Note    // what a person should know of the matching
	unsure    map[string][]string
	origin    int         // the column of the origins, or -1
	newValues map[int]int // columns of a report with the new values of fields
	kept      []KeptColumn
	notTask   int // the column of the kind of rows, where some are not tasks; -1 for none
	deleted   int // the column that marks deleted rows; -1 for none
	// completes reports that the column of the status says only whether a task is completed.
	completes bool
	seen      *Survey // of the rows; nil without one
	fed       []fedField
}

// fedField is a field that one column feeds. Most fields are fed by none.
type fedField struct {
	field, column int
	isName        bool
	programWords  bool // they are text
}

// Values are the cells of a row in the order of the fields of its kind; empty without a value.
type Values []string

// NewRowReader matches columns to fields. The mapping comes first, then the preset of the layout,
// then the names: those of the fields without regard to case, spaces and punctuation, their
// synonyms in four languages, and names that are nearly one of these. Columns that begin with an
// underscore, or that fit no field, are ignored. A layout with Sources is followed as it is. The
// error is a *Fault of the option or of the column.
func NewRowReader(kind Kind, layout Layout, r Mapping) (*RowReader, error) {
	return newRowReader(kind, layout, r, nil)
}

// newRowReader does so with a survey of the rows; nil without one.
func newRowReader(kind Kind, layout Layout, r Mapping, seen *Survey) (*RowReader, error) {
	p := emptyReader(kind, layout, r)
	p.seen = seen
	var err error
	if p.zone, err = zoneNamed(r.Timezone); err != nil {
		return nil, err
	}
	for field, value := range r.Constants {
		p.constant[slices.Index(fields[kind], field)] = value
	}
	if layout.Sources != nil {
		p.follow(layout.Sources)
		p.kept, p.completes, p.fed = layout.Kept, p.isCompletionStatus(), p.fedFields()
		return p, nil
	}
	if err := p.match(); err != nil {
		return nil, err
	}
	if err := p.matchKept(); err != nil {
		return nil, err
	}
	p.completes, p.fed = p.isCompletionStatus(), p.fedFields()
	return p, p.checkNeeds()
}

func (p *RowReader) fedFields() []fedField {
	var fed []fedField
	for i := range p.source {
		if f := &fieldTable[p.Kind][i]; p.source[i] >= 0 {
			fed = append(fed, fedField{i, p.source[i], f.isName(), p.Layout.KeepPlaceholders || f.takesProgramWords()})
		}
	}
	return fed
}

// emptyReader returns a reader without a column for any field.
func emptyReader(kind Kind, layout Layout, r Mapping) *RowReader {
	p := &RowReader{Kind: kind, Layout: layout, defused: isReport(layout.Columns), preset: presetNamed(kind,
		layout.Preset), mapping: r, composed: map[int][]int{}, constant: map[int]string{}, unsure: map[string][]string{}}
	if p.defused {
		p.Layout.Columns = slices.Clone(layout.Columns)
		restoreAll(p.Layout.Columns)
		p.newValues = newColumns(kind, p.Layout.Columns)
	}
	p.origin = originAt(kind, p.Layout.Columns)
	p.findNotTasks()
	p.findDeleted()
	p.source = make([]int, len(fields[kind]))
	for i := range p.source {
		p.source[i] = -1
	}
	return p
}

// follow restores the columns of the fields from a layout.
func (p *RowReader) follow(sources map[string][]int) {
	for i, field := range fields[p.Kind] {
		switch columns := sources[field]; len(columns) {
		case 0:
		case 1:
			p.source[i] = columns[0]
		default:
			p.composed[i] = columns
		}
	}
}

// sources returns the columns of the fields as follow reads them.
func (p *RowReader) sources() map[string][]int {
	all := map[string][]int{}
	for i, field := range fields[p.Kind] {
		if p.source[i] >= 0 {
			all[field] = []int{p.source[i]}
		}
		if columns := p.composed[i]; columns != nil {
			all[field] = columns
		}
	}
	return all
}

// match finds the columns of the fields.
func (p *RowReader) match() error {
	named, err := p.applyMapping(p.mapping.ByColumn)
	if err != nil {
		return err
	}
	if err := p.applyCompose(named); err != nil {
		return err
	}
	if p.preset != nil {
		if err := p.matchPreset(named); err != nil {
			return err
		}
	}
	if err := p.matchNames(named); err != nil {
		return err
	}
	p.composeContact(named)
	p.matchSynonyms(named)
	if p.preset == nil {
		p.matchNearly(named)
		p.matchTitle(named)
	}
	p.matchCompletion(named)
	p.matchTimes(named)
	return nil
}

// isFree reports whether nothing feeds a field yet.
func (p *RowReader) isFree(field int) bool {
	_, constant := p.constant[field]
	return p.source[field] < 0 && p.composed[field] == nil && !constant
}

// applyMapping applies the mapping of the client and returns the columns that it names.
func (p *RowReader) applyMapping(mapping map[string]string) (map[int]bool, error) {
	named := map[int]bool{}
	for _, column := range sortedKeys(mapping) {
		at := p.columnsNamed(column)
		if len(at) == 0 {
			if !p.Layout.Tabular() {
				continue
			}
			return nil, mappingFault("column %s is not in the file; its columns are %s", shown(column),
				shownList(p.Layout.Columns))
		}
		for _, c := range at {
			named[c] = true
		}
		if mapping[column] == "" {
			continue
		}
		field := slices.Index(fields[p.Kind], mapping[column])
		if field < 0 {
			return nil, mappingFault("%s is not a field of %s; choose one of %s", shown(mapping[column]), p.Kind,
				strings.Join(fields[p.Kind], ", "))
		}
		if err := p.feed(field, at); err != nil {
			return nil, err
		}
	}
	return named, nil
}

// matchNames matches the columns that the mapping does not name to the free fields of the same
// name.
func (p *RowReader) matchNames(named map[int]bool) error {
	specs := fieldTable[p.Kind]
	for i := range specs {
		if !p.isFree(i) {
			continue
		}
		var at []int
		for c, name := range p.Layout.Columns {
			if key := columnKey(name); !named[c] && specs[i].isCalled(key) && !p.isForeignID(&specs[i], c) {
				at = append(at, c)
			}
		}
		if err := p.feed(i, at); err != nil {
			return err
		}
		for _, c := range at {
			named[c] = true
		}
	}
	return nil
}

// isForeignID reports whether a column that is called like the id of a record here, as Contact ID,
// holds ids of a product instead: in its export, or where none of them is an id of ours. One that
// is called exactly so is ours, but for the names of the product's database.
func (p *RowReader) isForeignID(f *fieldSpec, column int) bool {
	name := p.Layout.Columns[column]
	if f.refers.by != byID {
		return false
	}
	if name == f.name || name == f.also {
		return p.hasColumnOfDatabase(name)
	}
	if p.preset != nil {
		return true
	}
	if f.is != recordType || p.seen == nil || column >= len(p.seen.columns) {
		return false
	}
	samples := p.seen.columns[column].samples
	return len(samples) > 0 && !slices.ContainsFunc(samples, func(s string) bool {
		_, ok := ParseID(s)
		return ok
	})
}

// matchKept finds the columns that are kept in custom_fields.
func (p *RowReader) matchKept() error {
	if p.Kind != Tasks || p.mapping.KeepColumns.which == KeepNone.which {
		return nil
	}
	feeds := p.fieldsOfColumns()
	is := make([]bool, len(feeds))
	for c, name := range p.Layout.Columns {
		is[c] = p.mapping.KeepColumns.columns == nil && feeds[c] == "" && !p.ofReport(name)
	}
	for c, ignored := range p.ignored() {
		is[c] = is[c] && !ignored
	}
	for _, column := range p.mapping.KeepColumns.columns {
		at := p.columnsNamed(column)
		if len(at) == 0 && p.Layout.Tabular() {
			return memberFault(keepColumns, "column %s is not in the file; its columns are %s", shown(column),
				shownList(p.Layout.Columns))
		}
		for _, c := range at {
			is[c] = true
		}
	}
	p.kept = keptColumns(p.Layout.Columns, is)
	return nil
}

// ignored marks the columns that the mapping ignores on purpose.
func (p *RowReader) ignored() []bool {
	is := make([]bool, len(p.Layout.Columns))
	for column, field := range p.mapping.ByColumn {
		for _, c := range p.columnsNamed(column) {
			is[c] = field == ""
		}
	}
	return is
}

// keptColumns returns the marked columns with the names of their members in custom_fields: the
// header, or column_3 where it is empty. A name that is used already has a number: Notes (2).
func keptColumns(columns []string, is []bool) []KeptColumn {
	var kept []KeptColumn
	used := map[string]bool{}
	for c := range is {
		if is[c] {
			kept = append(kept, KeptColumn{c, unusedName(nameOfColumn(columns, c), used)})
		}
	}
	return kept
}

// unusedName returns a name, with a number if it is used, and marks it as used.
func unusedName(name string, used map[string]bool) string {
	own := name
	for n := 2; used[own]; n++ {
		own = fmt.Sprintf("%s (%d)", name, n)
	}
	used[own] = true
	return own
}

// keep adds the cells of the kept columns to the custom_fields of a task. They stay as they are;
// cells without text are left out. isText is that of checkText.
func (t *translator) keep(d *Draft, cells []string, isText bool) *Fault {
	var own map[string]bool
	t.members = t.members[:0]
	for i, k := range t.reader.kept {
		if k.Column >= len(cells) || isBlank(cells[k.Column]) {
			continue
		}
		if own == nil && d.CustomFields != "" {
			own = namesOfMembers(d.CustomFields)
		}
		if own == nil {
			t.members = append(t.members, t.keptNames[i]...)
		} else {
			t.members = append(appendText(append(t.members, ','), unusedName(k.Name, own)), ':')
		}
		if isText {
			t.members = appendStorable(t.members, cells[k.Column])
			continue
		}
		if !storable(cells[k.Column]) {
			t.changed(position(Tasks, FieldCustomFields), NotText)
		}
		t.members = appendText(t.members, cells[k.Column])
	}
	if t.reader.mapping.KeepColumns.which != KeepNone.which {
		t.keepOriginals(d, cells)
		t.keepCompletion(d, cells)
	}
	if len(t.members) == 0 {
		return nil
	}
	if d.CustomFields != "" {
		t.members = append(append(t.members, ','), d.CustomFields[1:len(d.CustomFields)-1]...)
	}
	if n := len(t.members) + 1; n > maxCustomFields {
		return &Fault{Reason: InvalidValue, Field: FieldCustomFields, Remedy: file.Remedy{Code: RemedyKeepColumns},
			Message: fmt.Sprintf("the columns that no field takes are %d bytes long together, at most %d are allowed", n,
				maxCustomFields)}
	}
	d.CustomFields = t.textOf(object(t.members))
	return nil
}

// keptBlock is the size in bytes of the blocks of memory that custom_fields share.
const keptBlock = 64 << 10

// textOf returns a copy of bytes as a text. The texts of some rows share a block of memory.
func (t *translator) textOf(b []byte) string {
	if t.texts.Cap()-t.texts.Len() < len(b) {
		t.texts = strings.Builder{}
		t.texts.Grow(max(keptBlock, len(b)))
	}
	from := t.texts.Len()
	t.texts.Write(b)
	return t.texts.String()[from:]
}

// keepOriginals adds the cells whose values were replaced, unless their columns are kept anyway.
func (t *translator) keepOriginals(d *Draft, cells []string) {
	if len(t.changes) == 0 { // of nearly all rows
		return
	}
	var used map[string]bool
	done := map[int]bool{}
	for _, change := range t.changes {
		if change.how == NotText || change.how == Implausible || done[change.field] {
			continue
		}
		done[change.field] = true
		for _, r := range t.reader.originals(fields[t.reader.Kind][change.field], cells) {
			if used == nil {
				used = t.usedNames(d)
			}
			t.members = appendText(append(t.members, ','), unusedName(r.field, used))
			t.members = appendText(append(t.members, ':'), r.text)
		}
	}
}

// usedNames returns the names of the members that a task has anyway.
func (t *translator) usedNames(d *Draft) map[string]bool {
	used := map[string]bool{}
	if d.CustomFields != "" {
		used = namesOfMembers(d.CustomFields)
	}
	for _, k := range t.reader.kept {
		used[k.Name] = true
	}
	return used
}

// originals returns the cells of a field with the names of their columns, unless these are kept
// anyway.
func (p *RowReader) originals(field string, cells []string) []restOfCell {
	var all []restOfCell
	at := position(p.Kind, field)
	columns := p.composed[at]
	if columns == nil && p.source[at] >= 0 {
		columns = p.source[at : at+1]
	}
	for _, c := range columns {
		isKept := func(k KeptColumn) bool { return k.Column == c }
		if p.mapping.KeepColumns.which != KeepNone.which && c < len(cells) && !isBlank(cells[c]) &&
			!slices.ContainsFunc(p.kept, isKept) {
			all = append(all, restOfCell{strings.ReplaceAll(nameOfColumn(p.Layout.Columns, c), "\x00",
				"\uFFFD"), cells[c], true})
		}
	}
	return all
}

// keepCompletion adds the cell that says when, or how far, a task is completed: its status does not
// say that.
func (t *translator) keepCompletion(d *Draft, cells []string) {
	p := t.reader
	if !p.completes || p.source[atStatus] >= len(cells) {
		return
	}
	c := p.source[atStatus]
	text := strings.TrimSpace(tidy(cells[c], p.Layout.KeepPlaceholders))
	if text == "" || slices.Contains([]string{"0", "1", "100", "100%", "0%"}, text) ||
		slices.ContainsFunc(p.kept, func(k KeptColumn) bool { return k.Column == c }) {
		return
	}
	if _, isFlag := flags[strings.ToLower(text)]; isFlag {
		return
	}
	if _, isWord := p.wordMeaning(fieldStatus, headerKey(text)); isWord || slices.Contains(statuses, text) {
		return
	}
	name := unusedName(nameOfColumn(p.Layout.Columns, c), t.usedNames(d))
	t.members = appendText(append(t.members, ','), name)
	t.members = appendText(append(t.members, ':'), cells[c])
}

func namesOfMembers(object string) map[string]bool {
	all := map[string]bool{}
	for name := range file.Members([]byte(object)) {
		all[name] = true
	}
	return all
}

// isBlank reports whether a cell has no text.
func isBlank(cell string) bool {
	return cell == "" || (cell[0] <= ' ' || cell[0] >= utf8.RuneSelf) && strings.TrimSpace(tidy(cell, true)) == ""
}

// feed makes columns feed a field. Two columns for one field are a fault: the client must choose.
func (p *RowReader) feed(field int, columns []int) error {
	for _, c := range columns {
		if other := p.source[field]; other >= 0 && other != c {
			return &Fault{Reason: InvalidValue, Field: fields[p.Kind][field],
				Remedy: file.Remedy{Code: RemedyOneColumn, Field: fields[p.Kind][field], Column: p.Layout.Columns[c]},
				Message: fmt.Sprintf("columns %d (%s) and %d (%s) both feed %s",
					other+1, shown(p.Layout.Columns[other]), c+1, shown(p.Layout.Columns[c]), fields[p.Kind][field])}
		}
		p.source[field] = c
	}
	return nil
}

// checkNeeds refuses a table without any column that its rows need: every row would be rejected.
func (p *RowReader) checkNeeds() error {
	if !p.Layout.Tabular() {
		return nil
	}
	for _, f := range needs[p.Kind] {
		if p.Feeds(f) {
			return nil
		}
	}
	for _, f := range needs[p.Kind] {
		if columns := p.unsure[f]; columns != nil {
			fault := mappingFault("the columns %s could all feed %s", shownList(columns), f)
			fault.Remedy = file.Remedy{Code: RemedyMapping, Field: f, Column: columns[0]}
			return fault
		}
	}
	fault := mappingFault("no column feeds %s; the columns are %s", strings.Join(needs[p.Kind], " or "),
		shownList(p.Layout.Columns))
	fault.Remedy = file.Remedy{Code: RemedyMapping, Field: needs[p.Kind][0]}
	if p.Layout.Sheet != "" {
		fault.Message += ", those of the sheet " + shown(p.Layout.Sheet)
		fault.Remedy.Code = RemedySheetMapping
	}
	return fault
}

// Feeds reports whether some column feeds the field.
func (p *RowReader) Feeds(field string) bool {
	i := slices.Index(fields[p.Kind], field)
	return i >= 0 && !p.isFree(i)
}

func (p *RowReader) columnsNamed(name string) []int {
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

// values returns the cells that feed fields, in the memory of into.
func (p *RowReader) values(cells []string, into Values) Values {
	if into == nil {
		into = make(Values, len(p.source))
	}
	clear(into)
	for _, f := range p.fed {
		if f.column >= len(cells) || cells[f.column] == "" {
			continue
		}
		cell := cells[f.column]
		// most cells are tidy, and this runs for every cell
		if isUntidy(cell) {
			if cell = tidy(cell, p.Layout.KeepPlaceholders); !f.programWords {
				cell = withoutProgramWord(cell)
			}
		}
		if f.isName {
			cell = withoutMarkup(cell)
		}
		into[f.field] = cell
	}
	for field, columns := range p.composed {
		f := &fieldTable[p.Kind][field]
		if f.is == dateType && len(columns) == 2 {
			into[field] = p.dateAndTime(cells, columns)
		} else if into[field] = p.compose(cells, columns); f.isName() {
			into[field] = withoutMarkup(into[field])
		}
	}
	if c := p.Layout.Completion; c != nil && *c < len(cells) && strings.TrimSpace(into[atStatus]) == "" {
		into[atStatus], _ = completionOf(strings.TrimSpace(tidy(cells[*c], p.Layout.KeepPlaceholders)))
	}
	return into
}

func mappingFault(format string, args ...any) *Fault {
	return &Fault{Reason: InvalidValue, Field: "mapping", Message: fmt.Sprintf(format, args...)}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
