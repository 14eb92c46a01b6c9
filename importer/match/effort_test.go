package match

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// hostileNames make names that are as similar as possible, each kind in another way.
var hostileNames = []struct {
	what string
	make func(r *rand.Rand) string
}{
	{"480 letters", func(r *rand.Rand) string { return fewSyllables(r, 480, 1000) }},
	{"480 letters in two words", func(r *rand.Rand) string {
		return fewSyllables(r, 240, 1000) + " " + fewSyllables(r,
			239, 1000)
	}},
	{"480 letters in words of four", func(r *rand.Rand) string { return fewSyllables(r, 480, 2) }},
	{"480 letters in words of two", func(r *rand.Rand) string { return fewSyllables(r, 480, 1) }},
	{"60 letters", func(r *rand.Rand) string { return fewSyllables(r, 30, 100) + " " + fewSyllables(r, 29, 100) }},
	{"60 letters in words of four", func(r *rand.Rand) string { return fewSyllables(r, 60, 2) }},
	{"one initial", func(r *rand.Rand) string { return "j" + fewSyllables(r, 12, 100) + " smith" }},
	{"any letters", func(r *rand.Rand) string {
		return "anna" + letters3(r, 30, "abcdefghijklmnopqrstuvwxyz0123456789") + " " + letters3(r, 28,
			"abcdefghijklmnopqrstuvwxyz0123456789")
	}},
}

// fewSyllables makes a text of so many letters from few syllables, so many to a word.
func fewSyllables(r *rand.Rand, letters, word int) string {
	var b strings.Builder
	for i := 1; b.Len() < letters; i++ {
		b.WriteString([]string{"an", "na", "la", "al"}[r.IntN(4)])
		if i%word == 0 {
			b.WriteByte(' ')
		}
	}
	return strings.TrimSpace(b.String()[:letters])
}

// resolve is Resolve with an effort that the test can examine.
func (d *Directory) resolve(name string, companies []ID, p Params, e *effort) Verdict {
	if v, ok := d.decideFast(name, companies, p); ok {
		return v
	}
	return d.decideNow(name, companies, p, e)
}

// entriesNamed makes entries with invented names.
func entriesNamed(r *rand.Rand, n int, name func(r *rand.Rand) string) []Entry {
	entries := make([]Entry, n)
	for i := range entries {
		entries[i] = Entry{ID: numbered(1, i), Name: name(r)}
	}
	return entries
}

// overshoot is the most that a lookup may spend beyond its budget, because work that has begun is
// completed.
const overshoot = 1 << 16

// A name never costs more than its budget, however similar the names of a directory are. If the
// budget does not suffice, the name is not linked.
func TestHostileNamesCostNoMoreThanTheBudget(t *testing.T) {
	t.Parallel()
	for at, hostile := range hostileNames {
		for _, kind := range []Kind{Person, Company} {
			size, queries := 4_000, 20
			if at == 0 && kind == Person {
				size = 20_000
				if !testing.Short() {
					queries = 2_000
				}
			}
			r := rand.New(rand.NewPCG(1, uint64(at)))
			entries := entriesNamed(r, size, hostile.make)
			d := NewDirectory(kind, entries, nil)
			rules, most := map[Rule]int{}, 0
			for range queries {
				name := withTypo(r, entries[r.IntN(size)].Name)
				if hostile.what == "one initial" {
					name = "j smith"
				}
				e := effort{limit: budget}
				v := d.resolve(name, nil, Defaults(kind), &e)
				rules[v.Rule]++
				most = max(most, e.spent)
				if v.Rule == RuleTooSimilar && (v.Finding != Unresolved || len(v.Candidates) > 0 || len(v.All) > 0) {
					t.Fatalf("%s: %+v", hostile.what, v)
				}
			}
			if most > budget+overshoot {
				t.Errorf("%s: %d units, of a budget of %d", hostile.what, most, budget)
			}
			if size == 20_000 && rules[RuleTooSimilar]+rules[RuleEqual] != queries { // some typos change nothing
				t.Errorf("%s: %v", hostile.what, rules)
			}
		}
	}
}

