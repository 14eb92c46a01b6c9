package file

import (
	"fmt"
	"io"
	"unicode/utf8"
)

// crossWatch guards a file that was detected as Windows-1252. A line with letters beyond ASCII that
// are all UTF-8, of a kind that is unlikely in Windows-1252 text, means that the file has both
// encodings. Otherwise that line would silently be read as other letters.
type crossWatch struct {
	from    io.Reader
	line    int
	need    int  // bytes that the letter still lacks
	telling bool // the letter is of that kind
	told    bool // the line has such a letter
	broken  bool // the line has a byte that is not UTF-8
}

func (w *crossWatch) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	for _, b := range p[:n] {
		if b == '\n' {
			if crossed := w.endLine(); crossed != nil {
				return 0, crossed
			}
			continue
		}
		w.see(b)
	}
	if err == io.EOF {
		if crossed := w.endLine(); crossed != nil {
			return 0, crossed
		}
	}
	return n, err
}

func (w *crossWatch) endLine() error {
	if w.told && !w.broken && w.need == 0 {
		return &Error{Line: w.line, Message: fmt.Sprintf("this line is UTF-8, and others of the file are %s",
			encodingWindows), Remedy: Remedy{Code: RemedyEncoding}}
	}
	w.need, w.told, w.broken = 0, false, false
	w.line++
	return nil
}

func (w *crossWatch) see(b byte) {
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
func (w *crossWatch) begin(b byte) {
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
