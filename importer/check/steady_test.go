package check

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport"
	"taskport/importer"
	"taskport/importer/file"
)

// sampleFile returns a file of testdata, cut into chunks of so many rows.
func sampleFile(t *testing.T, kind importer.Kind, chunkRows int) File {
	t.Helper()
	name := string(kind) + ".csv"
	return File{Kind: kind, Cut: file.Options{Format: file.CSV, HasHeader: true, ChunkRows: chunkRows},
		Open: func() (io.ReadCloser, error) { return taskport.Testdata.Open("testdata/" + name) }}
}

// sampleDirectory reads the directory of testdata in an order of its own.
func sampleDirectory(t *testing.T, seed uint64) *Offline {
	t.Helper()
	o := NewOffline()
	for _, kind := range []importer.Kind{importer.Companies, importer.Contacts, importer.Deals, importer.Events} {
		err := sampleFile(t, kind, 0).Read(time.Now(), func(*importer.RowReader) error { return nil },
			func(b *importer.Batch) error {
				r := rand.New(rand.NewPCG(seed, 1))
				r.Shuffle(len(b.Companies), func(i, j int) { b.Companies[i], b.Companies[j] = b.Companies[j], b.Companies[i] })
				r.Shuffle(len(b.Contacts), func(i, j int) { b.Contacts[i], b.Contacts[j] = b.Contacts[j], b.Contacts[i] })
				o.Add(kind, b)
				if len(b.Dead) > 0 {
					return &b.Dead[0].Fault
				}
				return nil
			})
		if err != nil {
			t.Fatal(err)
		}
	}
	return o
}

// answers returns the outcome of each row of the sample, in chunks of so many rows, with several
// workers.
func answers(t *testing.T, o *Offline, chunkRows, workers int, now time.Time) map[int]string {
	t.Helper()
	names := o.Snapshot()
	var mu sync.Mutex
	all := map[int]string{}
	batches := make(chan *importer.Batch)
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for b := range batches {
				if err := b.Resolve(t.Context(), offlineWorkspace{o, names, o.Users(), nil},
					importer.Options{OnCompanyMismatch: importer.MismatchReject}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				for _, d := range slices.Concat(b.Tasks, b.Repeats) {
					all[d.Row] = fmt.Sprint(d.ContactID, d.CompanyID)
				}
				for i := range b.Dead {
					all[b.Dead[i].Row] = fmt.Sprint(b.Dead[i].Reason, b.Dead[i].Message, b.Dead[i].Candidates, b.Dead[i].Details)
				}
				mu.Unlock()
			}
		})
	}
	err := sampleFile(t, importer.Tasks, chunkRows).Read(now, func(*importer.RowReader) error { return nil },
		func(b *importer.Batch) error { batches <- b; return nil })
	close(batches)
	work.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The outcome of a row does not depend on its chunk, its worker, the order of the directory, or the
// time.
func TestOutcomeOfARowIsAlwaysTheSame(t *testing.T) {
	t.Parallel()
	const rows = 5000
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	want := answers(t, sampleDirectory(t, 0), rows, 1, now)
	if len(want) != rows {
		t.Fatalf("%d rows have an answer", len(want))
	}
	for seed, chunkRows := range []int{7, 103, 1000} {
		got := answers(t, sampleDirectory(t, uint64(seed)+1), chunkRows, 3, now.Add(time.Duration(seed)*1000*time.Hour))
		for row := range maps.Keys(want) {
			if undetailed(got[row]) != undetailed(want[row]) {
				t.Fatalf("row %d, chunks of %d: %s, want %s", row, chunkRows, got[row], want[row])
			}
		}
	}
}

// undetailed omits the address of the details, which fmt would print.
func undetailed(s string) string {
	at := strings.LastIndex(s, " 0x")
	if at < 0 {
		return s
	}
	return s[:at]
}

func TestOfflineDirectory(t *testing.T) {
	t.Parallel()
	o := NewOffline()
	o.Add(importer.Companies, load(t, importer.Companies,
		"name,external_id\nToro Co,K1\nToro Corp.,K2\nBrandt AG,K3\nBrandt AG,K3\n"))
	contacts := load(t, importer.Contacts,
		"full_name,company_name,external_id\nHans Müller,Brandt AG,C1\nAnna Nowak,Kaminski GmbH,C2\n"+
			"Petra Vogelsang,Toro,C3\nHans Müller,Toro Co,C1\n")
	o.Add(importer.Contacts, contacts)
	dead := contacts.Dead
	if len(dead) != 1 || dead[0].Row != 3 || dead[0].Reason != importer.AmbiguousReference {
		t.Errorf("dead letters are %+v", dead)
	}
	n := o.Snapshot()
	if n.People.Len() != 2 || n.Companies.Len() != 4 {
		t.Errorf("%d people, %d companies", n.People.Len(), n.Companies.Len())
	}
	b := &importer.Batch{Tasks: []importer.Draft{{Evidence: importer.Evidence{ContactName: "Mueller, Hans",
		CompanyName: "Brandt"}}}}
	if err := b.Resolve(t.Context(), offlineWorkspace{o, n, o.Users(), nil}, importer.Options{}); err != nil ||
		len(b.Tasks) != 1 ||
		b.Tasks[0].ContactID != offlineIDOf(importer.Contacts, "C1") ||
		b.Tasks[0].CompanyID != offlineIDOf(importer.Companies, "K3") {
		t.Errorf("%+v, %v", b, err)
	}
	if !o.known[importer.Contacts][offlineIDOf(importer.Contacts, "C2")] || o.known[importer.Contacts][uuid.New()] {
		t.Errorf("known are %v", o.known[importer.Contacts])
	}
}

// load reads all rows of a file in one batch.
func load(t *testing.T, kind importer.Kind, text string) *importer.Batch {
	t.Helper()
	var last *importer.Batch
	f := File{Kind: kind, Cut: file.Options{Format: file.CSV, HasHeader: true}, Open: func() (io.ReadCloser,
		error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
	if err := f.Read(time.Now(), func(*importer.RowReader) error { return nil },
		func(b *importer.Batch) error { last = b; return nil }); err != nil {
		t.Fatal(err)
	}
	return last
}
