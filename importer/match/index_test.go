package match

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// scored is a result of the index or of the scan.
type scored struct {
	entry int32
	score float64
}

func bruteForce(texts []text, query string, least float64) []scored {
	var out []scored
	for _, t := range texts {
		if score := jaroWinkler(query, t.bytes); score >= least {
			out = append(out, scored{t.entry, score})
		}
	}
	return out
}

// atLeast returns the results of a scan that have at least this score.
func atLeast(scan []scored, least float64) []scored {
	var out []scored
	for _, s := range scan {
		if s.score >= least {
			out = append(out, s)
		}
	}
	return out
}

// searched returns the results of a search for a text, without a budget.
func (ix *index) searched(query string, look func(s *search)) []hit {
	s := newSearch(query, &effort{limit: math.MaxInt})
	defer s.done()
	s.in(ix, 0, nil)
	look(s)
	return slices.Clone(s.hits)
}

// all examines all texts that score at least least.
func (s *search) all(least float64) {
	s.from(s.deepest, allLengths, least, func(least float64) float64 { return least })
}

func byIndex(ix *index, query string, least float64) []scored {
	var out []scored
	for _, h := range ix.searched(query, func(s *search) { s.all(least) }) {
		out = append(out, scored(h))
	}
	slices.SortFunc(out, func(a, b scored) int { return int(a.entry) - int(b.entry) })
	return out
}

// thresholds, the lowest first.
var thresholds = []float64{0.80, 0.85, 0.90, 0.92, 0.95, 0.98, 1}

// The index and a scan of all texts return the same set with the same scores, on random and on
// adversarial names.
func TestIndexEqualsBruteForce(t *testing.T) {
	t.Parallel()
	pairs := 0
	sizes := []int{1, 2, 3, 10, 100, 1000, 5000, 50000}
	for _, size := range sizes {
		for name, make := range makers {
			r := rand.New(rand.NewPCG(uint64(size), 7))
			texts := make(r, size)
			ix := newIndex(texts)
			queries := 40
			if size >= 5000 {
				queries = 5
			}
			if testing.Short() {
				queries = 1
			}
			for range queries {
				query := queryFor(r, texts)
				scan := bruteForce(texts, query, thresholds[0])
				for _, least := range thresholds {
					want, got := atLeast(scan, least), byIndex(ix, query, least)
					pairs += size
					if !slices.Equal(got, want) {
						t.Fatalf("%s, %d texts, %q at %g: %v, want %v", name, size, query, least, got, want)
					}
				}
			}
		}
	}
	t.Logf("%d pairs compared", pairs)
	if !testing.Short() && pairs < 10_000_000 {
		t.Errorf("only %d pairs were compared", pairs)
	}
}

// makers make up texts of a kind.
var makers = map[string]func(r *rand.Rand, n int) []text{
	"names": func(r *rand.Rand, n int) []text { return makeTexts(n, func() string { return randomName(r) }) },
	"short": func(r *rand.Rand, n int) []text {
		return makeTexts(n, func() string { return letters3(r, 1+r.IntN(4), "abc") })
	},
	"equal prefixes": func(r *rand.Rand, n int) []text {
		return makeTexts(n, func() string { return "abcd" + letters3(r, r.IntN(12), "abcde ") })
	},
	"one letter": func(r *rand.Rand, n int) []text {
		return makeTexts(n, func() string { return strings.Repeat("a", 1+r.IntN(70)) })
	},
	"very long": func(r *rand.Rand, n int) []text {
		return makeTexts(n, func() string { return letters3(r, 55+r.IntN(30), "abcdefghij ") })
	},
	"any byte": func(r *rand.Rand, n int) []text {
		return makeTexts(n, func() string { return anyBytes(r, 1+r.IntN(20)) })
	},
}

func makeTexts(n int, next func() string) []text {
	texts := make([]text, n)
	for i := range texts {
		texts[i] = text{entry: int32(i), bytes: next()}
	}
	return texts
}

func letters3(r *rand.Rand, n int, from string) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = from[r.IntN(len(from))]
	}
	return string(b)
}

// anyBytes are bytes of every value but zero, which no text contains.
func anyBytes(r *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(1 + r.IntN(255))
	}
	return string(b)
}

var syllables = strings.Fields("an ber chri da el fer gar hin is jo kar lo mar nie ol pe qui ro schmi ta ul vo " +
	"wei xa yl zim ski son sen witz mann berg er in a o")

func randomName(r *rand.Rand) string {
	word := func() string {
		var s string
		for range 1 + r.IntN(4) {
			s += syllables[r.IntN(len(syllables))]
		}
		return s
	}
	return word() + " " + word()
}

// queryFor returns one of the texts, with none, one or two slips.
func queryFor(r *rand.Rand, texts []text) string {
	q := []byte(texts[r.IntN(len(texts))].bytes)
	for range r.IntN(3) {
		at := r.IntN(len(q))
		switch r.IntN(4) {
		case 0:
			q[at] = byte('a' + r.IntN(26))
		case 1:
			q = slices.Insert(q, at, byte('a'+r.IntN(26)))
		case 2:
			if len(q) > 1 {
				q = slices.Delete(q, at, at+1)
			}
		case 3:
			if at > 0 {
				q[at], q[at-1] = q[at-1], q[at]
			}
		}
	}
	return string(q)
}

