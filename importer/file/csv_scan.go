package file

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// recordSpan describes the record at the beginning of some bytes.
type recordSpan struct {
	end   int  // past the record and its line end
	seen  int  // past the last byte that was needed to find the end, at least end
	lines int  // line feeds in it
	blank bool // a line without text, which is not a record
	flaw  csvFlaw
	at    int // the place of the flaw in the field at fault
}

// csvFlaw is how the quoting of a record breaks RFC 4180.
type csvFlaw int

const (
	flawless csvFlaw = iota
	bareQuote
	textAfterQuote
	unclosedQuote
)

// csvScanner finds the end of a CSV record (RFC 4180). The cutter and the decoder both use it, so
// they agree on where a record ends. A chunk ends with a line feed or with the file. A record whose
// reading depends on the text after its chunk has an open quote at the end of each of its lines,
// and the decoder sees that quote too.
type csvScanner struct {
	delimiter byte
	noting    bool
	// quoted has the quoted fields of the last scanned record, if noting is set. The decoder need not
	// search for their ends again.
	quoted []quotedField
}

// quotedField has the offset past the closing quote, and whether doubled quotes precede it.
type quotedField struct {
	end     int
	doubled bool
}

// scan finds the record at the beginning of b, which is not empty. Unless final, more bytes may
// follow b; ok is false if they are needed.
//
// A flawed record is its first line only, so that a stray quote costs one line. Looking ahead for a
// closing quote stays cheap: while a quote is open over the end of a line, each line between has an
// even number of quotes, so none of them, read on its own, leaves a quote open. So each byte is
// examined for at most two records.
func (s *csvScanner) scan(b []byte, final bool) (span recordSpan, ok bool) {
	line, ok := lineEnd(b, 0, final)
	if !ok {
		return recordSpan{}, false
	}
	if bytes.IndexByte(b[:line], '"') >= 0 {
		span, ok = s.scanQuoted(b, line, final)
	} else {
		span = soundSpan(b, line, line)
	}
	span.blank = ok && span.flaw == flawless && isBlank(b[:span.end], s.delimiter)
	return span, ok
}

// isBlank reports whether a sound record has no text: only delimiters, quotes around nothing, and
// spaces of any kind. For most records its first byte decides.
func isBlank(record []byte, delimiter byte) bool {
	for i := 0; i < len(record); {
		c := record[i]
		switch {
		case c == '"' && bytes.HasPrefix(record[i:], []byte(`"""`)):
			return false // a quote is text
		case c == delimiter, c == '"', c < utf8.RuneSelf && unicode.IsSpace(rune(c)):
			i++
		case c < utf8.RuneSelf:
			return false
		default:
			r, size := utf8.DecodeRune(record[i:])
			if !IsOddSpace(r) {
				return false
			}
			i += size
		}
	}
	return true
}

// IsOddSpace reports whether a letter is a space beyond ASCII, or a mark without width.
func IsOddSpace(r rune) bool {
	switch r {
	case '\u200B', '\u200C', '\u200D', '\u200E', '\u200F', '\u2060', '\uFEFF':
		return true
	}
	return r >= utf8.RuneSelf && unicode.IsSpace(r)
}

// scanQuoted scans a record with a quote in its first line. first is the end of that line.
func (s *csvScanner) scanQuoted(b []byte, first int, final bool) (span recordSpan, ok bool) {
	line, field := first, 0
	s.quoted = s.quoted[:0]
	for {
		open := field
		// most quotes open a field: no search is needed
		if open == line || b[open] != '"' {
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

// soundSpan returns the span of a record up to end; first is the end of its first line.
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

// lineEnd returns the offset past the line at the beginning of b[from:].
func lineEnd(b []byte, from int, final bool) (end int, ok bool) {
	if i := bytes.IndexByte(b[from:], '\n'); i >= 0 {
		return from + i + 1, true
	}
	return len(b), final
}

// atLineEnd reports whether a line ends here: with LF, CRLF, the end of the file, or a CR before
// that.
func atLineEnd(b []byte) bool {
	if len(b) > 0 && b[0] == '\r' {
		b = b[1:]
	}
	return len(b) == 0 || b[0] == '\n'
}

// trimLineEnd removes LF, CRLF, or a CR before the end of the file.
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
// or -1. doubled is true if the text has doubled quotes.
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
