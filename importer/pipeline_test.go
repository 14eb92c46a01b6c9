package importer

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"taskport/importer/file"
	"taskport/importer/match"
)

// endingContext ends when it is checked for the n-th time.
type endingContext struct {
	context.Context //nolint:containedctx // it is one
	looks           int
}

func (c *endingContext) Err() error {
	if c.looks--; c.looks <= 0 {
		return context.Canceled
	}
	return nil
}

// emptyWorkspace has no records and no tasks.
type emptyWorkspace struct{}

func (emptyWorkspace) Holders(context.Context, Keys) (Holders, error) { return Holders{}, nil }

func (emptyWorkspace) Users(context.Context) (*Snapshot, error) { return &Snapshot{}, nil }

func (emptyWorkspace) Known(context.Context, References) (Known, error) { return Known{}, nil }

func (emptyWorkspace) Snapshot(context.Context) (*Snapshot, error) {
	return &Snapshot{People: match.NewDirectory(match.Person, nil, nil), Companies: match.NewDirectory(match.Company,
		nil, nil)}, nil
}

func (emptyWorkspace) NearTitles(context.Context, map[Kind][]string) (map[Kind]map[string][]Holder, error) {
	return map[Kind]map[string][]Holder{}, nil
}

func (emptyWorkspace) Taken(context.Context, *Batch) (map[string]bool, error) {
	return map[string]bool{}, nil
}

// Resolve ends with its context between two rows, and also when it ended in the last one.
func TestResolveEndsWithItsContext(t *testing.T) {
	t.Parallel()
	const rows = 10 * ctxEvery
	for looks, most := range map[int]int{1: 1, 2: ctxEvery + 1, 3: 2*ctxEvery + 1, rows/ctxEvery + 1: rows} {
		b := read(t, Tasks, time.Now(), []string{"title", "contact_name"}, strings.Repeat("Call,Nobody At All\n", rows))
		if len(b.Tasks) != rows {
			t.Fatalf("%d tasks, want %d", len(b.Tasks), rows)
		}
		err := b.Resolve(&endingContext{t.Context(), looks}, emptyWorkspace{}, Options{})
		if !errors.Is(err, context.Canceled) || len(b.Dead) > most {
			t.Errorf("ended at look %d: error %v after %d rows, want %v after at most %d", looks, err, len(b.Dead),
				context.Canceled, most)
		}
	}
	b := read(t, Tasks, time.Now(), []string{"title", "contact_name"}, strings.Repeat("Call,Nobody At All\n", rows))
	if err := b.Resolve(t.Context(), emptyWorkspace{}, Options{}); err != nil || len(b.Dead) != rows {
		t.Errorf("error %v after %d rows, want none after %d", err, len(b.Dead), rows)
	}
}

// The id of a record of another kind in one row does not hide the record from other rows.
func TestIDInTheFieldOfAnotherKind(t *testing.T) {
	t.Parallel()
	id := uuid.New()
	b := &Batch{Tasks: []Draft{{Task: Task{ContactID: id}}, {Task: Task{DealID: id}}, {Task: Task{DealID: id}}}}
	refs := b.References()
	if len(refs[Contacts]) != 1 || len(refs[Deals]) != 1 {
		t.Errorf("got %v, want the id once of each kind", refs)
	}
}

// A row that is rejected, by whatever stage, leaves nothing behind in the next one.
func TestRowsHaveNothingOfEachOther(t *testing.T) {
	t.Parallel()
	header := "title,contact_name,company_name,deal_name,priority,status,task_type,description,due_date,created_date," +
		"assignee_email,contact_email,related_name,more\n"
	full := func(title, contact, due, more string) string {
		return strings.Join([]string{title, contact, "Berg GmbH", "Roof", "high", "completed", "call", "a secret", due,
			"2031-02-03T04:05:06Z", "o@berg.example", "a@berg.example", "Roof", more}, ",") + "\n"
	}
	const sparse = "Next,Otto Kern,,,,,,,,,,,,\n"
	for name, first := range map[string]string{
		"taken":               full("First", "Anna Berg", "2031-04-05", "x"),
		"no title":            full("", "Anna Berg", "2031-04-05", "x"),
		"no date":             full("First", "Anna Berg", "soon", "x"),
		"several contacts":    full("First", "Anna Berg;Otto Kern", "2031-04-05", "x"),
		"implausible date":    full("First", "Anna Berg", "1753-01-01", "x"),
		"too much is kept":    full("First", "Anna Berg", "2031-04-05", strings.Repeat("x", maxCustomFields)),
		"malformed":           full("First", "Anna Berg", "2031-04-05", "x,x,x"),
		"a number, shortened": full("First", "Anna Berg", "2031-04-05", "x") + full("1", "1.2E+15", "2031-04-05", "x"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2031, 6, 1, 0, 0, 0, 0, time.UTC)
			after, alone := readText(t, header+first+sparse, now), readText(t, header+sparse, now)
			if len(after.Tasks) == 0 {
				t.Fatalf("got no task, want the second row; rejected: %v", after.Dead)
			}
			got, want := after.Tasks[len(after.Tasks)-1], alone.Tasks[0]
			got.Source, want.Source = Source{}, Source{}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got  %+v\nwant %+v", got, want)
			}
		})
	}
}

// readText reads a file of tasks in which implausible dates are refused.
func readText(t *testing.T, text string, now time.Time) *Batch {
	t.Helper()
	cutter, err := file.NewCutter(strings.NewReader(text), file.Options{Format: file.CSV, HasHeader: true})
	if err != nil {
		t.Fatal(err)
	}
	chunk, err := cutter.Next()
	if err != nil {
		t.Fatal(err)
	}
	_, reader, err := Decide(Tasks, Layout{Layout: cutter.Layout()}, Mapping{ImplausibleDates: ImplausibleReject}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return reader.Read(chunk, now)
}
