package main

import (
	"bytes"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// moves reports whether a character moves the cursor of a terminal, starts a sequence that does, or
// changes the direction of the text around it.
func moves(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// oneLine replaces characters that move the cursor by spaces, so that text of a file cannot leave
// its place in a line or table.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if moves(r) {
			return ' '
		}
		return r
	}, s)
}

// plain writes text to a terminal. Except for line ends and tabs it replaces the characters that
// move the cursor, wherever the text comes from: names of files, workspaces and keys, answers,
// errors.
type plain struct {
	to   io.Writer
	part []byte // of a character that the next Write completes
}

// Write writes text; n counts the bytes of p.
func (w *plain) Write(p []byte) (n int, err error) {
	text := append(w.part[:len(w.part):len(w.part)], p...) //nolint:gocritic // it is a copy
	end := len(text)
	for i := 1; i < utf8.UTFMax && i <= end; i++ {
		if start := end - i; utf8.RuneStart(text[start]) {
			if !utf8.FullRune(text[start:]) {
				end = start
			}
			break
		}
	}
	w.part = bytes.Clone(text[end:])
	_, err = w.to.Write(bytes.Map(func(r rune) rune {
		if moves(r) && r != '\n' && r != '\t' {
			return utf8.RuneError
		}
		return r
	}, text[:end]))
	return len(p), err
}
