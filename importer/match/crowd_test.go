package match

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// A name that thousands share is ambiguous like any other; the same ones are shown whatever the order of the directory, and whether it was built at once or has changed since.
func TestCrowdOfOneName(t *testing.T) {
	t.Parallel()
	const size = 5000
	entries := make([]Entry, size)
	for i := range entries {
		entries[i] = Entry{ID: numbered(1, i), Name: []string{"Jörg Unbekannt", "Unbekannt, Joerg", "jorg unbekannt"}[i%3], Company: numbered(2, i)}
	}
	want := NewDirectory(Person, entries, nil).Resolve("Jörg Unbekannt", nil, Defaults(Person))
	if want.Outcome != Ambiguous || want.Rule != RuleEqual || len(want.Candidates) < maxCandidates || len(want.All) != crowd {
		t.Fatalf("%+v", want)
	}
	r := rand.New(rand.NewPCG(1, 1))
	shuffled := slices.Clone(entries)
	r.Shuffle(size, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	changed := NewDirectory(Person, shuffled[:size-100], nil).With(shuffled[size-100:], nil)
	for _, d := range []*Directory{NewDirectory(Person, shuffled, nil), changed} {
		got := d.Resolve("Jörg Unbekannt", nil, Defaults(Person))
		if !slices.Equal(got.Candidates, want.Candidates) || !slices.Equal(got.All, want.All) {
			t.Errorf("%+v, want %+v", got, want)
		}
		for _, i := range []int{0, 1, 2, size - 1} {
			if v := d.Resolve("Jörg Unbekannt", []ID{numbered(2, i)}, Defaults(Person)); v.Outcome != Linked || v.Winner.ID != numbered(1, i) {
				t.Errorf("the company does not choose %d: %+v", i, v)
			}
		}
		if v := d.Resolve("Jorg Unbekant", nil, Defaults(Person)); v.Outcome != Ambiguous {
			t.Errorf("misspelt: %+v", v.Outcome)
		}
	}
}

// BenchmarkCrowd times a row that names somebody whose name others share, and the making of such a directory.
func BenchmarkCrowd(b *testing.B) {
	for _, size := range []int{1, 100, 10_000} {
		entries := make([]Entry, size)
		for i := range entries {
			entries[i] = Entry{ID: numbered(1, i), Name: "Hans Unbekannt"}
		}
		d := NewDirectory(Person, entries, nil)
		b.Run("resolve/"+strconv.Itoa(size), func(b *testing.B) {
			for b.Loop() {
				d.Resolve("Hans Unbekannt", nil, Defaults(Person))
			}
		})
		b.Run("build/"+strconv.Itoa(size), func(b *testing.B) {
			for b.Loop() {
				NewDirectory(Person, entries, nil)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(size), "ns/entry")
		})
	}
}
