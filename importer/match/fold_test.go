package match

import (
	"math/rand/v2"
	"testing"
)

// TestLatinIsFoldedAsAnyText compares the table of Latin characters with the general path.
func TestLatinIsFoldedAsAnyText(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	often := []rune("aAbcSsXz. .'-äÖüßéŁøñ&,e.V.S.p.A.\u00a0´¨½ǆŉ")
	const texts = 400_000
	told := 0
	for range texts {
		runes := make([]rune, rng.IntN(8))
		for i := range runes {
			runes[i] = often[rng.IntN(len(often))]
			if rng.IntN(3) == 0 {
				runes[i] = rune(rng.IntN(endOfLatin + 4))
			}
		}
		text := string(runes)
		for _, long := range []bool{false, true} {
			want := foldAny(text, long)
			if got, ok := appendFolded([]byte("x"), text, long); ok {
				told++
				if string(got) != "x"+want {
					t.Fatalf("%q folds to %q, want %q", text, got[1:], want)
				}
			}
			if got := fold(text, long); got != want {
				t.Fatalf("%q folds to %q, want %q", text, got, want)
			}
		}
		if got, want := hasUmlaut(text), hasUmlautAny(text); got != want {
			t.Fatalf("%q has umlauts: %v, want %v", text, got, want)
		}
	}
	if told < texts {
		t.Errorf("the table told only %d of %d", told, 2*texts)
	}
}
