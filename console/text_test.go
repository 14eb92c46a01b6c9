package console

import (
	"strings"
	"testing"
	"time"
)

func TestShownMakesVisibleWhatHides(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain ü 名": "plain ü 名", "a\u202Eb": "a⟨U+202E⟩b", "x\u0000y": "x⟨U+0000⟩y", "\xff\xfe": "⟨FF⟩⟨FE⟩",
		"\uFFFD": "\uFFFD", "two\nlines\t.": "two\nlines\t.", "soft\u00ADhyphen": "soft⟨U+00AD⟩hyphen",
	} {
		if got := shown(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if got := shown(strings.Repeat("x", 1<<20)); !strings.HasSuffix(got, "… (1,048,576 bytes in all)") ||
		len(got) > 2*mostShown {
		t.Errorf("a long text is shown as %q", got)
	}
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	marked := func(text, from string) string {
		var b strings.Builder
		for _, p := range differing(text, from) {
			if p.Differs {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		return b.String()
	}
	for _, c := range [][3]string{
		{"Hans Müller", "Hans Muller", "Hans M[ü]ller"}, {"hans", "HANS", "hans"}, {"North Ltd", "", "North Ltd"},
		{"", "x", ""}, {"Ann Smithe", "Ann Smith", "Ann Smith[e]"},
		{strings.Repeat("x", 300), "y", shown(strings.Repeat("x", 300))},
	} {
		if got := marked(c[0], c[1]); got != c[2] {
			t.Errorf("%q against %q: got %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestNumbersAndTimes(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -4321: "−4,321"} {
		if got := grouped(n); got != want {
			t.Errorf("%d: got %s, want %s", n, got, want)
		}
	}
	for d, want := range map[time.Duration]string{15 * time.Millisecond: "15 ms", 2500 * time.Millisecond: "2.5 s",
		61 * time.Second: "1 min 1 s", 3*time.Hour + 5*time.Minute: "3 h 5 min"} {
		if got := took(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
