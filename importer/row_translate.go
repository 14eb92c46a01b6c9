package importer

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// translator translates the values of rows into the words of the API. It remembers the words of a
// chunk, and is not safe for concurrent use.
type translator struct {
	reader     *RowReader
	everyRow   bool       // all rows are translated
	scratch    Values     // of the current row
	values     []int      // the fields whose words have a meaning
	allowed    [][]string // the allowed words of each; nil for any text
	dates      []int      // the fields that hold dates
	due        []int      // those of them whose unreadable dates reject the row
	names      []int      // the fields whose names have the number of the record behind them
	numbers    []int      // for each of them the field that takes the number; -1 for none
	numbered   []int      // of the row at hand: the fields whose numbers were taken, as positions in names
	externalID int
	known      map[int]map[string]string // by field and word
	members    []byte                    // of the custom_fields of the current row
	keptNames  [][]byte                  // of the kept columns, as members begin with them
	texts      strings.Builder           // has the custom_fields of some rows
	changes    []fieldChange             // of the current row
	ids        []int                     // the fields that hold ids
}

// fieldChange is a change of the value of a field.
type fieldChange struct {
	field int
	how   How
}

func (t *translator) changed(field int, how How) {
	t.changes = append(t.changes, fieldChange{field, how})
}

// noIDs are words that programs and people write instead of an id, in lower case.
var noIDs = map[string]bool{"nan": true, "none": true, "undefined": true, "null": true, "nil": true, `\n`: true,
	"na": true, "n/a": true, "n.a.": true, "nat": true, "<na>": true, "<null>": true, "[null]": true, "(null)": true,
	"(none)": true, "(blank)": true, "(empty)": true, "empty": true, "blank": true, "unknown": true, "(unknown)": true,
	"not set": true, "(not set)": true, "tbd": true, "tba": true, "t.b.d.": true, "no id": true, "#ref!": true,
	"#value!": true, "#name?": true, "#num!": true, "#null!": true, "#error!": true, "#spill!": true, "#calc!": true,
	"#n/a": true, "#field!": true, "inf": true, "-inf": true, "infinity": true, "[object object]": true,
	"unbekannt": true, "inconnu": true, "desconocido": true, "keine": true, "aucun": true, "ninguno": true}

// The length of the longest of them, and an id of nothing.
const (
	longestNoID = 15
	divided     = "#DIV/0!"
	nilID       = "00000000-0000-0000-0000-000000000000"
)

// isNoID reports whether a text means that an id is missing: such a word, or no letter and no
// digit at all.
func isNoID(text string) bool {
	if text[0] >= '0' && text[0] <= '9' {
		return text == nilID
	}
	if len(text) > longestNoID || strings.ContainsAny(text, "123456789") {
		return false
	}
	return noIDs[strings.ToLower(text)] || text == divided || !strings.ContainsFunc(text, func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	})
}

// isID reports whether a text may be an id.
func isID(text string) bool {
	text = strings.TrimSpace(text)
	return text != "" && !isNoID(text)
}

// cleanIDs empties what is not an id, and cuts the .0 off ids that a program has made numbers of:
// of tasks where all of the column are.
func (t *translator) cleanIDs(v Values) {
	p := t.reader
	if p.Layout.KeepPlaceholders {
		return
	}
	for _, at := range t.ids {
		if v[at] == "" {
			continue
		}
		text := strings.TrimSpace(v[at])
		switch whole, isFloat := strings.CutSuffix(text, ".0"); {
		case text == "":
		case isNoID(text), at == t.externalID && slices.Contains(p.Layout.NotIDs, text):
			v[at] = ""
			t.changed(at, NotAnID)
		case isFloat && onlyDigits(whole) && (p.Kind != Tasks || at == t.externalID && p.Layout.FloatIDs):
			v[at] = whole
			t.changed(at, CleanedID)
		}
	}
}

// implausible keeps, leaves out or refuses a due date that no task has, as the mapping says.
func (t *translator) implausible(d *Draft) *Fault {
	switch t.reader.mapping.ImplausibleDates {
	case ImplausibleReject:
		return &Fault{Reason: InvalidValue, Field: fieldDueDate, Remedy: file.Remedy{Code: RemedyImplausible},
			Message: fmt.Sprintf("%s %s is before 1970 or after 2100", fieldDueDate, answeredDate(d.Due))}
	case ImplausibleBlank:
		d.Due = dates.When{}
		t.changed(atDueDate, Blanked)
	case "", ImplausibleKeep:
		t.changed(atDueDate, Implausible)
	}
	return nil
}

// whyReplaced distinguishes a created_date that may be one of two days from one that is not a date.
func (t *translator) whyReplaced(how How) How {
	w, ok := dates.Read(strings.TrimSpace(t.scratch[atCreatedDate]))
	if how == Unreadable && ok && w.IsDay() && w.HasClock() && t.reader.Layout.Dates[fieldCreatedDate].Order() == "" {
		return Ambiguous
	}
	return how
}

