package importer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// headerKey returns the name of a column without case, accents, spaces and punctuation.
func headerKey(name string) string {
	name = undecorated(name)
	if !isASCII(name) {
		name = norm.NFD.String(letters.Replace(name)) // NFD makes accents characters of their own, which nameFold drops
	}
	return nameFold(name)
}

// decorations are what forms and templates write behind the name of a column, in brackets.
var decorations = []string{"required", "mandatory", "optional", "pflichtfeld", "erforderlich", "obligatoire", "requis",
	"facultatif", "obligatorio", "requerido", "opcional"}

// undecorated returns the name of a column without what a template adds: an asterisk, the word
// required, or the form of a date, such as Due Date [YYYY-MM-DD].
func undecorated(name string) string {
	trimmed := strings.TrimRight(name, " *")
	open := strings.LastIndexAny(trimmed, "([")
	if open < 1 || !strings.ContainsAny(trimmed[len(trimmed)-1:], ")]") {
		if trimmed = strings.TrimLeft(trimmed, " *"); trimmed == "" {
			return name
		}
		return trimmed
	}
	within := strings.ToLower(trimmed[open+1 : len(trimmed)-1])
	isForm := strings.Trim(within, "ymdhstja/.-: ") == "" && (strings.Contains(within, "mm") || strings.Contains(within,
		"dd"))
	if isForm || slices.Contains(decorations, within) {
		return strings.Trim(trimmed[:open], " *")
	}
	return trimmed
}

// letters are those that NFD does not take apart.
var letters = strings.NewReplacer("ß", "ss", "ẞ", "ss", "œ", "oe", "Œ", "oe", "æ", "ae", "Æ", "ae")

// spelledOut writes umlauts as two letters.
var spelledOut = strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "Ä", "Ae", "Ö", "Oe", "Ü", "Ue")

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// synonyms have the field of each further column name, by its headerKey.
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

// longestSynonym bounds the length, in bytes, of names that may be synonyms, with some spaces and
// signs.
const longestSynonym = 48

// synonymOf returns the field of a synonym; empty without one. Columns of persons who own, made or
// manage the task, and columns that may be either a contact or a company, have no field.
func synonymOf(kind Kind, column string) string {
	if len(column) > longestSynonym {
		return ""
	}
	key := headerKey(column)
	field := synonyms[kind][key]
	if field == "" || isBarred(key) && !isAssignee(kind, field) {
		return ""
	}
	return field
}

// isAssignee reports whether a field says to whom a task is assigned.
func isAssignee(kind Kind, field string) bool {
	f := specOf(kind, field)
	return f != nil && f.refers.kind == Users
}

// barred are parts of the names of columns that hold another person than the contact, or not a
// name.
var barred = []string{
	"owner", "assign", "responsib", "responsab", "createdby", "modifiedby", "updatedby", "completedby", "reportsto",
	"relatedto", "regarding", "assistant", "member", "parent", "creator", "author", "manager", "teams",
	"besitzer", "inhaber", "eigentum", "eigentuem", "zustandig", "zustaendig", "bearbeiter", "bearbeitetvon",
	"verantwortlich", "zugewiesen", "ersteller", "erstelltvon", "geandertvon", "geaendertvon", "vorgesetzt",
	"proprietaire", "attribue", "auteur", "createur", "creepar", "creeepar", "modifiepar", "modifieepar",
	"propietari", "asignad", "autor", "creador", "creadopor", "creadapor", "modificadopor", "modificadapor",
	"contract", "kontrakt", "contrat", "content", // similar to contact
}

func isBarred(key string) bool {
	for _, part := range barred {
		if strings.Contains(key, part) {
			return true
		}
	}
	return false
}

// headerWords returns the words of a column's name without case and accents; "DueDate" is two.
func headerWords(name string) []string {
	var apart strings.Builder
	lower := false
	for _, r := range undecorated(name) {
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
