package file

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// letterWatch guards a file of one byte a letter. It refuses bytes that the encoding does not have.
// Where the encoding was detected it goes on: bytes that have not been seen yet must fit it too,
// and no line may be UTF-8, or it would silently be read as other letters.
type letterWatch struct {
	from     io.Reader
	encoding string
	table    *charmap.Charmap
	line     int
	told     bool // the encoding is not a guess
	seen     [256]bool
	lines    []byte // by which the encoding was detected
	checks   int
	cross    crossing
}

func newLetterWatch(from io.Reader, encoding string, line int, lines []byte) *letterWatch {
	w := &letterWatch{from: from, encoding: encoding, line: line, lines: lines, told: lines == nil}
	w.table, _ = encodings[encoding].(*charmap.Charmap)
	for _, b := range lines {
		w.seen[b] = true
	}
	return w
}

func (w *letterWatch) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	for at := 0; at < n; at++ {
		if w.told || w.cross.need == 0 && !w.cross.told { // a line without letters beyond ASCII needs no look
			plain := beyondASCII(p[at:n])
			w.line += bytes.Count(p[at:at+plain], []byte{'\n'})
			if plain > 0 && bytes.IndexByte(p[at:at+plain], '\n') >= 0 {
				w.cross = crossing{}
			}
			if at += plain; at == n {
				break
			}
		}
		b := p[at]
		if b == '\n' {
			if fault := w.endLine(); fault != nil {
				return 0, fault
			}
			continue
		}
		if b >= utf8.RuneSelf && !w.seen[b] {
			if fault := w.meet(p[:n], at); fault != nil {
				return 0, fault
			}
		}
		w.cross.see(b)
	}
	if err == io.EOF {
		if fault := w.endLine(); fault != nil {
			return 0, fault
		}
	}
	return n, err
}

// meet checks a byte that has not been seen before.
func (w *letterWatch) meet(p []byte, at int) error {
	w.seen[p[at]] = true
	if isUndefined(w.table.DecodeByte(p[at])) {
		return cannotTell(w.line, "the byte 0x%X is not in %s", p[at], w.encoding)
	}
	const around, most = 100, 40
	from, to := max(0, at-around), min(len(p), at+around)
	if i := bytes.LastIndexByte(p[from:at], '\n'); i >= 0 {
		from += i + 1
	}
	if i := bytes.IndexByte(p[at:to], '\n'); i >= 0 {
		to = at + i
	}
	if w.checks++; w.told || w.checks > most || utf8.Valid(p[from:to]) {
		return nil // a line that is UTF-8 is for endLine
	}
	w.lines = append(append(w.lines, p[from:to]...), '\n')
	name, _, err := guessEncoding(w.lines, w.line)
	if err == nil && name != w.encoding {
		err = cannotTell(w.line, "the lines above are %s, and with this one they are rather %s", w.encoding, name)
	}
	return err
}

func (w *letterWatch) endLine() error {
	if !w.told && w.cross.told && !w.cross.broken && w.cross.need == 0 && strings.HasPrefix(w.encoding, "windows-125") {
		return cannotTell(w.line, "this line is UTF-8, and others of the file are %s", w.encoding)
	}
	w.cross = crossing{}
	w.line++
	return nil
}

// crossing looks for a line whose letters beyond ASCII are all UTF-8, of a kind that is unlikely in
// text of one byte a letter.
type crossing struct {
	need    int  // bytes that the letter still lacks
	telling bool // the letter is of that kind
	told    bool // the line has such a letter
	broken  bool // the line has a byte that is not UTF-8
}

func (w *crossing) see(b byte) {
	const continuation = 0xC0 // the first byte of a letter is at least this
	switch {
	case w.need > 0 && b >= utf8.RuneSelf && b < continuation:
		w.need--
		w.told = w.told || w.need == 0 && w.telling
	case b < utf8.RuneSelf:
		w.broken = w.broken || w.need > 0
		w.need = 0
	default:
		w.broken = w.broken || w.need > 0
		w.begin(b)
	}
}

// begin processes the first byte of a letter. Among letters of two bytes, the unlikely ones are
// Western European and Cyrillic letters whose first byte is, in Windows-1252, a capital before a
// letter.
func (w *crossing) begin(b byte) {
	w.telling = b == 0xC3 || b == 0xD0 || b == 0xD1 || b >= 0xE0
	switch {
	case b >= 0xC2 && b <= 0xDF:
		w.need = 1
	case b >= 0xE0 && b <= 0xEF:
		w.need = 2
	case b >= 0xF0 && b <= 0xF4:
		w.need = 3
	default:
		w.need, w.broken = 0, true
	}
}

// soundReader refuses text in which a decoder has replaced bytes that its encoding does not have.
type soundReader struct {
	from     io.Reader
	encoding string
	line     int
	tail     []byte // the end of the last block, up to two bytes of a replacement
}

func (s *soundReader) Read(p []byte) (int, error) {
	n, err := s.from.Read(p)
	block := append(s.tail, p[:n]...) //nolint:gocritic // the tail is short
	if at := bytes.Index(block, []byte("\uFFFD")); at >= 0 {
		return 0, cannotTell(s.line+bytes.Count(block[:at], []byte{'\n'}), "a letter of this line is not in %s", s.encoding)
	}
	keep := min(len(block), len("\uFFFD")-1)
	s.line += bytes.Count(block[:len(block)-keep], []byte{'\n'})
	s.tail = bytes.Clone(block[len(block)-keep:])
	return n, err
}
