package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// With a few connections to the database, requests wait for one another and are all answered; there
// are never more connections than were allowed.
func TestConnectionsToTheDatabaseAreBounded(t *testing.T) {
	t.Parallel()
	const most = 3
	p := installed(t, func(p *program) string {
		return p.start(true, "up", "--listen", "127.0.0.1:0", "--database-conns", "3", "--upload-conns", "1", "--window", "1")
	})
	p.must("load", "contacts", p.file("contacts.csv", contactsFile))
	db, err := pgx.Connect(t.Context(), p.env["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(t.Context())
	var work sync.WaitGroup
	for n := range 8 {
		work.Go(func() { behave(t, p, n) })
	}
	work.Go(func() {
		rows := strings.Repeat("Call,Hans Müller\n", 30_000)
		if r := p.run("import", p.file("many.csv", "title,contact_name\n"+rows)); r.code != exitDone {
			t.Errorf("%+v", r)
		}
	})
	done := make(chan struct{})
	go func() { work.Wait(); close(done) }()
	seen := 0
	for {
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskport'
			AND datname = current_database()`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if seen = max(seen, n); n > most+1+1 { // one upload, and the one that asks whether the database is there
			t.Fatalf("%d connections", n)
		}
		select {
		case <-done:
			if seen < 2 {
				t.Errorf("only %d connections were seen", seen)
			}
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Beyond the number of connections that are allowed, a client waits until another has gone.
func TestConnectionsOfClientsAreBounded(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("migrate")
	address := strings.TrimPrefix(p.start(true, "up", "--listen", "127.0.0.1:0", "--max-connections", "2"), "http://")
	const request = "GET /openapi.yaml HTTP/1.1\r\nHost: x\r\n\r\n"
	first, second, third := dial(t, address, request), dial(t, address, request), dial(t, address, "")
	defer second.Close()
	defer third.Close()
	for _, conn := range []net.Conn{first, second} {
		if answer := firstBytes(t, conn, 30*time.Second); !strings.HasPrefix(answer, "HTTP/1.1 200") {
			t.Fatalf("%q", answer)
		}
	}
	if _, err := io.WriteString(third, request); err != nil {
		t.Fatal(err)
	}
	if answer := firstBytes(t, third, 300*time.Millisecond); answer != "" {
		t.Fatalf("a third connection was answered beside two: %q", answer)
	}
	first.Close()
	if answer := firstBytes(t, third, 30*time.Second); !strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Fatalf("%q", answer)
	}
}

// firstBytes returns the beginning of an answer; nothing where none comes in time.
func firstBytes(t *testing.T, conn net.Conn, within time.Duration) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(within)); err != nil {
		t.Fatal(err)
	}
	room := make([]byte, 16)
	n, _ := conn.Read(room) // no answer in time is an answer here
	return string(room[:n])
}

func TestRetentionFlags(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 0, "90d": 90 * 24 * time.Hour, "36h": 36 * time.Hour} {
		b := bounds{retain: [3]string{text, "", text}}
		r, err := b.retention()
		if err != nil || r.Rejects != want || r.Imports != 0 || r.Audit != want {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
	for _, text := range []string{"90", "d", "-1d", "0d", "1m", "1000000d", "99999999999999999d", "ever"} {
		b := bounds{retain: [3]string{1: text}}
		if _, err := b.retention(); err == nil || !strings.Contains(err.Error(), "--retain-imports takes") {
			t.Errorf("%q: %v", text, err)
		}
	}
}
