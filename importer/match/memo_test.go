package match

import (
	"reflect"
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
