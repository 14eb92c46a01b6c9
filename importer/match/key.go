package match

import (
	"bytes"
	"slices"
	"strings"
)

// maxKeyWords is the most words of a name whose key is built on the stack.
const maxKeyWords = 8

// appendKey appends the key of formOf without building the rest of the form. ok is false for names
// that need the form: names of companies; names with characters beyond the Latin blocks; names with
// a comma or full stop, which change the order and number of words; and names of very many words.
func appendKey(dst []byte, k Kind, name string, long bool) (key []byte, ok bool) {
	if k != Person || strings.IndexByte(name, ',') >= 0 || strings.IndexByte(name, '.') >= 0 {
		return dst, false
	}
	var buffer [96]byte
	text, ok := appendFolded(buffer[:0], name, long)
	if !ok {
		return dst, false
	}
	var all [maxKeyWords][]byte
	n, begun := 0, 0
	for at := 0; len(text) > 0 && at <= len(text); at++ {
		if at < len(text) && text[at] != ' ' {
			continue
		}
		if n == maxKeyWords {
			return dst, false
		}
		all[n], begun = text[begun:at], at+1
		n++
	}
	from, to := titled(all[:n])
	words := all[from:to]
	names := withoutGeneration(words)
	at := beginning(names)
	for i := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		if i < len(names) {
			if i += at; i >= len(names) {
				i -= len(names)
			}
		}
		dst = append(dst, words[i]...)
	}
	return dst, true
}

// keysOf returns the keys of a name's forms, appended to the buffers: none, one or two.
func keysOf(buffer, other []byte, k Kind, name string) (short, long []byte) {
	short, ok := appendKey(buffer, k, name, false)
	if ok && (len(short) == 0 || !hasUmlaut(name)) {
		return short, nil
	}
	if ok {
		if long, ok = appendKey(other, k, name, true); ok {
			return short, long
		}
	}
	fs := forms(k, name)
	switch len(fs) {
	case 0:
		return nil, nil
	case 1:
		return append(buffer, fs[0].key()...), nil
	}
	return append(buffer, fs[0].key()...), append(other, fs[1].key()...)
}

// hasKey reports whether one of a name's forms has the key.
func hasKey(k Kind, name string, key []byte) bool {
	var buffer, other [96]byte
	short, long := keysOf(buffer[:0], other[:0], k, name)
	return bytes.Equal(key, short) || bytes.Equal(key, long)
}

// isEqual reports whether an entry's name is equal to a name of that key. The key is nil if the
// entry is known to have it; the name is empty if the order of the words does not matter.
func (d *Directory) isEqual(name string, key []byte, entry string) bool {
	if entry == name || d.kind == Person && sameText(name, entry) {
		return true
	}
	return (key == nil || hasKey(d.kind, entry, key)) && (d.kind == Company || name == "" ||
		d.sameOrder(forms(d.kind, name), forms(d.kind, entry)))
}

// sameText reports whether two names are in Latin and equal word by word; a comma changes the order
// of words.
func sameText(a, b string) bool {
	if strings.IndexByte(a, ',') >= 0 || strings.IndexByte(b, ',') >= 0 {
		return false
	}
	var buffer, other [96]byte
	folded, ok := appendFolded(buffer[:0], a, false)
	same, plain := appendFolded(other[:0], b, false)
	return ok && plain && bytes.Equal(folded, same)
}

// equal appends the entries whose names are equal to the name; of more than most, those with the
// smallest ids.
func (d *Directory) equal(found []int32, name string, most int) []int32 {
	var buffer, other [96]byte
	short, long := keysOf(buffer[:0], other[:0], d.kind, name)
	for _, key := range [...][]byte{short, long} {
		if len(key) > 0 {
			found = d.seek(found, name, key, most)
		}
	}
	if len(long) > 0 { // an entry may have both keys
		slices.Sort(found)
		found = slices.Compact(found)
	}
	if len(found) > most {
		d.sortByID(found)
		found = found[:most]
	}
	return found
}

