package console_test

import (
	"bufio"
	"context"
	"net/http"
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
