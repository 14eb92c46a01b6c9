package file

import "bytes"

// recordSpan says where the record that begins a run of bytes lies.
type recordSpan struct {
	end   int  // past the record and its line end
	seen  int  // past the last byte that had to be looked at to know it, at least end
	lines int  // line feeds in it
	blank bool // an empty line, which is no record
	flaw  csvFlaw
	at    int // where the field at fault shows its flaw
}

// csvFlaw is how the quoting of a record breaks RFC 4180.
type csvFlaw int

const (
	flawless csvFlaw = iota
	bareQuote
	textAfterQuote
	unclosedQuote
)

// csvScanner finds the end of a CSV record (RFC 4180). The cutter and the decoder both go by it, so
// that they cannot disagree on where a record ends. A chunk ends with a line feed or with the file;
// a record that is judged by what follows its chunk has a quote open at the end of each of its
// lines, and so it has for the decoder.
type csvScanner struct {
	delimiter byte
	noting    bool
	// quoted are the quoted fields of the record last scanned, if noting: the decoder need not
	// search for their ends again.
	quoted []quotedField
}

// quotedField is a field in quotes: the offset past its closing quote, and whether there are
// doubled quotes before that.
type quotedField struct {
	end     int
	doubled bool
}

// scan finds the record that begins b, which is not empty. Unless final, more bytes may follow b;
// ok is false when they are needed to tell.
//
// A flawed record is its first line only, so that a stray quote costs one line. Looking far ahead
// for a closing quote does not add up: while a quote stays open over the end of a line, the lines
// between hold an even number of quotes each, so that none of them, read on its own, leaves a quote
// open. A byte is therefore looked at for at most two records.
func (s *csvScanner) scan(b []byte, final bool) (span recordSpan, ok bool) {
	line, ok := lineEnd(b, 0, final)
	if !ok {
		return recordSpan{}, false
	}
	if bytes.IndexByte(b[:line], '"') >= 0 {
		return s.scanQuoted(b, line, final)
	}
	span = soundSpan(b, line, line)
	span.blank = len(trimLineEnd(b[:line])) == 0
	return span, true
}

// scanQuoted scans a record with a quote in its first line, which ends at first.
func (s *csvScanner) scanQuoted(b []byte, first int, final bool) (span recordSpan, ok bool) {
	line, field := first, 0
	s.quoted = s.quoted[:0]
	for {
		open := field
		if open == line || b[open] != '"' { // most quotes open a field: no need to search for those
			i := bytes.IndexByte(b[field:line], '"')
			if i < 0 {
				return soundSpan(b, line, first), true
			}
			open += i
		}
		if open > 0 && b[open-1] != s.delimiter {
			return flawedSpan(b, first, line, bareQuote, open), true
		}
		end, doubled := closingQuote(b, open+1)
		if s.noting && len(s.quoted) < maxCells {
			s.quoted = append(s.quoted, quotedField{end, doubled})
		}
		switch {
		case !final && (end < 0 || end+2 > len(b)):
			return recordSpan{}, false
		case end < 0:
			return flawedSpan(b, first, len(b), unclosedQuote, open), true
		case atLineEnd(b[end:]):
			stop, _ := lineEnd(b, end, true)
			return soundSpan(b, stop, first), true
		case b[end] != s.delimiter:
			return flawedSpan(b, first, max(line, end+1), textAfterQuote, open), true
		}
		field = end + 1
		if field > line {
			if line, ok = lineEnd(b, field, final); !ok {
				return recordSpan{}, false
			}
		}
	}
}

// soundSpan is a record up to end, of which first is the end of its first line.
func soundSpan(b []byte, end, first int) recordSpan {
	span := recordSpan{end: end, seen: end}
	if b[first-1] == '\n' {
		span.lines = 1 + bytes.Count(b[first:end], []byte{'\n'})
	}
	return span
}

func flawedSpan(b []byte, first, seen int, flaw csvFlaw, at int) recordSpan {
	span := soundSpan(b, first, first)
	span.seen, span.flaw, span.at = seen, flaw, at
	return span
}

// lineEnd returns the offset past the line that b[from:] begins with.
func lineEnd(b []byte, from int, final bool) (end int, ok bool) {
	if i := bytes.IndexByte(b[from:], '\n'); i >= 0 {
		return from + i + 1, true
	}
	return len(b), final
}

// atLineEnd reports whether a line ends here: with LF, CRLF, or the end of the file, a CR before
// that included.
func atLineEnd(b []byte) bool {
	if len(b) > 0 && b[0] == '\r' {
		b = b[1:]
	}
	return len(b) == 0 || b[0] == '\n'
}

// trimLineEnd takes the LF, CRLF, or the CR before the end of the file off a record.
func trimLineEnd(b []byte) []byte {
	if n := len(b); n > 0 && b[n-1] == '\n' {
		b = b[:n-1]
	}
	if n := len(b); n > 0 && b[n-1] == '\r' {
		b = b[:n-1]
	}
	return b
}

// closingQuote returns the offset past the quote that closes the field whose text begins at from,
// or -1, and whether the text has doubled quotes in it.
func closingQuote(b []byte, from int) (end int, doubled bool) {
	for {
		i := bytes.IndexByte(b[from:], '"')
		if i < 0 {
			return -1, doubled
		}
		from += i + 1
		if from == len(b) || b[from] != '"' {
			return from, doubled
		}
		from++
		doubled = true
	}
}
