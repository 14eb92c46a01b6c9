package main

import (
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// A browser that comes to the server is led to the console; a client of the API is not.
func TestDoors(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	server := p.start(true, "serve", "--listen", "127.0.0.1:0")
	for _, c := range []struct{ path, accept, leads, says string }{
		{"/", "text/html,*/*;q=0.8", "/console/signin", "API key"},
		{"/console", "text/html", "/console/signin", "API key"},
		{"/console/", "", "/console/signin", "API key"},
		{"/", "application/json", "/", `"not_found"`},
		{"/", "", "/", `"not_found"`},
		{"/v1/tasks", "text/html", "/v1/tasks", `"invalid_key"`},
		{"/docs", "text/html", "/docs", "<html"},
		{"/console/static/console.css", "text/css", "/console/static/console.css", "--accent"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Accept", c.accept)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.Request.URL.Path != c.leads || !strings.Contains(string(body), c.says) {
			t.Errorf("%s for %q leads to %s, which says %.200s (%v)", c.path, c.accept, resp.Request.URL, body, err)
		}
	}
}

// The library that drives a browser in tests is not part of the program.
func TestProgramHasNoBrowser(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "chromedp") || !strings.Contains(string(out), "taskport/console") {
		t.Error("the program contains chromedp, or no console")
	}
}

// Behind a trusted proxy each client has its own address: the failures of one lock out no other,
// and a good key is let in beside bad ones of its own address.
func TestBadKeysBehindAProxy(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.must("migrate")
	p.must("workspace", "create", "acme")
	good := p.must("key", "create", "--workspace", "acme", "--permission", "activities:read")
	p.env["TASKPORT_LOG_LEVEL"] = "info"
	server := p.start(true, "serve", "--listen", "127.0.0.1:0", "--rate-limit", "5", "--trusted-proxies", "127.0.0.1")
	status := func(key, client string) int {
		return ask(t, server+"/v1/tasks", "Authorization", "Bearer "+key, "X-Forwarded-For", "6.6.6.6, "+client)().status
	}
	bad := "wbk_" + strings.Repeat("A", 40)
	for range 5 {
		if got := status(bad, "203.0.113.7"); got != http.StatusUnauthorized {
			t.Fatalf("a bad key: %d", got)
		}
	}
	for _, c := range []struct {
		key, client string
		want        int
	}{
		{bad, "203.0.113.7", http.StatusTooManyRequests},
		{bad, "203.0.113.8", http.StatusUnauthorized},
		{good, "203.0.113.7", http.StatusOK},
	} {
		if got := status(c.key, c.client); got != c.want {
			t.Errorf("%.8s from %s: %d, want %d", c.key, c.client, got, c.want)
		}
	}
	if log := p.log.String(); !strings.Contains(log, "address=203.0.113.8") || strings.Contains(log, "6.6.6.6") {
		t.Errorf("the log says %s", log)
	}
}
