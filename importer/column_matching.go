package importer

import (
	"fmt"
	"slices"
	"strings"

	"taskport/importer/file"
)

// matchSynonyms returns columns to the fields that are still free and that they are called by
// another name of. Two that could feed one field are not guessed.
func (p *RowReader) matchSynonyms(named map[int]bool) {
	fitting := map[string][]int{}
	for c, name := range p.Layout.Columns {
		if named[c] || strings.HasPrefix(name, "_") {
			continue
		}
		if field := synonymOf(p.Kind, name); field != "" {
			fitting[field] = append(fitting[field], c)
		}
	}
	var said []string
	for i, field := range fields[p.Kind] {
		if columns := fitting[field]; p.isFree(i) && p.takeOnly(i, columns, named) {
			said = append(said, p.feeds(columns[0], field))
		}
	}
	if said != nil {
		p.notes = append(p.notes, file.Note{Text: "taken by name: " + strings.Join(said, ", "),
			Remedy: file.Remedy{Code: RemedyOtherMapping}})
	}
}

func (p *RowReader) feeds(column int, field string) string {
	return fmt.Sprintf("%s feeds %s", shown(p.Layout.Columns[column]), field)
}

// takeOnly lets a column feed a field if it is the only one that could, and says so if it is not.
func (p *RowReader) takeOnly(field int, columns []int, named map[int]bool) bool {
	if len(columns) == 0 {
		return false
	}
	for _, c := range columns {
		named[c] = true
	}
	if len(columns) == 1 {
		p.source[field] = columns[0]
		return true
	}
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = p.Layout.Columns[c]
	}
	p.unsure[fields[p.Kind][field]] = names
	p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s could all feed %s, so none does", shownList(names),
		fields[p.Kind][field]),
		Remedy: file.Remedy{Code: RemedyMapping, Field: fields[p.Kind][field], Column: names[0]}})
	return false
}

// Words of the columns that hold parts of the contact's name, and those by which a column says that
// it is the contact's.
var (
	givenNameKeys  = []string{"firstname", "givenname", "forename", "vorname", "prenom", "nombre", "nombredepila"}
	familyNameKeys = []string{"lastname", "surname", "familyname", "nachname", "familienname", "nom", "nomdefamille",
		"apellido", "apellidos"}
	ofContact    = []string{"contact", "kontakt", "kontakts", "contacto", "ansprechpartner", "person"}
	linkingWords = []string{"du", "de", "del", "des", "der", "dem", "of", "the", "s"}
)

// nameColumn tells whether a column holds the given or the family name of somebody, and whether it
// says that it is the contact's.
func nameColumn(column string) (given, family, contact bool) {
	words := headerWords(column)
	rest := slices.DeleteFunc(slices.Clone(words), func(w string) bool {
		contact = contact || slices.Contains(ofContact, w)
		return slices.Contains(ofContact, w) || slices.Contains(linkingWords, w) && len(words) > 2
	})
	key := strings.Join(rest, "")
	return slices.Contains(givenNameKeys, key), slices.Contains(familyNameKeys, key), contact
}

// longestName saves looking closer at texts that are no names of columns.
const longestName = 200

// composeContact makes the contact's name of a column with a first and one with a last name, where
// no column has all of it. The two must be the contact's beyond doubt: they say so, or no other
// column speaks of anybody's first or last name.
func (p *RowReader) composeContact(named map[int]bool) {
	if p.Kind != Tasks || !p.isFree(atContactName) {
		return
	}
	var given, family [2][]int // of anybody, and of the contact
	for c, name := range p.Layout.Columns {
		if len(name) > longestName {
			continue
		}
		isGiven, isFamily, isContact := nameColumn(name)
		switch {
		case isGiven && isContact && !named[c]:
			given[1] = append(given[1], c)
		case isFamily && isContact && !named[c]:
			family[1] = append(family[1], c)
		case isGiven || mentions(name, givenNameKeys):
			given[0] = append(given[0], c)
		case isFamily || mentions(name, familyNameKeys):
			family[0] = append(family[0], c)
		}
	}
	a, b := given[1], family[1]
	if len(a) == 0 && len(b) == 0 {
		a, b = given[0], family[0]
		if len(a) != 1 || len(b) != 1 || named[a[0]] || named[b[0]] || !p.isNamePart(a[0]) || !p.isNamePart(b[0]) {
			return
		}
	}
	if len(a) != 1 || len(b) != 1 {
		return
	}
	for c, name := range p.Layout.Columns {
		if c != a[0] && c != b[0] && !named[c] && synonymOf(Tasks, name) == fieldContactName {
			return
		}
	}
	p.composed[atContactName] = []int{a[0], b[0]}
	named[a[0]], named[b[0]] = true, true
	p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s and %s together feed contact_name",
		shown(p.Layout.Columns[a[0]]), shown(p.Layout.Columns[b[0]])),
		Remedy: file.Remedy{Code: RemedyOtherParts, Field: fieldContactName}})
}

// isNamePart reports whether a column is called by a first or last name and nothing else.
func (p *RowReader) isNamePart(column int) bool {
	given, family, _ := nameColumn(p.Layout.Columns[column])
	return given || family
}

// mentions reports whether a column's name has one of the keys in it, such as that of the owner's
// first name.
func mentions(column string, keys []string) bool {
	key := headerKey(column)
	return slices.ContainsFunc(keys, func(k string) bool { return len(k) > 6 && strings.Contains(key, k) })
}

// applyCompose follows what the client composes.
func (p *RowReader) applyCompose(named map[int]bool) error {
	for _, field := range sortedKeys(p.recipe.Compose) {
		i := slices.Index(fields[p.Kind], field)
		if i < 0 {
			return checkField("compose", p.Kind, field)
		}
		columns := []int{}
		for _, name := range p.recipe.Compose[field] {
			at := p.columnsNamed(name)
			switch {
			case len(at) > 1:
				return recipeFault("compose", "column %s stands %d times in the file; rename all but one", shown(name), len(at))
			case len(at) == 0 && p.Layout.Tabular():
				return recipeFault("compose", "column %s is not in the file; its columns are %s", shown(name),
					shownList(p.Layout.Columns))
			}
			columns = append(columns, at...)
		}
		for _, c := range columns {
			named[c] = true
		}
		if len(columns) == 1 {
			p.source[i] = columns[0]
		} else if len(columns) > 1 {
			p.composed[i] = columns
		}
	}
	return nil
}

// compose puts cells together, a space between them.
func (p *RowReader) compose(cells []string, columns []int) string {
	parts := make([]string, 0, len(columns))
	for _, c := range columns {
		if c >= len(cells) {
			continue
		}
		if cell := strings.TrimSpace(tidy(cells[c], p.Layout.KeepPlaceholders)); cell != "" {
			parts = append(parts, cell)
		}
	}
	return strings.Join(parts, " ")
}
