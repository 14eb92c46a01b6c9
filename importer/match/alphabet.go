package match

import (
	"cmp"
	"maps"
	"slices"
)

// signatureBits is the number of bits of a signature.
const signatureBits = 64

// alphabet defines the bits of a signature. Each bit means "contains c at least k times". The pairs
// of c and k are those that most texts have.
type alphabet struct {
	// characters of one class count as equal, which only makes two texts look more alike
	class [256]uint8
	// bits has, for each class, the bits of its first, second, … occurrence. Later occurrences may be
	// without a bit.
	bits [256][]uint8
}

// commonLetters is the alphabet of all directories, made from common names. It does not depend on
// the directory: otherwise the work of a search would depend on the state in which the index was
// built.
var commonLetters = func() alphabet {
	given, family := slices.Sorted(maps.Keys(givenNames)), slices.Sorted(maps.Keys(surnames))
	var texts []text
	for i, name := range given {
		for k := range 4 {
			texts = append(texts, text{bytes: name + " " + family[(i*7+k*131)%len(family)]})
		}
	}
	a := newAlphabet(texts)
	for digit, letter := range "bcdgkmtuhp" { // letters that have more than one bit
		a.class['0'+digit] = uint8(letter)
	}
	return a
}()

func newAlphabet(texts []text) alphabet {
	const deepest = maxIndexed
	var counts [256][deepest]int32
	for _, t := range texts {
		var seen [256]uint8
		for i := range len(t.bytes) {
			c := t.bytes[i]
			counts[c][seen[c]]++
			seen[c]++
		}
	}
	type pair struct {
		char  int
		times int
		count int32
	}
	var pairs []pair
	for c := range counts {
		for k, n := range counts[c] {
			if n > 0 {
				pairs = append(pairs, pair{c, k, n})
			}
		}
	}
	// The k-th occurrence is never more frequent than the one before it. So the pairs of a character
	// are chosen without a gap.
	slices.SortFunc(pairs, func(a, b pair) int {
		return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.times, b.times), cmp.Compare(a.char, b.char))
	})
	var a alphabet
	for c := range a.class {
		a.class[c] = uint8(c)
	}
	for i, p := range pairs[:min(len(pairs), signatureBits)] {
		a.bits[p.char] = append(a.bits[p.char], uint8(i))
	}
	return a
}

// signature returns the bits of a text, and the number of its characters without a bit.
func (a *alphabet) signature(s string) (sig uint64, rest int) {
	var seen [256]uint8
	for i := range len(s) {
		c := a.class[s[i]]
		if k := int(seen[c]); k < len(a.bits[c]) {
			sig |= 1 << a.bits[c][k]
			seen[c]++
		} else {
			rest++
		}
	}
	return sig, rest
}
