package match

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
)

// A name that thousands share is ambiguous like any other. The same candidates are shown whatever
// the order and the history of the directory.
func TestCrowdOfOneName(t *testing.T) {
	t.Parallel()
	const size = 5000
	entries := make([]Entry, size)
	for i := range entries {
		entries[i] = Entry{ID: numbered(1, i), Name: []string{"Jörg Unbekannt", "Unbekannt, Joerg", "jorg unbekannt"}[i%3],
			Company: numbered(2, i)}
	}
	want := NewDirectory(Person, entries, nil).Resolve("Jörg Unbekannt", nil, Defaults(Person))
	if want.Finding != Ambiguous || want.Rule != RuleEqual || len(want.Candidates) < maxCandidates ||
		len(want.All) != crowd {
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
			if v := d.Resolve("Jörg Unbekannt", []ID{numbered(2, i)}, Defaults(Person)); v.Finding != Linked ||
				v.Winner.ID != numbered(1, i) {
				t.Errorf("the company does not choose %d: %+v", i, v)
			}
		}
		if v := d.Resolve("Jorg Unbekant", nil, Defaults(Person)); v.Finding != Ambiguous {
			t.Errorf("misspelt: %+v", v.Finding)
		}
	}
}

// The company chooses among many equal names, even if many others belong to no company. Several in
// the company are ambiguous.
func TestCompanyChoosesFromACrowd(t *testing.T) {
	t.Parallel()
	const size = 3000
	var entries []Entry
	for i := range size {
		e := Entry{ID: numbered(1, i), Name: "Hans Unbekannt"}
		switch i % 3 {
		case 1:
			e.Company = numbered(2, i)
		case 2:
			e.Company = numbered(3, 7)
		}
		entries = append(entries, e)
	}
	once := NewDirectory(Person, entries, nil)
	changed := NewDirectory(Person, entries[:size-200], nil).With(append(slices.Clone(entries[size-200:]),
		entries[:200]...), nil)
	for _, d := range []*Directory{once, changed} {
		for _, i := range []int{1, 100, 1000, size - 2} {
			if v := d.Resolve("Hans Unbekannt", []ID{numbered(2, i), numbered(4, 1)},
				Defaults(Person)); v.Rule != RuleEqualCompany || v.Winner.ID != numbered(1, i) {
				t.Errorf("%d: %+v", i, v)
			}
		}
		there := d.Resolve("Unbekannt, Hans", []ID{numbered(3, 7)}, Defaults(Person))
		if there.Finding != Ambiguous || len(there.All) != crowd || there.Candidates[0].ID != numbered(1, 2) ||
			there.Candidates[0].CompanyID != numbered(3, 7) {
			t.Errorf("%+v", there)
		}
		if v := d.Resolve("Hans Unbekannt", []ID{numbered(4, 1)}, Defaults(Person)); v.Finding != Ambiguous ||
			len(v.All) != crowd {
			t.Errorf("nobody is there: %+v", v)
		}
	}
}

// If more companies have a name than can be listed, the company is not used to choose a contact.
func TestCrowdOfCompanies(t *testing.T) {
	t.Parallel()
	for size, all := range map[int]int{maxCompanies: maxCompanies, maxCompanies + 1: 0, 3 * maxCompanies: 0} {
		entries := make([]Entry, size)
		for i := range entries {
			entries[i] = Entry{ID: numbered(1, i), Name: []string{"Unbekannt GmbH", "Unbekannt AG"}[i%2]}
		}
		v := NewDirectory(Company, entries, nil).Resolve("Unbekannt Ltd", nil, Defaults(Company))
		if v.Finding != Ambiguous || v.Rule != RuleEqual || len(v.All) != all || len(v.Candidates) < maxCandidates ||
			len(v.Candidates) > crowd {
			t.Errorf("%d companies: %v by %s, %d listed, %d candidates", size, v.Finding, v.Rule, len(v.All), len(v.Candidates))
		}
	}
}

// BenchmarkCrowd times a row whose contact has many namesakes, and the building of such a
// directory.
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
