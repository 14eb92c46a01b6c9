package file

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/unicode/norm"
)

// guess is a text in one encoding, with how likely it is, as a logarithm.
type guess struct {
	name, text string
	score      float64
}

const (
	// scoredText is the number of bytes of lines with letters beyond ASCII that are scored.
	scoredText = 3 << 10
	// clearly is the least difference of scores between the best reading and another that counts as
	// sure.
	clearly = 6.0
	// plausible is the least score of a letter beyond ASCII, on average.
	plausible = -7.0
)

// rankEncodings returns the encodings in which the bytes are text, likeliest first. Of encodings in
// which they are the same text it returns the first only.
func rankEncodings(sample []byte) []guess {
	var all []guess
	for _, c := range detectable {
		if table, ok := c.encoding.(*charmap.Charmap); ok && !isDefined(table, sample) {
			continue
		}
		raw, err := c.encoding.NewDecoder().Bytes(sample)
		if err != nil || slices.ContainsFunc([]rune(string(raw)), isUndefined) {
			continue
		}
		text := composed(c.name, string(raw))
		all = append(all, guess{c.name, text, c.usual + scoreText(text, strings.Fields(c.languages))})
	}
	slices.SortStableFunc(all, func(a, b guess) int { return cmp.Compare(b.score, a.score) })
	kept := all[:0]
	for _, g := range all {
		if !slices.ContainsFunc(kept, func(k guess) bool { return sameLetters(k.text, g.text) }) {
			kept = append(kept, g)
		}
	}
	return kept
}

// guessEncoding returns the encoding of lines that are not UTF-8, of a file from the line on, and
// how sure it is, up to 1. The error is an *Error if no encoding fits, or several do.
func guessEncoding(lines []byte, line int) (name string, sure float64, err error) {
	all := rankEncodings(lines)
	letters := 0
	for _, b := range lines {
		if b >= utf8.RuneSelf {
			letters++
		}
	}
	switch {
	case len(all) == 0 || all[0].score < plausible*float64(letters):
		return "", 0, cannotTell(line, "the file is not UTF-8, and its letters are those of no encoding that is detected")
	case len(all) == 1:
		all = append(all, guess{score: all[0].score - 5*clearly})
	}
	by := all[0].score - all[1].score
	if by < needed(all[0].name, letters) {
		a, b := differingWords(all[0].text, all[1].text)
		return "", 0, cannotTell(line, "the file is not UTF-8, and may be %s (%s) or %s (%s)", all[0].name,
			Shown(a), all[1].name, Shown(b))
	}
	return all[0].name, min(0.99, 1/(1+math.Exp(-by/2))), nil
}

func cannotTell(line int, format string, args ...any) *Error {
	return &Error{Line: line, Field: "encoding", Message: fmt.Sprintf(format, args...),
		Remedy: Remedy{Code: RemedyEncoding}}
}

// needed returns by how much a reading must be likelier than all others: by more where letters are
// few, and for a rare encoding.
func needed(name string, letters int) float64 {
	const few = 16
	least := clearly
	if letters < few {
		least += 0.5
	}
	if slices.ContainsFunc(detectable, func(d detectableEncoding) bool { return d.name == name && d.usual == rare }) {
		least *= 3
	}
	return least
}

// differingWords returns the first words in which two readings differ.
func differingWords(a, b string) (inA, inB string) {
	wordsA, wordsB := strings.FieldsFunc(a, isBetweenWords), strings.FieldsFunc(b, isBetweenWords)
	for i := range min(len(wordsA), len(wordsB)) {
		if wordsA[i] != wordsB[i] {
			return wordsA[i], wordsB[i]
		}
	}
	return a, b
}

func isBetweenWords(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune(delimiters+`"`, r)
}

// sameLetters reports whether two readings are the same, but for how ş and ţ are drawn.
func sameLetters(a, b string) bool { return a == b || commaBelow.Replace(a) == commaBelow.Replace(b) }

var commaBelow = strings.NewReplacer("ș", "ş", "ț", "ţ", "Ș", "Ş", "Ț", "Ţ")

// composed joins letters and the accents that windows-1258 keeps apart.
func composed(encoding, text string) string {
	if encoding == "windows-1258" {
		return norm.NFC.String(text)
	}
	return text
}

// isUndefined reports whether a letter replaces bytes that an encoding does not define.
func isUndefined(r rune) bool {
	return r == utf8.RuneError || r >= 0x80 && r < 0xA0 || unicode.Is(unicode.Co, r)
}

