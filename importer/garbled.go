package importer

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// garbledTally counts the cells of a column that some program has read in the wrong encoding before the file was written.
type garbledTally struct {
	rows        int
	first, once string // the first such cell, and what it was once
}

// maxGarbled is among how many cells of a column they are looked for, of up to so many bytes: where there are any, there are many.
const maxGarbled, maxGarbledText = 10 * sampledCells, 4 << 10

func (t *garbledTally) see(cell []byte) {
	if len(cell) > maxGarbledText || bytes.IndexByte(cell, 0xC3) < 0 && bytes.IndexByte(cell, 0xC2) < 0 {
		return
	}
	once, ok := ungarbled(string(cell))
	if !ok {
		return
	}
	if t.rows++; t.rows == 1 {
		t.first, t.once = shortened(string(cell)), shortened(once)
	}
}

// ungarbled gives what a text was before its UTF-8 was taken for Windows-1252: "Müller" of "MÃ¼ller". ok is false for any other text.
func ungarbled(text string) (once string, ok bool) {
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok && r >= 0x80 && r < 0xA0 { // bytes that the encoding leaves free are passed on
			b, ok = byte(r), true
		}
		if !ok {
			return "", false
		}
		raw = append(raw, b)
	}
	return string(raw), utf8.Valid(raw) && string(raw) != text
}

// problem tells of the cells; empty when there are none.
func (t *garbledTally) problem(column string) string {
	if t.rows == 0 {
		return ""
	}
	return fmt.Sprintf("%s: a program has read the file in the wrong encoding before it was saved: %s was %s once, and %s like it; export it anew, or open it there as UTF-8",
		shown(column), shown(t.first), shown(t.once), counted(t.rows, "cell"))
}
