package importer

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// headerKey makes the spellings of a column's name the same: no case, no accents, no spaces, no
// punctuation.
func headerKey(name string) string {
	if !isASCII(name) {
		name = norm.NFD.String(letters.Replace(name)) // the accents of NFD are no letters
	}
	return nameFold(name)
}

// letters are those that have no accent to be taken off.
var letters = strings.NewReplacer("ß", "ss", "ẞ", "ss", "œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae")

// spelledOut writes umlauts as they are often written, as two letters.
var spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// synonyms are the further names of columns that are taken for a field when nothing else says
// otherwise, by their keys.
var synonyms = func() map[Kind]map[string]string {
	all := map[Kind]map[string]string{}
	for kind, of := range columnNames {
		all[kind] = map[string]string{}
		for field, names := range of {
			for _, name := range names {
				all[kind][headerKey(name)] = field
				all[kind][headerKey(spelledOut.Replace(name))] = field
			}
		}
	}
	return all
}()

// longestSynonym is the length, in bytes, of the names that may be synonyms; it leaves room for
// spaces and signs.
const longestSynonym = 48

// synonymOf returns the field that a column of this name is taken for; empty for none. A column
// with a person who has the task, made it or reports to somebody, or with what may be either a
// contact or a company, is taken for nothing.
func synonymOf(kind Kind, column string) string {
	if len(column) > longestSynonym {
		return ""
	}
	key := headerKey(column)
	field := synonyms[kind][key]
	if field == "" || isBarred(key) {
		return ""
	}
	return field
}

// barred are parts of the names of columns that hold somebody else than the contact, or something
// else than its name.
var barred = []string{
	"owner", "assign", "responsib", "responsab", "createdby", "modifiedby", "updatedby", "completedby", "reportsto",
	"relatedto", "regarding", "assistant", "member", "parent", "creator", "author", "manager", "teams",
	"besitzer", "inhaber", "eigentum", "eigentuem", "zustandig", "zustaendig", "bearbeiter", "bearbeitetvon",
	"verantwortlich", "zugewiesen", "ersteller", "erstelltvon", "geandertvon", "geaendertvon", "vorgesetzt",
	"proprietaire", "attribue", "auteur", "createur", "creepar", "creeepar", "modifiepar", "modifieepar",
	"propietari", "asignad", "autor", "creador", "creadopor", "creadapor", "modificadopor", "modificadapor",
	"contract", "kontrakt", "contrat", "content", // near to contact, and something else
}

func isBarred(key string) bool {
	for _, part := range barred {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// headerWords returns the words of a column's name, "DueDate" as two, each without case and
// accents.
func headerWords(name string) []string {
	var apart strings.Builder
	lower := false
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\'' && r != '’':
			r = ' '
		case lower && unicode.IsUpper(r):
			apart.WriteByte(' ')
		}
		lower = unicode.IsLower(r)
		apart.WriteRune(r)
	}
	words := strings.Fields(apart.String())
	for i, w := range words {
		words[i] = headerKey(w)
	}
	return words
}
