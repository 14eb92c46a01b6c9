package match

import "slices"

// marks returns the words that must be equal, however similar the rest is: numbers, and the words
// that distinguish father and son.
func marks(words []string) []string {
	var found []string
	for i, w := range words {
		if hasDigit(w) || len(w) <= longestRoman && romans[w] || i > 0 && i == len(words)-1 && generations[w] != "" {
			found = append(found, w)
		}
	}
	slices.Sort(found)
	return found
}

func hasDigit(word string) bool {
	for i := range len(word) {
		if c := word[i]; c >= '0' && c <= '9' {
			return true
		}
	}
	return false
}

// longestRoman is the length of the longest of romans.
const longestRoman = 4

var romans = set("ii", "iii", "iv", "vi", "vii", "viii", "ix", "xi", "xii")
