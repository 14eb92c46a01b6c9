package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// revokedWithin is how long a revoked key may work anywhere.
const revokedWithin = 5 * time.Second

// A key that is revoked by the command line stops working in every process within 5 s, with the
// sessions and the streams that it began, however busy it is.
func TestRevokedKeyEndsInEveryProcess(t *testing.T) {
	t.Parallel()
	p := installed(t, func(p *program) string { return p.process("serve", "--listen", "127.0.0.1:0") })
	servers := []string{p.env["TASKPORT_SERVER"], p.process("serve", "--listen", "127.0.0.1:0")}
	job := between(t, p.uploadLater(t, "title,contact_name\nCall,Hans Müller\n"), `"job_id":"`, `"`)
	key := p.env["TASKPORT_API_KEY"]
	cookie := signIn(t, servers[0], key)
	type hold struct {
		name  string
		ended func() bool // looked at until it is true
	}
	var holds []hold
	for _, server := range servers {
		api, page := ask(t, server+"/v1/tasks", "Authorization", "Bearer "+key), ask(t, server+"/console/queues", "Cookie",
			cookie)
		if got := api(); got.status != http.StatusOK {
			t.Fatalf("a live key: %+v", got)
		}
		if got := page(); got.status != http.StatusOK {
			t.Fatalf("a live session: %+v", got)
		}
		holds = append(holds,
			hold{"the API of " + server, func() bool {
				got := api()
				return got.status == http.StatusUnauthorized && strings.Contains(got.text, `"invalid_key"`)
			}},
			hold{"the session of " + server, func() bool {
				got := page()
				return got.status == http.StatusSeeOther && strings.HasPrefix(got.leads, "/console/signin")
			}},
			hold{"the job's stream of " + server, stream(t, server+"/v1/import/jobs/"+job+"/events", "Authorization",
				"Bearer "+key)},
			hold{"the import's stream of " + server, stream(t, server+"/console/imports/"+job+"/events", "Cookie", cookie)},
			hold{"the list's stream of " + server, stream(t, server+"/console/events", "Cookie", cookie)})
	}
	for _, h := range holds {
		if h.ended() {
			t.Fatalf("%s has ended before the key", h.name)
		}
	}
	id := between(t, p.must("key", "list", "--workspace", "acme", "--json"), `"id":"`, `"`)
	began := time.Now() // the key ends some time later
	p.must("key", "revoke", "--workspace", "acme", id)
	revoked := time.Now()
	var all sync.WaitGroup
	for _, h := range holds {
		all.Go(func() {
			for !h.ended() {
				if time.Since(revoked) > revokedWithin {
					t.Errorf("%s goes on %v after the key was revoked", h.name, revokedWithin)
					return
				}
			}
			t.Logf("%s has ended %v after the key was about to be revoked", h.name, time.Since(began))
		})
	}
	all.Wait()
}

// process runs the program as a process of its own until the test ends, and returns the line it
// prints when it is ready.
func (p *program) process(args ...string) string {
	p.t.Helper()
	self, err := os.Executable()
	if err != nil {
		p.t.Fatal(err)
	}
	cmd := exec.Command(self, args...) //nolint:noctx // it is this test, and ends by a signal
	cmd.Env = append(os.Environ(), asProgram+"=1")
	for name, value := range p.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var errs syncBuffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		if err := cmd.Wait(); err != nil {
			p.t.Errorf("%v: %v: %s", args, err, errs.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		p.t.Fatalf("%v printed no line: %v: %s", args, err, errs.String())
	}
	return strings.TrimSpace(line)
}

// uploadLater sends a file, waits for nothing, and returns the answer.
func (p *program) uploadLater(t *testing.T, file string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.env["TASKPORT_SERVER"]+"/v1/import/tasks",
		strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.env["TASKPORT_API_KEY"])
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Prefer", "respond-async")
	got := send(t, req)
	if got.status != http.StatusAccepted {
		t.Fatalf("%+v", got)
	}
	return got.text
}

// got is an answer.
type got struct {
	status      int
	leads, text string
}

// send sends a request, and goes where it leads to only as far as the answer.
func send(t *testing.T, req *http.Request) got {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return got{}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return got{resp.StatusCode, resp.Header.Get("Location"), string(text)}
}

// ask returns the function that asks for a path with a header.
func ask(t *testing.T, address string, header ...string) func() got {
	t.Helper()
	return func() got {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		if err != nil {
			t.Error(err)
			return got{}
		}
		for i := 0; i < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		return send(t, req)
	}
}

// stream opens a stream, waits for the first that it says, and returns the function that tells
// whether it has ended.
func stream(t *testing.T, address, header, value string) func() bool {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(header, value)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	in := bufio.NewReader(resp.Body)
	if line, err := in.ReadString('\n'); err != nil || resp.StatusCode != http.StatusOK || !strings.HasPrefix(line,
		"retry: ") {
		t.Fatalf("%s: %d %q %v", address, resp.StatusCode, line, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in) // however it ends
	}()
	return func() bool {
		select {
		case <-ended:
			return true
		case <-time.After(10 * time.Millisecond):
			return false
		}
	}
}

var formToken = regexp.MustCompile(`name="csrf" value="([^"]+)"`)

// signIn begins a session of the console, and returns its cookie.
func signIn(t *testing.T, server, key string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar}
	say := func(method string, form url.Values) string {
		req, err := http.NewRequestWithContext(t.Context(), method, server+"/console/signin",
			strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	token := formToken.FindStringSubmatch(say(http.MethodGet, nil))
	if token == nil {
		t.Fatal("there is no form to sign in")
	}
	say(http.MethodPost, url.Values{"csrf": {token[1]}, "key": {key}})
	at, err := url.Parse(server + "/console/")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range jar.Cookies(at) {
		if c.Name == "taskport_session" {
			return c.Name + "=" + c.Value
		}
	}
	t.Fatal("nobody was signed in")
	return ""
}
