package importer

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode"

	"taskport/importer/dates"
)

// cellsMark stands for the cells of a malformed row in a report and the columns that they stand in, in whichever order these are. There they are as many as the columns, wherever they
// came to stand, and nothing else tells a row that comes back as it went from one that was mended. It is the same after a spreadsheet has written the cells its own way.
func cellsMark(columns, cells []string) string {
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

// steadyCell gives what a spreadsheet leaves of a cell when it writes a file anew: a number, a date or a time comes back in any form, a text as it was but for its spaces.
func steadyCell(cell string) string {
	if isRewritten(cell) {
		return "#"
	}
	return strings.ToLower(squeeze(cell))
}

// longestRewritten is the length, in bytes, up to which a cell may be a number, a date or a time.
const longestRewritten = dates.Longest

// isRewritten reports whether a cell has figures, and besides them only what stands in numbers, dates and times; or the signs that a spreadsheet shows where a column is too narrow.
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
var rewrittenWords = map[string]bool{"e": true, "am": true, "pm": true, "m": true, "p": true, "h": true, "z": true, "utc": true, "gmt": true}

// dropFigures leaves of a cell what stands in no number, date or time.
func dropFigures(r rune) rune {
	if unicode.IsLetter(r) || unicode.IsSpace(r) || r >= '0' && r <= '9' || strings.ContainsRune("#.,:/-−+%€$£¥'’", r) {
		return -1
	}
	return r
}

// unmendedRow is what is wrong with a row that bears its mark.
const unmendedRow = "the row is as it was when it was rejected as malformed; correct its cells (numbers and dates alone do not count: spreadsheets rewrite them), or empty " + originColumn + " if they are right as they stand"

// isUnmended reports whether a row of a report was malformed and is as it was.
func (p *Plan) isUnmended(cells []string) bool {
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
	return cellsMark(columns, own) == mark
}
