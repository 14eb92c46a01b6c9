package match

import (
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// golden is the folder of names with verdicts by hand; its README.md explains them.
const golden = "../../testdata/names"

// goldenQuery is a name of the golden table.
type goldenQuery struct {
	Name     string `csv:"name"`
	Company  string `csv:"company"`
	Expected string `csv:"expected_id"`
	Kind     string `csv:"kind"`
	Verdict  string `csv:"verdict"`
}

// goldenSet is the golden table of one kind of record.
type goldenSet struct {
	kind     Kind
	entries  []Entry
	external map[ID]string
	queries  []goldenQuery
}

var verdictNames = map[Finding]string{Linked: "linked", Ambiguous: "ambiguous", Unresolved: "unresolved",
	CompanyMismatch: "company_mismatch"}

func readGolden(t *testing.T) (people, companies goldenSet) {
	t.Helper()
	byName := map[string]ID{}
	companies = readGoldenSet(t, Company, "companies.csv", "company_queries.csv", byName)
	for _, e := range companies.entries {
		byName[e.Name] = e.ID
	}
	return readGoldenSet(t, Person, "contacts.csv", "contact_queries.csv", byName), companies
}

func readGoldenSet(t *testing.T, k Kind, directory, queries string, companies map[string]ID) goldenSet {
	t.Helper()
	s := goldenSet{kind: k, external: map[ID]string{}}
	var from []labelledEntry
	readLabelled(t, filepath.Join(golden, directory), &from)
	readLabelled(t, filepath.Join(golden, queries), &s.queries)
	for i, e := range from {
		id := numbered(byte(k)+1, i)
		s.external[id] = e.ID
		s.entries = append(s.entries, Entry{ID: id, Name: e.Full + e.Name, Company: companies[e.Company]})
	}
	return s
}

// company returns the ids of a query's company.
func (s *goldenSet) company(t *testing.T, q goldenQuery, companies goldenSet) []ID {
	t.Helper()
	if q.Company == "" {
		return nil
	}
	at := slices.IndexFunc(companies.entries, func(e Entry) bool { return e.Name == q.Company })
	if at < 0 {
		t.Fatalf("%q is no company of the table", q.Company)
	}
	return []ID{companies.entries[at].ID}
}

func TestGoldenNames(t *testing.T) {
	t.Parallel()
	people, companies := readGolden(t)
	if n := len(people.queries) + len(companies.queries); n < 400 {
		t.Errorf("the golden table has %d names, want at least 400", n)
	}
	for _, s := range []goldenSet{people, companies} {
		d := NewDirectory(s.kind, shuffled(s.entries, 1), nil)
		for _, q := range s.queries {
			v := d.Resolve(q.Name, s.company(t, q, companies), Defaults(s.kind))
			if got := verdictNames[v.Finding]; got != q.Verdict || v.Finding == Linked && s.external[v.Winner.ID] != q.Expected {
				t.Errorf("%s: %q is %s %q by %s, want %s %s", q.Kind, q.Name, got, v.Winner.Name, v.Rule, q.Verdict, q.Expected)
			}
		}
	}
}

// Without nicknames no nickname links, and nothing else changes.
func TestNicknamesCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	people, companies := readGolden(t)
	d := NewDirectory(Person, people.entries, nil)
	p := Defaults(Person)
	p.NoNicknames = true
	for _, q := range people.queries {
		v := d.Resolve(q.Name, people.company(t, q, companies), p)
		switch {
		case q.Kind == "nickname" && v.Finding == Linked && v.Rule == RuleVariant:
			t.Errorf("%q is linked to %q", q.Name, v.Winner.Name)
		case !strings.HasPrefix(q.Kind, "nickname") && verdictNames[v.Finding] != q.Verdict:
			t.Errorf("%s: %q is %s, want %s", q.Kind, q.Name, verdictNames[v.Finding], q.Verdict)
		}
	}
}