func (p *RowReader) translator() *translator {
	t := &translator{reader: p, everyRow: p.translatesEveryRow(), known: map[int]map[string]string{},
		externalID: position(p.Kind, fieldExternalID), dates: positions(p.Kind, dateFields[p.Kind])}
	t.due = slices.DeleteFunc(slices.Clone(t.dates), func(at int) bool { return fieldTable[p.Kind][at].orNow })
	if p.preset != nil && p.preset.idInName {
		t.names = positions(p.Kind, namingFields[p.Kind])
		t.numbers = positions(p.Kind, externalIDFields(p.Kind, namingFields[p.Kind]))
	}
	for _, k := range p.kept {
		t.keptNames = append(t.keptNames, append(appendText([]byte{','}, k.Name), ':'))
	}
	t.ids = positions(p.Kind, idFields[p.Kind])
	for i, field := range fields[p.Kind] {
		if closed(p.Kind, field) != nil || p.mapping.Values[field] != nil {
			t.values = append(t.values, i)
			t.allowed = append(t.allowed, closed(p.Kind, field))
			t.known[i] = map[string]string{}
		}
	}
	return t
}

// translatesEveryRow reports whether any row may need translation, according to its survey and the
// options.
func (p *RowReader) translatesEveryRow() bool {
	return p.preset != nil || len(p.mapping.Values) > 0 || len(p.constant) > 0 || p.zone != nil ||
		len(p.Layout.Dates) > 0 || p.Layout.Words
}

// translateIfForeign translates the values of a row. It skips the rows of a plain file unless a
// word or a due date would be rejected, which saves a tenth of Read.
func (t *translator) translateIfForeign(v Values) {
	if t.everyRow || t.hasForeign(v) {
		t.translate(v)
	}
}

// hasForeign reports whether a word or the due date of a row is not in the form of the API.
func (t *translator) hasForeign(v Values) bool {
	for i, at := range t.values {
		if v[at] == "" || slices.Contains(t.allowed[i], v[at]) {
			continue
		}
		if text := strings.TrimSpace(v[at]); text != "" && !slices.Contains(t.allowed[i], text) {
			return true
		}
	}
	for _, at := range t.due {
		if v[at] != "" && isForeignDate(v[at]) {
			return true
		}
	}
	return false
}

// isForeignDate reports whether a date that is not empty would be rejected unless it is translated.
func isForeignDate(text string) bool {
	if dates.LooksISO(text) && text[0] >= '0' { // nearly all are; one with a leading space is trimmed below
		return false
	}
	text = strings.TrimSpace(text)
	if text == "" || dates.LooksISO(text) {
		return false
	}
	_, isISO := dates.Parse(text)
	return !isISO
}

// translate translates the values of a row into the words of the API.
func (t *translator) translate(v Values) {
	p := t.reader
	for _, at := range t.values {
		v[at] = t.word(at, v[at])
	}
	if p.preset != nil {
		p.preset.translateRecord(v, t.changed)
	}
	for _, at := range t.dates {
		v[at] = p.date(fields[p.Kind][at], v[at])
	}
	t.numbered = t.numbered[:0]
	for i, at := range t.names {
		rest, number := splitNumber(v[at])
		if v[at] = rest; number != "" && t.numbers[i] >= 0 && v[t.numbers[i]] == "" {
			v[t.numbers[i]] = number
			t.numbered = append(t.numbered, i)
		}
	}
	for at, value := range p.constant {
		v[at] = value
	}
}

// dropNumbers removes the number behind a name that operators have corrected: it belongs to
// another record.
func (t *translator) dropNumbers(v Values, corrections map[string]string) {
	for _, i := range t.numbered {
		if _, corrected := corrections[fields[t.reader.Kind][t.names[i]]]; corrected {
			v[t.numbers[i]] = ""
		}
	}
	t.numbered = t.numbered[:0]
}

// word returns what a word of a field means.
func (t *translator) word(at int, text string) string {
	meant, ok := t.known[at][text]
	if ok {
		return meant
	}
	meant, _ = t.reader.meaning(fields[t.reader.Kind][at], text)
	t.known[at][strings.Clone(text)] = meant
	return meant
}

// meaning returns the meaning of a value: that of the mapping, of the preset, or the usual one. ok
// is false for an unknown value of a closed field, which is returned unchanged.
func (p *RowReader) meaning(field, text string) (meant string, ok bool) {
	trimmed := strings.TrimSpace(text)
	if meant, ok := p.mapping.Values[field][trimmed]; ok {
		return meant, true
	}
	allowed := closed(p.Kind, field)
	key := headerKey(trimmed)
	for _, word := range sortedKeys(p.mapping.Values[field]) {
		if key != "" && headerKey(word) == key {
			return p.mapping.Values[field][word], true
		}
	}
	if allowed == nil || trimmed == "" || slices.Contains(allowed, trimmed) {
		return text, true
	}
	for _, k := range [2]string{key, headerKey(withoutRank(trimmed))} {
		if meant, ok := p.wordMeaning(field, k); ok {
			return meant, true
		}
	}
	if field == fieldStatus {
		if meant, ok := p.completion(trimmed); ok {
			return meant, true
		}
	}
	return text, false
}

