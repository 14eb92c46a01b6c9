package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Colours of the terminal.
const (
	red    = "31"
	yellow = "33"
)

// paint writes a text to standard error in a colour; without one unless that is a terminal, and
// with NO_COLOR. A failed write cannot be reported.
func (e *environment) paint(colour, text string) {
	if !e.terminal || e.getenv("NO_COLOR") != "" || e.getenv("TERM") == "dumb" {
		_, _ = fmt.Fprint(e.err, text)
		return
	}
	_, _ = fmt.Fprint(bare(e.err), "\x1b["+colour+"m")
	_, _ = fmt.Fprint(e.err, text)
	_, _ = fmt.Fprint(bare(e.err), "\x1b[0m")
}

// note writes a line for the person at the terminal, wrapped to its width.
func (e *environment) note(format string, args ...any) {
	// A failed note cannot be reported.
	_, _ = fmt.Fprintln(e.err, fold(fmt.Sprintf(format, args...), e.width, ""))
}

// warn writes a note about something that needs somebody.
func (e *environment) warn(format string, args ...any) {
	e.paint(yellow, fold(fmt.Sprintf(format, args...), e.width, ""))
	_, _ = fmt.Fprintln(e.err)
}

// fail writes why a command failed.
func (e *environment) fail(text string) {
	const name = "taskport:"
	text = strings.TrimPrefix(fold(name+" "+text, e.width, ""), name)
	e.paint(red, name)
	_, _ = fmt.Fprintln(e.err, text)
}

// fold wraps the lines of a text at a width in characters; 0 wraps nothing. Further lines of a
// wrapped one begin with indent. Without an indent, lines that begin with two spaces stay as they
// are: they are commands to copy, or tables.
func fold(text string, width int, indent string) string {
	if width <= 0 {
		return text
	}
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		if utf8.RuneCountInString(line) > width && (indent != "" || !strings.HasPrefix(line, "  ")) {
			lines[n] = foldLine(line, width, indent)
		}
	}
	return strings.Join(lines, "\n")
}

func foldLine(line string, width int, indent string) string {
	var b strings.Builder
	words := strings.TrimLeft(line, " ")
	b.WriteString(line[:len(line)-len(words)])
	at := b.Len()
	for n, word := range strings.Fields(words) {
		length := utf8.RuneCountInString(word)
		switch {
		case n == 0:
		case at+1+length > width:
			b.WriteString("\n" + indent)
			at = len(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += length
	}
	return b.String()
}

// mayAsk reports whether somebody reads questions and can answer them.
func (e *environment) mayAsk() bool { return e.in != nil && e.inIsTerminal && e.terminal }

// readLine returns a line that somebody has typed, without spaces around it. The error is io.EOF at
// the end of the input, and errInterrupted when ctx ends.
func (e *environment) readLine(ctx context.Context) (string, error) {
	if e.typed == nil {
		e.typed = bufio.NewReader(e.in)
	}
	type typed struct {
		line string
		err  error
	}
	read := make(chan typed, 1) // after an interruption nobody reads it
	go func() {
		line, err := e.typed.ReadString('\n')
		if line != "" && errors.Is(err, io.EOF) {
			err = nil
		}
		read <- typed{strings.TrimSpace(line), err}
	}()
	select {
	case <-ctx.Done():
		_, _ = fmt.Fprintln(e.err)
		return "", errInterrupted
	case t := <-read:
		if t.err != nil {
			_, _ = fmt.Fprintln(e.err)
		}
		return t.line, t.err
	}
}

// confirmed asks a question that is answered by yes or no, and reports whether the answer is yes.
func (e *environment) confirmed(ctx context.Context, question string) (bool, error) {
	e.paint(yellow, fold(question, e.width, ""))
	_, _ = fmt.Fprint(e.err, " [y/N] ")
	answer, err := e.readLine(ctx)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	answer = strings.ToLower(answer)
	return answer == "y" || answer == "yes", nil
}
