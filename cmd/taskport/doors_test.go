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
