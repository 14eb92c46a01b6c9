package match

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type labelledPair struct {
	Schema  string `csv:"schema"`
	A       string `csv:"name1"`
	B       string `csv:"name2"`
	IsMatch bool   `csv:"is_match"`
}

// No pair of different people has the words of the other in another order and is linked.
func TestWordOrderLinksNoPairOfDifferentPeople(t *testing.T) {
	t.Parallel()
	needLabelled(t)
	var pairs []labelledPair
	readLabelled(t, filepath.Join(labelled, "pairs.csv"), &pairs)
	var links, right int
	for _, p := range pairs {
		if p.Schema != "Person" {
			continue
		}
		for _, names := range [][2]string{{p.A, p.B}, {p.B, p.A}} {
			d := NewDirectory(Person, []Entry{{ID: numbered(1, 1), Name: names[0]}}, nil)
			v := d.Resolve(names[1], nil, Defaults(Person))
			if p.IsMatch {
				links++
				if v.Finding == Linked {
					right++
				}
			} else if v.Finding == Linked && sortedWords(names[0]) == sortedWords(names[1]) {
				t.Errorf("%q is linked to %q", names[1], names[0])
			} else if v.Finding == Linked {
				t.Logf("%q is linked to %q by %s", names[1], names[0], v.Rule)
			}
			if p.IsMatch && v.Finding != Linked && sortedWords(names[0]) == sortedWords(names[1]) {
				t.Logf("LOST %q to %q by %s", names[1], names[0], v.Rule)
			}
		}
	}
	t.Logf("%d of %d links", right, links)
}

func sortedWords(name string) string {
	words := strings.Fields(fold(name, false))
	slices.Sort(words)
	return strings.Join(words, " ")
}
