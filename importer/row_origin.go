package importer

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/google/uuid"

	"taskport/importer/dates"
)

// originColumn is the column of a report that links each of its rows to the row of the import.
const originColumn = "_import"

// Origin is the row of an import that a row of its report was. The zero value means no report.
type Origin struct {
	Import uuid.UUID
	Row    int
}

// String returns an origin as in a report; empty for the zero value.
func (o Origin) String() string {
	if o == (Origin{}) {
		return ""
	}
	return o.Import.String() + "/" + strconv.Itoa(o.Row)
}

// key returns the origin as a key among external_ids, which never begin with a space.
func (o Origin) key() string {
	if o == (Origin{}) {
		return ""
	}
	return " " + o.String()
}

// Taken adds to external_ids that the row of this origin is a task already; here says that an
// earlier row of the same file became that task.
func (o Origin) Taken(taken map[string]bool, here bool) {
	taken[o.key()] = true
	if here {
		taken[o.hereKey()] = true
	}
}

func (o Origin) hereKey() string { return o.key() + " here" }

// parseOrigin parses what String returns and the checksum that may follow. An origin may be absent
// before a checksum.
func parseOrigin(text string) (o Origin, checksum string, ok bool) {
	id, rest, _ := strings.Cut(strings.TrimSpace(text), "/")
	if id == "" && rest != "" {
		return o, rest, true
	}
	if o.Import, ok = ParseID(id); !ok {
		return o, "", false
	}
	number, checksum, _ := strings.Cut(rest, "/")
	row, err := strconv.Atoi(number)
	o.Row = row
	return o, checksum, err == nil && row > 0
}

// originAt returns the column of the origins, or -1. Only tasks have it: records of the directory
// are recognized by their own fields.
func originAt(kind Kind, columns []string) int {
	if kind != Tasks {
		return -1
	}
	return slices.Index(columns, originColumn)
}

// readOrigin returns the origin of a row. An invalid one is a fault in a report only: in another
// file the column may be anything.
func (p *RowReader) readOrigin(cells []string) (Origin, *Fault) {
	if p.origin < 0 || p.origin >= len(cells) || strings.TrimSpace(cells[p.origin]) == "" {
		return Origin{}, nil
	}
	o, _, ok := parseOrigin(cells[p.origin])
	if !ok && p.defused {
		return o, &Fault{Reason: InvalidValue, Field: originColumn,
			Message: originColumn + " must be as the report had it, not " + shown(cells[p.origin]) +
				"; restore it, or empty it if the row is to be a task of its own"}
	}
	if !ok {
		return Origin{}, nil
	}
	return o, nil
}

// isTied reports whether the file is a report whose rows have origins.
func (p *RowReader) isTied() bool { return p.origin >= 0 && p.defused }

// Origins returns the origins of the batch's tasks.
func (b *Batch) Origins() []Origin {
	var all []Origin
	for i := range b.Tasks {
		if o := b.Tasks[i].Origin; o != (Origin{}) {
			all = append(all, o)
		}
	}
	return all
}

// repeatedOrigin returns the fault of a row whose origin is in the file twice.
func repeatedOrigin(o Origin) *Fault {
	return &Fault{Reason: Duplicate, Field: originColumn,
		Message: "row " + strconv.Itoa(o.Row) + " of import " + o.Import.String() +
			" is in this report twice; remove one, or empty " + originColumn + " of the one that is to be a task of its own"}
}

// cellsChecksum returns a checksum of the cells of a malformed row in a report, whatever the order
// of the columns. A corrected row differs by it from one that comes back unchanged: both have a
// cell for each column. A spreadsheet that rewrites cells does not change it.
func cellsChecksum(columns, cells []string) string {
	sum := uint32(0)
	for i, cell := range cells {
		if cell = steadyCell(cell); cell != "" {
			h := fnv.New32a()
			_, _ = h.Write([]byte(columnKey(columns[i])))
			_, _ = h.Write([]byte{0})
			_, _ = h.Write([]byte(cell))
			sum += h.Sum32()
		}
	}
	return fmt.Sprintf("%08x", sum)
}

// steadyCell returns what a spreadsheet keeps of a cell when it writes a file. A number, a date or
// a time may change its form, a text only its spaces.
func steadyCell(cell string) string {
	if isRewritten(cell) {
		return "#"
	}
	return strings.ToLower(squeeze(cell))
}

// longestRewritten is the largest length, in bytes, of a number, a date or a time.
const longestRewritten = dates.Longest

// isRewritten reports whether a cell has digits and otherwise only characters of numbers, dates and
// times; or the signs that a spreadsheet shows in a narrow column.
func isRewritten(cell string) bool {
	if len(cell) > longestRewritten {
		return false
	}
	figures := false
	words := strings.FieldsFunc(cell, func(r rune) bool {
		figures = figures || r >= '0' && r <= '9' || r == '#'
		return !unicode.IsLetter(r)
	})
	for _, w := range words {
		var scratch [16]byte
		word, known := dates.FoldWord(scratch[:0], []byte(w))
		if !known || !dates.IsWord(word) && !rewrittenWords[string(word)] {
			return false
		}
	}
	return figures && strings.Map(dropFigures, cell) == ""
}

// rewrittenWords are letters in numbers and times: the power of ten, the half of the day, the
// offset.
var rewrittenWords = map[string]bool{"e": true, "am": true, "pm": true, "m": true, "p": true, "h": true, "z": true,
	"utc": true, "gmt": true}

// dropFigures drops the characters of numbers, dates and times.
func dropFigures(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsSpace(r) || r >= '0' && r <= '9' || strings.ContainsRune("#.,:/-−+%€$£¥'’", r) {
		return -1
	}
	return r
}

// unchangedRow is the message for a malformed row that came back unchanged.
const unchangedRow = "the row is as it was when it was rejected as malformed; correct its cells (numbers and dates " +
	"alone do not count: spreadsheets rewrite them), or empty " + originColumn + " if they are right as they are"

// isUnchanged reports whether a row of a report was malformed and came back unchanged.
func (p *RowReader) isUnchanged(cells []string) bool {
	if !p.defused {
		return false
	}
	at := slices.Index(p.Layout.Columns, originColumn)
	if at < 0 || at >= len(cells) {
		return false
	}
	_, checksum, ok := parseOrigin(cells[at])
	if !ok || checksum == "" {
		return false
	}
	var columns, own []string
	for c, name := range p.Layout.Columns {
		if c < len(cells) && !p.ofReport(name) {
			columns, own = append(columns, name), append(own, cells[c])
		}
	}
	return cellsChecksum(columns, own) == checksum
}
