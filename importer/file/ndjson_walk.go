package file

import (
	"bytes"
	"iter"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// objectWalk iterates over the members of a JSON object. It relies on json.Valid: in invalid text
// it may find anything, but it stays within the text and terminates.
type objectWalk struct {
	b   []byte
	pos int
}

// objectMember has the places of a key, without its quotes, and of its value.
type objectMember struct{ keyFrom, keyTo, valueFrom, valueTo int }

func walkObject(line []byte) objectWalk {
	w := objectWalk{b: line}
	w.skip("")
	w.pos++
	return w
}

func (w *objectWalk) next() (m objectMember, more bool) {
	w.skip(",")
	if w.pos >= len(w.b) || w.b[w.pos] != '"' {
		return m, false
	}
	m.keyFrom = w.pos + 1
	closed := w.skipString()
	m.keyTo = w.pos - 1
	w.skip(":")
	m.valueFrom = w.pos
	w.skipValue()
	m.valueTo = w.pos
	return m, closed
}

// Members iterates over the names of the members of a valid JSON object and their values as they
// are written.
func Members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		walk := walkObject(object)
		for m, more := walk.next(); more; m, more = walk.next() {
			if !yield(Unescape(string(object[m.keyFrom:m.keyTo])), object[m.valueFrom:m.valueTo]) {
				return
			}
		}
	}
}

// skip skips white space and the given sign.
func (w *objectWalk) skip(sign string) {
	for w.pos < len(w.b) {
		switch c := w.b[w.pos]; {
		case c == ' ', c == '\t', c == '\r', c == '\n', sign != "" && c == sign[0]:
			w.pos++
		default:
			return
		}
	}
}

// skipString skips a string; closed is false if the text ends first.
func (w *objectWalk) skipString() (closed bool) {
	for from := w.pos + 1; ; {
		i := bytes.IndexByte(w.b[from:], '"')
		if i < 0 {
			w.pos = len(w.b)
			return false
		}
		quote := from + i
		text := w.b[from:quote]
		if (len(text)-len(bytes.TrimRight(text, `\`)))%2 == 0 {
			w.pos = quote + 1
			return true
		}
		from = quote + 1
	}
}

func (w *objectWalk) skipValue() {
	if w.pos >= len(w.b) {
		return
	}
	switch w.b[w.pos] {
	case '"':
		w.skipString()
	case '{', '[':
		w.skipNested()
	default:
		for w.pos < len(w.b) && strings.IndexByte(",}]"+jsonSpace, w.b[w.pos]) < 0 {
			w.pos++
		}
	}
}

func (w *objectWalk) skipNested() {
	for depth := 0; w.pos < len(w.b); {
		switch w.b[w.pos] {
		case '"':
			w.skipString()
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		w.pos++
		if depth == 0 {
			return
		}
	}
}

// Unescape resolves the escapes in the text of a valid JSON string. Bytes that are not UTF-8 stay
// unchanged for the validation to find; encoding/json would replace them. Half of a surrogate pair
// becomes U+FFFD, as in encoding/json.
func Unescape(s string) string {
	i := strings.IndexByte(s, '\\')
	if i < 0 {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	for ; i >= 0; i = strings.IndexByte(s, '\\') {
		out.WriteString(s[:i])
		r, n := jsonEscape(s[i:])
		out.WriteRune(r)
		s = s[i+n:]
	}
	out.WriteString(s)
	return out.String()
}

func jsonEscape(s string) (r rune, size int) {
	switch s[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		return jsonUnicode(s)
	}
	return rune(s[1]), 2
}

func jsonUnicode(s string) (r rune, size int) {
	r = hexRune(s[2:6])
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if len(s) >= 12 && s[6:8] == `\u` {
		if pair := utf16.DecodeRune(r, hexRune(s[8:12])); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

func hexRune(digits string) rune {
	n, _ := strconv.ParseUint(digits, 16, 16) // cannot fail: the caller has checked the text, and four digits always fit
	return rune(n)
}
