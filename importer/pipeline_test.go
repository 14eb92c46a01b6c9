package importer

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

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
