package spool

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"taskport/store"
)

// begin begins an upload that must be accepted.
func begin(t *testing.T, s *Spools, workspace, key uuid.UUID) *Upload {
	t.Helper()
	u, err := s.Begin(t.Context(), workspace, key)
	if err != nil {
		t.Fatalf("got %v, want an upload", err)
	}
	return u
}

// filesIn counts the files of a directory.
func filesIn(t *testing.T, dir string) int {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// A body reads the same however much of it was read before it was complete, and leaves no file
// behind.
func TestBodyIsTheSameOnceSettled(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a row of a file,1234\n", 30_000)
	for name, c := range map[string]struct{ size, before, files int }{
		"empty": {0, 0, 0}, "small": {100, 10, 0}, "just in memory": {inMemory - 1, 0, 0}, "on disk": {inMemory + 1, 0, 1},
		"read before": {len(text), 100_000, 1}, "all read before": {5000, 5000, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := New(Options{Dir: t.TempDir()})
			u := begin(t, s, uuid.New(), uuid.New())
			b := u.Body(strings.NewReader(text[:c.size]))
			got := make([]byte, c.before)
			if _, err := io.ReadFull(b, got); err != nil {
				t.Fatal(err)
			}
			if err := b.Complete(); err != nil {
				t.Fatal(err)
			}
			if n := filesIn(t, s.options.Dir); n != c.files {
				t.Errorf("got %d files, want %d", n, c.files)
			}
			rest, err := io.ReadAll(b)
			if err != nil || string(got)+string(rest) != text[:c.size] {
				t.Errorf("got %d bytes (%v), want the %d that were sent", len(got)+len(rest), err, c.size)
			}
			u.Done()
			if n := filesIn(t, s.options.Dir); n != 0 || s.bytes != 0 || len(s.byWorkspace) != 0 || len(s.byKey) != 0 {
				t.Errorf("got %d files and %d bytes, %v, %v, want nothing left", n, s.bytes, s.byWorkspace, s.byKey)
			}
		})
	}
}

// Complete returns the client's error.
func TestSettleFailsAsTheClientDoes(t *testing.T) {
	t.Parallel()
	s := New(Options{Dir: t.TempDir()})
	for _, size := range []int{10, inMemory + 10} {
		u := begin(t, s, uuid.New(), uuid.New())
		b := u.Body(io.MultiReader(bytes.NewReader(make([]byte, size)), breaks{}))
		if err := b.Complete(); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("after %d bytes: got %v, want that of the client", size, err)
		}
		u.Done()
	}
	if n := filesIn(t, s.options.Dir); n != 0 {
		t.Errorf("got %d files, want none", n)
	}
}

type breaks struct{}

func (breaks) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// A key at its limit of uploads waits for one to end, and is refused if none does. Other keys are
// not affected.
func TestUploadsOfAKeyAreBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := New(Options{Dir: t.TempDir(), PerKey: 2})
		workspace, key := uuid.New(), uuid.New()
		first := begin(t, s, workspace, key)
		second := begin(t, s, workspace, key)
		began := time.Now()
		_, err := s.Begin(t.Context(), workspace, key)
		if busy, ok := errors.AsType[*BusyError](err); !ok || busy.Uploads != 2 || busy.RetryAfter <= 0 ||
			time.Since(began) != keyWait {
			t.Errorf("a third upload: got %v after %v, want a *BusyError after %v", err, time.Since(began), keyWait)
		}
		began = time.Now()
		other := begin(t, s, workspace, uuid.New())
		if time.Since(began) != 0 {
			t.Errorf("another key waited for %v", time.Since(began))
		}
		time.AfterFunc(time.Second, second.Done)
		third := begin(t, s, workspace, key)
		for _, u := range []*Upload{first, second, third, other} {
			u.Done()
			u.Done() // a second call has no effect
		}
		if len(s.byKey) != 0 {
			t.Errorf("%d keys are still counted", len(s.byKey))
		}
	})
}

// The bytes on disk are limited for a workspace and in total.
func TestBytesOnDiskAreBounded(t *testing.T) {
	t.Parallel()
	const all = 1000
	s := New(Options{Dir: t.TempDir(), Bytes: all})
	workspaces := []uuid.UUID{uuid.New(), uuid.New(), uuid.New()}
	write := func(workspace uuid.UUID, n int) (*Upload, error) {
		u := begin(t, s, workspace, uuid.New())
		f, err := u.File()
		if err != nil {
			t.Fatal(err)
		}
		_, err = f.Write(make([]byte, n))
		return u, err
	}
	if _, err := write(workspaces[0], all/2+1); !is[*TooLargeError](err) {
		t.Errorf("more than a workspace may have: got %v, want a *TooLargeError", err)
	}
	first, err := write(workspaces[0], all/2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := write(workspaces[0], 1); !is[*BusyError](err) {
		t.Errorf("one byte more of the workspace: got %v, want a *BusyError", err)
	}
	if _, err := write(workspaces[1], all/2); err != nil {
		t.Errorf("another workspace: got %v", err)
	}
	if _, err := write(workspaces[2], 1); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("a third workspace: got %v, want store.ErrUnavailable", err)
	}
	first.Done()
	if _, err := write(workspaces[2], 1); err != nil {
		t.Errorf("once one has ended: got %v", err)
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
