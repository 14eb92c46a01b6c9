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
// manage the task have no field but those of the assignee and of what the task is related to.
func synonymOf(kind Kind, column string) string {
	if len(column) > longestSynonym {
		return ""
	}
	key := headerKey(column)
	field := synonyms[kind][key]
	if field == "" {
		if field = idNamed(kind, column); field != "" {
			return field
		}
		if field = ofEntity(kind, column); field == "" {
			field = nameNamed(kind, column)
		}
	}
	if field == "" || isBarred(key) && !mayBeBarred(kind, field) {
		return ""
	}
	return field
}

// mayBeBarred reports whether a field says to whom a task is assigned, or what it is related to.
func mayBeBarred(kind Kind, field string) bool {
	f := specOf(kind, field)
	return f != nil && (f.refers.kind == Users || f.refers.by != "" && f.refers.kind == "")
}

// idNamed returns the field of a column with ids of a product: Contact ID, Zugehörige Kontakt-IDs,
// Related To.id. In a file of the directory, ID and Record ID are those of the records themselves.
// Ids of tasks are left out: those of two products may be equal, and a row would count as a
// repetition.
func idNamed(kind Kind, column string) string {
	words := headerWords(strings.NewReplacer("'", " ", "’", " ").Replace(column))
	if len(words) == 1 {
		if of, ok := strings.CutSuffix(strings.TrimSuffix(words[0], "s"), "id"); ok && kindOf[of] != "" {
			words = []string{of, "id"} // contactid
		}
	}
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return idWords[w] })
	if len(rest) == len(words) {
		return ""
	}
	if f := specOf(kind, synonyms[kind][strings.Join(rest, "")]); f != nil && f.refers.by == byName {
		return fieldMaking(kind, reference{f.refers.kind, byExternalID})
	}
	of := kind
	for _, w := range rest {
		switch {
		case linkWords[w]:
		case kindOf[w] == "", of != kind && kindOf[w] != of:
			return ""
		default:
			of = kindOf[w]
		}
	}
	switch {
	case kind == Tasks && (of == Tasks || of == Users):
		return ""
	case of == kind:
		return fieldExternalID
	}
	return fieldMaking(kind, reference{of, byExternalID})
}

// nameNamed returns the field of a column with the names of records of one kind: Nom de
// l'opportunité, Nombre de cuenta, Kontoname. Names of users are left out: they are also those
// that users sign in with.
func nameNamed(kind Kind, column string) string {
	words := headerWords(strings.NewReplacer("'", " ", "’", " ").Replace(column))
	if len(words) == 1 {
		of, isName := strings.CutSuffix(words[0], "name")
		for _, ending := range []string{"", "n", "en", "s"} {
			if stem := strings.TrimSuffix(of, ending); isName && kindOf[stem] != "" {
				words = []string{stem, "name"}
				break
			}
		}
	}
	var of Kind
	named := false
	for _, w := range words {
		switch {
		case nameWords[w]:
			named = true
		case linkWords[w]:
		case kindOf[w] == "" || kindOf[w] == Users || of != "" && kindOf[w] != of:
			return ""
		default:
			of = kindOf[w]
		}
	}
	switch {
	case !named || of == "" || kind == Users:
		return ""
	case of == kind:
		return nameField[kind]
	}
	return fieldMaking(kind, reference{of, byName})
}

// nameWords make a column one of names.
var nameWords = map[string]bool{"name": true, "names": true, "nom": true, "nombre": true}

// ofEntity returns the field of a column whose name begins with that of what it describes: Person -
// Name, Aktivität - Betreff, Deal - Titel.
func ofEntity(kind Kind, column string) string {
	entity, name, ok := strings.Cut(column, " - ")
	of, key := kindOf[headerKey(entity)], headerKey(name)
	switch {
	case !ok, of == "", kind == Tasks && of == Users:
		return ""
	case of == kind && slices.Contains(fields[kind], key):
		return key
	case of == kind:
		return synonyms[kind][key]
	case key == fieldEmail, of == Contacts && synonyms[of][key] == fieldEmail:
		return fieldMaking(kind, reference{of, byEmail})
	case key == fieldName, key == "nom", key == "nombre", synonyms[of][key] == nameField[of]:
		return fieldMaking(kind, reference{of, byName})
	}
	return ""
}

// nameField has the field with the name of a record of each kind.
var nameField = map[Kind]string{Tasks: fieldTitle, Contacts: fieldFullName, Companies: fieldName, Deals: fieldTitle,
	Events: fieldTitle, Users: fieldName}

// kindOf has the kind of each word of kindWords, idWords those that make a column one of ids, and
// linkWords those that say nothing beside them; all by headerKey.
var kindOf, idWords, linkWords = func() (of map[string]Kind, ids, links map[string]bool) {
	of, ids, links = map[string]Kind{}, map[string]bool{}, map[string]bool{}
	for kind, words := range kindWords {
		for _, w := range strings.Fields(words) {
			of[headerKey(w)] = kind
		}
	}
	for all, words := range map[*map[string]bool]string{&ids: wordsOfIDs, &links: wordsOfLinks} {
		for _, w := range strings.Fields(words) {
			(*all)[headerKey(w)] = true
		}
	}
	return of, ids, links
}()

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
