package file

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// arrayReader returns the elements of a JSON array one a line, as NDJSON. It never holds a whole
// element. An element that begins on a line of its own is on the line of the same number, with
// empty lines between. If a line has several elements, each is a line instead.
//
// json.Decoder is as fast, but it ends at the first malformed element, which here is the dead
// letter of one row, does not count lines, and holds whole elements.
type arrayReader struct {
	from    *bufio.Reader
	out     []byte
	sent    int // bytes of out
	err     error
	state   arrayState
	depth   int
	quoted  bool // within a string
	escaped bool // after a backslash
	scalar  bool // the element is not an object, list or string; it ends before the first byte that cannot belong to it
	line    int  // of the file
	written int  // lines begun
}

type arrayState int

const (
	beforeArray arrayState = iota
	beforeFirst
	beforeElement
	inElement
	afterElement
	afterArray
)

func newArrayReader(r io.Reader) *arrayReader {
	return &arrayReader{from: bufio.NewReaderSize(r, readBlock), line: 1, written: 1}
}

// Read returns lines.
func (a *arrayReader) Read(p []byte) (int, error) {
	for a.sent == len(a.out) && a.err == nil {
		a.err = a.take()
	}
	n := copy(p, a.out[a.sent:])
	if a.sent += n; n == 0 {
		return 0, a.err
	}
	return n, nil
}

// take processes the buffered bytes of the file.
func (a *arrayReader) take() error {
	if _, err := a.from.Peek(1); err != nil {
		if errors.Is(err, io.EOF) && a.state != afterArray {
			return a.end()
		}
		return err
	}
	block, _ := a.from.Peek(a.from.Buffered()) // it is buffered
	a.out, a.sent = a.out[:0], 0
	for _, c := range block {
		if err := a.see(c); err != nil {
			return err
		}
	}
	_, err := a.from.Discard(len(block))
	return err
}

func (a *arrayReader) end() error {
	if a.state == beforeArray {
		return &Error{Message: "the file is empty; send at least one row"}
	}
	return a.fault("the JSON array breaks off; it has to end with ]")
}

func (a *arrayReader) fault(format string, args ...any) error {
	return &Error{Line: a.line, Message: fmt.Sprintf(format, args...)}
}

func (a *arrayReader) see(c byte) error {
	if a.state == inElement {
		return a.within(c)
	}
	switch c {
	case '\n':
		a.line++
		return nil
	case ' ', '\t', '\r':
		return nil
	}
	switch {
	case a.state == beforeArray && c == '[':
		a.state = beforeFirst
	case a.state == beforeFirst && c == ']', a.state == afterElement && c == ']':
		a.state = afterArray
	case a.state == afterElement && c == ',':
		a.state = beforeElement
	case a.state == beforeFirst && c != ',', a.state == beforeElement && c != ',' && c != ']':
		a.begin()
		return a.within(c)
	case a.state == afterArray:
		return a.fault("the file goes on after the end of the JSON array; send one array")
	default:
		return a.fault("a JSON array cannot have %s here; correct it from here on", Shown(string(rune(c))))
	}
	return nil
}

// begin begins an element, on its own line where that is possible.
func (a *arrayReader) begin() {
	a.state, a.depth, a.quoted, a.escaped, a.scalar = inElement, 0, false, false, false
	for ; a.written < a.line; a.written++ {
		a.out = append(a.out, '\n')
	}
}

// within passes on a byte of an element.
func (a *arrayReader) within(c byte) error {
	switch {
	case c == '\n' && a.quoted:
		return a.fault("a text goes over the end of the line; write its line breaks as \\n, and close its quote")
	case a.quoted:
		a.quoted = a.escaped || c != '"'
		a.escaped = c == '\\' && !a.escaped
	case a.scalar && (c == ',' || c == ']' || c == ' ' || c == '\t' || c == '\r' || c == '\n'):
		a.close()
		return a.see(c)
	case c == '"':
		a.quoted = true
	case c == '{' || c == '[':
		a.depth++
	case c == '}' || c == ']':
		a.depth--
	case c == '\n' || c == '\r':
		if c == '\n' {
			a.line++
		}
		return nil
	case a.depth == 0:
		a.scalar = true
	}
	a.out = append(a.out, c)
	if a.depth <= 0 && !a.quoted && !a.scalar {
		a.close()
	}
	return nil
}

func (a *arrayReader) close() {
	a.out = append(a.out, '\n')
	a.written++
	a.state = afterElement
}
