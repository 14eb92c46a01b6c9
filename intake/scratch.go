package intake

import (
	"context"
	"fmt"
	"os"
	"time"

	"taskport/importer/xlsx"
)

// maxSpools bounds the uploads that have scratch files at the same time, and with it the space that they take.
const maxSpools = 8

// spoolWait is how long an upload waits until it may have them.
const spoolWait = 5 * time.Second

// scratch gives the scratch files of one upload.
type scratch struct {
	ctx    context.Context //nolint:containedctx // it lives as long as the request
	server *server
	taken  bool
}

func (s *server) scratch(ctx context.Context) *scratch { return &scratch{ctx: ctx, server: s} }

// file makes a scratch file.
func (s *scratch) file() (xlsx.File, error) {
	if !s.taken {
		wait, cancel := context.WithTimeout(s.ctx, spoolWait)
		defer cancel()
		select {
		case s.server.spools <- struct{}{}:
			s.taken = true
		case <-wait.Done():
			return nil, errUnavailable()
		}
	}
	f, err := os.CreateTemp(s.server.ScratchDir, "taskport-*")
	if err != nil {
		return nil, fmt.Errorf("make a scratch file: %w", err)
	}
	return &scratchFile{f}, nil
}

// done lets another upload have its turn; the files are closed by then.
func (s *scratch) done() {
	if s.taken {
		<-s.server.spools
	}
}

// scratchFile is gone once it is closed.
type scratchFile struct{ *os.File }

func (f *scratchFile) Close() error {
	err := f.File.Close()
	if gone := os.Remove(f.Name()); err == nil {
		err = gone
	}
	return err
}
