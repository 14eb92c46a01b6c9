package importer

import (
	"context"
	"testing"
	"time"
)

// mustLink links a batch, and nothing ends it.
func mustLink(t testing.TB, b *Batch, known Known, names *Names, o Options) {
	t.Helper()
	if err := b.Link(context.Background(), known, names, o); err != nil {
		t.Error(err)
	}
}

// Linking ends with its context; a row that was not looked at is not rejected.
func TestLinkEndsWithItsContext(t *testing.T) {
	t.Parallel()
	o := sampleDirectory(t, 1)
	b := read(t, Tasks, time.Date(2031, 3, 1, 0, 0, 0, 0, time.UTC), []string{"title", "contact_name"}, "Call,Nobody Known\nCall,Nobody Else\n")
	ended, end := context.WithCancel(context.Background())
	end()
	if err := b.Link(ended, o.known, o.Names(), Options{}); err != context.Canceled || len(b.Dead) > 0 {
		t.Errorf("%v, %d dead letters", err, len(b.Dead))
	}
	mustLink(t, b, o.known, o.Names(), Options{})
	if len(b.Dead) != 2 {
		t.Errorf("%d dead letters", len(b.Dead))
	}
}
