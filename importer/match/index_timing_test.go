package match

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sort"
	"testing"
)

// The kinds of query that are measured.
var timedQueries = []struct {
	kind string
	make func(r *rand.Rand, texts []text) string
}{
	{"exact", func(r *rand.Rand, texts []text) string { return texts[r.IntN(len(texts))].bytes }},
	{"typo", func(r *rand.Rand, texts []text) string { return withTypo(r, texts[r.IntN(len(texts))].bytes) }},
	{"none", func(r *rand.Rand, _ []text) string { return letters3(r, 14, "qxzjvkw y") }},
}

// likelyNames makes names as directories have them: a few given names and surnames are frequent and
// most are rare. Half of the surnames are composed of two others, and one name in six has a middle
// initial.
func likelyNames(r *rand.Rand) func() string {
	given, family := slices.Sorted(maps.Keys(givenNames)), slices.Sorted(maps.Keys(surnames))
	r.Shuffle(len(given), func(i, j int) { given[i], given[j] = given[j], given[i] })
	r.Shuffle(len(family), func(i, j int) { family[i], family[j] = family[j], family[i] })
	frequent := func(names []string) string { return names[int(math.Pow(r.Float64(), 2.5)*float64(len(names)))] }
	return func() string {
		name := frequent(given) + " "
		if r.IntN(6) == 0 {
			name += string(rune('a'+r.IntN(26))) + " "
		}
		surname := frequent(family)
		if r.IntN(2) == 0 {
			other := family[r.IntN(len(family))]
			surname = family[r.IntN(len(family))]
			surname = surname[:2+r.IntN(len(surname)-1)] + other[len(other)/2:]
		}
		return name + surname
	}
}

func withTypo(r *rand.Rand, s string) string {
	b := []byte(s)
	b[1+r.IntN(len(b)-1)] = byte('a' + r.IntN(26))
	return string(b)
}

// BenchmarkLookup times a lookup at a score of .90: all texts that reach it, those within .03 of
// the best, and for comparison a scan with smetrics.
func BenchmarkLookup(b *testing.B) {
	const least, margin = 0.90, 0.03
	sizes := []int{1_000, 10_000, 100_000, 1_000_000}
	if testing.Short() {
		sizes = sizes[:2]
	}
	for _, size := range sizes {
		r := rand.New(rand.NewPCG(uint64(size), 1))
		texts := makeTexts(size, likelyNames(r))
		ix := newIndex(texts)
		for _, kind := range timedQueries {
			queries := make([]string, 256)
			for i := range queries {
				queries[i] = kind.make(r, texts)
			}
			run := func(how string, look func(query string)) {
				b.Run(fmt.Sprintf("entries=%d/query=%s/%s", size, kind.kind, how), func(b *testing.B) {
					b.ReportAllocs()
					i := 0
					for b.Loop() {
						look(queries[i%len(queries)])
						i++
					}
				})
			}
			lookUp := func(q string, look func(s *search)) {
				s := newSearch(q, &effort{limit: math.MaxInt})
				s.in(ix, 0, nil)
				look(s)
				s.done()
			}
			run("all", func(q string) { lookUp(q, func(s *search) { s.all(least) }) })
			run("best", func(q string) { lookUp(q, func(s *search) { s.nearest(least-margin, margin) }) })
			run("smetrics", func(q string) {
				for i := range texts {
					jaroWinkler(q, texts[i].bytes)
				}
			})
		}
	}
}

// benchSize returns how many entries are indexed at once; a short run only shows that it works.
func benchSize() int {
	if testing.Short() {
		return 20_000
	}
	return 1_000_000
}

// BenchmarkBuild times the building of an index, and for comparison the sorting of the same texts.
func BenchmarkBuild(b *testing.B) {
	size := benchSize()
	r := rand.New(rand.NewPCG(1, 1))
	texts := makeTexts(size, likelyNames(r))
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			newIndex(texts)
		}
	})
	b.Run("sort.Strings", func(b *testing.B) {
		for b.Loop() {
			words := make([]string, size)
			for i := range texts {
				words[i] = texts[i].bytes
			}
			sort.Strings(words)
		}
	})
}

// BenchmarkDirectory times the building of a whole directory, and for comparison the sorting of its
// names. It reports the memory per entry beyond the original and normalized names and the ids.
func BenchmarkDirectory(b *testing.B) {
	size := benchSize()
	entries := make([]Entry, size)
	name := likelyNames(rand.New(rand.NewPCG(1, 1)))
	letters := 0
	for i := range entries {
		entries[i] = Entry{ID: numbered(1, i), Name: name()}
		letters += len(entries[i].Name)
	}
	b.Run("directory", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			before := heap()
			b.StartTimer()
			d := NewDirectory(Person, entries, nil)
			b.StopTimer()
			grown := heap() - before
			b.StartTimer()
			ids := 2 * len(ID{}) * size
			b.ReportMetric(float64(grown-ids-2*letters)/float64(size), "B/entry")
			if d.Len() != size {
				b.Fatal(d.Len())
			}
		}
	})
	b.Run("sort.Strings", func(b *testing.B) {
		for b.Loop() {
			words := make([]string, size)
			for i := range entries {
				words[i] = entries[i].Name
			}
			sort.Strings(words)
		}
	})
	b.Run("one change", func(b *testing.B) {
		d := NewDirectory(Person, entries, nil)
		b.ResetTimer()
		for b.Loop() {
			d.With([]Entry{{ID: entries[7].ID, Name: "Petra Vogelsang"}}, nil)
		}
	})
}

// heap returns the bytes of the heap in use.
func heap() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
