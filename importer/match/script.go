package match

import "unicode"

// isEastAsian reports whether a text has Chinese characters or Korean syllables. Such names are
// compared by their characters: spaces do not count, and the surname is first.
func isEastAsian(text string) bool { return hasAny(text, unicode.Han, unicode.Hangul) }

// isArabic reports whether a text has Arabic letters. Arabic names follow the line of fathers, so
// each word without an article may be a given name.
func isArabic(text string) bool { return hasAny(text, unicode.Arabic) }

func hasAny(text string, scripts ...*unicode.RangeTable) bool {
	if isASCII(text) {
		return false
	}
	for _, r := range text {
		if r >= endOfLatin && unicode.In(r, scripts...) {
			return true
		}
	}
	return false
}
