package match

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Words of descent keep their order: swapping father and son makes another person. Surname and
// given name may still change places around them.
func TestFatherIsNotSon(t *testing.T) {
	t.Parallel()
	names := []string{"", "Ahmed bin Khalid", "Fatima bint Omar al-Rashid", "Yusuf al-Mansour", "Ben Carter",
		"David ben Amram", "Salem ibn Nasser", "Tariq bin al-Walid", "Mohammed bin Salman", "Ahmad b. Jawhar"}
	var entries []Entry
	for i, name := range names[1:] {
		entries = append(entries, Entry{ID: numbered(1, i+1), Name: name})
	}
	d := NewDirectory(Person, entries, nil)
	for name, want := range map[string]int{
		"Ahmed bin Khalid": 1, "AHMED BIN KHALID": 1, "Khalid bin Ahmed": 0,
		"Fatima bint Omar al-Rashid": 2, "al-Rashid, Fatima bint Omar": 2, "Al-Rashid Fatima bint Omar": 2,
		"Omar bint Fatima al-Rashid": 0,
		"Yusuf al-Mansour":           3, "al-Mansour Yusuf": 3, "Al Mansour, Yusuf": 3,
		"Ben Carter": 4, "Carter, Ben": 4, "Carter Ben": 4,
		"David Ben Amram": 5, "Amram ben David": 0,
		"Salem ibn Nasser": 6, "Nasser ibn Salem": 0,
		"Tariq bin al-Walid": 7, "Walid bin al-Tariq": 0,
		"bin Salman Mohammed": 8, "bin Salman, Mohammed": 8, "Salman bin Mohammed": 0, "bin Mohammed Salman": 0,
		"Ahmad b. Jawhar": 9, "Jawhar b. Ahmad": 0,
	} {
		v := d.Resolve(name, nil, Defaults(Person))
		if want == 0 && v.Finding != Unresolved || want > 0 && (v.Finding != Linked || v.Winner.ID != numbered(1, want)) {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// In a directory that has two words both as given names and as surnames, a name of these words is
// not turned; other names are.
func TestDirectoryShowsGivenNames(t *testing.T) {
	t.Parallel()
	d := NewDirectory(Person, []Entry{{ID: ID{1}, Name: "Tavish Corvin"}, {ID: ID{2}, Name: "Corvin Ashdale"},
		{ID: ID{3}, Name: "Merle Tavish"}, {ID: ID{4}, Name: "Merle Ashdale"}, {ID: ID{5}, Name: "Brannoc Quill"},
		{ID: ID{6}, Name: "Quill Brannoc"}}, nil)
	for name, want := range map[string]struct {
		finding Finding
		id      ID
	}{
		"Tavish Corvin":  {Linked, ID{1}},
		"Corvin, Tavish": {Linked, ID{1}},
		"Corvin Tavish":  {Unresolved, ID{}}, // it may be somebody who is not here
		"Ashdale Merle":  {Linked, ID{4}},
		"Ashdale Corvin": {Linked, ID{2}},
		"Quill Brannoc":  {Linked, ID{6}},
		"Brannoc Quill":  {Linked, ID{5}},
		"Quill, Brannoc": {Linked, ID{5}},
	} {
		if v := d.Resolve(name, nil, Defaults(Person)); v.Finding != want.finding || v.Winner.ID != want.id {
			t.Errorf("%s: %+v", name, v)
		}
	}
	if v := d.Resolve("Corvin Tavish", nil, Defaults(Person)); len(v.Candidates) != 1 || v.Candidates[0].ID != (ID{1}) {
		t.Errorf("the name in the other order is no hint: %+v", v)
	}
}

// nameWords are words of every kind that has a part in the order of a name.
var nameWords = strings.Fields("Anna Peter Thomas Martin Ali Hassan Ibrahim Quill Ashdale Corvin Sidorov Petrovich " +
	"al bin ibn ben abd abu von de la García-López Karl-Heinz J. Jr. Müller Иван Петрович Сидоров Орлов Νίκος Παππάς " +
	"سالم بن الحارثي דוד כהן 王 小明 김 서준")

func nameOf(r *rand.Rand, words int) string {
	var name []string
	for range words {
		name = append(name, nameWords[r.IntN(len(nameWords))])
	}
	return strings.Join(name, " ")
}

// However the words of a name are put, it is linked only if given name and surname have changed
// places, each as a whole: that is, if it begins at another of its words.
func TestOnlyAWholeTurnLinks(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(11, 1))
	linked := 0
	for range 4_000 {
		name := nameOf(r, 2+r.IntN(4))
		f := formOf(Person, name, false)
		words := withoutGeneration(f.words)
		sorted := slices.Sorted(slices.Values(words))
		if len(words) < 2 || len(slices.Compact(sorted)) < len(words) {
			continue
		}
		d := NewDirectory(Person, []Entry{{ID: ID{1}, Name: name}}, nil)
		other := slices.Clone(words)
		r.Shuffle(len(other), func(i, j int) { other[i], other[j] = other[j], other[i] })
		at := slices.Index(other, words[0])
		whole := slices.Equal(slices.Concat(other[at:], other[:at]), words)
		asked := strings.Join(slices.Concat(other, f.words[len(words):]), " ")
		v := d.Resolve(asked, nil, Defaults(Person))
		if v.Finding == Linked && !whole {
			t.Fatalf("%q is linked to %q by %s", asked, name, v.Rule)
		}
		if v.Finding == Linked && at > 0 {
			linked++
		}
	}
	if linked < 200 {
		t.Errorf("only %d names were turned and linked", linked)
	}
}

type labelledPair struct {
	Schema  string `csv:"schema"`
	A       string `csv:"name1"`
	B       string `csv:"name2"`
	IsMatch bool   `csv:"is_match"`
}

// No two different people of the labelled pairs are linked because their names have the same words.
func TestWordOrderLinksNoPairOfDifferentPeople(t *testing.T) {
	t.Parallel()
	needLabelled(t)
	var pairs []labelledPair
	readLabelled(t, filepath.Join(labelled, "pairs.csv"), &pairs)
	same := func(a, b string) bool {
		return slices.Equal(slices.Sorted(strings.FieldsSeq(fold(a, false))),
			slices.Sorted(strings.FieldsSeq(fold(b, false))))
	}
	for _, p := range pairs {
		if p.Schema != "Person" || !same(p.A, p.B) {
			continue
		}
		for _, names := range [][2]string{{p.A, p.B}, {p.B, p.A}} {
			d := NewDirectory(Person, []Entry{{ID: numbered(1, 1), Name: names[0]}}, nil)
			if v := d.Resolve(names[1], nil, Defaults(Person)); (v.Finding == Linked) != p.IsMatch {
				t.Errorf("%q against %q is %s by %s", names[1], names[0], verdictNames[v.Finding], v.Rule)
			}
		}
	}
}
