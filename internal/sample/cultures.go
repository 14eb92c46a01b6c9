package main

import (
	"math/rand/v2"
	"strings"
)

// culture is the origin of a person or a company. It determines names, trades, legal forms and the
// language of a task.
type culture struct {
	code     string
	weight   int // share of the contacts, per cent
	women    []string
	men      []string
	surnames []string
	// surnamesWomen is set if women have another form of the surname.
	surnamesWomen []string
	rare          []string // surnames of one contact each
	trades        []string
	tradeFirst    bool // "Atelier Moreau" instead of "Brandt Logistik"
	forms         []string
	// titlesOfAddress precede the name of a woman or a man.
	titlesOfAddress [2]string
}

// list splits a line of words; names of several words keep their spaces.
func list(line string) []string {
	words := strings.Split(line, ",")
	for i, w := range words {
		words[i] = strings.TrimSpace(w)
	}
	return words
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func pickCulture(rng *rand.Rand) *culture {
	at := rng.IntN(100)
	for i := range cultures {
		if at -= cultures[i].weight; at < 0 {
			return &cultures[i]
		}
	}
	return &cultures[0]
}

func (c *culture) surname(rng *rand.Rand, woman bool) string {
	if woman && c.surnamesWomen != nil {
		return pick(rng, c.surnamesWomen)
	}
	return pick(rng, c.surnames)
}

func (c *culture) given(woman bool) []string {
	if woman {
		return c.women
	}
	return c.men
}

// surnameFirst reports whether names are written with the surname in front as a rule.
func (c *culture) surnameFirst() bool { return c.code == "vi" }
