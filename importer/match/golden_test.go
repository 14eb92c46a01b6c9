package match

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

// goldenPeople are the directory of the golden table.
var goldenPeople = []string{"Hans Müller", "Søren Kjærgård", "Anna-Lena Österreich", "Seán O'Brien", "Łukasz Wójcik", "Dr. Petra Vogelsang", "John Fitzgerald Jr.", "John A. Whitaker",
	"Robert James Fairweather", "Andrea Kowalczyk", "Nguyễn Thị Hương", "François Lefèvre", "Ludwig van Beethoven", "Ivan Petrov", "Peter Schmidt", "Peter Schmidt", "Иван Петров", "Li Na",
	"Andrea Baumgartner", "Maria Zimmermann", "Mario Zimmermann"}

// Whom a name means: the entry's number, -1 for nobody, -2 for one of several.
var goldenNames = []struct {
	kind, name string
	want       int
}{
	{"exact", "Hans Müller", 0}, {"case", "HANS MÜLLER", 0}, {"case", "hans müller", 0}, {"umlaut", "Hans Mueller", 0}, {"accent", "Hans Muller", 0},
	{"comma", "Müller, Hans", 0}, {"order", "Müller Hans", 0}, {"spaces", "  Hans \u00a0 Müller ", 0}, {"honorific", "Herr Hans Müller", 0}, {"honorific", "Prof. Dr. Hans Müller", 0},
	{"honorific", "Hans Müller, PhD", 0}, {"accent", "Soren Kjaergaard", 1}, {"accent", "Søren Kjærgaard", 1}, {"punctuation", "Anna Lena Osterreich", 2}, {"umlaut", "Anna-Lena Oesterreich", 2},
	{"punctuation", "Sean OBrien", 3}, {"punctuation", "O’Brien, Seán", 3}, {"accent", "Lukasz Wojcik", 4}, {"honorific", "Petra Vogelsang", 5}, {"suffix", "John Fitzgerald Jr", 6},
	{"suffix", "Fitzgerald, John, Junior", 6}, {"initial", "John A Whitaker", 7}, {"accent", "Nguyen Thi Huong", 10}, {"accent", "Francois Lefevre", 11}, {"script", "иван петров", 16}, {"short", "Na Li", 17},
	{"typo", "Petra Vogelsnag", 5}, {"typo", "Petra Vogelsaang", 5}, {"typo", "Ludwig van Beethofen", 12}, {"typo", "Francois Lefevbre", 11}, {"typo", "Robert James Fairwether", 8}, {"middle", "Robert J. Fairweather", 8},
	{"namesakes", "Peter Schmidt", -2}, {"namesakes", "Schmidt, Peter", -2},
	{"stranger", "Wolfgang Unbekannt", -1}, {"empty", "", -1}, {"empty", " .-, ", -1}, {"relative", "Hanna Müller", -1}, {"relative", "Fritz Vogelsang", -1}, {"relative", "Lea Vogelsang", -1},
	{"given name", "Andrew Kowalczyk", -1}, {"generation", "John Fitzgerald Sr.", -1}, {"generation", "John Fitzgerald", -1}, {"initial", "John B. Whitaker", -1}, {"initial", "J. Whitaker", -1},
	{"one word", "Vogelsang", -1}, {"short", "Li Ma", -1}, {"short", "Lu Na", -1}, {"script", "Иван Петрова", -1}, {"middle", "Robert K. Fairweather", -1}, {"too little", "Hans", -1},
	{"given name", "Maria Zimmerman", 19}, {"given name", "Marie Zimmermann", -1},
}

var goldenCompanies = []string{"Brandt Logistik GmbH & Co. KG", "Kaminski Sp. z o.o.", "Müller & Söhne AG", "Toro Co", "Toro Corp.", "Plant 1 Services Ltd", "The Widget Company", "S.A. Holding", "Ferrari N.V.", "GmbH", "Nordlicht Energie AS", "Dupont S.à r.l."}

var goldenFirms = []struct {
	kind, name string
	want       int
}{
	{"exact", "Brandt Logistik GmbH & Co. KG", 0}, {"no form", "Brandt Logistik", 0}, {"other form", "Brandt Logistik AG", 0}, {"case", "BRANDT LOGISTIK GMBH", 0}, {"no form", "Kaminski", 1}, {"form", "Kaminski sp z oo", 1},
	{"and", "Mueller und Soehne", 2}, {"and", "Müller and Söhne AG", 2}, {"forms only", "Toro Co", -2}, {"forms only", "Toro", -2}, {"number", "Plant 1 Services", 5}, {"number", "Plant 2 Services Ltd", -1},
	{"the", "Widget", 6}, {"form", "Ferrari Limited", 8}, {"form alone", "GmbH", 9}, {"form", "Nordlicht Energie ASA", 10}, {"form", "Dupont SARL", 11}, {"typo", "Brandt Logistk GmbH", 0}, {"stranger", "Hinz & Kunz GmbH", -1},
	{"near miss", "Brandt Logopädie GmbH", -1},
}

func directoryOf(k Kind, names []string, order []int) (*Directory, map[ID]int) {
	ids := map[ID]int{}
	entries := make([]Entry, 0, len(names))
	for _, i := range order {
		var id ID
		binary.BigEndian.PutUint32(id[:], uint32(i+1))
		ids[id] = i
		entries = append(entries, Entry{ID: id, Name: names[i]})
	}
	return NewDirectory(k, entries, nil), ids
}

