package importer

import (
	"fmt"
	"strings"
	"sync"

	"taskport/importer/file"
	"taskport/importer/match"
)

// headerName is a known name of a column, as words.
type headerName struct {
	field string
	words []string
}

// headerNames are the known names of the columns of each kind. Ids are left out: a similar name
// does not prove that a column holds the same kind of id.
var headerNames = sync.OnceValue(func() map[Kind][]headerName {
	all := map[Kind][]headerName{}
	for kind := range columnNames {
		for _, field := range fields[kind] {
			if columnNames[kind][field] == nil || specOf(kind, field).is == idType {
				continue
			}
			for _, name := range append([]string{strings.ReplaceAll(field, "_", " ")}, columnNames[kind][field]...) {
				all[kind] = append(all[kind], headerName{field, headerWords(name)})
			}
		}
	}
	return all
})

// nearlyNamed returns the field whose name differs from that of the column by slips; empty without
// one, or with more than one.
func nearlyNamed(kind Kind, column string) string {
	words, found := headerWords(column), ""
	for _, name := range headerNames()[kind] {
		if name.field == found || !nearly(words, name.words) {
			continue
		}
		if found != "" {
			return ""
		}
		found = name.field
	}
	return found
}

// matchNearly matches columns to free fields whose names are nearly the same. A word may have one
// wrong letter, a long word two, a short word none.
func (p *RowReader) matchNearly(named map[int]bool) {
	fitting := map[string][]int{}
	for c, name := range p.Layout.Columns {
		if named[c] || strings.HasPrefix(name, "_") || len(name) > longestSynonym || isBarred(headerKey(name)) {
			continue
		}
		if field := nearlyNamed(p.Kind, name); field != "" {
			fitting[field] = append(fitting[field], c)
		}
	}
	for i, field := range fields[p.Kind] {
		if columns := fitting[field]; p.isFree(i) && p.unsure[field] == nil && p.takeOnly(i, columns, named) {
			p.notes = append(p.notes, file.Note{Text: fmt.Sprintf("%s is nearly a name of %s, and feeds it",
				shown(p.Layout.Columns[columns[0]]), field),
				Remedy: file.Remedy{Code: RemedyOtherMapping, Field: field}})
		}
	}
}

// nearly reports whether the words of two names are equal but for slips in the longer words.
func nearly(a, b []string) bool {
	if len(a) != len(b) || len(a) == 0 {
		return false
	}
	for i := range a {
		allowed := 0
		switch n := min(len(a[i]), len(b[i])); {
		case n >= 9:
			allowed = 2
		case n >= 5:
			allowed = 1
		}
		if a[i] != b[i] && match.Slips(a[i], b[i], allowed) > allowed {
			return false
		}
	}
	return true
}
