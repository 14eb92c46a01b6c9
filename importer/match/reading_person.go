package match

import (
	"math"
	"slices"
	"strings"
	"unicode"
)

// personName has the parts of a person's name.
type personName struct {
	given   []string // several if a hyphen joins them: Hans-Peter is not Hans
	middle  []string
	surname []string // likewise
	marks   []string
}

// personParts splits a name; it reports false for a name without a given name and a surname.
func personParts(f form) (personName, bool) {
	words := f.words
	if n := len(words); n > 1 && generations[words[n-1]] != "" {
		words = words[:n-1]
	}
	from, to := 1, len(words)-1
	for from < len(words) && f.isGlued(from) {
		from++
	}
	for to > from && f.isGlued(to) {
		to--
	}
	if to < from {
		return personName{}, false
	}
	return personName{given: words[:from], middle: words[from:to], surname: words[to:], marks: marks(f.words)}, true
}

func (d *Directory) readPerson(q, e form, familiar bool) (reading, bool) {
	if r, ok := d.readSplit(q, e); ok {
		return r, true
	}
	a, ok := personParts(q)
	b, known := personParts(e)
	if !ok || !known || !slices.Equal(a.marks, b.marks) || joinsPeople(q) != joinsPeople(e) {
		return reading{}, false
	}
	if r, ok := d.readParts(a, b, familiar); ok {
		return r, true
	}
	if len(q.words) != 2 || allGiven(q.words) || d.keepsOrder(e) {
		return reading{}, false
	}
	a.given, a.surname = a.surname, a.given
	if twoNames(a.given[0], b.given[0]) || twoNames(a.surname[0], b.surname[0]) {
		return reading{}, false
	}
	r, ok := d.readParts(a, b, familiar)
	r.chance += logReversed
	return r, ok && r.slips < 2
}

// joiners are words between the names of two people. Such a text is not the name of one person.
var joiners = set("and", "und", "et", "og", "och", "oraz", "и", "й", "і", "та", "και", "و", "ו")

// joinsPeople reports whether a form names two people: Hans and Eva Müller, Hans & Eva. So does
// Hans Müller Eva Müller, which repeats the surname, but not as a second surname. In Arabic and
// Hebrew "and" is the first letter of the next word.
func joinsPeople(f form) bool {
	last := len(f.words) - 1
	for i := 1; i < last; i++ {
		if joiners[f.words[i]] || joiners[initialOf(f.words[i])] && hasAny(f.words[i], unicode.Arabic, unicode.Hebrew) ||
			i < last-1 && f.words[i] == f.words[last] {
			return true
		}
	}
	return false
}

// joinedPeople replaces a joiner that forms would take for a name or drop by "and": Hans/Eva
// Müller, Hans u. Eva Müller. In Spanish, Portuguese and Italian the joiner may also be between two
// surnames, which are then the last words.
func joinedPeople(name string) string {
	words := strings.Fields(strings.ReplaceAll(name, "/", " & "))
	for i, w := range words {
		if w == "u." || (w == "y" || w == "e") && i > 0 && i < len(words)-2 {
			words[i] = "&"
		}
	}
	return strings.Join(words, " ")
}

// twoNames reports whether two words are different common names.
func twoNames(a, b string) bool {
	known := func(w string) bool { return givenNames[w] || surnames[w] }
	return a != b && known(a) && known(b) && !slices.Contains(nicknames[a], b) && !slices.Contains(nicknames[b], a)
}

// readSplit explains names that differ in spaces only.
func (d *Directory) readSplit(q, e form) (reading, bool) {
	if !equalButForSpaces(q.text, e.text) {
		return reading{}, false
	}
	r := reading{chance: logSplit, others: d.population()}
	for i, w := range e.words {
		r.same(d, w, i == 0)
	}
	return r, true
}

// population returns the logarithm of the number of people in the directory.
func (d *Directory) population() float64 { return math.Log(d.lexicon.population()) }

func (d *Directory) readParts(q, e personName, familiar bool) (reading, bool) {
	// applies to most similar names, and is cheaper than their figures
	if differentGiven(q.given, e.given, familiar) {
		return reading{}, false
	}
	r := reading{others: d.population()}
	ok := r.surname(d, q.surname, e.surname) && r.given(d, q.given, e.given, familiar) && r.middle(d, q.middle, e.middle)
	return r, ok
}

