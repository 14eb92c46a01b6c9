package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"taskport/internal/spool"
)

// An upload of so many rows is on disk before all of it is there.
const (
	slowChunkRows  = 500
	slowUploadRows = 20_000
)

// meeting is how long the server may take to show that it has met a slow client.
const meeting = 30 * time.Second

// slowKind is a way to be slow.
type slowKind struct {
	name  string
	begin func(n int) string // what the client sends before it slows down
	sign  string             // by which the client knows that the server is where it wants it; empty for silence
}

// slowKinds are all ways to be slow, on a job that has ended with a long report and on one that
// goes on as long as the test: no worker runs any more.
func slowKinds(t *testing.T, p *program) []slowKind {
	t.Helper()
	_, stopWorker := p.launch(false, "work")
	p.must("load", "contacts", p.file("contacts.csv", "full_name\nHans Müller\n"))
	rejected := p.run("import", p.file("tasks.csv",
		"title,contact_name,note\n"+strings.Repeat("Call,Nobody at all,"+strings.Repeat("x", 400)+"\n", 20_000)),
		"--report", filepath.Join(p.dir, "rejects.csv"), "--json")
	stopWorker()
	if rejected.code != exitRejected {
		t.Fatalf("%+v", rejected)
	}
	ended := between(t, rejected.out, `"job_id":"`, `"`)
	running := between(t, p.uploadLater(t, "title,contact_name\nCall,Hans Müller\n"), `"job_id":"`, `"`)
	var keys []string // of the uploads: each may have a few at a time
	for range slowClients / spool.DefaultPerKey {
		keys = append(keys, p.must("key", "create", "--workspace", "acme", "--permission", "activities:write"))
	}
	bearer, cookie := "Authorization: Bearer "+p.env["TASKPORT_API_KEY"]+"\r\n", "Cookie: "+signIn(t,
		p.env["TASKPORT_SERVER"], p.env["TASKPORT_API_KEY"])+"\r\n"
	read := func(path, who string) func(int) string {
		return func(int) string { return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + who + "\r\n" }
	}
	send := func(path, media, body string) func(int) string {
		return func(n int) string {
			bearer := "Authorization: Bearer " + keys[n%len(keys)] + "\r\n"
			return fmt.Sprintf("POST %s HTTP/1.1\r\nHost: x\r\n%sContent-Type: %s\r\nContent-Length: "+
				"10000000\r\nIdempotency-Key: slow-%d\r\nExpect: 100-continue\r\n\r\n%s", path, bearer, media, n, body)
		}
	}
	const proceed = "100 Continue" // the server says so when it begins to read the body
	return []slowKind{
		{"slow headers", func(int) string { return "GET /v1/tasks HTTP/1.1\r\nHost: x\r\nX-Slow: " }, ""},
		{"a slow task", send("/v1/tasks", "application/json", `{"title": "`), proceed},
		{"a slow upload", send("/v1/import/tasks", "text/csv", "title,contact_name\n"), proceed},
		{"an upload that slows down", send("/v1/import/tasks", "text/csv",
			"title,contact_name\n"+strings.Repeat("Call,Hans Müller\n", slowUploadRows)), proceed},
		{"a slow reader of a report", read("/v1/import/jobs/"+ended+"/rejects?format=csv", bearer), "Nobody at all"},
		{"a slow reader of events", read("/v1/import/jobs/"+running+"/events", bearer), "event: progress"},
		{"a slow page of an import", read("/console/imports/"+running+"/events", cookie), `data: {"id":"numbers"`},
		{"a slow page of all imports", read("/console/events", cookie), `data: {"id":"import-`},
	}
}

// isMet reads until the server has shown that it has met the client, and no further.
func (k slowKind) isMet(t *testing.T, conn net.Conn) bool {
	t.Helper()
	patience := meeting
	if k.sign == "" {
		patience = 10 * time.Millisecond
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for one := make([]byte, 64); ; {
		n, err := conn.Read(one)
		got.Write(one[:n])
		switch {
		case k.sign != "" && strings.Contains(got.String(), k.sign):
			return true
		case err != nil && k.sign == "" && got.Len() == 0:
			return errors.Is(err, os.ErrDeadlineExceeded) // it is still listened to
		case err != nil:
			t.Logf("%s: %v after %q", k.name, err, got.String())
			return false
		}
	}
}

// keepMoving lets the running job move, so that there is something to tell of it.
func keepMoving(ctx context.Context, t *testing.T, database string) {
	c, err := pgx.Connect(ctx, database)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close(context.WithoutCancel(ctx))
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		if _, err := c.Exec(ctx, `UPDATE chunks SET created_count = created_count + 1
			WHERE state = 'pending'`); err != nil && ctx.Err() == nil {
			t.Error(err)
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// nothingIsHeld makes sure that slow clients hold no transaction, which would keep the database
// from cleaning up.
func nothingIsHeld(t *testing.T, database string) {
	t.Helper()
	c, err := pgx.Connect(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	held := 0
	if err := c.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
		AND state = 'idle in transaction'
		AND xact_start < now() - interval '2 seconds'`).Scan(&held); err != nil {
		t.Fatal(err)
	}
	if held > 0 {
		t.Errorf("got %d transactions that slow clients hold, want none", held)
	}
}
