package store

import (
	"net"
	"syscall"
	"testing"
	"time"
)

// A connection checks soon and often enough whether the other end is alive.
func TestConnectionsDetectAVanishedHost(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	pool, err := newPool(t.Context(), "postgres://"+l.Addr().String()+"/x", 1, idleTimeout, &pooler{})
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	c, err := pool.Config().ConnConfig.DialFunc(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	raw, err := c.(*net.TCPConn).SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	option := func(level, name int) (value int) {
		if err := raw.Control(func(fd uintptr) { value, err = syscall.GetsockoptInt(int(fd), level, name) }); err != nil {
			t.Fatal(err)
		}
		return value
	}
	gone := time.Duration(option(syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE)+option(syscall.IPPROTO_TCP,
		syscall.TCP_KEEPINTVL)*option(syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT)) * time.Second
	if option(syscall.SOL_SOCKET, syscall.SO_KEEPALIVE) == 0 || gone > 30*time.Second {
		t.Errorf("a vanished host is detected after %s, want at most 30 s", gone)
	}
	if idle := pool.Config().PingTimeout; idle <= 0 || idle > 10*time.Second {
		t.Errorf("got %s for the ping of an idle connection, want at most 10 s", idle)
	}
}