// Verdicts depend neither on the order in which a directory is read nor on names resolved before.
func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	people, companies := readGolden(t)
	for _, s := range []goldenSet{people, companies} {
		straight := NewDirectory(s.kind, s.entries, nil)
		for seed := range uint64(5) {
			other := NewDirectory(s.kind, shuffled(s.entries, seed), nil)
			for _, q := range shuffled(s.queries, seed) {
				sameVerdict(t, q.Name, straight.Resolve(q.Name, nil, Defaults(s.kind)), other.Resolve(q.Name, nil,
					Defaults(s.kind)))
			}
		}
	}
}

// A directory that was built in pieces, with changes in between, returns the verdicts of one that
// was built at once.
func TestChangesAreAsIfBuiltAtOnce(t *testing.T) {
	t.Parallel()
	people, companies := readGolden(t)
	for _, s := range []goldenSet{people, companies} {
		for seed := range uint64(4) {
			entries := shuffled(s.entries, seed)
			at := len(entries) / 2
			wrong := slices.Clone(entries[:at])
			for i := range wrong[:at/3] {
				wrong[i].Name = entries[len(entries)-1-i].Name + " x"
			}
			d := NewDirectory(s.kind, wrong, nil)
			for piece := range slices.Chunk(append(slices.Clone(entries[:at/3]), entries[at:]...), 17) {
				d = d.With(piece, nil)
			}
			built := NewDirectory(s.kind, s.entries, nil)
			if d.Len() != built.Len() || d.base.len() == built.base.len() {
				t.Fatalf("%d entries, %d of them in the base; want %d", d.Len(), d.base.len(), built.Len())
			}
			for _, q := range s.queries {
				sameVerdict(t, q.Name, built.Resolve(q.Name, nil, Defaults(s.kind)), d.Resolve(q.Name, nil, Defaults(s.kind)))
			}
		}
	}
}

// A directory from which entries were removed, and some came back, returns the verdicts of one
// that never had the others.
func TestRemovedEntriesAreForgotten(t *testing.T) {
	t.Parallel()
	people, companies := readGolden(t)
	for _, s := range []goldenSet{people, companies} {
		for seed := range uint64(4) {
			entries := shuffled(s.entries, seed)
			third := len(entries) / 3
			d := NewDirectory(s.kind, entries[:2*third], nil)
			d = d.With(entries[2*third:], nil) // removed from the base and from what is recent
			removed := append(slices.Clone(entries[:third]), entries[len(entries)-third/2:]...)
			for i := range removed {
				removed[i].Name = ""
			}
			for piece := range slices.Chunk(removed, 13) {
				d = d.With(piece, nil)
			}
			d = d.With(entries[:third/2], nil)
			left := slices.Concat(entries[:third/2], entries[third:len(entries)-third/2])
			built := NewDirectory(s.kind, left, nil)
			if d.Len() != built.Len() || d.recent.len() == 0 {
				t.Fatalf("%d entries, %d of them recent; want %d", d.Len(), d.recent.len(), built.Len())
			}
			if name := d.NameOf(removed[third-1].ID); name != "" {
				t.Errorf("a removed entry is called %q, want nothing", name)
			}
			for _, q := range s.queries {
				sameVerdict(t, q.Name, built.Resolve(q.Name, nil, Defaults(s.kind)), d.Resolve(q.Name, nil, Defaults(s.kind)))
			}
		}
	}
}

// Directories without entries, with one and with few work as large ones do.
func TestSmallDirectories(t *testing.T) {
	t.Parallel()
	people, _ := readGolden(t)
	for n := range 20 {
		d := NewDirectory(Person, people.entries[:n], nil)
		for i, e := range people.entries[:20] {
			if v := d.Resolve(e.Name, nil, Defaults(Person)); (v.Finding == Linked) != (i < n) || i < n && v.Winner.ID != e.ID {
				t.Errorf("%d entries: %q is %+v", n, e.Name, v)
			}
		}
	}
}

