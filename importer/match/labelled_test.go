package match

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/gocarina/gocsv"
)

// The labelled sets are other people's data and stand beside the project, not in it.
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

// On labelled names, wrong links stay rare and right ones frequent. The figures are floors, a little below what was measured.
func TestLabelledNames(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(labelled); err != nil {
		t.Skipf("the labelled sets are not here: %v", err)
	}
	for _, c := range []struct {
		set               string
		kind              Kind
		precision, recall float64
	}{
		{"febrl1", Person, 0.99, 0.75},
		{"febrl3", Person, 0.99, 0.74},
		{"rldata500", Person, 0.99, 0.71},
		{"people10k", Person, 0.995, 0.71},
		{"companies", Company, 0.99, 0.81},
	} {
		t.Run(c.set, func(t *testing.T) {
			t.Parallel()
			var entries []labelledEntry
			var queries []labelledQuery
			readLabelled(t, filepath.Join(labelled, c.set, "directory.csv"), &entries)
			readLabelled(t, filepath.Join(labelled, c.set, "queries.csv"), &queries)
			precision, recall := judge(t, c.kind, entries, queries)
			if precision < c.precision || recall < c.recall {
				t.Errorf("precision %.4f, recall %.4f, want at least %.4f and %.4f", precision, recall, c.precision, c.recall)
			}
		})
	}
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

func judge(t *testing.T, kind Kind, from []labelledEntry, queries []labelledQuery) (precision, recall float64) {
	t.Helper()
	ids := map[ID]string{}
	entries := make([]Entry, len(from))
	for i, e := range from {
		var id ID
		binary.BigEndian.PutUint32(id[:], uint32(i+1))
		ids[id] = e.ID
		entries[i] = Entry{ID: id, Name: e.Full + e.Name}
	}
	d := NewDirectory(kind, entries, nil)
	p := Defaults(kind, d.Len())
	var linked, right, known, strangers, strangersLinked int
	wrongKinds := map[string]int{}
	for _, q := range queries {
		v := d.Resolve(q.Name, nil, p)
		if q.Expected == "" {
			strangers++
		} else {
			known++
		}
		if v.Outcome != Linked {
			continue
		}
		linked++
		switch {
		case q.Expected == "":
			strangersLinked++
			wrongKinds[q.Kind]++
		case ids[v.Winner.ID] == q.Expected:
			right++
		default:
			wrongKinds[q.Kind]++
		}
	}
	precision, recall = float64(right)/float64(linked), float64(right)/float64(known)
	t.Logf("%d entries, %d queries: precision %.4f, recall %.4f, %d of %d strangers linked, wrong by kind %v", d.Len(), len(queries), precision, recall, strangersLinked, strangers, wrongKinds)
	return precision, recall
}
