package importer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/testdata"
)

// sampleFile gives a file of testdata, cut into chunks of so many rows.
func sampleFile(t *testing.T, kind Kind, chunkRows int) File {
	t.Helper()
	name := string(kind) + ".csv"
	return File{Kind: kind, Cut: CutOptions{Format: CSV, HasHeader: true, ChunkRows: chunkRows}, Open: func() (io.ReadCloser, error) { return testdata.Files.Open(name) }}
}

// sampleDirectory reads the directory of testdata, its records in an order of their own.
func sampleDirectory(t *testing.T, seed uint64) *Offline {
	t.Helper()
	o := NewOffline()
	for _, kind := range []Kind{Companies, Contacts, Deals, Events} {
		err := sampleFile(t, kind, 0).Read(time.Now(), func(*Plan) error { return nil }, func(b *Batch) error {
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

// answers gives, for each row of the sample, what becomes of it, in chunks of so many rows that some workers take in turn.
func answers(t *testing.T, o *Offline, chunkRows, workers int, now time.Time) map[int]string {
	t.Helper()
	names := o.Names()
	var mu sync.Mutex
	all := map[int]string{}
	batches := make(chan *Batch)
	var work sync.WaitGroup
	for range workers {
		work.Go(func() {
			for b := range batches {
				mustLink(t, b, o.known, names, Options{OnCompanyMismatch: MismatchReject})
				mu.Lock()
				for i := range b.Tasks {
					all[b.Tasks[i].Row] = fmt.Sprint(b.Tasks[i].ContactID, b.Tasks[i].CompanyID)
				}
				for i := range b.Dead {
					all[b.Dead[i].Row] = fmt.Sprint(b.Dead[i].Reason, b.Dead[i].Message, b.Dead[i].Candidates, b.Dead[i].Details)
				}
				mu.Unlock()
			}
		})
	}
	err := sampleFile(t, Tasks, chunkRows).Read(now, func(*Plan) error { return nil }, func(b *Batch) error { batches <- b; return nil })
	close(batches)
	work.Wait()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// The answer to a row does not depend on the chunk it stands in, on the worker that takes it, on the order of the directory, or on the time.
func TestTheAnswerToARowIsAlwaysTheSame(t *testing.T) {
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

// undetailed leaves out the address that fmt prints of the details.
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
	load := func(kind Kind, text string) *Batch {
		var last *Batch
		f := File{Kind: kind, Cut: CutOptions{Format: CSV, HasHeader: true}, Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }}
		if err := f.Read(time.Now(), func(*Plan) error { return nil }, func(b *Batch) error { o.Add(kind, b); last = b; return nil }); err != nil {
			t.Fatal(err)
		}
		return last
	}
	load(Companies, "name,external_id\nToro Co,K1\nToro Corp.,K2\nBrandt AG,K3\nBrandt AG,K3\n")
	dead := load(Contacts, "full_name,company_name,external_id\nHans Müller,Brandt AG,C1\nAnna Nowak,Kaminski GmbH,C2\nPetra Vogelsang,Toro,C3\nHans Müller,Toro Co,C1\n").Dead
	if len(dead) != 1 || dead[0].Row != 3 || dead[0].Reason != AmbiguousReference {
		t.Errorf("dead letters are %+v", dead)
	}
	n := o.Names()
	if n.People.Len() != 2 || n.Companies.Len() != 4 {
		t.Errorf("%d people, %d companies", n.People.Len(), n.Companies.Len())
	}
	d := Draft{ContactName: "Mueller, Hans", CompanyName: "Brandt"}
	if fault, _ := n.resolve(t.Context(), &d, Options{}); fault != nil || d.ContactID != offlineIDOf(Contacts, "C1") || d.CompanyID != offlineIDOf(Companies, "K3") {
		t.Errorf("%+v, %v", d, fault)
	}
	if !o.known[Contacts][offlineIDOf(Contacts, "C2")] || o.known[Contacts][uuid.New()] {
		t.Errorf("known are %v", o.known[Contacts])
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		s     Settings
		field string
	}{
		{Settings{}, ""},
		{Settings{Contacts: NameSettings{Threshold: 0.8, Margin: 0.2, Certainty: 1}}, ""},
		{Settings{Contacts: NameSettings{Threshold: 0.79}}, "contact_threshold"},
		{Settings{Companies: NameSettings{Threshold: 1.01}}, "company_threshold"},
		{Settings{Companies: NameSettings{Margin: -0.01}}, "company_margin"},
		{Settings{Contacts: NameSettings{Certainty: 0.5}}, "contact_certainty"},
	} {
		var fault *Fault
		errors.As(c.s.Validate(), &fault)
		if got := fieldOf(fault); got != c.field {
			t.Errorf("%+v: %q, want %q", c.s, got, c.field)
		}
	}
}

func fieldOf(f *Fault) string {
	if f == nil {
		return ""
	}
	return f.Field
}
