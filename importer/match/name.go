package match

// Kind says what a name is the name of.
type Kind uint8

// The kinds of names.
const (
	Person Kind = iota
	Company
)

// ID is the id of a directory's record, a UUID.
type ID = [16]byte

// form is one way to write a name in ASCII.
type form struct {
	key   string   // equal names have equal keys
	text  string   // what similarity compares
	words []string // of text
	glued []bool   // of a person: which words a hyphen joins to the one before; nil when none
	whole bool     // of a company: there was no legal form
}

func (f *form) isGlued(word int) bool { return f.glued != nil && f.glued[word] }

// forms returns the ways to write a name: one, or two when it has umlauts. A name of which nothing
// is left has none.
func forms(k Kind, name string) []form {
	short := formOf(k, name, false)
	if short.key == "" {
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

// Key returns the form of a name under which equal names are the same: without case, accents,
// punctuation and titles, and, for a person, whatever the order of the words, for a company,
// without the legal form. It is empty when nothing is left of the name.
func Key(k Kind, name string) string {
	return formOf(k, name, false).key
}