// seek appends the entries that are equal to a name of that key (see isEqual), up to most of each
// segment.
func (d *Directory) seek(found []int32, name string, key []byte, most int) []int32 {
	found = d.seekIn(d.base, found, 0, d.gone, name, key, most)
	return d.seekIn(d.recent, found, d.base.len(), nil, name, key, most)
}

// turned appends the entries that have the words of a form in an order that is not its own: the
// same person only if somebody has written the words in the wrong order.
func (d *Directory) turned(found []int32, f form) []int32 {
	names := withoutGeneration(f.words)
	switch {
	case d.kind == Company || len(names) < 2 || len(names) > maxKeyWords:
		return found
	case !allGiven(names): // all turns have one key
		return d.seek(found, "", []byte(f.key()), crowd)
	}
	for at := range names {
		words := slices.Concat(names[at:], names[:at], f.words[len(names):])
		found = d.seek(found, "", []byte(orderedKey(words, strings.Join(words, " "))), crowd)
	}
	return found
}

// transliterated returns the entries whose names are the same in another script, by a standard.
func (d *Directory) transliterated(name string, own []form) (found []int32) {
	if isForeign(own) {
		for _, f := range latinForms(d.kind, name) {
			found = d.seek(found, "", []byte(f.key()), crowd)
		}
		return found
	}
	for _, f := range own {
		key := uint64(hash32(f.key()))
		d.each(func(s *segment, visit func(int32)) { s.latin.each(key, key, visit) }, func(at int32) {
			if sameKey(own, latinForms(d.kind, d.name(at))) {
				found = append(found, at)
			}
		})
	}
	return found
}

// seekIn does the same in a segment, in the order of ids. first is the number of the segment's
// first entry.
func (d *Directory) seekIn(s *segment, found []int32, first int32, gone map[int32]bool, name string, key []byte,
	most int) []int32 {
	for entry := range s.equal.may(hashOf(key)) {
		if (len(gone) == 0 || !gone[entry]) && d.isEqual(name, key, s.name(entry)) {
			found = append(found, first+entry)
			if most--; most == 0 {
				return found
			}
		}
	}
	if len(s.equal.far) == 0 || s.equal.far[string(key)] == nil {
		return found
	}
	var turned map[string]bool // names in an order that is not the same person's: many are alike
	for _, entry := range s.equal.far[string(key)].entries {
		switch other := s.name(entry); {
		case gone[entry] || turned[other]:
			continue
		case !d.isEqual(name, nil, other):
			if turned == nil {
				turned = map[string]bool{}
			}
			turned[other] = true
			continue
		}
		found = append(found, first+entry)
		if most--; most == 0 {
			break
		}
	}
	return found
}

// equalAt returns the entries that share a key with the name and belong to one of the companies; of
// more than crowd, those with the smallest ids. The cost depends on the number of companies, not on
// the number of entries with this name.
func (d *Directory) equalAt(name string, companies []ID) []int32 {
	wanted := make(map[ID]bool, len(companies))
	for _, c := range companies {
		wanted[c] = true
	}
	var found []int32
	look := func(s *segment, first int32, gone map[int32]bool, key []byte) {
		for entry := range s.equal.may(hashOf(key)) {
			if wanted[s.employers[entry]] && !gone[entry] && d.isEqual(name, key, s.name(entry)) {
				found = append(found, first+entry)
			}
		}
		c := s.equal.far[string(key)]
		if c == nil {
			return
		}
		for company := range wanted {
			kept := 0
			for _, entry := range c.at(company, s.employers) {
				if gone[entry] || !d.isEqual(name, nil, s.name(entry)) {
					continue
				}
				found = append(found, first+entry)
				if kept++; kept == crowd {
					break
				}
			}
		}
	}
	for _, f := range forms(d.kind, name) {
		look(d.base, 0, d.gone, []byte(f.key()))
		look(d.recent, d.base.len(), nil, []byte(f.key()))
	}
	d.sortByID(found)
	found = slices.Compact(found) // an entry may have both keys
	return found[:min(len(found), crowd)]
}

func (d *Directory) sortByID(entries []int32) {
	slices.SortFunc(entries, func(a, b int32) int { x, y := d.id(a), d.id(b); return bytes.Compare(x[:], y[:]) })
}
