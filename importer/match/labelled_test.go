package match

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gocarina/gocsv"
)

// The labelled sets are other people's data and are not part of the project.
const labelled = "../../../shared/names"

type labelledEntry struct {
	ID      string `csv:"external_id"`
	Full    string `csv:"full_name"`
	Name    string `csv:"name"`
	Company string `csv:"company_name"`
}

type labelledQuery struct {
	Name     string `csv:"name"`
	Company  string `csv:"company"`
	Expected string `csv:"expected_id"`
	Kind     string `csv:"kind"`
}

// labelledSet is a directory with queries whose answers are known.
type labelledSet struct {
	directory *Directory
	params    Params
	external  map[ID]string // external ids
	companies map[string]ID
	queries   []labelledQuery
}

// tally counts the outcomes of the queries of a set.
type tally struct{ linked, right, known, strangers, strangersLinked int }

func (c tally) wrong() int         { return c.linked - c.right }
func (c tally) precision() float64 { return float64(c.right) / float64(c.linked) }
func (c tally) recall() float64    { return float64(c.right) / float64(c.known) }

func (c tally) String() string {
	return fmt.Sprintf("precision %.4f, recall %.4f, %d of %d links wrong, %d of %d strangers linked", c.precision(),
		c.recall(), c.wrong(), c.linked, c.strangersLinked, c.strangers)
}

// On labelled names, with one set of defaults for all, wrong links are rare and right links
// frequent.
func TestLabelledNames(t *testing.T) {
	t.Parallel()
	needLabelled(t)
	for _, c := range []struct {
		set                          string
		kind                         Kind
		precision, recall, strangers float64
	}{
		{"febrl1", Person, 0.995, 0.76, 0.02},
		{"febrl3", Person, 0.995, 0.76, 0.02},
		{"rldata500", Person, 0.995, 0.97, 1},
		{"people10k", Person, 0.998, 0.82, 0.005},
		{"companies", Company, 0.995, 0.92, 0.005},
	} {
		t.Run(c.set, func(t *testing.T) {
			t.Parallel()
			got := readSet(t, c.set, c.kind, nil).judge(withoutCompany)
			t.Log(got)
			if got.precision() < c.precision || got.recall() < c.recall || float64(got.strangersLinked) > c.strangers*float64(
				got.strangers) {
				t.Errorf("%v, want at least %v and %v", got, c.precision, c.recall)
			}
		})
	}
}

// The risk grows with the directory. This one has a hundred thousand contacts; ten thousand of them
// are those of the set.
func TestLabelledNamesInALargeDirectory(t *testing.T) {
	t.Parallel()
	needLabelled(t)
	got := readSet(t, "people10k", Person, func(entries []labelledEntry, queries []labelledQuery) []labelledEntry {
		return enlarged(entries, queries, 100_000)
	}).judge(withoutCompany)
	t.Log(got)
	if got.precision() < 0.995 || got.recall() < 0.74 {
		t.Errorf("%v, want at least .995 and .74", got)
	}
}

// A company adds no wrong link, even if each stranger names the company of the person with the most
// similar name.
func TestTheCompanyAddsNoWrongLink(t *testing.T) {
	t.Parallel()
	needLabelled(t)
	set := readSet(t, "people10k", Person, nil)
	without, with := set.judge(withoutCompany), set.judge(set.withCompany)
	resembled := set.judge(func(q labelledQuery) []ID {
		if q.Expected != "" {
			return set.withCompany(q)
		}
		return set.companyOfTheNearest(q)
	})
	t.Logf("without: %v; with: %v; with the company of the person they resemble: %v", without, with, resembled)
	if with.wrong() > without.wrong() || resembled.wrong() > without.wrong() ||
		resembled.strangersLinked > without.strangersLinked {
		t.Errorf("without: %v; with: %v; with the company of the person they resemble: %v", without, with, resembled)
	}
}