// wordMeaning returns the meaning of the word with a key, in the preset or usually.
func (p *RowReader) wordMeaning(field, key string) (meant string, ok bool) {
	if p.preset != nil {
		for _, words := range [2]map[string]string{p.preset.values[field], commonValues[field]} {
			if meant, ok := words[key]; ok {
				return meant, true
			}
		}
	}
	meant, ok = usualWords[field][key]
	return meant, ok
}

// withoutRank removes the number by which a list is sorted: 1 - High, 2. Normal, (3) Low. It
// returns an empty text without such a number.
func withoutRank(text string) string {
	number := strings.TrimLeft(text, "( ")
	rest := strings.TrimLeft(number, "0123456789")
	word := strings.TrimLeft(rest, " -–—.:)")
	if len(rest) == len(number) || len(word) == len(rest) {
		return ""
	}
	return word
}

// date returns a date as ISO 8601 when its meaning is certain; otherwise the text unchanged. The
// survey counts what it can read; see dateTally.
func (p *RowReader) date(field, text string) string {
	trimmed := strings.TrimSpace(text)
	if trimmed == "" {
		return text
	}
	form := p.Layout.Dates[field]
	if _, isISO := dates.Parse(trimmed); isISO {
		return p.inZone(trimmed)
	}
	if (form == dates.Serial || p.countsDays()) && dates.IsSerial(trimmed) {
		return p.inZone(dates.FromSerial(trimmed))
	}
	if iso, _, ok := dates.FromEpoch(trimmed); ok && form == dates.Epoch {
		return iso
	}
	if iso, ok := dates.ISO(trimmed, form.Order()); ok {
		return p.inZone(iso)
	}
	return text
}

// countsDays reports whether dates may be the numbers of spreadsheets, whatever else is in the
// column.
func (p *RowReader) countsDays() bool { return p.preset != nil && p.preset.serialDates }

// inZone adds the offset of the zone to a timestamp without one.
func (p *RowReader) inZone(iso string) string {
	if p.zone == nil || !strings.Contains(iso, "T") || strings.HasSuffix(iso, "Z") || strings.LastIndexAny(iso,
		"+-") > strings.IndexByte(iso, 'T') {
		return iso
	}
	when, ok := dates.Parse(iso)
	if !ok {
		return iso
	}
	t := when.At
	at := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), p.zone)
	if at.Hour() != t.Hour() || at.Minute() != t.Minute() { // the clock skips this time, and goes on after it
		_, before := at.Add(-12 * time.Hour).Zone()
		at = t.Add(-time.Duration(before) * time.Second).In(p.zone)
	}
	return at.Format(time.RFC3339Nano)
}

// explain adds to the fault of a row the option that helps all rows like it.
func (p *RowReader) explain(fault *Fault, v Values) *Fault {
	if p.Kind != Tasks || fault.Reason != InvalidValue {
		return fault
	}
	at := position(Tasks, fault.Field)
	switch {
	case closed(Tasks, fault.Field) != nil:
		fault.Remedy = file.Remedy{Code: RemedyValue, Field: fault.Field, Value: shortened(strings.TrimSpace(v[at])),
			Meaning: closed(Tasks, fault.Field)[0]}
	case IsDate(Tasks, fault.Field):
		p.explainDate(fault, strings.TrimSpace(v[at]))
	}
	return fault
}

// explainDate explains what is wrong with a date that can be read in part.
func (p *RowReader) explainDate(fault *Fault, text string) {
	if dates.IsSerial(text) {
		fault.Message = fmt.Sprintf("%s %s is a number, by which a spreadsheet would mean %s; write the day as YYYY-MM-DD",
			fault.Field, shown(text), dates.FromSerial(text))
		return
	}
	if iso, unit, ok := dates.FromEpoch(text); ok {
		fault.Message = fmt.Sprintf("%s %s is a number, by which a program would mean %s, in %s since 1970; write the day "+
			"as YYYY-MM-DD", fault.Field, shown(text), iso, unit)
		return
	}
	w, ok := dates.Read(text)
	if !ok || !w.IsDay() {
		return
	}
	a, dayFirst := w.In(dates.DayFirst)
	b, monthFirst := w.In(dates.MonthFirst)
	switch {
	case !w.HasClock():
		fault.Message = fmt.Sprintf("%s %s has a time that cannot be read, %s; write it as 14:30 or 2:30 PM, with an "+
			"offset such as +01:00 or none", fault.Field, shown(text), shown(w.Clock))
	case dayFirst && monthFirst && !a.Equal(b) && p.Layout.Dates[fault.Field].Order() == "":
		fault.Message = fmt.Sprintf("%s %s may be %s or %s", fault.Field, shown(text), a.Format(time.DateOnly),
			b.Format(time.DateOnly))
		fault.Remedy = file.Remedy{Code: RemedyDateOrder}
	}
}
