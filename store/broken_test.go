package store

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"syscall"
	"testing"
)

// A database that closes the connection in the middle of an answer is unavailable; that is not a
// file that breaks off.
func TestConnectionThatBreaksOffIsUnavailable(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), ".s.PGSQL.5432")
	l, err := net.Listen("unix", socket) //nolint:noctx // closed with the test
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 64<<10))
			// AuthenticationOk and ReadyForQuery open the session; half an answer to the first query
			// follows.
			_, _ = c.Write([]byte("R\x00\x00\x00\x08\x00\x00\x00\x00Z\x00\x00\x00\x05I"))
			_, _ = c.Read(make([]byte, 64<<10))
			_, _ = c.Write([]byte("T\x00\x00"))
			_ = c.Close()
		}
	}()
	s, err := Open(t.Context(), "postgres://nobody@/nothing?sslmode=disable&host="+filepath.Dir(socket), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	_, err = s.Import(t.Context(), [16]byte{1}, [16]byte{2})
	brokeOff := errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
	if !errors.Is(err, ErrUnavailable) || !brokeOff {
		t.Errorf("got %v, want %v with its cause", err, ErrUnavailable)
	}
}