func isDefined(table *charmap.Charmap, sample []byte) bool {
	for _, b := range sample {
		if b >= utf8.RuneSelf && isUndefined(table.DecodeByte(b)) {
			return false
		}
	}
	return true
}

// tellingLines returns the first lines of a sample that are not UTF-8, without a line that is cut
// off.
func tellingLines(sample []byte, whole bool) []byte {
	if at := bytes.LastIndexByte(sample, '\n'); at >= 0 && !whole {
		sample = sample[:at]
	}
	var lines []byte
	for line := range bytes.SplitSeq(sample, []byte("\n")) {
		if !utf8.Valid(line) {
			lines = append(append(lines, line...), '\n')
		}
		if len(lines) >= scoredText {
			break
		}
	}
	return lines
}

// letterModel has how likely the letters beyond ASCII of a language are, as logarithms.
type letterModel struct {
	script  *unicode.RangeTable
	letters map[rune]float64
	pairs   map[[2]rune]float64
	before  map[rune]bool // the letters that begin a pair
	// rest is for a letter of the script that the language does not use.
	rest func(r rune) float64
}

//go:embed letters.txt
var letterTable string

// scripts are those of the languages that are not written in Latin letters.
var scripts = map[string]*unicode.RangeTable{"ru": unicode.Cyrillic, "uk": unicode.Cyrillic, "bg": unicode.Cyrillic,
	"sr": unicode.Cyrillic, "mk": unicode.Cyrillic, "be": unicode.Cyrillic, "el": unicode.Greek, "he": unicode.Hebrew,
	"ar": unicode.Arabic, "fa": unicode.Arabic, "th": unicode.Thai, "zh": unicode.Han, "zt": unicode.Han,
	"ja": unicode.Han, "ko": unicode.Hangul}

var letterModels = sync.OnceValue(func() map[string]*letterModel {
	all := map[string]*letterModel{}
	for line := range strings.Lines(letterTable) {
		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			continue
		}
		m := &letterModel{script: unicode.Latin, letters: map[rune]float64{}, pairs: map[[2]rune]float64{},
			before: map[rune]bool{},
			rest:   func(rune) float64 { return math.Log(1e-4) }}
		if s := scripts[parts[0]]; s != nil {
			m.script = s
		}
		for _, word := range strings.Fields(parts[1]) {
			r, size := utf8.DecodeRuneInString(word)
			n, _ := strconv.Atoi(word[size:])
			m.letters[r] = math.Log(float64(n) / 1e4)
		}
		for _, word := range strings.Fields(parts[2]) {
			before, size := utf8.DecodeRuneInString(word)
			r, more := utf8.DecodeRuneInString(word[size:])
			n, _ := strconv.Atoi(word[size+more:])
			m.before[before] = true
			m.pairs[[2]rune{before, r}] = math.Log(0.9*float64(n)/100 + 0.1*math.Exp(m.letters[r]))
		}
		m.rest = restOf(parts[0], m.rest)
		all[parts[0]] = m
	}
	return all
})

// restOf returns how likely the ideographs and syllables of a language are that its table lacks:
// the usual ones, which its national encoding has in a block of its own, share a half.
func restOf(language string, other func(rune) float64) func(rune) float64 {
	usual, rare := math.Log(0.4/3000), math.Log(1e-6)
	within := func(encode func(string) (string, error), from, to string) func(r rune) float64 {
		return func(r rune) float64 {
			if code, err := encode(string(r)); err == nil && code >= from && code <= to {
				return usual
			}
			return rare
		}
	}
	switch language {
	case "zh":
		return within(simplifiedchinese.GBK.NewEncoder().String, "\xB0\xA1", "\xD7\xF9")
	case "zt":
		return within(traditionalchinese.Big5.NewEncoder().String, "\xA4\x40", "\xC6\x7E")
	case "ja":
		level := within(japanese.ShiftJIS.NewEncoder().String, "\x88\x9F", "\x98\x72")
		return func(r rune) float64 {
			switch {
			case r >= 0x3041 && r <= 0x30FF:
				return math.Log(1e-3)
			case r >= 0xFF61 && r <= 0xFF9F: // halfwidth: a byte each, so that other encodings look like them
				return math.Log(2e-4)
			}
			return level(r)
		}
	case "ko":
		return func(r rune) float64 {
			if r >= 0xAC00 && r <= 0xD7A3 {
				return math.Log(0.03 / 2000) // the table has nearly all that are used
			}
			return rare
		}
	}
	return other
}

