package match

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are letters that do not decompose into a base letter and marks, with their usual spelling
// in ASCII or, for other scripts, their usual replacement.
var letters = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ŋ': "n",
	'ĸ': "k", 'ŧ': "t", 'ƒ': "f", 'ə': "a",
	'ς': "σ", 'ё': "е", 'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ة': "ه", 'ک': "ك",
}

// umlauts have a second spelling in ASCII: Müller is written Muller or Mueller.
var umlauts = map[rune]string{'ä': "ae", 'ö': "oe", 'ü': "ue", 'ø': "oe", 'å': "aa"}

// dropped are marks inside words that people leave out: O'Brien is OBrien.
const dropped = "'’‘`´ʼ′׳״"

// fold returns the text in lower case without accents; other characters become single spaces. long
// selects the second spelling of umlauts. Letters outside Latin script stay as they are.
func fold(text string, long bool) string {
	var buffer [96]byte
	if folded, ok := appendFolded(buffer[:0], text, long); ok {
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

// foldedRune returns the folded form of a lower-case character; a space if it does not belong to a
// word.
func foldedRune(r rune, long bool) string {
	switch {
	case long && umlauts[r] != "":
		return umlauts[r]
	case letters[r] != "":
		return letters[r]
	case r == '&' || r == '+':
		return " and "
	case r == 'ـ', unicode.Is(unicode.Cf, r), unicode.Is(unicode.Mn, r) && unicode.In(r, unicode.Arabic, unicode.Hebrew,
		unicode.Inherited): // the vowels of Arabic and Hebrew, and what only changes the look
		return ""
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

// insideAbbreviation reports whether a full stop is between single letters, as in S.p.A. and e.V.
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
		if unicode.Is(unicode.Mn, r) && r < 0x370 { // a combining accent without a letter before it
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

// hasUmlaut reports whether the text has two spellings in ASCII.
func hasUmlaut(text string) bool {
	if isASCII(text) {
		return false
	}
	umlaut := false
	for _, r := range text {
		if r >= endOfLatin { // it may change the letter before it
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

// isASCII reports whether similarity can be computed: smetrics compares bytes, and would count the
// common lead bytes of other scripts as likeness. So names outside Latin script are matched by
// equality only.
func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] > unicode.MaxASCII {
			return false
		}
	}
	return true
}
