// Package spool stores uploads on disk until they are complete. It limits the bytes of all files
// and of those of a workspace, and the concurrent uploads of a key. No database resource is held
// while a client sends.
package spool

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"taskport/importer/file/xlsx"
	"taskport/store"

	"github.com/google/uuid"
)

// Options are the limits. A limit of 0 means its default.
type Options struct {
	Dir    string        // of the files; empty for the system's directory of temporary files
	Bytes  int64         // of all files; default DefaultBytes. A workspace may use half of it
	PerKey int           // concurrent uploads of a key; default DefaultPerKey
	Time   time.Duration // limit for an upload; default DefaultTime
}

// The defaults.
const (
	DefaultBytes  = 16 << 30
	DefaultPerKey = 8
	DefaultTime   = 2 * time.Hour
)

const (
	// keyWait is how long an upload waits for another one of its key to end.
	keyWait = 2 * time.Second
	// retryAfter is the wait before a refused upload may be retried.
	retryAfter = 5 * time.Second
)

// BusyError refuses an upload because of others of its key or workspace.
type BusyError struct {
	Uploads    int   // the limit of uploads of the key; 0 if bytes are the reason
	Bytes      int64 // the limit of bytes of the workspace on disk
	RetryAfter time.Duration
}

func (e *BusyError) Error() string {
	if e.Uploads > 0 {
		return fmt.Sprintf("%d uploads of this key are under way, as many as it may have", e.Uploads)
	}
	return fmt.Sprintf("the uploads of this workspace that are under way take %d bytes, as many as they may", e.Bytes)
}

// TooLargeError refuses an upload that alone exceeds the bytes of its workspace.
type TooLargeError struct{ Limit int64 }

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("the upload is larger than %d bytes", e.Limit)
}

// Spools store the uploads of a process. They are safe for concurrent use.
type Spools struct {
	options Options

	mu          sync.Mutex
	bytes       int64
	byWorkspace map[uuid.UUID]int64
	byKey       map[uuid.UUID]*keyUploads
}

// keyUploads are the uploads of a key: known counts all, running those that do not wait.
type keyUploads struct {
	known   int
	running chan struct{}
}

// New returns spools with these limits.
func New(o Options) *Spools {
	o.Bytes, o.PerKey, o.Time = cmp.Or(o.Bytes, DefaultBytes), cmp.Or(o.PerKey, DefaultPerKey), cmp.Or(o.Time, DefaultTime)
	return &Spools{options: o, byWorkspace: map[uuid.UUID]int64{}, byKey: map[uuid.UUID]*keyUploads{}}
}

// Time returns the limit for an upload.
func (s *Spools) Time() time.Duration { return s.options.Time }

// Begin begins an upload; the caller must call Done. It waits up to two seconds for others of the
// key, and returns a *BusyError if none of them ends.
func (s *Spools) Begin(ctx context.Context, workspace, key uuid.UUID) (*Upload, error) {
	s.mu.Lock()
	k := s.byKey[key]
	if k == nil {
		k = &keyUploads{running: make(chan struct{}, s.options.PerKey)}
		s.byKey[key] = k
	}
	k.known++
	s.mu.Unlock()
	wait := time.NewTimer(keyWait)
	defer wait.Stop()
	var err error
	select {
	case k.running <- struct{}{}:
		return &Upload{spools: s, workspace: workspace, key: key}, nil
	case <-wait.C:
		err = &BusyError{Uploads: s.options.PerKey, RetryAfter: retryAfter}
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	s.leave(key)
	return nil, err
}

func (s *Spools) leave(key uuid.UUID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.byKey[key]
	if k.known--; k.known == 0 {
		delete(s.byKey, key)
	}
}

// take counts n bytes that are about to be written for an upload with has bytes so far.
func (s *Spools) take(workspace uuid.UUID, has, n int64) error {
	share := s.options.Bytes / 2
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case has+n > share:
		return &TooLargeError{Limit: share}
	case s.byWorkspace[workspace]+n > share:
		return &BusyError{Bytes: share, RetryAfter: retryAfter}
	case s.bytes+n > s.options.Bytes:
		return fmt.Errorf("%w: the uploads that are under way take all the disk that they may", store.ErrUnavailable)
	}
	s.bytes += n
	s.byWorkspace[workspace] += n
	return nil
}

func (s *Spools) release(workspace uuid.UUID, n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bytes -= n
	if s.byWorkspace[workspace] -= n; s.byWorkspace[workspace] == 0 {
		delete(s.byWorkspace, workspace)
	}
}

// Upload is one upload; it is not safe for concurrent use.
type Upload struct {
	spools         *Spools
	workspace, key uuid.UUID
	files          []*file
	bytes          int64 // of its files
	done           bool
}

var _ xlsx.Scratch = (*Upload)(nil).File

// File makes a file of the upload. Writing to it returns a *TooLargeError, a *BusyError or
// store.ErrUnavailable if it would exceed a limit.
func (u *Upload) File() (xlsx.File, error) { return u.file() }

func (u *Upload) file() (*file, error) {
	f, err := os.CreateTemp(u.spools.options.Dir, "taskport-*")
	if err != nil {
		return nil, fmt.Errorf("make a file for an upload: %w", err)
	}
	made := &file{upload: u, file: f}
	u.files = append(u.files, made)
	return made, nil
}

// Done ends the upload, removes its files, and lets another one of its key begin.
func (u *Upload) Done() {
	if u.done {
		return
	}
	u.done = true
	for _, f := range u.files {
		_ = f.Close() // a file that its reader has not closed
	}
	u.spools.mu.Lock()
	k := u.spools.byKey[u.key]
	u.spools.mu.Unlock()
	<-k.running
	u.spools.leave(u.key)
}

// file is removed when it is closed.
type file struct {
	upload *Upload
	file   *os.File
	bytes  int64
	closed bool
}

func (f *file) Write(p []byte) (int, error) {
	n := int64(len(p))
	if err := f.upload.spools.take(f.upload.workspace, f.upload.bytes, n); err != nil {
		return 0, err
	}
	f.bytes += n
	f.upload.bytes += n
	written, err := f.file.Write(p)
	if err != nil {
		return written, fmt.Errorf("%w: write an upload to disk: %w", store.ErrUnavailable, err)
	}
	return written, nil
}

func (f *file) ReadAt(p []byte, at int64) (int, error) { return f.file.ReadAt(p, at) }

func (f *file) Close() error {
	if f.closed {
		return nil
	}
	f.closed = true
	f.upload.bytes -= f.bytes
	f.upload.spools.release(f.upload.workspace, f.bytes)
	err := f.file.Close()
	if gone := os.Remove(f.file.Name()); err == nil {
		err = gone
	}
	return err
}
