package match

import (
	"slices"
	"strings"
)

// marks are the words that must be equal, however alike the rest is: numbers, and what tells father and son apart.
func marks(words []string) []string {
	var found []string
	for i, w := range words {
		if strings.ContainsAny(w, "0123456789") || romans[w] || i > 0 && i == len(words)-1 && generations[w] != "" {
			found = append(found, w)
		}
	}
	slices.Sort(found)
	return found
}

var romans = set("ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii")
