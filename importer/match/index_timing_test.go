package match

import (
	"fmt"
	"math/rand/v2"
	"sort"
	"testing"
)

// The kinds of query that lookups are measured with.
var timedQueries = []struct {
	kind string
	make func(r *rand.Rand, texts []text) string
}{
	{"exact", func(r *rand.Rand, texts []text) string { return texts[r.IntN(len(texts))].bytes }},
	{"typo", func(r *rand.Rand, texts []text) string { return withTypo(r, texts[r.IntN(len(texts))].bytes) }},
	{"none", func(r *rand.Rand, _ []text) string { return letters3(r, 14, "qxzjvkw y") }},
}

func withTypo(r *rand.Rand, s string) string {
	b := []byte(s)
	b[1+r.IntN(len(b)-1)] = byte('a' + r.IntN(26))
	return string(b)
}

// BenchmarkLookup times a lookup at a score of .90: all texts that reach it, those within .03 of the best, and a scan with smetrics beside them.
func BenchmarkLookup(b *testing.B) {
	const least, margin = 0.90, 0.03
	for _, size := range []int{1_000, 10_000, 100_000, 1_000_000} {
		r := rand.New(rand.NewPCG(uint64(size), 1))
		texts := makeTexts(size, func() string { return randomName(r) })
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
			run("all", func(q string) {
				ix.visit(q, least, func(_ int32, _ string, _, least float64) float64 { return least })
			})
			run("best", func(q string) {
				best := 0.0
				ix.visit(q, least-margin, func(_ int32, _ string, score, least float64) float64 {
					best = max(best, score)
					return max(least, best-margin)
				})
			})
			run("smetrics", func(q string) {
				for i := range texts {
					jaroWinkler(q, texts[i].bytes)
				}
			})
		}
	}
}

// BenchmarkBuild times the making of an index beside the sorting of the same texts.
func BenchmarkBuild(b *testing.B) {
	const size = 1_000_000
	r := rand.New(rand.NewPCG(1, 1))
	texts := makeTexts(size, func() string { return randomName(r) })
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
