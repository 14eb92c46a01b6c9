package importer

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"taskport/importer/file"
	"unicode"
	"unicode/utf8"
)

// placeholders are texts that mean an empty cell, in any case.
var placeholders = []string{"-", "--", "–", "—", "n/a", "#n/a", "null", "(null)", "#null!", "(none)", "(blank)",
	"(no value)"}

// programWords are what programs write for an empty cell. They differ from words of people, such as
// the name Nan, by their case. They are text in a title or a description, and counted in an id.
var programWords = []string{"nan", "NaN", "NaT", "None", "<NA>", "<null>", "[null]", `\N`, "undefined", "#REF!",
	"#VALUE!", "#NAME?", "#DIV/0!", "#NUM!", "#ERROR!"}

// longestPlaceholder is the largest length of a placeholder, in bytes.
const longestPlaceholder = 10

// tidy returns a cell without invisible spaces at its ends; empty for a placeholder.
func tidy(cell string, keepPlaceholders bool) string {
	cell = strings.TrimFunc(cell, isOddSpace)
	if keepPlaceholders || len(cell) > 2*longestPlaceholder || !isPlaceholder(strings.TrimSpace(cell)) {
		return cell
	}
	return ""
}

// isUntidy reports whether a cell that is not empty may have odd spaces around it, or count as empty.
func isUntidy[text string | []byte](cell text) bool {
	return untidyStart[cell[0]] || cell[len(cell)-1] >= utf8.RuneSelf
}

// untidyStart has the first bytes of placeholders, spaces and letters beyond ASCII.
var untidyStart = func() (is [256]bool) {
	for _, c := range []byte("-nN#(<[\\u \t\r\n") {
		is[c] = true
	}
	for c := utf8.RuneSelf; c < len(is); c++ {
		is[c] = true
	}
	return is
}()

// isOddSpace reports whether a letter is a space beyond ASCII, or a mark without width.
func isOddSpace(r rune) bool { return file.IsOddSpace(r) }

func isPlaceholder(cell string) bool {
	if cell == "" || len(cell) > longestPlaceholder || strings.IndexByte("-\u2013n#(N", cell[0]) < 0 {
		return false
	}
	return slices.ContainsFunc(placeholders, func(p string) bool { return strings.EqualFold(p, cell) })
}

// takesProgramWords reports whether programWords are text in a field.
func (f *fieldSpec) takesProgramWords() bool { return f.is == verbatimType || f.is == idType }

// withoutProgramWord returns an empty cell for one of programWords.
func withoutProgramWord(cell string) string {
	if len(cell) <= longestPlaceholder && slices.Contains(programWords, strings.TrimSpace(cell)) {
		return ""
	}
	return cell
}

// isName reports whether a field holds the name of a person or another record.
func (f *fieldSpec) isName() bool { return f.is == nameType || f.refers.by == byName }

// withoutMarkup returns a name without the tags of HTML, and with the letters that its entities
// stand for.
func withoutMarkup(text string) string {
	if strings.IndexByte(text, '&') < 0 && strings.IndexByte(text, '<') < 0 || !mayHaveMarkup(text) {
		return text
	}
	text = markup.ReplaceAllStringFunc(text, func(m string) string {
		if m[0] == '<' {
			return ""
		}
		return html.UnescapeString(m)
	})
	return strings.TrimFunc(strings.ReplaceAll(text, "\u00a0", " "), unicode.IsSpace)
}

// mayHaveMarkup reports false for nearly all texts without markup, also for Müller & Söhne. To look
// for markup takes a hundred times as long.
func mayHaveMarkup[T string | []byte](text T) bool {
	tag, entity := -1, -1 // where one may begin
	for i := range len(text) {
		switch c := text[i]; {
		case c == '<':
			tag = i
		case c == '&':
			entity = i
		case c == '>' && tag >= 0 || c == ';' && entity >= 0:
			return true
		}
	}
	return false
}

// markup finds the tags and entities of HTML.
var markup = regexp.MustCompile(`</?[a-zA-Z][a-zA-Z0-9]*(\s[^<>]*)?/?>|` +
	`&(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});`)

// repeatsHeader reports whether a row repeats the header, as in files that were joined.
func repeatsHeader(cells, columns []string) bool {
	if len(columns) < 2 || len(cells) != len(columns) || cells[0] == "" || columns[0] == "" {
		return false
	}
	if first := cells[0][0]; first > ' ' && first < utf8.RuneSelf && first != columns[0][0] {
		return false // nearly always
	}
	for i, c := range columns {
		if tidy(strings.TrimSpace(cells[i]), true) != c {
			return false
		}
	}
	return true
}

const repeatedHeader = "the row is the header again; leave it out, nothing has to be corrected"

// notTasks are the kinds of rows besides tasks in exports of Todoist.
var notTasks = []string{"section", "note", "meta"}

// findNotTasks finds the column of the kind of a row in an export of Todoist.
func (p *RowReader) findNotTasks() {
	p.notTask = -1
	at := func(name string) int {
		return slices.IndexFunc(p.Layout.Columns, func(c string) bool { return nameFold(c) == name })
	}
	if p.Kind == Tasks && p.Layout.Tabular() && at("content") >= 0 && at("indent") >= 0 {
		p.notTask = at("type")
	}
}

