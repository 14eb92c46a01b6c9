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

// originColumn is the column of a report that ties each of its rows to the row of the import that
// it first stood in.
const originColumn = "_import"

// Origin is the row of an import that a row of its report is. The zero value is that of a row which
// comes from no report.
type Origin struct {
	Import uuid.UUID
	Row    int
}

// String writes an origin as a report has it; empty for none.
func (o Origin) String() string {
	if o == (Origin{}) {
		return ""
	}
	return o.Import.String() + "/" + strconv.Itoa(o.Row)
}

// key stands for the origin among external ids, none of which begins with a space.
func (o Origin) key() string {
	if o == (Origin{}) {
		return ""
	}
	return " " + o.String()
}

// Taken notes among external ids that the row of this origin is a task already; here says that it
// became one earlier in the same file.
func (o Origin) Taken(taken map[string]bool, here bool) {
	taken[o.key()] = true
	if here {
		taken[o.hereKey()] = true
	}
}

func (o Origin) hereKey() string { return o.key() + " here" }

// parseOrigin reads what String writes, and the mark that may stand behind it, also where the row
// is tied to none.
func parseOrigin(text string) (o Origin, mark string, ok bool) {
	id, rest, _ := strings.Cut(strings.TrimSpace(text), "/")
	if id == "" && rest != "" {
		return o, rest, true
	}
	if o.Import, ok = ParseID(id); !ok {
		return o, "", false
	}
	number, mark, _ := strings.Cut(rest, "/")
	row, err := strconv.Atoi(number)
	o.Row = row
	return o, mark, err == nil && row > 0
}

// originAt finds the column of the origins; -1 where there is none. Only tasks have them: the
// directory knows its records again by themselves.
func originAt(kind Kind, columns []string) int {
	if kind != Tasks {
		return -1
	}
	return slices.Index(columns, originColumn)
}

// readOrigin reads the origin of a row. What is none counts only in a report: elsewhere the column
// may be anything.
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

// isTied reports whether the rows are those of a report that says which rows they were.
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

// repeatedOrigin refuses a row whose origin stands in the file before.
func repeatedOrigin(o Origin) *Fault {
	return &Fault{Reason: Duplicate, Field: originColumn,
		Message: "row " + strconv.Itoa(o.Row) + " of import " + o.Import.String() +
			" stands in this report twice; remove one, or empty " + originColumn + " of the one that is to be a task of its own"}
}

// cellsChecksum stands for the cells of a malformed row in a report and the columns that they stand
// in, in whichever order these are. There they are as many as the columns, wherever they came to
// stand, and nothing else tells a row that comes back as it went from one that was corrected. It is
// the same after a spreadsheet has written the cells its own way.
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

// steadyCell returns what a spreadsheet leaves of a cell when it writes a file anew: a number, a
// date or a time comes back in any form, a text as it was but for its spaces.
func steadyCell(cell string) string {
	if isRewritten(cell) {
		return "#"
	}
	return strings.ToLower(squeeze(cell))
}

// longestRewritten is the length, in bytes, up to which a cell may be a number, a date or a time.
const longestRewritten = dates.Longest

// isRewritten reports whether a cell has figures, and besides them only what stands in numbers,
// dates and times; or the signs that a spreadsheet shows where a column is too narrow.
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
		var room [16]byte
		word, known := dates.FoldWord(room[:0], []byte(w))
		if !known || !dates.IsWord(word) && !rewrittenWords[string(word)] {
			return false
		}
	}
	return figures && strings.Map(dropFigures, cell) == ""
}

// rewrittenWords are letters in numbers and times: a power of ten, the half of a day, an offset.
var rewrittenWords = map[string]bool{"e": true, "am": true, "pm": true, "m": true, "p": true, "h": true, "z": true,
	"utc": true, "gmt": true}

// dropFigures leaves of a cell what stands in no number, date or time.
func dropFigures(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsSpace(r) || r >= '0' && r <= '9' || strings.ContainsRune("#.,:/-−+%€$£¥'’", r) {
		return -1
	}
	return r
}

// unmendedRow is what is wrong with a row that bears its mark.
const unmendedRow = "the row is as it was when it was rejected as malformed; correct its cells (numbers and dates " +
	"alone do not count: spreadsheets rewrite them), or empty " + originColumn + " if they are right as they stand"

// isUnmended reports whether a row of a report was malformed and is as it was.
func (p *RowReader) isUnmended(cells []string) bool {
	if !p.defused {
		return false
	}
	at := slices.Index(p.Layout.Columns, originColumn)
	if at < 0 || at >= len(cells) {
		return false
	}
	_, mark, ok := parseOrigin(cells[at])
	if !ok || mark == "" {
		return false
	}
	var columns, own []string
	for c, name := range p.Layout.Columns {
		if c < len(cells) && !p.ofReport(name) {
			columns, own = append(columns, name), append(own, cells[c])
		}
	}
	return cellsChecksum(columns, own) == mark
}