// surname explains a surname. Half of a double name may be missing in the directory, and its second
// half in the query.
func (r *reading) surname(d *Directory, q, e []string) bool {
	if len(q) == len(e) {
		return r.words(d, q, e, false)
	}
	r.chance += logMarried
	switch {
	case len(e) == 1 && slices.Contains(q, e[0]):
		r.others += logMarried // others may have a double name too
		r.same(d, e[0], false)
		return true
	case len(q) == 1 && q[0] == e[0]:
		r.same(d, q[0], false)
		return true
	}
	return false
}

// words explains words one by one.
func (r *reading) words(d *Directory, q, e []string, first bool) bool {
	for i := range q {
		if !r.word(d, q[i], e[i], first) {
			return false
		}
	}
	return true
}

// word explains a word by equality or slips. Two words that are both known names are two names.
func (r *reading) word(d *Directory, q, e string, first bool) bool {
	if q == e {
		r.same(d, q, first)
		return true
	}
	if givenNames[q] && givenNames[e] || !first && surnames[q] && surnames[e] {
		return false
	}
	return min(len(q), len(e)) >= shortestWord && r.mistyped(d, q, e, first, slipsIn(q, e))
}

// A shorter word is too short to be a misspelling; a longer one may have two wrong letters.
const (
	shortestWord = 3
	longWord     = 6
)

func slipsIn(q, e string) int {
	if min(len(q), len(e)) >= longWord {
		return 2
	}
	return 1
}

// given explains a given name. It may be written as an initial or a familiar form.
func (r *reading) given(d *Directory, q, e []string, familiar bool) bool {
	if len(q) != len(e) {
		return false
	}
	if len(q) > 1 || q[0] == e[0] {
		return r.words(d, q, e, true)
	}
	short, full := q[0], e[0]
	bears := d.frequency(short, true, 0)
	switch {
	case isInitial(short):
		r.chance += logInitial
		r.others += logInitial + d.lexicon.logInitial(short[0])
		return short == initialOf(full)
	case isInitial(full):
		r.chance += min(0, bears-d.lexicon.logInitial(full[0]))
		r.others += bears
		return initialOf(short) == full
	case familiar && slices.Contains(nicknames[short], full):
		r.chance += logNickname
		r.others += d.familiarly(short)
		return true
	case familiar && slices.Contains(nicknames[full], short):
		r.chance += logFormal + min(0, bears+logNickname-d.lexicon.logFrequency(full, true, 1, false))
		r.others += bears
		return true
	}
	return r.word(d, short, full, true)
}

// differentGiven reports whether two given names must belong to two people, however similar the
// rest is. If not, given decides.
func differentGiven(q, e []string, familiar bool) bool {
	if len(q) != 1 || len(e) != 1 || q[0] == e[0] || len(q[0]) == 1 || len(e[0]) == 1 || !givenNames[q[0]] ||
		!givenNames[e[0]] { // an initial of another script is in no list
		return false
	}
	return !familiar || !slices.Contains(nicknames[q[0]], e[0]) && !slices.Contains(nicknames[e[0]], q[0])
}

// familiarly returns the logarithm of the number of people with a familiar name: those who have it,
// and some of those with a full name for which it is used.
func (d *Directory) familiarly(short string) float64 {
	sum := d.frequency(short, true, 0)
	for _, full := range nicknames[short] {
		sum = logSum(sum, logNickname+d.lexicon.logOthers(full, true))
	}
	return sum
}

// middle explains middle names: one side may leave them out or have their initials. Different
// middle names belong to two people, and so do the same in another order: a grandson has the names
// of his grandfather.
func (r *reading) middle(d *Directory, q, e []string) bool {
	same := func(q, e string) bool {
		return q == e || q == initialOf(e) || e == initialOf(q) || r.word(d, q, e, true)
	}
	fewer, more := q, e
	if len(q) > len(e) {
		fewer, more = e, q
	}
	r.chance += logMiddle * float64(len(more)-len(fewer))
	for _, w := range more {
		if len(fewer) > 0 && (len(q) > len(e) && same(w, fewer[0]) || len(q) <= len(e) && same(fewer[0], w)) {
			fewer = fewer[1:]
		}
	}
	return len(fewer) == 0
}
