package file

import (
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// FixMojibake returns the text as it was before its UTF-8 was read as Windows-1252: "Müller" for
// "MÃ¼ller". ok is false for any other text.
func FixMojibake(text string) (once string, ok bool) {
	raw := make([]byte, 0, len(text))
	for _, r := range text {
		b, ok := charmap.Windows1252.EncodeRune(r)
		if !ok && r >= 0x80 && r < 0xA0 { // bytes that the encoding does not define are kept
			b, ok = byte(r), true
		}
		if !ok {
			return "", false
		}
		raw = append(raw, b)
	}
	return string(raw), utf8.Valid(raw) && string(raw) != text
}
