package main

import "testing"

func TestSpell(t *testing.T) {
	t.Parallel()
	for written, want := range map[string][spellings]string{
		"Jürgen Großmann":   {"jurgen grossmann", "juergen grossmann", "jurgen grossmann"},
		"Juergen Grossmann": {"juergen grossmann", "juergen grossmann", "jurgen grossmann"},
		"O'Brien, Jean-Luc": {"obrien jean luc", "obrien jean luc", "obrien jean luc"},
		"Håkon Rønning":     {"hakon ronning", "haakon roenning", "hakon ronning"},
		"Đặng Łukasz Işık":  {"dang lukasz isik", "dang lukasz isik", "dang lukasz isik"},
	} {
		got := spell(written)
		for i := range want {
			if got[i].text != want[i] {
				t.Errorf("spelling %d of %q is %q, want %q", i, written, got[i].text, want[i])
			}
		}
	}
}

func TestAtMostNeverHidesAScore(t *testing.T) {
	t.Parallel()
	names := []string{"Hans Müller", "Hanna Muller", "Müller Hans", "Thị Hoa Trần", "Martha Brandenburg",
		"Martin Brandeburg", "O'Brien", "Xi"}
	for _, a := range names {
		for _, b := range names {
			x, y := spell(a), spell(b)
			for i := range x {
				if score := jaroWinkler(x[i].text, y[i].text); atMost(&x[i], &y[i]) < score {
					t.Errorf("%q and %q score %.4f, but the bound is %.4f", a, b, score, atMost(&x[i], &y[i]))
				}
			}
		}
	}
}

func TestWeakestWord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b     string
		from, to float64
	}{
		{"Martha Brandenburg", "Martin Brandenburg", 0.86, 0.87},
		{"Brandenburg Martin", "Martin Brandenburg", 1, 1},
		{"Robert Fielding", "Robert J. Fielding", 1, 1},
		{"Klaus Brandt", "Soledad Yáñez", 0, 0.6},
	} {
		a, b := spell(c.a), spell(c.b)
		if got := a.weakestWord(&b); got < c.from || got > c.to {
			t.Errorf("weakest word of %q and %q scores %.4f, want %.2f to %.2f", c.a, c.b, got, c.from, c.to)
		}
	}
}

func TestNearestLooksAtEveryOrder(t *testing.T) {
	t.Parallel()
	people := crowd{spell("Martin Brandenburg"), spell("Soledad Yáñez")}
	if got := people.nearest(spell("Brandenburg Martin"), -1, 0.9); got != 1 {
		t.Errorf("swapped words score %.3f, want 1", got)
	}
	if got := people.nearest(spell("Brandenburg Martin"), 0, 0.9); got != 0 {
		t.Errorf("without Martin somebody scores %.3f, want nobody above the floor", got)
	}
}