// isNotTask reports whether a row is a section, a note or a setting.
func (p *RowReader) isNotTask(cells []string) bool {
	return p.notTask >= 0 && p.notTask < len(cells) && slices.Contains(notTasks, strings.ToLower(cells[p.notTask]))
}

const notTaskRow = "the row is a section, a note or a setting of the list, and not a task; leave it out, nothing has " +
	"to be corrected"

// findDeleted finds the column in which products mark records that were deleted there. A mapping
// that names it decides instead.
func (p *RowReader) findDeleted() {
	p.deleted = -1
	for i, c := range p.Layout.Columns {
		_, isMapped := p.mapping.ByColumn[c]
		if name := nameFold(c); p.Layout.Tabular() && !isMapped && (name == "isdeleted" || name == "deleted") {
			p.deleted = i
		}
	}
}

// isDeleted reports whether a row is of a record that was deleted in its product.
func isDeleted[T string | []byte](p *RowReader, cells []T) bool {
	if p.deleted < 0 || p.deleted >= len(cells) {
		return false
	}
	text := strings.ToLower(strings.TrimSpace(string(cells[p.deleted])))
	return text == "1" || flags[text]
}

const deletedRow = "the row was deleted in the product that it comes from; leave it out, nothing has to be corrected " +
	"(a mapping that ignores the column imports such rows)"

// totalWords begin a line of totals.
var totalWords = []string{"total", "totals", "grand total", "subtotal", "sum", "summe", "gesamt", "gesamtsumme",
	"insgesamt", "somme", "total general", "total général", "suma"}

const totalsLine = "the row looks like a line of totals and was not imported; leave it out, nothing has to be " +
	"corrected"

// hasWords reports whether a row has words beyond those of totals, by the first letters of its
// cells. Nearly every row has.
func hasWords[T string | []byte](cells []T) bool {
	filled := 0
	for _, c := range cells {
		if len(c) == 0 {
			continue
		}
		if filled == 0 && strings.IndexByte("tgsiTGSI \t\n", c[0]) < 0 {
			return true
		}
		if filled++; filled > 1 && (c[0]|0x20 >= 'a' && c[0]|0x20 <= 'z' || c[0] >= utf8.RuneSelf && c[0] != 0xC2 &&
			c[0] != 0xE2) {
			return true
		}
	}
	return false
}

// LooksLikeTotals reports whether a row is a line of totals: the word, and otherwise numbers, at
// least one.
func LooksLikeTotals(cells []string) bool {
	if hasWords(cells) {
		return false
	}
	numbers, word := 0, false
	for _, c := range cells {
		c = strings.TrimSpace(c)
		switch {
		case c == "":
		case !word:
			text := strings.TrimSpace(strings.TrimRight(c, "0123456789.,:=( )\u00A0"))
			if !slices.ContainsFunc(totalWords, func(w string) bool { return strings.EqualFold(w, text) }) {
				return false
			}
			word = true
			if strings.ContainsAny(c[len(text):], "0123456789") {
				numbers++
			}
		case strings.Trim(c, "0123456789.,'-+%€$£ \u00A0") == "":
			numbers++
		default:
			return false
		}
	}
	return word && numbers > 0
}

// checkIDs refuses an id of the row that a spreadsheet has shortened to a number such as
// 1.20123E+15. Without its last digits it may equal that of other rows, which would then count as
// repetitions. The references of a task are checked when they are resolved.
func (t *translator) checkIDs(v Values) *Fault {
	for _, at := range t.ids {
		text := strings.TrimSpace(v[at])
		if (at == t.externalID || t.reader.Kind != Tasks) && isShortenedNumber(text) {
			return t.shortenedID(at, text)
		}
	}
	return nil
}

func (t *translator) shortenedID(at int, text string) *Fault {
	field := fields[t.reader.Kind][at]
	remedy := file.Remedy{Code: RemedyShortened, Field: field}
	if c := t.reader.source[at]; c >= 0 {
		remedy.Column = shortened(t.reader.Layout.Columns[c])
	}
	return &Fault{Reason: InvalidValue, Field: field, Subject: text, Remedy: remedy,
		Message: fmt.Sprintf("%s %s is a number that a spreadsheet has shortened, and others may have become the same",
			field, shown(text))}
}

// isShortenedNumber reports whether a text is a number with a positive power of ten, as
// spreadsheets show long ones.
func isShortenedNumber(text string) bool {
	if strings.IndexByte(text, '+') < 0 { // nearly always; called for each key of each row
		return false
	}
	mantissa, exponent, ok := strings.Cut(strings.ToUpper(text), "E+")
	if !ok || !onlyDigits(exponent) || mantissa == "" {
		return false
	}
	whole, part, broken := strings.Cut(strings.Replace(strings.TrimPrefix(mantissa, "-"), ",", ".", 1), ".")
	return len(whole) == 1 && onlyDigits(whole) && (!broken || onlyDigits(part))
}

func onlyDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
