package match

import (
	"bytes"
	"maps"
	"slices"
)

// Entry is a record of a directory, as far as matching needs it.
type Entry struct {
	ID      ID
	Name    string
	Company ID // of a person; zero for none
}

// Directory is an immutable index of names. It is safe for concurrent use. Entries are numbered:
// first those of the base, then the recent ones.
type Directory struct {
	kind    Kind
	base    *segment
	recent  *segment       // entries that have changed since the base was built
	gone    map[int32]bool // entries of the base that recent replaces
	lexicon *lexicon
	aliases map[string]ID
	memo    memo
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
// It costs as much as all changes since the directory was last built. The verdicts are those of a
// directory that is built from scratch.
func (d *Directory) With(changed []Entry, aliases map[string]ID) *Directory {
	switch {
	case len(changed) == 0 && maps.Equal(aliases, d.aliases):
		return d
	case len(changed) == 0:
		return &Directory{kind: d.kind, base: d.base, recent: d.recent, gone: d.gone, lexicon: d.lexicon, aliases: aliases}
	case d.Len() == 0:
		return NewDirectory(d.kind, changed, aliases)
	}
	latest := map[ID]Entry{}
	for i := range d.recent.len() {
		latest[d.recent.ids[i]] = d.recent.entry(i)
	}
	for _, e := range changed {
		latest[e.ID] = e
	}
	recent := inOrder(slices.Collect(maps.Values(latest)))
	if len(recent) > max(leastRecent, int(d.base.len())/recentShare) {
		return NewDirectory(d.kind, d.merged(latest), aliases)
	}
	next := &Directory{kind: d.kind, base: d.base, gone: map[int32]bool{}, aliases: aliases, lexicon: d.lexicon.open()}
	for _, e := range changed {
		if at := d.find(e.ID); at >= 0 {
			next.lexicon.remove(forms(d.kind, d.name(at)))
		}
		next.lexicon.add(forms(d.kind, latest[e.ID].Name))
	}
	next.lexicon.done()
	for _, e := range recent {
		if at := d.base.find(e.ID); at >= 0 {
			next.gone[at] = true
		}
	}
	next.recent = newSegment(d.kind, recent, nil)
	return next
}

// merged returns all entries; latest replaces those that have changed.
func (d *Directory) merged(latest map[ID]Entry) []Entry {
	all := slices.Collect(maps.Values(latest))
	for at := range d.base.len() {
		if _, ok := latest[d.base.ids[at]]; !ok {
			all = append(all, d.base.entry(at))
		}
	}
	return all
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
	return d.base.find(id)
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
