package importer

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"math/bits"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"
	"github.com/google/uuid"

	"taskport/importer/dates"
	"taskport/importer/file"
)

// OnDuplicateRow is what happens to a row without an external_id that is in the file more than
// once, character for character.
type OnDuplicateRow string

// The choices for OnDuplicateRow; RepeatKeep is the default.
const (
	RepeatKeep   OnDuplicateRow = "keep"
	RepeatReject OnDuplicateRow = "reject"
)

// RepeatedRows counts the rows without an external_id that repeat an earlier row of the file.
type RepeatedRows struct {
	Count int   `json:"count"`
	First []int `json:"first_rows"` // the numbers of the first of them
	// Compared is the number of rows, from the first, that were compared; 0 for all.
	Compared int `json:"compared_rows,omitempty"`
}

const (
	maxCompared  = 3_000_000 // rows of a file; 8 to 16 bytes each
	maxFirstRows = 20
)

// Repeats finds the rows that repeat an earlier row of the file, by a hash of each.
type Repeats struct {
	kind    Kind
	options Options
	tables  [repeatTables]repeatTable
	mix     uint64 // odd and secret, so that no file can be made to fill one end of a table
	used    int
	over    bool
	found   RepeatedRows
}

// NewRepeats returns the search for one file; the options are those of its import.
func NewRepeats(kind Kind, o Options) *Repeats {
	return &Repeats{kind: kind, options: o, mix: maphash.String(maphash.MakeSeed(), "mix") | 1}
}

// Look compares the rows of the next chunk, of a cutter that hashes rows. Under RepeatReject it
// stores the rows to reject in the chunk.
func (r *Repeats) Look(layout func() file.Layout, c *file.Chunk) {
	if r.kind != Tasks {
		return
	}
	var again []int
	for i, h := range c.Hashes {
		if r.over = r.over || r.used >= maxCompared; r.over {
			r.found.Compared = maxCompared
			continue
		}
		if r.note(h) {
			again = append(again, c.FirstRow+i)
		}
	}
	c.Hashes = nil
	if len(again) > 0 {
		again = r.withoutID(Layout{Layout: layout()}, *c, again)
	}
	r.found.Count += len(again)
	r.found.First = append(r.found.First, again[:min(len(again), maxFirstRows-len(r.found.First))]...)
	if r.options.OnDuplicateRow == RepeatReject {
		c.Repeats = again
	}
}

// note stores a hash and reports whether it was stored before. Different rows have equal hashes
// once in some millions of files of a million rows.
func (r *Repeats) note(h uint64) bool {
	h |= 1             // 0 is free
	place := h * r.mix // odd, as both are
	there := r.tables[place>>8%repeatTables].note(h, r.mix)
	if !there {
		r.used++
	}
	return there
}

// repeatTables is the number of tables. Each grows alone, so that little memory is garbage at a
// time.
const repeatTables = 16

// repeatTable is a set of hashes with open addressing.
type repeatTable struct {
	slots []uint64 // 0 is free
	used  int
}

func (t *repeatTable) note(h, mix uint64) bool {
	if 6*t.used >= 5*len(t.slots) {
		t.grow(mix)
	}
	size := uint64(len(t.slots))
	at, _ := bits.Mul64(h*mix, size)
	for ; ; at++ {
		if at == size {
			at = 0
		}
		switch t.slots[at] {
		case h:
			return true
		case 0:
			t.slots[at] = h
			t.used++
			return false
		}
	}
}

// grow enlarges the table by half.
func (t *repeatTable) grow(mix uint64) {
	const least = 1 << 10
	old := t.slots
	t.slots, t.used = make([]uint64, max(least, len(old)+len(old)/2)), 0
	for _, h := range old {
		if h != 0 {
			t.note(h, mix)
		}
	}
}

// withoutID returns the rows without an external_id and an origin: those with one are compared by
// it.
func (r *Repeats) withoutID(l Layout, c file.Chunk, again []int) []int {
	_, p, err := Decide(r.kind, l, r.options.Mapping, nil)
	if err != nil || !p.Feeds(fieldExternalID) && p.origin < 0 {
		return again
	}
	var kept []int
	var values Values
	for rec := range file.Decode(p.Layout.Layout, c) {
		if _, ok := slices.BinarySearch(again, rec.Row); !ok {
			continue
		}
		values = p.values(rec.Cells, values)
		if origin, _ := p.readOrigin(rec.Cells); !isID(values[atExternalID]) && origin == (Origin{}) {
			kept = append(kept, rec.Row)
		}
	}
	return kept
}

// Found returns the result; nil without repeated or skipped rows.
func (r *Repeats) Found() *RepeatedRows {
	if r.found.Count == 0 && r.found.Compared == 0 {
		return nil
	}
	return &r.found
}

// repeatedRow returns the fault of a row that repeats an earlier one.
func repeatedRow() *Fault {
	return &Fault{Reason: Duplicate, Field: FieldDuplicateRow,
		Message: "the row repeats an earlier row of the file, cell for cell", Remedy: file.Remedy{Code: RemedyRepeatedRow}}
}

// FieldDuplicateRow is the field in the dead letter of a repeated row: the option that refused it.
const FieldDuplicateRow = "on_duplicate_row"

// repeated reports whether a row is among some rows, which are sorted.
func repeated(rows []int, row int) bool {
	_, found := slices.BinarySearch(rows, row)
	return found
}

// OnSameFile is what happens to a file of tasks whose rows were mostly imported before.
type OnSameFile string

// The choices for OnSameFile; SameFileRefuse is the default.
const (
	SameFileRefuse OnSameFile = "refuse"
	SameFileNew    OnSameFile = "new" // the new rows alone are imported
	SameFileAll    OnSameFile = "all"
)

