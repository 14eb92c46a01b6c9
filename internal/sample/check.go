package main

import (
	"slices"
	"strings"
	"unicode"

	"github.com/xrash/smetrics"
	"golang.org/x/text/unicode/norm"
)

// A row is only written if its outcome is certain, whatever the way of folding letters to ASCII. So
// every name is examined in three spellings, and the least favourable one counts.
const (
	plainLetters = iota // ü → u, ß → ss
	digraphs            // ü → ue, å → aa
	shortened           // ü and ue → u
	spellings
)

var (
	digraphLetters = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "å", "aa", "ø", "oe")
	bareLetters    = strings.NewReplacer("ß", "ss", "ø", "o", "æ", "ae", "œ", "oe", "ł", "l", "đ", "d", "ı", "i",
		"ẞ", "SS", "Ø", "O", "Æ", "Ae", "Œ", "Oe", "Ł", "L", "Đ", "D")
	singleLetters = strings.NewReplacer("ae", "a", "oe", "o", "ue", "u", "aa", "a")
)

// spelling is a name in lower-case ASCII words.
type spelling struct {
	text    string
	words   []string
	letters [26]int8 // how often each letter occurs
}

// name has the spellings of a written name.
type name [spellings]spelling

func spell(written string) name {
	lower := norm.NFC.String(strings.ToLower(written))
	plain := bare(lower)
	return name{newSpelling(plain), newSpelling(bare(digraphLetters.Replace(lower))),
		newSpelling(singleLetters.Replace(plain))}
}

// bare removes the marks from letters and keeps everything else.
func bare(s string) string {
	var out strings.Builder
	for _, r := range norm.NFD.String(bareLetters.Replace(s)) {
		if !unicode.Is(unicode.Mn, r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

func newSpelling(s string) spelling {
	s = strings.ReplaceAll(s, "'", "")
	words := strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return compose(words)
}

func compose(words []string) spelling {
	out := spelling{text: strings.Join(words, " "), words: words}
	for _, r := range out.text {
		if r >= 'a' && r <= 'z' {
			out.letters[r-'a']++
		}
	}
	return out
}

// orders returns the name as it is, with its last word first, and with its first word last.
func (n *name) orders() []name {
	out := []name{*n, *n, *n}
	for i := range n {
		w := n[i].words
		if len(w) < 2 {
			continue
		}
		out[1][i] = compose(append([]string{w[len(w)-1]}, w[:len(w)-1]...))
		out[2][i] = compose(append(slices.Clone(w[1:]), w[0]))
	}
	if out[1][plainLetters].text == out[2][plainLetters].text {
		return out[:2]
	}
	return out
}

func jaroWinkler(a, b string) float64 { return smetrics.JaroWinkler(a, b, 0.7, 4) }

// atMost returns an upper bound of the score from the letters that two spellings share. It saves
// most computations of the score.
func atMost(a, b *spelling) float64 {
	shared := min(len(a.words), len(b.words)) - 1
	for i := range a.letters {
		shared += int(min(a.letters[i], b.letters[i]))
	}
	jaro := (float64(shared)/float64(len(a.text)) + float64(shared)/float64(len(b.text)) + 1) / 3
	return jaro + 0.4*(1-jaro)
}

// score returns the highest score of the spellings, or 0 if it does not reach the floor.
func (n *name) score(other *name, floor float64) float64 {
	best := 0.0
	for i := range n {
		if atMost(&n[i], &other[i]) >= floor {
			best = max(best, jaroWinkler(n[i].text, other[i].text))
		}
	}
	return best
}

// surely returns the lowest score of the spellings.
func (n *name) surely(other *name) float64 {
	least := 1.0
	for i := range n {
		least = min(least, jaroWinkler(n[i].text, other[i].text))
	}
	return least
}

// weakestWord returns an upper bound of the score of the worse-fitting word of one name with the
// other name.
func (n *name) weakestWord(other *name) float64 {
	best := 0.0
	for i := range n {
		best = max(best, min(weakest(n[i].words, other[i].words), weakest(other[i].words, n[i].words)))
	}
	return best
}

// weakest finds the best partner of every word. With more words than the other side has, some
// remain without one.
func weakest(words, partners []string) float64 {
	if len(words) > len(partners) {
		return 1
	}
	least := 1.0
	for _, w := range words {
		best := 0.0
		for _, p := range partners {
			best = max(best, jaroWinkler(w, p))
		}
		least = min(least, best)
	}
	return least
}

// crowd is a set of names to compare with.
type crowd []name

// nearest returns the highest score of the crowd, in any spelling and order of words, if it reaches
// the floor; it ignores skip.
func (c crowd) nearest(n name, skip int, floor float64) float64 {
	best := 0.0
	for _, written := range n.orders() {
		for i := range c {
			if i != skip {
				best = max(best, written.score(&c[i], floor))
			}
		}
	}
	return best
}
