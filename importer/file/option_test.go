package file

import (
	"strings"
	"testing"
)

func TestReadSkipLines(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{"0": 0, "7": 7, "1000": 1000} {
		if n, err := ReadSkipLines(text); err != nil || n == nil || *n != want {
			t.Errorf("%q: %v %v", text, n, err)
		}
	}
	if n, err := ReadSkipLines(""); n != nil || err != nil {
		t.Errorf("nothing: %v %v", n, err)
	}
	for _, text := range []string{"-1", "1001", "many", "99999999999999999999", " 1"} {
		if _, err := ReadSkipLines(text); err == nil || !strings.Contains(err.Error(), "from 0 to 1000") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestDelimiterNamed(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"tab": "\t", `\t`: "\t", "\t": "\t", "comma": ",", "semicolon": ";",
		"|": "|", "": "", "colon": "colon"} {
		if got := DelimiterNamed(name); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}
