package match

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// endOfLatin is the first character behind the blocks of Latin letters (Unicode blocks Basic Latin
// to Spacing Modifier Letters). Before it no character changes another one in normalization, so
// each can be folded on its own.
const endOfLatin = 0x300

// latin has the folded form of each character of the Latin blocks.
var latin = func() (table [endOfLatin]foldedLatin) {
	for r := range rune(endOfLatin) {
		plain := []rune(strings.ToLower(norm.NFKC.String(withoutDropped(string(r)))))
		f := &table[r]
		for _, p := range plain {
			f.short += foldedRune(p, false)
			f.long += foldedRune(p, true)
		}
		f.letter = len(plain) == 1 && unicode.IsLetter(plain[0])
		f.odd = len(plain) != 1
		f.umlaut = hasUmlautAny(string(r))
	}
	return table
}()

type foldedLatin struct {
	short, long string // in both ways of writing umlauts
	letter      bool
	odd         bool // it decomposes or is dropped
	umlaut      bool
}

// appendFolded appends the result of foldAny for a text of the Latin blocks; ok is false for any
// other text.
func appendFolded(dst []byte, text string, long bool) (folded []byte, ok bool) {
	start, space := len(dst), false
	for i, r := range text {
		if r < unicode.MaxASCII && isLetter(byte(r)) {
			if space && len(dst) > start {
				dst = append(dst, ' ')
			}
			dst, space = append(dst, byte(r)|0x20), false
			continue
		}
		if r >= endOfLatin {
			return dst, false
		}
		if r == '.' {
			inside, ok := dotInside(text[:i], text[i+1:])
			if !ok {
				return dst, false
			}
			space = space || !inside
			continue
		}
		f := &latin[r]
		piece := f.short
		if long {
			piece = f.long
		}
		for at := range len(piece) {
			if piece[at] == ' ' {
				space = true
				continue
			}
			if space && len(dst) > start {
				dst = append(dst, ' ')
			}
			space = false
			dst = append(dst, piece[at])
		}
	}
	return dst, true
}

// dotInside reports whether a full stop between two texts is between single letters; ok is false if
// normalization would change a character nearby. The text before it is of the Latin blocks.
func dotInside(text, rest string) (inside, ok bool) {
	last, size := lastRune(text)
	before, _ := lastRune(text[:len(text)-size])
	next := rune(0)
	for _, next = range rest {
		break
	}
	if next >= endOfLatin || latin[before].odd || latin[last].odd || latin[next].odd {
		return false, false
	}
	return latin[last].letter && !latin[before].letter && latin[next].letter, true
}

// lastRune returns the last character of a text and its size; 0 of an empty one.
func lastRune(text string) (rune, int) {
	if text == "" {
		return 0, 0
	}
	return utf8.DecodeLastRuneInString(text)
}
