package match

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"strings"
)

// Kind is the kind of records that a name refers to.
type Kind uint8

// The kinds of names.
const (
	Person Kind = iota
	Company
)

// ID is the id of a directory's record, a UUID.
type ID = [16]byte

// form is one spelling of a name in ASCII.
type form struct {
	text  string   // the text that similarity compares
	words []string // of text
	glued []bool   // of a person: the words that a hyphen joins to the one before; nil for none
	whole bool     // of a company: without a legal form
	turns bool     // of a person: given name and surname may change places
}

// key returns the text by which equal names are found.
func (f *form) key() string {
	if f.turns {
		return orderedKey(f.words, f.text)
	}
	return f.text
}

func (f *form) isGlued(word int) bool { return f.glued != nil && f.glued[word] }

// forms returns the spellings of a name: one, or two if it has umlauts. It returns nil if nothing
// remains of the name.
func forms(k Kind, name string) []form {
	short := formOf(k, name, false)
	if short.text == "" {
		return nil
	}
	if !hasUmlaut(name) {
		return []form{short}
	}
	return []form{short, formOf(k, name, true)}
}

func formOf(k Kind, name string, long bool) form {
	if k == Company {
		return companyForm(name, long)
	}
	return personForm(name, long)
}

// Key returns the form in which equal names are the same: without case, accents and punctuation.
// For a person it is also without titles and independent of the order of words; for a company
// without the legal form. It is empty if nothing remains of the name.
func Key(k Kind, name string) string {
	f := formOf(k, name, false)
	return f.key()
}

// TitleKey returns the form in which equal titles of deals and events are the same: without case,
// accents, punctuation and further spaces. A title without a letter or digit is its own key.
func TitleKey(title string) string {
	key := cmp.Or(fold(title, false), strings.ToLower(strings.Join(strings.Fields(title), " ")))
	if len(key) <= longestTitle {
		return key
	}
	return fmt.Sprintf("%s %x", strings.ToValidUTF8(key[:longestTitle], ""), sha256.Sum256([]byte(key)))
}

// longestTitle is the size in bytes from which the key of a title ends with a checksum: an index
// takes no longer one.
const longestTitle = 1000

// TitleScore is how alike two titles are, from 0 to 1: Jaro–Winkler over their keys, if these are
// ASCII; else 1 for equal keys.
func TitleScore(a, b string) float64 {
	x, y := TitleKey(a), TitleKey(b)
	switch {
	case x == y:
		return 1
	case isASCII(x) && isASCII(y):
		return jaroWinkler(x, y)
	}
	return 0
}

// NearTitle is the score from which a title is a hint for another one.
const NearTitle = nearHint
