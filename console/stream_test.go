package console_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"taskport/console"
)

// follow returns the lines of a stream until it ends or the context does.
func (o *operator) follow(ctx context.Context, path string) <-chan string {
	o.t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, o.server.URL+path, nil)
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := o.client.Do(req)
	if err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatal(err, resp)
	}
	lines := make(chan string, 1000)
	go func() {
		defer close(lines)
		defer resp.Body.Close()
		for s := bufio.NewScanner(resp.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines
}

func TestStreamsEndWithTheProcess(t *testing.T) {
	stopping := make(chan struct{})
	s := setup(t, func(c *console.Config) { c.Stopping = stopping })
	s.signIn()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lines := s.follow(ctx, "/console/events")
	<-lines
	close(stopping)
	began := time.Now()
	for range lines {
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("the stream ended after %v", took)
	}
}

func TestStreamEndsWithItsKey(t *testing.T) {
	s := setup(t)
	s.signIn()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	lines := s.follow(ctx, "/console/events")
	<-lines
	if err := s.store.RevokeKey(ctx, s.workspace, s.keyID, time.Now()); err != nil {
		t.Fatal(err)
	}
	for range lines {
	}
	if ctx.Err() != nil {
		t.Error("the stream goes on")
	}
}

// The page of a running import is sent its reasons and rejected rows; a filtered one only numbers.
func TestRowsAppearWhileAnImportRuns(t *testing.T) {
	s := setup(t)
	s.signIn()
	s.load("contacts", people)
	path := s.imported("tasks", "mixed.csv", mixed)
	query[bool](s, `WITH held AS (INSERT INTO chunks (workspace_id, import_id, number, first_row, first_line, row_count,
		data, lease_until, enqueue_after) SELECT workspace_id, id, 99, 1000, 1000, 1, '', 'infinity', 'infinity'
		FROM imports WHERE id = $1) UPDATE imports SET status = 'processing', finished_at = NULL WHERE id = $1
		RETURNING true`, idIn(path))
	s.get(path).has(http.StatusOK, `data-stream="`+path+`/events?rows=1"`, "Notify me at the end")
	s.get(path+"?q=quark").has(http.StatusOK, `data-stream="`+path+`/events"`)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	sent := ""
	for line := range s.follow(ctx, path+"/events?rows=1") {
		if sent += line + "\n"; strings.Contains(sent, `"id":"numbers"`) {
			break
		}
	}
	for _, want := range []string{`"id":"reasons"`, "unknown name", `"id":"letter-list"`, "Zebulon Quark"} {
		if !strings.Contains(sent, want) {
			t.Errorf("%s is not sent", want)
		}
	}
	sent = ""
	for line := range s.follow(ctx, path+"/events") {
		if sent += line + "\n"; strings.Contains(sent, `"id":"numbers"`) {
			break
		}
	}
	if strings.Contains(sent, "letter-list") {
		t.Error("a filtered page is sent other rows")
	}
}
