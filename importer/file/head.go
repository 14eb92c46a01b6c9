package file

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

const (
	// headRecords is the number of records examined to find the header.
	headRecords = 20
	// longestName is the longest cell that is examined as a name of a column.
	longestName = 200
	// headCells is the number of cells examined of each record.
	headCells = 64
)

// tableFormat is a format whose first record names the columns.
type tableFormat interface {
	recordFormat
	fields(record []byte) []string
}

// headRecord is one of the first records of a file.
type headRecord struct {
	from, line int // where it begins
	cells      []string
	flawed     bool
}

func (r headRecord) filled() int {
	n := 0
	for _, c := range r.cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// readHead returns the first records, as far as they are in the head of the file.
func readHead(format tableFormat, head []byte, complete bool) []headRecord {
	var records []headRecord
	line := 1
	for from := 0; from < len(head) && len(records) < headRecords; {
		span, ok := format.scan(head[from:], complete || len(records) == 0)
		if !ok {
			break
		}
		if !span.blank {
			r := headRecord{from: from, line: line, flawed: span.flaw != flawless,
				cells: format.fields(trimLineEnd(head[from : from+span.end]))}
			records = append(records, r)
		}
		from += span.end
		line += span.lines
	}
	return records
}

// headerAt finds the header among the first records. It is the first record, unless lines with less
// content precede it. Those are skipped if a later record has at least two known names of columns
// and the first does not; or, without known names, if they have a single cell and all following
// records have equally many.
func headerAt(records []headRecord, known func(string) bool) int {
	if len(records) < 2 {
		return 0
	}
	best, most := 0, knownNames(records[0].cells, known)
	if most > 1 {
		return 0
	}
	first := most
	for i, r := range records {
		if n := knownNames(r.cells, known); n > most && n > 1 && !r.flawed {
			best, most = i, n
		}
	}
	if best > 0 {
		for _, r := range records[:best] {
			if r.filled() >= records[best].filled() {
				return 0
			}
		}
		return best
	}
	if first > 0 {
		return 0
	}
	return belowTitles(records)
}

// belowTitles returns the first record of a table whose columns have unknown names, below lines of
// one cell; 0 if the case is unclear.
func belowTitles(records []headRecord) int {
	at := slices.IndexFunc(records, func(r headRecord) bool { return r.filled() > 1 })
	if at < 1 || at+1 >= len(records) {
		return 0
	}
	for _, r := range records[at:] {
		if r.flawed || len(r.cells) != len(records[at].cells) {
			return 0
		}
	}
	if records[at].filled() < len(records[at].cells) && len(records[0].cells) == len(records[at].cells) {
		return 0 // a header with a single name, perhaps
	}
	return at
}

// knownNames returns the number of cells that are names of columns.
func knownNames(cells []string, known func(string) bool) int {
	n := 0
	if known == nil {
		return n
	}
	for _, c := range cells[:min(len(cells), headCells)] {
		if len(c) <= longestName && known(c) {
			n++
		}
	}
	return n
}

// findTable chooses the delimiter and proceeds to the header.
func (c *Cutter) findTable() (tableFormat, error) {
	named := c.options.Delimiter
	if c.options.SkipLines != nil {
		if err := c.skipLines(*c.options.SkipLines); err != nil {
			return nil, err
		}
	} else if d := c.sepLine(); d != "" && named == "" {
		named = d
	}
	head := c.in.rest(0)
	complete := c.in.ended && len(head) <= readBlock
	head = head[:min(len(head), readBlock)]
	looks := c.options.HasHeader && c.options.SkipLines == nil
	if c.options.Format == XLSX {
		records := readHead(sheetScanner{}, head, complete)
		c.skipTitles(records, looks)
		return sheetScanner{}, nil
	}
	candidates := delimiters
	if named != "" {
		if len(named) != 1 || !strings.Contains(delimiters, named) {
			return nil, &Error{Field: "delimiter",
				Message: fmt.Sprintf("%s is not a delimiter; choose one of comma, semicolon, tab and |", Shown(named))}
		}
		candidates = named
	}
	best := splitHead{delimiter: candidates[0]}
	for _, d := range []byte(candidates) {
		if s := c.splitBy(d, head, complete, looks); len(s.records) > 0 && (best.records == nil || s.compare(best) > 0) {
			best = s
		}
	}
	scanner := newCSVScanner(best.delimiter)
	if c.otherQuote(scanner, best.records) {
		best.records = readHead(scanner, head, complete)
	}
	if err := wrappedLines(best.records, head, c.options.Known); err != nil {
		return nil, err
	}
	c.skipTitles(best.records, looks)
	c.layout.Delimiter = string(best.delimiter)
	scanner.noting = true
	return scanner, nil
}

// otherQuote detects that fields are enclosed in ' or `, or that an apostrophe precedes them, by
// most of the cells with text.
func (c *Cutter) otherQuote(s *csvScanner, records []headRecord) bool {
	for _, quote := range []string{"'", "`"} {
		cells, enclosed, preceded := 0, 0, 0
		for i, r := range records {
			if i == 0 && !strings.HasPrefix(r.cells[0], quote) {
				continue // a header that is not enclosed
			}
			for _, cell := range r.cells {
				cell = strings.TrimSpace(cell)
				if cell == "" {
					continue
				}
				cells++
				switch {
				case !strings.HasPrefix(cell, quote):
				case len(cell) > 1 && strings.HasSuffix(cell, quote):
					enclosed++
				default:
					preceded++
				}
			}
		}
		switch {
		case enclosed >= 2 && 3*(enclosed+preceded) > cells && enclosed > preceded:
			s.quote, c.layout.Quote = quote[0], quote
			c.layout.Notes = append(c.layout.Notes, Note{Text: "fields are enclosed in " + quote})
			return true
		case quote == "'" && preceded >= 2 && 3*preceded > cells && enclosed == 0:
			s.guarded, c.layout.Guarded = true, true
			c.layout.Notes = append(c.layout.Notes, Note{Text: "the apostrophe before each cell was left out"})
			return true
		}
	}
	return false
}

// wrappedLines refuses a file whose lines are each one quoted cell with all the fields in it.
func wrappedLines(records []headRecord, head []byte, known func(string) bool) error {
	wrapped := 0
	for i, r := range records {
		inner := r.cells
		isOne := r.filled() == 1 && head[r.from] == '"'
		if isOne {
			inner = newCSVScanner(innerDelimiter(r.cells[0])).fields([]byte(r.cells[0]))
		}
		if i == 0 && knownNames(inner, known) < 2 || i > 0 && (!isOne || len(inner) < 2) {
			return nil
		}
		if isOne {
			wrapped++
		}
	}
	if len(records) < 2 || wrapped < len(records)-1 {
		return nil
	}
	return &Error{Line: records[len(records)-1].line,
		Message: "each line is a single quoted field that holds all the others; export the file again, or remove the " +
			"quotes around whole lines"}
}

// innerDelimiter returns the delimiter that a text has most of.
func innerDelimiter(text string) byte {
	best := delimiters[0]
	for _, d := range []byte(delimiters) {
		if strings.Count(text, string(d)) > strings.Count(text, string(best)) {
			best = d
		}
	}
	return best
}

// splitHead is the head of a file, split by a delimiter.
type splitHead struct {
	delimiter byte
	records   []headRecord
	sound     int // 1 if the header is properly quoted
	known     int // known names in the header, if several
	cells     int
}

func (c *Cutter) splitBy(delimiter byte, head []byte, complete, looks bool) splitHead {
	s := splitHead{delimiter: delimiter, records: readHead(newCSVScanner(delimiter), head, complete)}
	if len(s.records) == 0 {
		return s
	}
	header := s.records[0]
	if looks {
		header = s.records[headerAt(s.records, c.options.Known)]
	}
	s.cells = len(header.cells)
	if !header.flawed && !slices.ContainsFunc(header.cells, func(c string) bool { return strings.Contains(c, `"`) }) {
		s.sound = 1
	}
	if n := knownNames(header.cells, c.options.Known); n > 1 {
		s.known = n
	}
	return s
}

// compare orders delimiters by how well they fit: a sound header, then more known names, then more
// cells.
func (s splitHead) compare(other splitHead) int {
	return cmp.Or(cmp.Compare(s.sound, other.sound), cmp.Compare(s.known, other.known), cmp.Compare(s.cells, other.cells))
}

// skipTitles skips the lines above the header and adds a note.
func (c *Cutter) skipTitles(records []headRecord, looks bool) {
	if !looks {
		return
	}
	at := headerAt(records, c.options.Known)
	if at == 0 {
		return
	}
	var titles []string
	for _, r := range records[:at] {
		titles = append(titles, strings.Join(slices.DeleteFunc(slices.Clone(r.cells),
			func(s string) bool { return strings.TrimSpace(s) == "" }), " "))
	}
	what := "lines"
	if at == 1 {
		what = "line"
	}
	c.layout.Notes = append(c.layout.Notes, Note{fmt.Sprintf("%d %s above the header skipped: %s", at, what,
		ShownList(titles)), Remedy{Code: RemedySkipLines}})
	c.in.drop(records[at].from)
	c.line += records[at].line - 1
}

// sepLine removes the line "sep=;" that declares the delimiter to Excel, and returns the delimiter.
func (c *Cutter) sepLine() string {
	line, _, _ := bytes.Cut(c.in.rest(0), []byte("\n"))
	text := strings.Trim(string(trimLineEnd(line[:min(len(line), 16)])), `"`)
	d, ok := strings.CutPrefix(text, "sep=")
	if c.options.Format != CSV || !ok || len(d) != 1 || !strings.Contains(delimiters, d) ||
		len(line) == len(c.in.rest(0)) {
		return ""
	}
	c.in.drop(len(line) + 1)
	c.line++
	return d
}

// skipLines skips as many lines as the client has set.
func (c *Cutter) skipLines(n int) error {
	for range n {
		for {
			end, ok := lineEnd(c.in.rest(0), 0, c.in.ended)
			if ok {
				c.in.drop(end)
				break
			}
			if len(c.in.rest(0)) > c.options.MaxRow {
				return c.tooLong(c.in.rest(0), c.options.MaxRow)
			}
			if err := c.in.fill(max(readBlock, len(c.in.rest(0)))); err != nil {
				return err
			}
		}
		c.line++
	}
	if len(c.in.rest(0)) < readBlock && !c.in.ended {
		return c.in.fill(readBlock)
	}
	return nil
}
