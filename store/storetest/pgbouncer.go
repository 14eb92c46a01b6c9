package storetest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// pooled is how many connections a PgBouncer has: in session mode, those of a store and of its
// test.
const pooled = 50

// PgBouncer starts a PgBouncer in front of a database, for this test only, and returns the
// database's address through it. Without the program the test is skipped.
func PgBouncer(t testing.TB, database, mode string) string {
	t.Helper()
	program, err := osexec.LookPath("pgbouncer")
	if err != nil {
		program = "/usr/sbin/pgbouncer" // not on the path of every user
	}
	if _, err := os.Stat(program); err != nil {
		t.Skip("pgbouncer is not installed: what goes through a pooler is not tested")
	}
	c, err := pgx.ParseConfig(database)
	if err != nil {
		t.Fatal(err)
	}
	dir, port := t.TempDir(), freePort(t)
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) { // PgBouncer runs as another user than root
		_ = os.Chmod(d, 0o755)
	}
	password := ""
	if c.Password != "" {
		password = " password='" + strings.ReplaceAll(c.Password, "'", "''") + "'"
	}
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n%s = host=%s port=%d user=%s%s\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"+
		"listen_port = %s\nunix_socket_dir =\nauth_type = any\npool_mode = %s\ndefault_pool_size = %d\n"+
		"max_client_conn = 200\n",
		c.Database, c.Host, c.Port, c.User, password, port, mode, pooled)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil { // read by the other user
		t.Fatal(err)
	}
	args := []string{config}
	if os.Getuid() == 0 { // it refuses to run as root; the user of the server reaches its socket
		user := "nobody"
		if owner, err := osexec.CommandContext(t.Context(), "stat", "-c", "%U", c.Host).Output(); err == nil {
			user = strings.TrimSpace(string(owner))
		}
		args = []string{"-u", user, config}
	}
	cmd := osexec.CommandContext(context.Background(), program, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address := net.JoinHostPort("127.0.0.1", port)
	for range 300 {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
		if err == nil {
			_ = conn.Close()
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	return (&url.URL{Scheme: "postgres", User: url.User(c.User), Host: address, Path: c.Database,
		RawQuery: "sslmode=disable"}).String()
}

// freePort returns a port on which nothing listens.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // closed at once
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String()) // of a listener, always valid
	return port
}
