// Package spool gives uploads the scratch files that they need where a file cannot be read from front to back, within a bound that all uploads of a process share.
package spool

import (
	"context"
	"fmt"
	"os"
	"time"

	"taskport/importer/file/xlsx"
	"taskport/store"
)

const (
	defaultUploads = 8
	// patience is how long an upload waits until it may have scratch files.
	patience = 5 * time.Second
)

// Spools bounds the uploads that have scratch files at the same time, and with it the space that they take. It is safe for concurrent use.
type Spools struct {
	dir  string
	room chan struct{}
}

// New gives room for so many uploads, 8 where it says 0, in a folder; empty for that of the system.
func New(dir string, uploads int) *Spools {
	if uploads == 0 {
		uploads = defaultUploads
	}
	return &Spools{dir: dir, room: make(chan struct{}, uploads)}
}

// Upload gives the scratch files of one upload. Done must follow.
func (s *Spools) Upload(ctx context.Context) *Upload { return &Upload{ctx: ctx, spools: s} }

// Upload is one upload; it is not safe for concurrent use.
type Upload struct {
	ctx    context.Context //nolint:containedctx // it lives as long as the request
	spools *Spools
	taken  bool
}

var _ xlsx.Scratch = (*Upload)(nil).File

// File makes a scratch file; store.ErrUnavailable when other uploads hold all the room.
func (u *Upload) File() (xlsx.File, error) {
	if !u.taken {
		wait, cancel := context.WithTimeout(u.ctx, patience)
		defer cancel()
		select {
		case u.spools.room <- struct{}{}:
			u.taken = true
		case <-wait.Done():
			return nil, fmt.Errorf("%w: other uploads hold all scratch files", store.ErrUnavailable)
		}
	}
	f, err := os.CreateTemp(u.spools.dir, "taskport-*")
	if err != nil {
		return nil, fmt.Errorf("make a scratch file: %w", err)
	}
	return &file{f}, nil
}

// Done lets another upload have its turn; the files are closed by then.
func (u *Upload) Done() {
	if u.taken {
		<-u.spools.room
		u.taken = false
	}
}

// file is gone once it is closed.
type file struct{ *os.File }

func (f *file) Close() error {
	err := f.File.Close()
	if gone := os.Remove(f.Name()); err == nil {
		err = gone
	}
	return err
}
