package importer

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"
	"slices"

	"github.com/cespare/xxhash/v2"

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
	digest  *xxhash.Digest
	text    []byte // of the hashes of a chunk
}

// NewRepeats returns the search for one file; the options are those of its import.
func NewRepeats(kind Kind, o Options) *Repeats {
	return &Repeats{kind: kind, options: o, mix: maphash.String(maphash.MakeSeed(), "mix") | 1, digest: xxhash.New()}
}

// Digest returns a checksum of the rows of a file, after Look has seen all. It does not depend on
// how they were encoded, packed or cut.
func (r *Repeats) Digest(columns []string) []byte {
	for _, c := range columns {
		_, _ = r.digest.WriteString(c + "\n") // it never fails
	}
	return r.digest.Sum(nil)
}

// Look compares the rows of the next chunk, of a cutter that hashes rows. Under RepeatReject it
// stores the rows to reject in the chunk.
func (r *Repeats) Look(layout func() file.Layout, c *file.Chunk) {
	if r.kind != Tasks {
		return
	}
	var again []int
	r.text = r.text[:0]
	for i, h := range c.Hashes {
		r.text = binary.BigEndian.AppendUint64(r.text, h)
		if r.over = r.over || r.used >= maxCompared; r.over {
			r.found.Compared = maxCompared
			continue
		}
		if r.note(h) {
			again = append(again, c.FirstRow+i)
		}
	}
	c.Hashes = nil
	_, _ = r.digest.Write(r.text) // it never fails
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

// repeated reports whether a row is among the repeated rows, which are sorted.
func repeated(rows []int, row int) bool {
	_, found := slices.BinarySearch(rows, row)
	return found
}
