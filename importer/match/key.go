package match

import (
	"bytes"
	"slices"
	"strings"
)

// maxKeyWords is how many words a name may have whose key is made on the stack.
const maxKeyWords = 8

// appendKey appends what the key of formOf is, without making the rest of the form. ok is false for the names that need it: those of companies, with
// characters beyond the Latin blocks, with a comma or a full stop, which change the order and the number of the words, and those of very many words.
func appendKey(dst []byte, k Kind, name string, long bool) (key []byte, ok bool) {
	if k != Person || strings.ContainsAny(name, ",.") {
		return dst, false
	}
	var room [96]byte
	text, ok := appendFolded(room[:0], name, long)
	if !ok {
		return dst, false
	}
	var wordRoom [maxKeyWords][]byte
	words := wordRoom[:0]
	for len(text) > 0 {
		if len(words) == maxKeyWords {
			return dst, false
		}
		word, rest, _ := bytes.Cut(text, []byte{' '})
		words, text = append(words, word), rest
	}
	from, to := titled(words)
	words = words[from:to]
	slices.SortFunc(words, bytes.Compare)
	for i, w := range words {
		if i > 0 {
			dst = append(dst, ' ')
		}
		dst = append(dst, w...)
	}
	return dst, true
}

// eachKey calls do for the key of each form of a name until it reports false. The key is valid during the call alone.
func eachKey(k Kind, name string, do func(key []byte) bool) {
	var room [96]byte
	if key, ok := appendKey(room[:0], k, name, false); ok {
		if len(key) == 0 || !do(key) || !hasUmlaut(name) {
			return
		}
		if key, ok = appendKey(room[:0], k, name, true); ok {
			do(key)
			return
		}
	}
	for _, f := range forms(k, name) {
		if !do([]byte(f.key)) {
			return
		}
	}
}

// hasKey reports whether one of a name's forms has the key.
func hasKey(k Kind, name string, key []byte) bool {
	has := false
	eachKey(k, name, func(other []byte) bool { has = bytes.Equal(key, other); return !has })
	return has
}

// equal appends the entries one of whose keys is one of the name's.
func (d *Directory) equal(found []int32, name string) []int32 {
	eachKey(d.kind, name, func(key []byte) bool {
		hash := hashOf(key)
		found = d.base.equalTo(found, 0, d.gone, name, key, hash)
		found = d.recent.equalTo(found, d.base.len(), nil, name, key, hash)
		return true
	})
	return found
}

// equalTo appends the entries of a shelf that have the key; they are numbered from first.
func (s *shelf) equalTo(found []int32, first int32, gone map[int32]bool, name string, key []byte, hash uint64) []int32 {
	for entry := range s.equal.may(hash) {
		at := first + entry
		if gone[entry] || slices.Contains(found, at) {
			continue
		}
		if other := s.name(entry); other == name || hasKey(s.kind, other, key) {
			found = append(found, at)
		}
	}
	return found
}