// A search for the best finds it, and everything within the margin of it.
func TestNearestFindsTheBestAndItsRivals(t *testing.T) {
	t.Parallel()
	for kind, make := range makers {
		r := rand.New(rand.NewPCG(3, 3))
		texts := make(r, 5_000)
		ix := newIndex(texts)
		for range 60 {
			for _, least := range []float64{0.80, 0.89, 0.95} {
				checkNearest(t, kind, ix, texts, queryFor(r, texts), least)
			}
		}
	}
}

func checkNearest(t *testing.T, kind string, ix *index, texts []text, query string, least float64) {
	t.Helper()
	const margin = 0.03
	var got []scored
	for _, h := range ix.searched(query, func(s *search) { s.nearest(least, margin) }) {
		got = append(got, scored(h))
	}
	all := bruteForce(texts, query, least)
	best := least
	for _, want := range all {
		best = max(best, want.score)
	}
	for _, want := range all {
		if want.score >= best-margin && !slices.Contains(got, want) {
			t.Fatalf("%s: %q at %g: %v was missed; best is %g", kind, query, least, want, best)
		}
	}
	for _, g := range got {
		if !slices.Contains(all, g) {
			t.Fatalf("%s: %q at %g: %v is none of %v", kind, query, least, g, all)
		}
	}
}

func FuzzIndex(f *testing.F) {
	f.Add("hans muller\nhana muler\nanna nowak\na\nab", "hans mullr", uint8(10))
	f.Add("Martin Thomas\nThomas Martin\nbin Salman Ali\nИван Петров\n王小明\nIvan Petrov", "Ali bin Salman", uint8(7))
	f.Add("\xacЬ\nЬ ь", "Ь", uint8(0))
	f.Add("aaaa\naaab\n"+strings.Repeat("a", 70), "aaa", uint8(0))
	f.Fuzz(func(t *testing.T, lines, query string, step uint8) {
		var texts []text
		for i, line := range strings.Split(strings.ReplaceAll(lines, "\x00", ""), "\n") {
			if line != "" {
				texts = append(texts, text{int32(i), line})
			}
		}
		query = strings.ReplaceAll(query, "\x00", "")
		if query == "" || len(texts) == 0 {
			return
		}
		least := 0.80 + float64(step%21)/100
		ix := newIndex(texts)
		if got, want := byIndex(ix, query, least), bruteForce(texts, query, least); !slices.Equal(got, want) {
			t.Fatalf("%q at %g: %v, want %v", query, least, got, want)
		}
		checkNearest(t, "fuzz", ix, texts, query, least)
		entries := []Entry{{ID: numbered(1, 0), Name: query}}
		for i, line := range strings.Split(lines, "\n") {
			entries = append(entries, Entry{ID: numbered(1, i+1), Name: line})
		}
		for _, k := range []Kind{Person, Company} {
			checkDirectory(t, NewDirectory(k, entries, nil), entries, least)
		}
	})
}

// The names of a directory are found as a scan of them finds them: equal ones, those that are the
// same in another script, and similar ones, also by their Latin spelling.
func TestDirectoryEqualsBruteForce(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 9))
		entries := entriesNamed(r, 500, func(r *rand.Rand) string { return nameOf(r, 1+r.IntN(3)) })
		for i := range 200 { // more than one search in the table of equal names sees
			entries[i].Name = []string{"Thomas Martin", "Martin Thomas", "Quill Ashdale", "Ashdale Quill"}[i%4]
		}
		checkDirectory(t, NewDirectory(Person, entries, nil).With(entries[:100], nil), entries, 0.85)
	}
}

// checkDirectory compares what a directory finds for the name of each entry with a scan.
func checkDirectory(t *testing.T, d *Directory, entries []Entry, least float64) {
	t.Helper()
	own, latin := make([][]form, len(entries)), make([][]form, len(entries))
	for i, e := range entries {
		own[i] = forms(d.kind, e.Name)
		latin[i] = comparable(d.kind, e.Name, own[i])
	}
	for i, q := range entries {
		got, want := map[ID]string{}, map[ID]string{}
		for _, at := range d.equal(nil, q.Name, len(entries)) {
			got[d.id(at)] = "equal"
		}
		for _, at := range d.transliterated(q.Name, own[i]) {
			got[d.id(at)] += " transliterated"
		}
		for _, h := range d.nearest(latin[i], len(entries), least, &effort{limit: math.MaxInt}) {
			got[d.id(h.entry)] += fmt.Sprint(" similar ", h.score)
		}
		for j, e := range entries {
			if sameKey(own[i], own[j]) && d.sameOrder(own[i], own[j]) {
				want[e.ID] = "equal"
			}
			if isForeign(own[i]) != isForeign(own[j]) && sameKey(latin[i], latin[j]) {
				want[e.ID] += " transliterated"
			}
			texts := latin[j]
			if isForeign(own[j]) {
				texts = texts[:min(len(texts), 1)]
			}
			if score := bestScore(latin[i], texts); score >= least {
				want[e.ID] += fmt.Sprint(" similar ", score)
			}
		}
		if !maps.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", q.Name, got, want)
		}
	}
}

func ExampleKey() {
	fmt.Println(Key(Person, "Dr. Müller, Hans"), "|", Key(Company, "Brandt Logistik GmbH & Co. KG"))
	// Output: hans muller | brandt logistik
}
