package match

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// orderedKey joins the words of a person's name in the order that all of its permitted orders
// share. Given name and surname may change places, each as a whole, so a name may begin at any of
// its words; the key begins at the word that comes first in the alphabet.
func orderedKey(words []string, text string) string {
	names := withoutGeneration(words)
	at := beginning(names)
	if at == 0 {
		return text
	}
	return strings.Join(slices.Concat(names[at:], names[:at], words[len(names):]), " ")
}

// withoutGeneration returns the words without a generation at the end.
func withoutGeneration[T string | []byte](words []T) []T {
	if n := len(words); n > 1 && mayBeAffix(words[n-1]) && generations[string(words[n-1])] != "" {
		return words[:n-1]
	}
	return words
}

// beginning returns the word at which the key of a name begins: 0 if the words keep their order,
// otherwise the beginning of the least rotation (Y. Shiloach, 1981).
func beginning[T string | []byte](words []T) int {
	if len(words) < 2 {
		return 0
	}
	if father := fatherFirst(words); father > 0 && (father == len(words)-1 || allGiven(words[father:])) {
		return father
	}
	if allGiven(words) {
		return 0
	}
	if len(words) == 2 { //nolint:mnd // nearly all are
		if string(words[1]) < string(words[0]) {
			return 1
		}
		return 0
	}
	n, i, j, same := len(words), 0, 1, 0
	for i < n && j < n && same < n {
		a, b := words[(i+same)%n], words[(j+same)%n]
		switch {
		case string(a) == string(b):
			same++
			continue
		case string(a) > string(b):
			i += same + 1
		default:
			j += same + 1
		}
		if i == j {
			j++
		}
		same = 0
	}
	return min(i, j)
}

// fatherFirst returns the number of words of a father's name that a name begins with, as bin Laden
// Osama does; 0 for none.
func fatherFirst[T string | []byte](words []T) int {
	switch {
	case len(words) < 3 || !ofDescent(string(words[0])) || string(words[0]) == "ben":
		return 0
	case isArticle(string(words[1])):
		return min(3, len(words)-1)
	}
	return 2
}

// allGiven reports whether a name has given names only: Thomas Martin, or Ali Hassan Ibrahim, who
// is the son of Hassan. In another order it is somebody else's name.
func allGiven[T string | []byte](words []T) bool {
	for i := len(words) - 1; i >= 0; i-- {
		if !isGiven(words, i) {
			return false
		}
	}
	return true
}

// isGiven reports whether a word of a name is a given name or belongs to one: it is in the list, an
// initial, beside a word of descent, or behind a word that begins a given name.
func isGiven[T string | []byte](words []T, at int) bool {
	w, last := string(words[at]), len(words)-1
	switch {
	case len(w) <= utf8.UTFMax && isInitial(w), orderedNames[w], beginsGiven(w) && at < last:
		return true
	case at > 0 && at < last && ofDescent(w), at > 1 && ofDescent(string(words[at-1])):
		return true
	case at+1 < last && ofDescent(string(words[at+1])), at > 0 && beginsGiven(string(words[at-1])):
		return true
	case at > 1 && isArticle(string(words[at-1])):
		before := string(words[at-2])
		return beginsGiven(before) || at > 2 && ofDescent(before)
	}
	return isArabic(w) && !strings.HasPrefix(w, "ال")
}

// ofDescent reports whether a word is between the names of child and parent: Ahmed bin Khalid is
// the son of Khalid.
func ofDescent(w string) bool {
	switch w {
	case "bin", "ibn", "bint", "binti", "binte", "ben", "bar", "bat", "ould", "ap", "بن", "ابن", "بنت", "בן", "בת":
		return true
	}
	return false
}

// isArticle reports whether a word belongs to the next one: al-Rashid.
func isArticle(w string) bool {
	switch w {
	case "al", "el", "ar", "as", "ad", "an", "ash", "az":
		return true
	}
	return false
}

// beginsGiven reports whether a word makes one given name with the next: Abd al-Rahman, Abu Bakr.
func beginsGiven(w string) bool {
	switch w {
	case "abd", "abdul", "abdel", "abdal", "abdur", "abdus", "abdou", "abu", "abou", "umm", "عبد", "ابو", "ام":
		return true
	}
	return false
}

// isInitial reports whether a word is a single letter.
func isInitial(w string) bool {
	_, size := utf8.DecodeRuneInString(w)
	return size == len(w)
}

// initialOf returns the first letter of a word.
func initialOf(w string) string {
	_, size := utf8.DecodeRuneInString(w)
	return w[:size]
}

// sameOrder reports whether two names of one key may be the same in spite of their order of words:
// it is the same, or given name and surname have changed places. They do not if a hyphen joins the
// words where one name ends and the other begins, or if the directory has each word as a given name
// and elsewhere.
func (d *Directory) sameOrder(qs, es []form) bool {
	for _, q := range qs {
		for _, e := range es {
			if q.text == e.text || q.key() == e.key() && isTurned(q, e) && (fatherFirst(q.words) > 0 ||
				fatherFirst(e.words) > 0 || !allGiven(withoutGeneration(q.words)) && !d.keepsOrder(e)) {
				return true
			}
		}
	}
	return false
}

// isTurned reports whether a form is another one that begins at another of its words.
func isTurned(q, e form) bool {
	names := withoutGeneration(q.words)
	n := len(names)
	for at := 1; at < n; at++ {
		if !q.isGlued(at) && !e.isGlued(n-at) && slices.Equal(names[at:], e.words[:n-at]) &&
			slices.Equal(names[:at], e.words[n-at:n]) {
			return true
		}
	}
	return false
}

// keepsOrder reports whether the words of an entry's name may all be given names: those of the
// list, and those that the directory has both in first place and elsewhere.
func (d *Directory) keepsOrder(e form) bool {
	names := withoutGeneration(e.words)
	for i, w := range names {
		if isGiven(names, i) {
			continue
		}
		c := d.lexicon.of(w)
		if surnames[w] || i == 0 && c.rest == 0 || i > 0 && c.first == 0 {
			return false
		}
	}
	return true
}