// The cost of a lookup depends on the name and the directory alone: not on the order in which the
// directory was read, on its history, or on earlier lookups. So the budget ends the same lookups
// everywhere.
func TestEffortDependsOnNameAndDirectoryAlone(t *testing.T) {
	t.Parallel()
	const size = 1500
	kinds := append(slices.Clone(hostileNames), struct {
		what string
		make func(r *rand.Rand) string
	}{"names", randomName})
	for _, hostile := range kinds {
		for _, kind := range []Kind{Person, Company} {
			r := rand.New(rand.NewPCG(2, 2))
			entries := entriesNamed(r, size, hostile.make)
			shuffled := slices.Clone(entries)
			r.Shuffle(size, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			earlier := slices.Clone(shuffled)
			for i := range size / 4 {
				earlier[i].Name = hostile.make(r)
			}
			once := NewDirectory(kind, entries, nil)
			others := []*Directory{NewDirectory(kind, shuffled, nil), NewDirectory(kind, shuffled[:size/2],
				nil).With(shuffled[size/2:], nil), NewDirectory(kind, earlier, nil).With(shuffled[:size/4], nil)}
			for range 25 {
				name := withTypo(r, entries[r.IntN(size)].Name)
				want := effort{limit: math.MaxInt}
				v := once.resolve(name, nil, Defaults(kind), &want)
				for i, d := range others {
					got := effort{limit: math.MaxInt}
					if w := d.resolve(name, nil, Defaults(kind), &got); got.spent != want.spent || !reflect.DeepEqual(v, w) {
						t.Fatalf("%s, %q in directory %d: %d units and %+v, want %d and %+v", hostile.what, name, i, got.spent, w,
							want.spent, v)
					}
					limited := effort{limit: want.spent - 1}
					if w := d.decide(name, Defaults(kind), &limited); want.spent > 0 && !limited.exhausted {
						t.Fatalf("%s, %q: %d units do not exhaust %d: %+v", hostile.what, name, limited.spent, limited.limit, w)
					}
				}
			}
		}
	}
}

// A name has no verdict if the context ends first, and nothing is remembered.
func TestLookupEndsWithItsContext(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	entries := entriesNamed(r, 5000, hostileNames[0].make)
	d := NewDirectory(Company, entries, nil)
	name := withTypo(r, entries[7].Name)
	ended, end := context.WithCancel(context.Background())
	end()
	if v, err := d.ResolveContext(ended, name, nil, Defaults(Company)); !errors.Is(err, context.Canceled) ||
		!reflect.DeepEqual(v,
			Verdict{}) {
		t.Errorf("%+v, %v", v, err)
	}
	done := make(chan struct{})
	e := effort{done: done, limit: budget}
	e.goOn()
	close(done) // while the lookup is under way
	d.resolve(name, nil, Defaults(Company), &e)
	if !e.interrupted || e.spent > 2*stopUnits {
		t.Errorf("%+v", e)
	}
	if _, ok := d.recall(name, Defaults(Company)); ok {
		t.Error("an interrupted lookup is remembered")
	}
	v, err := d.ResolveContext(t.Context(), name, nil, Defaults(Company))
	if err != nil || v.Rule != RuleTooSimilar {
		t.Errorf("%+v, %v", v, err)
	}
}

// BenchmarkHostile times a name of 480 letters out of few syllables among 20,000 like it.
func BenchmarkHostile(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	entries := entriesNamed(r, 20_000, hostileNames[0].make)
	d := NewDirectory(Person, entries, nil)
	names := make([]string, 64)
	for i := range names {
		names[i] = withTypo(r, entries[i].Name)
	}
	i, units := 0, 0
	for b.Loop() {
		e := effort{limit: budget}
		d.decide(names[i%len(names)], Defaults(Person), &e)
		units += e.spent
		i++
	}
	b.ReportMetric(float64(units)/float64(b.N), "units/op")
}
