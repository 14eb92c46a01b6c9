package match

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"
)

// A remembered verdict equals the first one. This holds if the winner has changed since the
// directory was built, and for companies, whose equal names are remembered too.
func TestRememberedVerdictIsTheFirstOne(t *testing.T) {
	t.Parallel()
	people := []Entry{{ID: numbered(1, 1), Name: "Annegret Schumacher", Company: numbered(2, 1)}, {ID: numbered(1, 2),
		Name: "Heinrich Altenburger"},
		{ID: numbered(1, 3), Name: "Waltraud Kesselring"}, {ID: numbered(1, 4), Name: "Waltraud Kesselring"}}
	firms := []Entry{{ID: numbered(2, 1), Name: "Altenburg Messtechnik GmbH"}, {ID: numbered(2, 2),
		Name: "Blomquist Marine AS"}, {ID: numbered(2, 3), Name: "Blomquist Marine Ltd"}}
	cases := []struct {
		d       *Directory
		name    string
		outcome Finding
		rule    Rule
	}{
		{NewDirectory(Person, people, nil), "Annegret Schumachr", Linked, RuleSimilar},
		{NewDirectory(Person, people, nil).With([]Entry{{ID: numbered(1, 1), Name: "Annegret Schuhmacher"}}, nil),
			"Annegret Schuhmachr", Linked, RuleSimilar},
		{NewDirectory(Person, people, nil), "H. Altenburger", Linked, RuleVariant},
		{NewDirectory(Person, people, nil), "Waltraud Kesselrng", Ambiguous, RuleMargin},
		{NewDirectory(Person, people, nil), "Zoltan Quix", Unresolved, RuleThreshold},
		{NewDirectory(Company, firms, nil), "Altenburg Messtechnik", Linked, RuleEqual},
		{NewDirectory(Company, firms, nil), "Blomquist Marine", Ambiguous, RuleEqual},
		{NewDirectory(Company, firms, map[string]ID{Key(Company, "The Old Firm"): numbered(2, 2)}), "The Old Firm", Linked,
			RuleAlias},
	}
	for _, c := range cases {
		p := Defaults(c.d.kind)
		first := c.d.Resolve(c.name, nil, p)
		if first.Finding != c.outcome || first.Rule != c.rule {
			t.Errorf("%s: %v by %s, want %v by %s", c.name, first.Finding, first.Rule, c.outcome, c.rule)
		}
		if _, ok := c.d.recall(c.name, p); !ok {
			t.Errorf("%s: nothing is remembered", c.name)
		}
		if again := c.d.Resolve(c.name, nil, p); !reflect.DeepEqual(again, first) {
			t.Errorf("%s: %+v, want %+v", c.name, again, first)
		}
		other := p
		other.Certainty++
		if _, ok := c.d.recall(c.name, other); ok {
			t.Errorf("%s: a verdict is remembered for other parameters", c.name)
		}
	}
}

// A verdict is that of a directory that remembers nothing, even if many names share the places of
// sureNames and several goroutines ask at the same time.
func TestSureNamesAreNeverMixedUp(t *testing.T) {
	t.Parallel()
	const people = 40 // so that there are 128 places
	var entries []Entry
	var names []string
	for i := range people {
		given, surname := []string{"Anna", "Bernd", "Chiara", "Dörte", "Emil"}[i%5], fmt.Sprintf("Quendel%cs", 'a'+i/5)
		entries = append(entries, Entry{ID: numbered(1, i), Name: given + " " + surname, Company: numbered(2, i%3)})
		names = append(names, given+" "+surname, surname+", "+given, strings.ToUpper(given+" "+surname),
			given+"  "+surname, "Dr. "+given+" "+surname, given+" "+surname+" ", "Der Alte "+surname)
	}
	entries = append(entries, Entry{ID: numbered(1, people), Name: "Anna Quendelas", Company: numbered(2, 1)})
	aliases := map[string]ID{}
	for i := range people / 5 {
		aliases[Key(Person, fmt.Sprintf("Der Alte Quendel%cs", 'a'+i))] = numbered(1, i)
	}
	p := Defaults(Person)
	want := func(name string, companies []ID) Verdict {
		return NewDirectory(Person, entries, aliases).Resolve(name, companies, p)
	}
	choices := [][]ID{nil, {numbered(2, 0)}, {numbered(2, 1), numbered(2, 2)}}
	wants := map[string][]Verdict{}
	rules := map[Rule]int{}
	for _, name := range names {
		for _, companies := range choices {
			v := want(name, companies)
			wants[name], rules[v.Rule] = append(wants[name], v), rules[v.Rule]+1
		}
	}
	if rules[RuleEqual] < people || rules[RuleAlias] == 0 || rules[RuleEqualCompany] == 0 {
		t.Fatalf("the names are decided by %v, want all certain rules", rules)
	}
	d := NewDirectory(Person, entries, aliases)
	var all sync.WaitGroup
	for seed := range uint64(4) {
		all.Go(func() {
			chosen := rand.New(rand.NewPCG(seed, 1))
			for range 5000 {
				name, c := names[chosen.IntN(len(names))], chosen.IntN(len(choices))
				if v := d.Resolve(name, choices[c], p); !reflect.DeepEqual(v, wants[name][c]) {
					t.Errorf("%q with companies %v: %+v, want %+v", name, choices[c], v, wants[name][c])
					return
				}
			}
		})
	}
	all.Wait()
}