// SameFile counts the rows of a file that earlier imports had, by the values of their fields.
type SameFile struct {
	Rows     int       `json:"rows"`
	Imported int       `json:"imported_count"` // became tasks there, or will
	Rejected int       `json:"rejected_count"` // were rejected there, and are not tasks
	New      int       `json:"new_count"`      // the others
	Import   uuid.UUID `json:"job_id"`         // that had the most of them
	FileName string    `json:"file_name"`
	At       time.Time `json:"created_at"`
}

// IsMost reports whether most rows became tasks before, or whether no row is new and some did.
func (f SameFile) IsMost() bool { return f.Imported > 0 && (2*f.Imported > f.Rows || f.New == 0) }

// String returns the counts and the earlier import.
func (f SameFile) String() string {
	text := fmt.Sprintf("%s of %d were imported before", counted(f.Imported, "row"), f.Rows)
	if f.Rejected > 0 {
		text += fmt.Sprintf(", %d were rejected", f.Rejected)
	}
	text += fmt.Sprintf(", %d new: job %s of %s UTC", f.New, f.Import,
		f.At.UTC().Format(time.DateTime))
	if f.FileName != "" {
		text += " as " + shown(f.FileName)
	}
	return text
}

// sum returns a checksum of the values of a row that feed fields, by which the row is recognized
// in a later file; 0 for none. It depends neither on the order of the columns nor on what a
// spreadsheet changes when it saves a file.
func (s *Survey) sum(cells [][]byte) uint64 {
	sum := uint64(0)
	for _, c := range s.mapped {
		if c < len(cells) && len(cells[c]) > 0 {
			if value := s.steady(cells[c], s.columns[c].dates != nil); len(value) > 0 {
				sum += xxhash.Sum64(value)
			}
		}
	}
	return sum
}

// steady returns a value in a form that stays the same when a spreadsheet saves the file: a date or
// a number however it is written, a text without regard to its spaces. Day and month of a date may
// change places, because their order is known only at the end of the file.
func (s *Survey) steady(cell []byte, isDate bool) []byte {
	if isUntidy(cell) && isNothing(bytes.TrimFunc(cell, isOddSpace), s.keep) {
		return nil
	}
	if !isDate && (cell[0]|0x20 >= 'a' && cell[0]|0x20 <= 'z' || cell[0] >= utf8.RuneSelf) && isSingleSpaced(cell) {
		return cell
	}
	s.scratch = appendSteady(s.scratch[:0], cell, isDate)
	return s.scratch
}

// spaced has the bytes that make up spaces, besides the usual one: control characters, and the
// first bytes of spaces beyond ASCII.
var spaced = func() (is [256]bool) {
	for c := range ' ' {
		is[c] = true
	}
	for _, c := range []byte{0xC2, 0xE1, 0xE2, 0xE3, 0xEF} {
		is[c] = true
	}
	return is
}()

// isSingleSpaced reports whether a text certainly has no other spaces than single ones between its
// words.
func isSingleSpaced(cell []byte) bool {
	last := byte(' ')
	for _, c := range cell {
		if spaced[c] || c == ' ' && last == ' ' {
			return false
		}
		last = c
	}
	return last != ' '
}

func appendSteady(to, cell []byte, isDate bool) []byte {
	if isDate && len(cell) <= 2*dates.Longest {
		if dated, ok := appendSteadyDate(to, bytes.TrimSpace(cell)); ok {
			return dated
		}
	}
	from := len(to)
	for len(cell) > 0 { // words with single spaces between them
		r, size := utf8.DecodeRune(cell)
		switch isSpace := unicode.IsSpace(r) || isOddSpace(r); {
		case !isSpace:
			to = append(to, cell[:size]...)
		case len(to) > from && to[len(to)-1] != ' ':
			to = append(to, ' ')
		}
		cell = cell[size:]
	}
	return append(to[:from], steadyNumber(bytes.TrimSuffix(to[from:], []byte(" ")))...)
}

// steadyNumber returns a whole number without zeros before it and behind its point; another text
// as it is.
func steadyNumber(text []byte) []byte {
	whole, fraction, _ := bytes.Cut(text, []byte("."))
	if len(whole) == 0 || !onlyDigits(string(whole)) || len(bytes.TrimLeft(fraction, "0")) > 0 {
		return text
	}
	if number := bytes.TrimLeft(whole, "0"); len(number) > 0 {
		return number
	}
	return whole[:1]
}

// appendSteadyDate adds a date, with its time of day to the minute as spreadsheets show it, or a
// time of day alone; ok is false for another text.
func appendSteadyDate(to, text []byte) (all []byte, ok bool) {
	iso := text
	if _, isUsual := dates.UsualYear(text); !isUsual {
		found, ok := isoInAnyOrder(dates.FromSerial(string(text)))
		if !ok {
			return to, false
		}
		iso = []byte(found)
	}
	const month, day, clock, minutes = 5, 8, 11, 16
	first, second := iso[month:month+2], iso[day:day+2]
	if bytes.Compare(second, first) < 0 {
		first, second = second, first
	}
	to = append(append(append(to, iso[:month]...), first...), second...)
	if len(iso) >= minutes && string(iso[clock:minutes]) != "00:00" {
		to = append(to, iso[clock:minutes]...)
	}
	return to, true
}

// isoInAnyOrder returns a date in the first order that it fits, or a time of day on a day of its
// own.
func isoInAnyOrder(text string) (iso string, ok bool) {
	for _, order := range [...]dates.Order{"", dates.DayFirst, dates.MonthFirst, dates.YearFirst} {
		if iso, ok = dates.ISO(text, order); ok {
			return iso, true
		}
	}
	return dates.ISO("1899-12-31 "+text, "")
}
