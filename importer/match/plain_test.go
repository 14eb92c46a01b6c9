package match

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// The fast path for plain names returns the same form as the general path.
func TestPlainNamesAreFoldedLikeOthers(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(4, 4))
	parts := []string{"Dr", "Prof", "Hans", "MÜLLER", "Müller", "mueller", "Anna", "Jr", "Senior", "III", "MD", "Mr",
		"van", "der", "Ing", "J", "PhD", "Herr"}
	for range 20_000 {
		var name string
		for range r.IntN(6) {
			name += parts[r.IntN(len(parts))] + []string{" ", "  "}[r.IntN(2)]
		}
		words, _ := personWords(name, false)
		f := personForm(name, false)
		if !slices.Equal(f.words, words) || f.text != joined(words) || f.key() != orderedKey(words, joined(words)) {
			t.Fatalf("%q is %+v, want %q", name, f, words)
		}
	}
}

func joined(words []string) string {
	var s string
	for i, w := range words {
		if i > 0 {
			s += " "
		}
		s += w
	}
	return s
}
