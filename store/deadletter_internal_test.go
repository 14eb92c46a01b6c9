package store

import (
	"strings"
	"testing"
)

// A dead letter is found by small letters of any script, and by bytes that are not text.
func TestSmallLetters(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                       "",
		"Hans MÜLLER":            "hans müller",
		"ΑΘΗΝΑ Москва":           "αθηνα москва",
		"a\x00B":                 "a\uFFFDb",
		"a\xff\xfeB\xffC":        "a\uFFFDb\uFFFDc",
		"\x00\xff\x00":           "\uFFFD\uFFFD\uFFFD",
		"\uFFFD\xff\uFFFD\uFFFD": "\uFFFD\uFFFD\uFFFD\uFFFD",
	} {
		if got := smallLetters(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		byTheLibrary := strings.ToLower(strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", "\uFFFD"), "\uFFFD"))
		if byTheLibrary != want {
			t.Errorf("%q: the library says %q, want %q", text, byTheLibrary, want)
		}
	}
}
