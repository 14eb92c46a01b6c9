package match

import (
	"bytes"
	"maps"
	"slices"
)

// Entry is a record of a directory, as far as matching needs it.
type Entry struct {
	ID      ID
	Name    string // empty for a record that no name means, or no longer
	Company ID     // of a person; zero for none
}

// Directory is an immutable index of names. It is safe for concurrent use. Entries are numbered:
// first those of the base, then the recent ones.
type Directory struct {
	kind    Kind
	base    *segment
	recent  *segment       // entries that have changed since the base was built
	gone    map[int32]bool // entries of the base that recent replaces, or that no name means any longer
	lexicon *lexicon
	aliases map[string]ID
	memo    memo
	sure    sureNames
}

// NewDirectory builds an index. aliases has the record that an operator has chosen for a name, by
// the name's Key.
func NewDirectory(k Kind, entries []Entry, aliases map[string]ID) *Directory {
	d := &Directory{kind: k, recent: newSegment(k, nil, nil), aliases: aliases, lexicon: newLexicon()}
	d.base = newSegment(k, inOrder(entries), d.lexicon.add)
	d.lexicon.done()
	return d
}

// recentShare limits the changes before the whole index is rebuilt: one entry in so many of the
// base, but at least leastRecent.
const (
	recentShare = 32
	leastRecent = 1024
)

// With returns the directory after a change: the entries replace those of the same id, or are new.
// One without a name takes the entry of its id out of the directory. It costs as much as all
// changes since the directory was last built. The verdicts are those of a directory that is built
// from scratch.
func (d *Directory) With(changed []Entry, aliases map[string]ID) *Directory {
	switch {
	case len(changed) == 0 && maps.Equal(aliases, d.aliases):
		return d
	case len(changed) == 0:
		return &Directory{kind: d.kind, base: d.base, recent: d.recent, gone: d.gone, lexicon: d.lexicon, aliases: aliases}
	case d.Len() == 0:
		return NewDirectory(d.kind, named(changed), aliases)
	}
	latest, gone := map[ID]Entry{}, map[int32]bool{}
	maps.Copy(gone, d.gone)
	for i := range d.recent.len() {
		latest[d.recent.ids[i]] = d.recent.entry(i)
	}
	for _, e := range changed {
		latest[e.ID] = e
		if at := d.base.find(e.ID); at >= 0 {
			gone[at] = true
		}
	}
	recent := named(inOrder(slices.Collect(maps.Values(latest))))
	if max(len(recent), len(gone)) > max(leastRecent, int(d.base.len())/recentShare) {
		return NewDirectory(d.kind, d.merged(recent, gone), aliases)
	}
	next := &Directory{kind: d.kind, base: d.base, gone: gone, aliases: aliases, lexicon: d.lexicon.open()}
	for _, e := range changed {
		if at := d.find(e.ID); at >= 0 {
			next.lexicon.remove(forms(d.kind, d.name(at)))
		}
		if name := latest[e.ID].Name; name != "" {
			next.lexicon.add(forms(d.kind, name))
		}
	}
	next.lexicon.done()
	next.recent = newSegment(d.kind, recent, nil)
	return next
}

// named returns the entries that have a name.
func named(entries []Entry) []Entry {
	return slices.DeleteFunc(slices.Clone(entries), func(e Entry) bool { return e.Name == "" })
}

// merged returns all entries: the recent ones, and those of the base that are not gone.
func (d *Directory) merged(recent []Entry, gone map[int32]bool) []Entry {
	for at := range d.base.len() {
		if !gone[at] {
			recent = append(recent, d.base.entry(at))
		}
	}
	return recent
}

// inOrder returns the entries in the order of their ids.
func inOrder(entries []Entry) []Entry {
	byID := func(a, b Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) }
	if slices.IsSortedFunc(entries, byID) {
		return entries
	}
	entries = slices.Clone(entries)
	slices.SortFunc(entries, byID)
	return entries
}

// Len returns the number of entries.
func (d *Directory) Len() int { return int(d.base.len()+d.recent.len()) - len(d.gone) }

// find returns the number of the entry with an id, or -1.
func (d *Directory) find(id ID) int32 {
	if at := d.recent.find(id); at >= 0 {
		return d.base.len() + at
	}
	if at := d.base.find(id); at >= 0 && !d.gone[at] {
		return at
	}
	return -1
}

// NameOf returns the name of the entry with an id, or an empty text.
func (d *Directory) NameOf(id ID) string {
	at := d.find(id)
	if at < 0 {
		return ""
	}
	return d.name(at)
}

// place returns the segment of an entry, and the entry's number in it.
func (d *Directory) place(at int32) (*segment, int32) {
	if n := d.base.len(); at >= n {
		return d.recent, at - n
	}
	return d.base, at
}

func (d *Directory) id(at int32) ID {
	s, i := d.place(at)
	return s.ids[i]
}

func (d *Directory) name(at int32) string {
	s, i := d.place(at)
	return s.name(i)
}

// each calls look for both segments. visit gets the numbers of entries in the directory.
func (d *Directory) each(look func(s *segment, visit func(entry int32)), visit func(at int32)) {
	look(d.base, func(entry int32) {
		if !d.gone[entry] {
			visit(entry)
		}
	})
	look(d.recent, func(entry int32) { visit(d.base.len() + entry) })
}
