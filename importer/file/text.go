package file

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

const (
	// textHead is the number of bytes read to detect UTF-16.
	textHead = 4 << 10
	// textSample is the number of bytes, from the first letter beyond ASCII, that are examined to
	// distinguish encodings.
	textSample = 32 << 10
)

// textReader returns the text of a file as UTF-8. ASCII is the same in nearly all encodings, so the
// choice between them is made at the first byte beyond ASCII, wherever that is, and not from the
// beginning of the file. UTF-8 is passed on unchanged, flaws included, which then affect their
// rows only.
type textReader struct {
	from     io.Reader
	held     []byte // read, but not yet returned
	failed   error  // the error that ended reading, returned after held
	decoded  io.Reader
	encoding string  // as far as it is known
	sure     float64 // how sure a guess of it is; 0 where it is certain
	decided  bool
	line     int // at which the next byte is, until the encoding is decided
}

// newTextReader begins to read a file in the named encoding, or in the one that its first bytes
// indicate. eightBit allows the detection of others than UTF.
func newTextReader(r io.Reader, named string, eightBit bool) (*textReader, error) {
	named, err := CheckEncoding(named)
	if err != nil {
		return nil, err
	}
	t := &textReader{from: r, encoding: named, line: 1}
	t.hold(textHead)
	mark, marked := markOf(t.held)
	switch {
	case named == "" && marked != "":
		t.encoding = marked
	case named == "":
		t.encoding = guessUTF16(t.held)
	case marked != "" && marked != named:
		return nil, &Error{Line: 1, Field: "encoding",
			Message: fmt.Sprintf("the file begins with the mark of %s, so that it is not %s", marked, named),
			Remedy:  Remedy{Code: RemedyLeaveOut, Field: "encoding"}}
	}
	for mark != "" && bytes.HasPrefix(t.held, []byte(mark)) { // some programs write it twice
		t.held = t.held[len(mark):]
	}
	t.decided = t.encoding != "" || !eightBit
	if t.encoding == "" {
		t.encoding = encodingUTF8
	}
	t.decode(nil)
	return t, nil
}

// decode begins to decode the rest of the file, unless it is UTF-8. lines are those by which the
// encoding was detected; nil where it is certain.
func (t *textReader) decode(lines []byte) {
	decoder := encodings[t.encoding]
	var raw io.Reader = rawText{t}
	switch decoder.(type) {
	case nil:
		return
	case *charmap.Charmap:
		t.decoded = transform.NewReader(newLetterWatch(raw, t.encoding, t.line, lines), decoder.NewDecoder())
	default:
		if t.encoding == encodingUTF16LE || t.encoding == encodingUTF16BE {
			t.decoded = transform.NewReader(&evenReader{from: raw}, decoder.NewDecoder())
			return
		}
		t.decoded = &soundReader{from: transform.NewReader(raw, decoder.NewDecoder()), encoding: t.encoding, line: t.line}
	}
	if t.encoding == "windows-1258" {
		t.decoded = norm.NFC.Reader(t.decoded)
	}
}

// Read returns text.
func (t *textReader) Read(p []byte) (int, error) {
	if t.decoded != nil {
		return t.decoded.Read(p)
	}
	n, err := t.raw(p)
	if t.decided {
		return n, err
	}
	at := beyondASCII(p[:n])
	if escape := bytes.IndexByte(p[:at], escape2022); escape >= 0 {
		at = escape
	}
	t.line += bytes.Count(p[:at], []byte{'\n'})
	if at == n {
		return n, err
	}
	t.held = append(bytes.Clone(p[at:n]), t.held...)
	if err != nil {
		t.failed = err
	}
	t.hold(textSample)
	if t.held[0] == escape2022 && !bytes.HasPrefix(t.held, []byte("\x1b$")) { // no sign of anything
		t.held = t.held[1:]
		return at + 1, nil
	}
	before := p[bytes.LastIndexByte(p[:at], '\n')+1 : at]
	if err := t.decide(before[max(0, len(before)-longestName):]); err != nil {
		return at, err
	}
	if at == 0 {
		return t.Read(p)
	}
	return at, nil
}

// escape2022 begins the letters of ISO-2022-JP, which has no bytes beyond ASCII.
const escape2022 = 0x1B

// decide chooses the encoding from the held bytes, which begin with a byte beyond ASCII; before has
// the bytes of its line before them. The error is an *Error if the encoding cannot be told.
func (t *textReader) decide(before []byte) error {
	t.decided = true
	sample := t.held[:min(len(t.held), textSample)]
	whole := errors.Is(t.failed, io.EOF) && len(sample) == len(t.held)
	sound, broken := countUTF8(sample, whole)
	switch {
	case sample[0] == escape2022:
		t.encoding = encoding2022JP
		t.decode(nil)
		return nil
	case broken == 0 || sound >= broken, t.failed != nil && !errors.Is(t.failed, io.EOF):
		return nil
	}
	lines := tellingLines(slices.Concat(before, sample), whole)
	var err error
	if t.encoding, t.sure, err = guessEncoding(lines, t.line); err == nil {
		t.decode(lines)
	}
	return err
}

// hold reads until so many bytes are held.
func (t *textReader) hold(enough int) {
	for idle := 0; len(t.held) < enough && t.failed == nil && idle < 100; idle++ {
		block := make([]byte, enough-len(t.held))
		n, err := t.from.Read(block)
		t.held, t.failed = append(t.held, block[:n]...), err
		if n > 0 {
			idle = 0
		}
	}
}

// raw reads bytes of the file.
func (t *textReader) raw(p []byte) (int, error) {
	switch {
	case len(t.held) > 0:
		n := copy(p, t.held)
		t.held = t.held[n:]
		return n, nil
	case t.failed != nil:
		return 0, t.failed
	}
	t.held = nil
	return t.from.Read(p)
}

// rawText returns the bytes of a file to its decoder.
type rawText struct{ t *textReader }

func (r rawText) Read(p []byte) (int, error) { return r.t.raw(p) }

// beyondASCII returns the offset of the first byte that is not ASCII, or the length.
func beyondASCII(b []byte) int {
	const word, high = 8, 0x8080808080808080
	i := 0
	for ; i+word <= len(b) && binary.LittleEndian.Uint64(b[i:])&high == 0; i += word {
	}
	for ; i < len(b) && b[i] < utf8.RuneSelf; i++ {
	}
	return i
}

// countUTF8 returns the number of letters beyond ASCII that are UTF-8, and the number of bytes that
// are not. A letter that is cut off at the end counts as neither, unless that is the end of the
// whole text.
func countUTF8(b []byte, whole bool) (sound, broken int) {
	for len(b) > 0 {
		b = b[beyondASCII(b):]
		r, n := utf8.DecodeRune(b)
		switch {
		case n == 0 || !whole && !utf8.FullRune(b):
			return sound, broken
		case r == utf8.RuneError && n == 1:
			broken++
		default:
			sound++
		}
		b = b[n:]
	}
	return sound, broken
}

// evenReader returns an error for UTF-16 that ends in the middle of a unit.
type evenReader struct {
	from io.Reader
	odd  bool
}

func (e *evenReader) Read(p []byte) (int, error) {
	n, err := e.from.Read(p)
	e.odd = e.odd != (n%2 == 1)
	if err == io.EOF && e.odd {
		err = &Error{Message: "the file is UTF-16 and breaks off in the middle of a letter; send it again"}
	}
	return n, err
}
