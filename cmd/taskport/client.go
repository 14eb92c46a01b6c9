package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

// Retrying while the server is unavailable or busy.
const (
	retryFor   = time.Minute
	retryPause = time.Second
	leastPause = 100 * time.Millisecond // also after "Retry-After: 0"
)

// client speaks to the API.
type client struct {
	server string
	key    string
	http   *http.Client
	retry  time.Duration                    // how long to retry, from the first failure
	note   func(format string, args ...any) // shows the person that it retries; may be nil
	// lastPath is the file that remembers the last job for @last; empty for none.
	lastPath string
}

// clientFlags say where the API is.
type clientFlags struct{ server, key, retryFor string }

func (f *clientFlags) add(cmd *cobra.Command, env *environment) {
	env.stringFlag(cmd, &f.server, "server", "TASKPORT_SERVER", "http://"+defaultListen, "address of the API")
	env.stringFlag(cmd, &f.key, "api-key", "TASKPORT_API_KEY", "", "API key")
	env.stringFlag(cmd, &f.retryFor, "retry-for", "TASKPORT_RETRY_FOR", "1m",
		"how long to retry while the server is unavailable or busy")
}

func (f *clientFlags) client(env *environment) (*client, error) {
	if f.key == "" {
		return nil, errors.New("an API key is needed: set TASKPORT_API_KEY or --api-key; `taskport key create " +
			"--workspace NAME --permission activities:write …` makes one")
	}
	u, err := url.Parse(f.server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, misusef("--server must be an address such as http://%s, not %q", defaultListen, f.server)
	}
	retry, err := time.ParseDuration(f.retryFor)
	if err != nil || retry < 0 {
		return nil, misusef("--retry-for must be a time such as 30s or 2m, not %q", f.retryFor)
	}
	server := strings.TrimSuffix(f.server, "/")
	return &client{server: server, key: f.key, http: &http.Client{}, retry: retry, note: env.note,
		lastPath: env.lastPath(server, f.key)}, nil
}

// call is a request; body is opened again for each try.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	body         func() (io.ReadCloser, error)
}

// errInterrupted means that the person has interrupted the command.
var errInterrupted = errors.New("interrupted")

// do sends a request and returns a successful answer, whose body the caller closes. It retries
// while the server is unavailable, busy or limits the rate; a POST carries an Idempotency-Key, so
// that a retry creates nothing twice. The limit counts from the first failure: an upload that takes
// longer is still retried. When ctx ends, the error is errInterrupted.
func (c *client) do(ctx context.Context, r call) (*http.Response, error) {
	idempotency := uuid.NewString()
	var deadline time.Time
	for {
		resp, err := c.once(ctx, r, idempotency)
		if err == nil {
			return resp, nil
		}
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		first := deadline.IsZero()
		if first {
			deadline = time.Now().Add(c.retry)
		}
		pause, again := retryAfter(err)
		if !again || time.Now().Add(pause).After(deadline) {
			return nil, err
		}
		if first && c.note != nil {
			c.note("%v; trying again for up to %s", err, c.retry)
		}
		select {
		case <-ctx.Done():
			return nil, errInterrupted
		case <-time.After(pause):
		}
	}
}

// retryAfter returns the pause before another try, and whether another try may help.
func retryAfter(err error) (time.Duration, bool) {
	var b *busy
	if errors.As(err, &b) {
		return max(b.after, leastPause), true
	}
	for _, broken := range []error{syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE, io.EOF, io.ErrUnexpectedEOF} {
		if errors.Is(err, broken) {
			return retryPause, true
		}
	}
	return 0, false
}

func (c *client) once(ctx context.Context, r call, idempotency string) (*http.Response, error) {
	var body io.ReadCloser
	if r.body != nil {
		var err error
		if body, err = r.body(); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, r.method, c.server+r.path, body)
	if err != nil {
		return nil, fmt.Errorf("prepare the request: %w", err)
	}
	req.URL.RawQuery = r.query.Encode()
	req.Header.Set("Authorization", "Bearer "+c.key)
	if r.method == http.MethodPost {
		req.Header.Set("Idempotency-Key", idempotency)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unanswered(err)
	}
	if resp.StatusCode < http.StatusMultipleChoices {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, failure(resp)
}

// unanswered names the server that did not answer; net/http would repeat the whole address and
// query.
func (c *client) unanswered(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	if errors.Is(err, syscall.ECONNREFUSED) {
		return fmt.Errorf("ask %s: %w: nothing listens there; start a server with `taskport up`, or name another with "+
			"--server", c.server, err)
	}
	return fmt.Errorf("ask %s: %w", c.server, err)
}
