package store

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// followPause is how long Follow waits before it looks again.
const followPause = 400 * time.Millisecond

// Follow shows an import as it stands, again and again until it has ended or stopping is closed; moved says whether something has changed since the last time.
// It ends with an error of show, of the context or of the database.
func (s *Store) Follow(ctx context.Context, workspace, id uuid.UUID, stopping <-chan struct{}, show func(i Import, moved bool) error) error {
	var last Import
	for {
		i, err := s.Import(ctx, workspace, id)
		if err != nil {
			return err
		}
		moved := i.Status != last.Status || i.Processed() != last.Processed() || i.Parked != last.Parked
		if err := show(i, moved); err != nil || i.Status.Final() {
			return err
		}
		last = i
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-stopping:
			return nil
		case <-time.After(followPause):
		}
	}
}
