package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters that do not fall apart into a base letter and marks, and how they are written in ASCII;
// in other scripts, what people write for them.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
	'ĸ': "k", 'ŧ': "t", 'ƒ': "f", 'ə': "a",
	'ς': "σ", 'ё': "е",
}

// umlauts have a second way of being written in ASCII: Müller is Muller to some and Mueller to
// others.
var umlauts = map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue", 'ø': "oe", 'å': "aa"}

// dropped are marks inside words that people leave out: O'Brien is OBrien.
const dropped = "'’‘`´ʼ′"

// fold brings text to lower case letters without accents, other characters to single spaces. The second way of writing umlauts is chosen by long.
// Letters outside Latin script stay as they are.
func fold(text string, long bool) string {
	var room [96]byte
	if folded, ok := appendFolded(room[:0], text, long); ok {
		return string(folded)
	}
	return foldAny(text, long)
}

// foldAny is fold for any text.
func foldAny(text string, long bool) string {
	var b strings.Builder
	runes := []rune(strings.ToLower(norm.NFKC.String(withoutDropped(text))))
	for i, r := range runes {
		if r == '.' && insideAbbreviation(runes, i) {
			continue
		}
		b.WriteString(foldedRune(r, long))
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// foldedRune is what becomes of a lower case character; a space of what is no part of a word.
func foldedRune(r rune, long bool) string {
	switch {
	case long && umlauts[r] != "":
		return umlauts[r]
	case letters[r] != "":
		return letters[r]
	case r == '&' || r == '+':
		return " and "
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
		return base(r)
	}
	return " "
}

func withoutDropped(text string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(dropped, r) {
			return -1
		}
		return r
	}, text)
}

// insideAbbreviation reports whether a full stop stands between single letters, as in S.p.A. and e.V.
func insideAbbreviation(runes []rune, at int) bool {
	single := at > 0 && unicode.IsLetter(runes[at-1]) && (at == 1 || !unicode.IsLetter(runes[at-2]))
	return single && at+1 < len(runes) && unicode.IsLetter(runes[at+1])
}

// base returns a Latin or Greek letter without its marks; a letter of another script keeps them.
func base(r rune) string {
	if r < unicode.MaxASCII {
		return string(r)
	}
	parts := []rune(norm.NFD.String(string(r)))
	if parts[0] > unicode.MaxASCII && !unicode.Is(unicode.Greek, parts[0]) {
		if unicode.Is(unicode.Mn, r) && r < 0x370 { // a combining accent that stood apart from its letter
			return ""
		}
		return string(r)
	}
	return string(parts[0])
}

// isPlain reports whether folding does no more than change the case and the spaces.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] != ' ' && !isLetter(text[i]) {
			return false
		}
	}
	return true
}

// isPlainWord reports whether folding does no more than change the case.
func isPlainWord(text string) bool { return isPlain(text) && strings.IndexByte(text, ' ') < 0 }

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// hasUmlaut reports whether there are two ways to write the text in ASCII.
func hasUmlaut(text string) bool {
	umlaut := false
	for _, r := range text {
		if r >= endOfLatin { // it may change the letter before
			return hasUmlautAny(text)
		}
		umlaut = umlaut || r > unicode.MaxASCII && latin[r].umlaut
	}
	return umlaut
}

func hasUmlautAny(text string) bool {
	for _, r := range strings.ToLower(norm.NFKC.String(text)) {
		if umlauts[r] != "" {
			return true
		}
	}
	return false
}

// isASCII reports whether similarity may judge the text: smetrics compares bytes, and would take the shared lead bytes of
// other scripts for likeness. Names outside Latin script are therefore matched by equality only.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}