func verdictOf(v Verdict, ids map[ID]int) int {
	switch v.Outcome {
	case Linked:
		return ids[v.Winner.ID]
	case Ambiguous:
		return -2
	case Unresolved, CompanyMismatch:
	}
	return -1
}

func TestGoldenNames(t *testing.T) {
	t.Parallel()
	people, ids := directoryOf(Person, goldenPeople, rand.Perm(len(goldenPeople)))
	for _, g := range goldenNames {
		if v := people.Resolve(g.name, nil, Defaults(Person)); verdictOf(v, ids) != g.want {
			t.Errorf("%s: %q means %d, want %d: %+v", g.kind, g.name, verdictOf(v, ids), g.want, v)
		}
	}
	firms, ids := directoryOf(Company, goldenCompanies, rand.Perm(len(goldenCompanies)))
	for _, g := range goldenFirms {
		if v := firms.Resolve(g.name, nil, Defaults(Company)); verdictOf(v, ids) != g.want {
			t.Errorf("%s: %q means %d, want %d: %+v", g.kind, g.name, verdictOf(v, ids), g.want, v)
		}
	}
}

// The order in which a directory is read does not show in a verdict.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	straight, _ := directoryOf(Person, goldenPeople, rand.New(rand.NewPCG(1, 1)).Perm(len(goldenPeople)))
	for seed := range uint64(20) {
		shuffled, _ := directoryOf(Person, goldenPeople, rand.New(rand.NewPCG(seed, 2)).Perm(len(goldenPeople)))
		for _, g := range goldenNames {
			a, b := straight.Resolve(g.name, nil, Defaults(Person)), shuffled.Resolve(g.name, nil, Defaults(Person))
			if a.Outcome != b.Outcome || a.Winner != b.Winner || a.Rule != b.Rule || len(a.Candidates) != len(b.Candidates) {
				t.Fatalf("%q: %+v, then %+v", g.name, a, b)
			}
			for i := range a.Candidates {
				if a.Candidates[i] != b.Candidates[i] {
					t.Fatalf("%q: candidate %d is %+v, then %+v", g.name, i, a.Candidates[i], b.Candidates[i])
				}
			}
		}
	}
}

func TestTheCompanyChoosesAndVetoes(t *testing.T) {
	t.Parallel()
	brandt, other, nowhere := ID{1}, ID{2}, ID{3}
	d := NewDirectory(Person, []Entry{
		{ID: ID{10}, Name: "Peter Schmidt", Company: brandt}, {ID: ID{11}, Name: "Peter Schmidt", Company: other}, {ID: ID{12}, Name: "Petra Vogelsang", Company: brandt}, {ID: ID{13}, Name: "Ludwig Lindemann"},
		{ID: ID{14}, Name: "Georgina Haverkamp", Company: brandt}, {ID: ID{15}, Name: "Georgine Haverkamp", Company: other},
	}, map[string]ID{Key(Person, "Chef"): {12}})
	for _, c := range []struct {
		name      string
		companies []ID
		outcome   Outcome
		rule      Rule
		winner    ID
	}{
		{"Peter Schmidt", []ID{brandt}, Linked, RuleEqualCompany, ID{10}},
		{"Peter Schmidt", []ID{other, nowhere}, Linked, RuleEqualCompany, ID{11}},
		{"Peter Schmidt", []ID{nowhere}, Ambiguous, RuleEqual, ID{}},
		{"Peter Schmidt", []ID{brandt, other}, Ambiguous, RuleEqual, ID{}},
		{"Petra Vogelsang", []ID{other}, CompanyMismatch, RuleEqual, ID{12}},
		{"Petra Vogelsnag", []ID{other}, CompanyMismatch, RuleSimilar, ID{12}},
		{"Petra Vogelsnag", []ID{brandt}, Linked, RuleSimilar, ID{12}},
		{"Ludwig Lindemann", []ID{brandt}, Linked, RuleEqual, ID{13}},
		{"Chef", []ID{other}, Linked, RuleAlias, ID{12}},
		{"Georgin Haverkamp", []ID{brandt}, Ambiguous, RuleMargin, ID{}}, // the company must not decide among merely similar names
	} {
		if v := d.Resolve(c.name, c.companies, Defaults(Person)); v.Outcome != c.outcome || v.Rule != c.rule || v.Winner.ID != c.winner {
			t.Errorf("%s at %v: %+v", c.name, c.companies, v)
		}
	}
}

func TestVerdictGivesItsReasons(t *testing.T) {
	t.Parallel()
	d, _ := directoryOf(Person, goldenPeople, rand.Perm(len(goldenPeople)))
	p := Defaults(Person)
	v := d.Resolve("Petra Vogelsnag", nil, p)
	if v.Best < p.Threshold || v.Best >= 1 || v.Second >= v.Best-p.Margin || v.Threshold != p.Threshold || v.Margin != p.Margin || v.Winner.Score != v.Best {
		t.Errorf("%+v", v)
	}
	hint := d.Resolve("Hanna Müller", nil, p)
	if hint.Outcome != Unresolved || len(hint.Candidates) == 0 || len(hint.Candidates) > 3 || hint.Candidates[0].Name != "Hans Müller" {
		t.Errorf("%+v", hint)
	}
}