// scoreText returns how likely a text is in the likeliest of the languages. Words may be of another
// one among them, as names are; a word that repeats counts once.
func scoreText(text string, languages []string) float64 {
	models := make([]*letterModel, len(languages))
	for i, l := range languages {
		models[i] = letterModels()[l]
	}
	total, word := make([]float64, len(models)), make([]float64, len(models))
	letters, from, seen := false, 0, map[string]bool{}
	end := func(at int) {
		w := text[from:at]
		if !letters || seen[w] {
			clear(word)
			letters = false
			return
		}
		seen[w] = true
		mean := 0.0
		for _, s := range word {
			mean += math.Exp(s) / float64(len(word))
		}
		for i, s := range word {
			total[i] += math.Log(0.85*math.Exp(s) + 0.15*mean + 1e-300)
			word[i] = 0
		}
		letters = false
	}
	before, wasLower := '_', false
	for at, r := range text {
		isLetter := unicode.IsLetter(r) && r != 'ª' && r != 'º' || unicode.Is(unicode.M, r)
		if r < utf8.RuneSelf && !isLetter {
			end(at)
			before, wasLower, from = '_', false, at+1
			continue
		}
		if !isLetter {
			next, _ := utf8.DecodeRuneInString(text[at+utf8.RuneLen(r):])
			follows := unicode.IsLetter(next)
			for m := range models {
				word[m] += symbolScore(r, before != '_', follows, models[m])
			}
			letters = true
			end(at + utf8.RuneLen(r))
			before, wasLower, from = '_', false, at+utf8.RuneLen(r)
			continue
		}
		folded := foldLetter(r)
		for m := range models {
			s := models[m].score(before, folded)
			if wasLower && unicode.IsUpper(r) && (r >= utf8.RuneSelf || before >= utf8.RuneSelf) {
				s -= 4
			}
			word[m] += s
		}
		letters = letters || r >= utf8.RuneSelf || before >= utf8.RuneSelf
		before, wasLower = folded, unicode.IsLower(r)
	}
	end(len(text))
	return slices.Max(total)
}

// foldLetter returns a letter as the table of letters has it.
func foldLetter(r rune) rune {
	switch r {
	case 'Ș', 'ș':
		return 'ş'
	case 'Ț', 'ț':
		return 'ţ'
	}
	if l := unicode.ToLower(r); l >= utf8.RuneSelf || r < utf8.RuneSelf {
		return l
	}
	return r
}

// score returns how likely a letter is after another.
func (m *letterModel) score(before, r rune) float64 {
	if r < utf8.RuneSelf {
		if before < utf8.RuneSelf || m.script == unicode.Latin {
			return 0
		}
		return math.Log(0.02)
	}
	s := 0.0
	switch {
	case m.script != unicode.Latin:
		if before != '_' && before < utf8.RuneSelf {
			s = math.Log(0.02)
		}
	case before >= utf8.RuneSelf:
		s = math.Log(0.1)
	default:
		s = math.Log(0.3)
	}
	if p, ok := m.pairs[[2]rune{before, r}]; ok {
		return s + p
	}
	if p, ok := m.letters[r]; ok {
		if m.before[before] { // and yet this is none of its pairs
			return s + math.Log(0.15) + p
		}
		return s + math.Log(0.5) + p
	}
	if !unicode.Is(m.script, r) && (m.script != unicode.Han || !unicode.In(r, unicode.Hiragana, unicode.Katakana)) {
		return s + math.Log(1e-6)
	}
	return s + m.rest(r)
}

// symbolScore returns how likely a character is that is not a letter, between or beside letters.
func symbolScore(r rune, after, before bool, m *letterModel) float64 {
	wide := r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFF65 || r == '・'
	switch {
	case wide && (m.script == unicode.Han || m.script == unicode.Hangul):
		return math.Log(0.01)
	case r == '\u00A0', strings.ContainsRune("’·", r) && after:
		return math.Log(0.005)
	case after && before:
		return math.Log(1e-7)
	case strings.ContainsRune("„“‘«¿¡", r) && !after, strings.ContainsRune("“”»…°™®", r) && !before,
		strings.ContainsRune("–—€§•№©", r) && !after && !before:
		return math.Log(0.003)
	case strings.ContainsRune("„“”‘’«»–—…€£§°•№©®™²³½µ±×¡¿ªº´", r):
		return math.Log(2e-5)
	case after || before:
		return math.Log(1e-7)
	}
	return math.Log(1e-6)
}
