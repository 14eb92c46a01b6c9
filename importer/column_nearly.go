package importer

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"sync"

	"taskport/importer/file"
	"taskport/importer/match"
)

// headerIndex searches the known names of columns for those that a name resembles.
type headerIndex struct {
	directory *match.Directory
	names     []headerName // by the number in their id
}

type headerName struct {
	field string
	words []string
}

// headerIndexes are built when the first column of a kind needs one. Ids are left out: a similar
// name does not prove that a column holds the same kind of id.
var headerIndexes = func() map[Kind]func() *headerIndex {
	all := map[Kind]func() *headerIndex{}
	for kind := range columnNames {
		all[kind] = sync.OnceValue(func() *headerIndex { return newHeaderIndex(kind) })
	}
	return all
}()

func newHeaderIndex(kind Kind) *headerIndex {
	ix := &headerIndex{}
	var entries []match.Entry
	for _, field := range fields[kind] {
		if columnNames[kind][field] == nil || specOf(kind, field).is == idType {
			continue
		}
		for _, name := range append([]string{strings.ReplaceAll(field, "_", " ")}, columnNames[kind][field]...) {
			e := match.Entry{Name: strings.Join(headerWords(name), " ")}
			binary.BigEndian.PutUint32(e.ID[len(e.ID)-4:], uint32(len(ix.names)))
			entries = append(entries, e)
			ix.names = append(ix.names, headerName{field, headerWords(name)})
		}
	}
	ix.directory = match.NewDirectory(match.Person, entries, nil)
	return ix
}

// find returns the field whose name differs from that of the column by a slip; empty without one,
// or with more than one.
func (ix *headerIndex) find(column string) string {
	words := headerWords(column)
	p := match.Defaults(match.Person)
	p.NoNicknames = true
	v := ix.directory.Resolve(strings.Join(words, " "), nil, p)
	near := v.Candidates
	if v.Finding == match.Linked {
		near = append(slices.Clone(near), v.Winner)
	}
	found := ""
	for _, c := range near {
		name := ix.names[binary.BigEndian.Uint32(c.ID[len(c.ID)-4:])]
		if !nearly(words, name.words) || name.field == found {
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
		if field := headerIndexes[p.Kind]().find(name); field != "" {
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
