package file

import (
	"bytes"
	"strings"
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
	textAfterQuote
	unclosedQuote
)

// csvScanner finds the end of a CSV record (RFC 4180). The cutter and the decoder both use it, so
// they agree on where a record ends. A chunk ends with a line feed or with the file. A record whose
// reading depends on the text after its chunk has an open quote at the end of each of its lines,
// and the decoder sees that quote too.
//
// Beyond RFC 4180, blanks and an equals sign may precede the quote that opens a field, and blanks
// follow the one that closes it; such a field ends in its line. A quote elsewhere in a field is
// text.
type csvScanner struct {
	delimiter byte
	quote     byte
	guarded   bool // cells begin with an apostrophe that is not theirs
	noting    bool
	// quoted has the quoted fields of the last scanned record, if noting is set. The decoder need
	// not search for their ends again.
	quoted []quotedField
}

// quotedField has the offsets of the opening quote, past the closing one, and past the field, and
// whether its text has doubled quotes.
type quotedField struct {
	open, close, end int
	doubled          bool
}

func newCSVScanner(delimiter byte) *csvScanner { return &csvScanner{delimiter: delimiter, quote: '"'} }

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
	s.quoted = s.quoted[:0]
	if bytes.IndexByte(b[:line], s.quote) >= 0 {
		span, ok = s.scanQuoted(b, line, final)
	} else {
		span = soundSpan(b, line, line)
	}
	span.blank = ok && span.flaw == flawless && s.hasNoText(b[:span.end])
	return span, ok
}

// hasNoText reports whether all cells of a record are empty or blank.
func (s *csvScanner) hasNoText(record []byte) bool {
	quoted, next := false, 0
	for i, c := range record {
		if i < next {
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(record[i:])
			if !isBlank(r) {
				return false
			}
			next = i + size
			continue
		}
		quoted = quoted || c == s.quote
		if c != s.delimiter && c != s.quote && !isBlank(rune(c)) {
			return false
		}
	}
	return !quoted || strings.TrimFunc(strings.Join(s.fields(trimLineEnd(record)), ""), isBlank) == ""
}

// isBlank reports whether a letter is a space or has no width.
func isBlank(r rune) bool { return unicode.IsSpace(r) || isWidthless(r) }

func isWidthless(r rune) bool {
	return r >= '\u200B' && r <= '\u200F' || r == '\u2060' || r == '\uFEFF'
}

// IsOddSpace reports whether a letter is a space beyond ASCII, or a mark without width.
func IsOddSpace(r rune) bool {
	return r >= utf8.RuneSelf && isBlank(r)
}

// scanQuoted scans a record with a quote in its first line. first is the end of that line.
func (s *csvScanner) scanQuoted(b []byte, first int, final bool) (span recordSpan, ok bool) {
	line, field := first, 0
	for {
		open := s.opening(b[:line], field)
		if open < 0 {
			i := bytes.IndexByte(b[field:line], s.quote)
			if i < 0 {
				return soundSpan(b, line, first), true
			}
			if from := bytes.LastIndexByte(b[field:field+i], s.delimiter) + 1; from > 0 {
				field += from
				continue
			}
			if field = s.fieldEnd(b[:line], field+i) + 1; field > line {
				return soundSpan(b, line, first), true
			}
			continue
		}
		if open > field { // beyond RFC 4180
			f, isQuoted := s.quotedField(trimLineEnd(b[:line]), field)
			if isQuoted {
				s.note(f)
			} else {
				f.end = s.fieldEnd(b[:line], field)
			}
			if field = f.end + 1; field >= line || atLineEnd(b[f.end:line]) {
				return soundSpan(b, line, first), true
			}
			continue
		}
		closing, doubled := s.closingQuote(b, open+1)
		if !final && (closing < 0 || s.blanks(b, closing)+2 > len(b)) {
			return recordSpan{}, false
		}
		if closing < 0 {
			return flawedSpan(b, first, len(b), unclosedQuote, open), true
		}
		end := s.blanks(b, closing)
		s.note(quotedField{open, closing, end, doubled})
		switch {
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

func (s *csvScanner) note(f quotedField) {
	if s.noting && len(s.quoted) < maxCells {
		s.quoted = append(s.quoted, f)
	}
}

// opening returns the offset of the quote that opens the field at from; -1 for a field without one.
func (s *csvScanner) opening(b []byte, from int) int {
	const mark = "\uFEFF"
	if from >= len(b) {
		return -1
	}
	switch b[from] {
	case s.quote:
		return from
	case ' ', '\t', mark[0], '=':
	default: // nearly all
		return -1
	}
	at := s.blanks(b, from)
	if bytes.HasPrefix(b[at:], []byte(mark)) {
		at += len(mark)
	}
	if at < len(b) && b[at] == '=' {
		at++
	}
	if at < len(b) && b[at] == s.quote {
		return at
	}
	return -1
}

// blanks returns the offset of the first byte from an offset on that is not blank.
func (s *csvScanner) blanks(b []byte, from int) int {
	for from < len(b) && (b[from] == ' ' || b[from] == '\t' && s.delimiter != '\t') {
		from++
	}
	return from
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
func (s *csvScanner) closingQuote(b []byte, from int) (end int, doubled bool) {
	for {
		i := bytes.IndexByte(b[from:], s.quote)
		if i < 0 {
			return -1, doubled
		}
		from += i + 1
		if from == len(b) || b[from] != s.quote {
			return from, doubled
		}
		from++
		doubled = true
	}
}