// A directory with many changes is rebuilt.
func TestManyChangesAreBuiltIn(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	name := likelyNames(r)
	entries := make([]Entry, 3*leastRecent)
	for i := range entries {
		entries[i] = Entry{ID: numbered(1, i), Name: name()}
	}
	d := NewDirectory(Person, entries[:leastRecent], nil).With(entries[leastRecent:2*leastRecent], nil)
	if d.recent.len() != leastRecent {
		t.Errorf("%d entries are recent, want %d", d.recent.len(), leastRecent)
	}
	d = d.With(entries[2*leastRecent:], nil)
	if d.recent.len() != 0 || d.Len() != len(entries) {
		t.Errorf("%d of %d entries are recent", d.recent.len(), d.Len())
	}
	for _, e := range entries[:100] {
		if v := d.Resolve(e.Name, nil, Defaults(Person)); v.Winner.ID != e.ID && !slices.Contains(v.All, e.ID) {
			t.Errorf("%q: %+v", e.Name, v)
		}
	}
}

func sameVerdict(t *testing.T, name string, a, b Verdict) {
	t.Helper()
	sortIDs := func(ids []ID) []ID {
		return slices.SortedFunc(slices.Values(ids), func(a, b ID) int { return slices.Compare(a[:], b[:]) })
	}
	if a.Finding != b.Finding || a.Winner != b.Winner || a.Rule != b.Rule || a.Best != b.Best || a.Second != b.Second ||
		!slices.Equal(a.Candidates, b.Candidates) || !slices.Equal(sortIDs(a.All), sortIDs(b.All)) {
		t.Fatalf("%q: %+v, then %+v", name, a, b)
	}
}

func shuffled[T any](list []T, seed uint64) []T {
	list = slices.Clone(list)
	r := rand.New(rand.NewPCG(seed, 5))
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

func TestTheCompanyChoosesAndVetoes(t *testing.T) {
	t.Parallel()
	brandt, other, nowhere := ID{1}, ID{2}, ID{3}
	d := NewDirectory(Person, []Entry{
		{ID: ID{10}, Name: "Peter Schmidt", Company: brandt}, {ID: ID{11}, Name: "Peter Schmidt", Company: other},
		{ID: ID{12}, Name: "Petra Vogelsang", Company: brandt}, {ID: ID{13}, Name: "Ludwig Lindemann"},
		{ID: ID{14}, Name: "Georgina Haverkamp", Company: brandt}, {ID: ID{15}, Name: "Georgine Haverkamp", Company: other},
	}, map[string]ID{Key(Person, "Chef"): {12}})
	for _, c := range []struct {
		name      string
		companies []ID
		outcome   Finding
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
		// the company must not decide among names that are only similar
		{"Georgin Haverkamp", []ID{brandt}, Ambiguous, RuleMargin, ID{}},
	} {
		if v := d.Resolve(c.name, c.companies, Defaults(Person)); v.Finding != c.outcome || v.Rule != c.rule ||
			v.Winner.ID != c.winner {
			t.Errorf("%s at %v: %+v", c.name, c.companies, v)
		}
	}
}

func TestVerdictGivesItsReasons(t *testing.T) {
	t.Parallel()
	people, _ := readGolden(t)
	d, p := NewDirectory(Person, people.entries, nil), Defaults(Person)
	v := d.Resolve("Petra Vogelsnag", nil, p)
	if v.Best < p.Threshold || v.Best >= 1 || v.Second >= v.Best-p.Margin || v.Threshold != p.Threshold ||
		v.Margin != p.Margin || v.Winner.Score != v.Best {
		t.Errorf("%+v", v)
	}
	hint := d.Resolve("Petra Vogelmann", nil, p)
	if hint.Finding != Unresolved || len(hint.Candidates) == 0 || len(hint.Candidates) > 3 ||
		hint.Candidates[0].Name != "Petra Vogelsang" {
		t.Errorf("%+v", hint)
	}
}
