package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// The vector code and the loops filter alike.
func TestVectorsFilterAsTheLoopsDo(t *testing.T) {
	t.Parallel()
	if !vectors {
		t.Skip("this processor does not count the bits of eight words at a time; the index then uses the loops alone")
	}
	r := rand.New(rand.NewPCG(3, 1))
	filtered := 0
	for round := range 300 {
		texts := makeTexts(1+r.IntN(3000), func() string {
			return letters3(r, 1+r.IntN(maxIndexed),
				"abcdefghijklmnop "[:1+r.IntN(17)])
		})
		ix := newIndex(texts)
		for _, o := range []*order{&ix.byPrefix, &ix.byLength} {
			var q query
			q.prepare(queryFor(r, texts))
			var n needs
			n.fill(0.76+0.24*r.Float64(), r.IntN(prefixSize+1), &q, allLengths[0])
			var p probe
			p.fill(&n, &q)
			filtered += filterBoth(t, fmt.Sprintf("round %d", round), o, r, &p)
		}
	}
	if filtered < 10_000 {
		t.Errorf("only %d texts were let through", filtered)
	}
}

// filterBoth filters some heaps of an order in both ways, and returns the number of texts that
// remain.
func filterBoth(t *testing.T, what string, o *order, r *rand.Rand, p *probe) int {
	t.Helper()
	var plain, vector notes
	from := r.IntN(o.heaps.len())
	to := min(from+1+r.IntN(noted), o.heaps.len())
	n := filterRunsPlain(&plain, &o.heaps, from, to, p)
	if m := filterRuns512(&vector, &o.heaps.some[from], &o.heaps.all[from], &o.heaps.lengths[from], to-from, from,
		p); !slices.Equal(plain[:n], vector[:m]) {
		t.Fatalf("%s: heaps %d to %d: %v, want %v", what, from, to, vector[:m], plain[:n])
	}
	heaps := slices.Clone(plain[:n])
	if r.IntN(4) == 0 { // also heaps that would not have been examined
		heaps = heaps[:0]
		for heap := from; heap < to; heap++ {
			heaps = append(heaps, int32(heap))
		}
	}
	texts := 0
	for len(heaps) > 0 {
		n, used := filterBlocksPlain(&plain, heaps, o, p)
		if m, also := filterBlocks(&vector, heaps, o, p); !slices.Equal(plain[:n], vector[:m]) || also != used {
			t.Fatalf("%s: blocks of %v: %v of %d heaps, want %v of %d", what, heaps, vector[:m], also, plain[:n], used)
		}
		heaps = heaps[used:]
		blocks := slices.Clone(plain[:n])
		for len(blocks) > 0 {
			n, used := filterTextsPlain(&plain, blocks, o, p)
			if m, also := filterTexts(&vector, blocks, o, p); !slices.Equal(plain[:n], vector[:m]) || also != used {
				t.Fatalf("%s: texts of %v: %v of %d blocks, want %v of %d", what, blocks, vector[:m], also, plain[:n], used)
			}
			texts += n
			blocks = blocks[max(1, used):]
		}
	}
	return texts
}