func needLabelled(t *testing.T) {
	t.Helper()
	if _, err := os.Stat(labelled); err != nil {
		t.Skipf("the labelled sets are not here: %v", err)
	}
}

func readSet(t *testing.T, name string, kind Kind, enlarge func([]labelledEntry,
	[]labelledQuery) []labelledEntry) *labelledSet {
	t.Helper()
	s := &labelledSet{params: Defaults(kind), external: map[ID]string{}, companies: map[string]ID{}}
	var from []labelledEntry
	readLabelled(t, filepath.Join(labelled, name, "directory.csv"), &from)
	readLabelled(t, filepath.Join(labelled, name, "queries.csv"), &s.queries)
	if enlarge != nil {
		from = enlarge(from, s.queries)
	}
	entries := make([]Entry, len(from))
	for i, e := range from {
		id := numbered(1, i)
		s.external[id] = e.ID
		if _, ok := s.companies[e.Company]; !ok && e.Company != "" {
			s.companies[e.Company] = numbered(2, len(s.companies))
		}
		entries[i] = Entry{ID: id, Name: e.Full + e.Name, Company: s.companies[e.Company]}
	}
	s.directory = NewDirectory(kind, entries, nil)
	return s
}

func readLabelled(t *testing.T, file string, into any) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := gocsv.Unmarshal(f, into); err != nil {
		t.Fatal(err)
	}
}

func numbered(kind byte, n int) (id ID) {
	id[0] = kind
	binary.BigEndian.PutUint32(id[1:], uint32(n))
	return id
}

func (s *labelledSet) judge(companies func(q labelledQuery) []ID) (c tally) {
	for _, q := range s.queries {
		v := s.directory.Resolve(q.Name, companies(q), s.params)
		if q.Expected == "" {
			c.strangers++
		} else {
			c.known++
		}
		if v.Finding != Linked {
			continue
		}
		c.linked++
		switch q.Expected {
		case "":
			c.strangersLinked++
		case s.external[v.Winner.ID]:
			c.right++
		}
	}
	return c
}

func withoutCompany(labelledQuery) []ID { return nil }

func (s *labelledSet) withCompany(q labelledQuery) []ID {
	if id, ok := s.companies[q.Company]; ok {
		return []ID{id}
	}
	return nil
}

func (s *labelledSet) companyOfTheNearest(q labelledQuery) []ID {
	v := s.directory.Resolve(q.Name, nil, s.params)
	switch {
	case v.Finding == Linked:
		return []ID{v.Winner.CompanyID}
	case len(v.Candidates) > 0:
		return []ID{v.Candidates[0].CompanyID}
	}
	return nil
}

// enlarged adds invented people to a directory. Their given names are as frequent as in the
// directory. Half of the surnames are as frequent, and half are new, composed of two rare ones. No
// person of a query is added.
func enlarged(entries []labelledEntry, queries []labelledQuery, size int) []labelledEntry {
	r := rand.New(rand.NewPCG(7, 7))
	asked := map[string]bool{}
	for _, q := range queries {
		asked[Key(Person, q.Name)] = true
	}
	times := map[string]int{}
	for _, e := range entries {
		times[lastWord(e.Full)]++
	}
	n := len(entries)
	for len(entries) < size {
		given, _, _ := strings.Cut(entries[r.IntN(n)].Full, " ")
		surname := lastWord(entries[r.IntN(n)].Full)
		if other := lastWord(entries[r.IntN(n)].Full); times[surname] == 1 && r.IntN(2) == 0 {
			surname = string([]rune(surname)[:len([]rune(surname))/2]) +
				strings.ToLower(string([]rune(other)[len([]rune(other))/2:]))
		}
		if r.IntN(6) == 0 {
			given += " " + string(rune('A'+r.IntN(26)))
		}
		if name := given + " " + surname; !asked[Key(Person, name)] {
			entries = append(entries, labelledEntry{ID: fmt.Sprintf("added %d", len(entries)), Full: name})
		}
	}
	return entries
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }
