package file

import (
	"slices"
	"strings"
	"testing"
	"unicode"
)

// slowRecord is a record as the slow implementation reads it.
type slowRecord struct {
	line  int
	bad   bool
	cells []string // nil for a bad one
}

// slowRecords reads CSV character by character, strictly by the rules. The scanner is compared with
// it.
func slowRecords(file string, delimiter byte) []slowRecord {
	if !strings.Contains(file, "\n") {
		file = strings.ReplaceAll(file, "\r", "\n")
	}
	var records []slowRecord
	for line := 1; file != ""; {
		cells, rest, ok := slowRecordOf(file, delimiter)
		if !ok {
			first, _, _ := strings.Cut(file, "\n")
			rest = file[min(len(first)+1, len(file)):]
		}
		used := file[:len(file)-len(rest)]
		if !ok || strings.TrimFunc(strings.Join(cells, ""), isBlank) != "" {
			records = append(records, slowRecord{line, !ok, cells})
		}
		line += strings.Count(used, "\n")
		file = rest
	}
	return records
}

// hasText reports whether a cell has a letter that is not a space of any kind.
func hasText(cells []string) bool {
	return slices.ContainsFunc(cells, func(c string) bool {
		return strings.ContainsFunc(c, func(r rune) bool { return !unicode.IsSpace(r) && !IsOddSpace(r) })
	})
}

func slowRecordOf(file string, delimiter byte) (cells []string, rest string, ok bool) {
	for {
		cell, after, ok := slowField(file, delimiter)
		if !ok {
			return nil, "", false
		}
		cells = append(cells, cell)
		if after == "" || after[0] != delimiter {
			return cells, strings.TrimPrefix(strings.TrimPrefix(after, "\r"), "\n"), true
		}
		file = after[1:]
	}
}

// slowField reads a field; after begins with the delimiter or line end that follows.
func slowField(file string, delimiter byte) (cell, after string, ok bool) {
	if strings.HasPrefix(file, `"`) {
		text, after, closed := slowQuoted(file[1:], delimiter)
		return unguarded(text, false), after, closed
	}
	line, _, _ := strings.Cut(file, "\n")
	line = strings.TrimSuffix(line, "\r")
	from := strings.TrimLeft(line, slowBlanks(delimiter))
	from = strings.TrimPrefix(strings.TrimPrefix(from, "\ufeff"), "=")
	if strings.HasPrefix(from, `"`) {
		if text, after, closed := slowQuoted(from[1:], delimiter); closed {
			return unguarded(text, false), file[len(line)-len(after):], true
		}
	}
	end := 0
	for !slowEnds(file[end:]) && file[end] != delimiter {
		end++
	}
	return unguarded(file[:end], false), file[end:], true
}

// slowQuoted reads a field after its opening quote.
func slowQuoted(file string, delimiter byte) (cell, after string, ok bool) {
	var text []byte
	for i := 0; i < len(file); i++ {
		switch {
		case strings.HasPrefix(file[i:], `""`):
			i++
		case file[i] == '"':
			after := strings.TrimLeft(file[i+1:], slowBlanks(delimiter))
			return string(text), after, slowEnds(after) || after[0] == delimiter
		}
		text = append(text, file[i])
	}
	return "", "", false
}

func slowBlanks(delimiter byte) string {
	if delimiter == '\t' {
		return " "
	}
	return " \t"
}

func slowEnds(after string) bool {
	return after == "" || after == "\r" || after[0] == '\n' || strings.HasPrefix(after, "\r\n")
}

// checkAgainstSlow compares records. Records whose only problem is the number of cells count as
// readable here.
func checkAgainstSlow(t testing.TB, file string, records []Row, want []slowRecord) {
	t.Helper()
	if len(records) != len(want) {
		t.Fatalf("%q: %d records, want %d\n%s", file, len(records), len(want), shownRecords(records))
	}
	for i, r := range records {
		if len(want[i].cells) > maxCells {
			continue // the rest of the text remains in the last cell
		}
		bad := r.Problem != "" && !strings.HasPrefix(r.Problem, "the row has")
		if r.Line != want[i].line || bad != want[i].bad || !bad && !slices.Equal(r.Cells, withoutSurplus(want[i].cells,
			len(r.Cells))) {
			t.Fatalf("%q: record %d is %+v, want %+v", file, i+1, r, want[i])
		}
	}
}

// withoutSurplus removes surplus empty cells, and adds those that a row may leave out.
func withoutSurplus(cells []string, n int) []string {
	for len(cells) > n && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	for len(cells) < n {
		cells = append(slices.Clip(cells), "")
	}
	return cells
}
