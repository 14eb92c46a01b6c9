package match

import (
	"math/rand/v2"
	"slices"
	"strings"
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
		text := strings.Join(words, " ")
		if !slices.Equal(f.words, words) || f.text != text || f.key() != orderedKey(words, text) {
			t.Fatalf("%q is %+v, want %q", name, f, words)
		}
	}
}
