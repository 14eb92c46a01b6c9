package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
)

// Retrying while the server is away or busy.
const (
	retryFor   = time.Minute
	retryPause = time.Second
)

// client speaks to the API.
type client struct {
	server string
	key    string
	http   *http.Client
	retry  time.Duration // how long to go on trying
}

// clientFlags say where the API is.
type clientFlags struct{ server, key string }

func (f *clientFlags) add(cmd *cobra.Command, env *environment) {
	env.stringFlag(cmd, &f.server, "server", "TASKPORT_SERVER", "http://"+defaultListen, "address of the API")
	env.stringFlag(cmd, &f.key, "api-key", "TASKPORT_API_KEY", "", "API key")
}

func (f *clientFlags) client() (*client, error) {
	if f.key == "" {
		return nil, errors.New("an API key is needed: set TASKPORT_API_KEY or --api-key; `taskport key create --workspace NAME --permission activities:write …` makes one")
	}
	u, err := url.Parse(f.server)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return nil, fmt.Errorf("--server must be an address such as http://%s, not %q", defaultListen, f.server)
	}
	return &client{server: strings.TrimSuffix(f.server, "/"), key: f.key, http: &http.Client{}, retry: retryFor}, nil
}

// call is a request; body is opened anew for each try.
type call struct {
	method, path string
	query        url.Values
	header       map[string]string
	body         func() (io.ReadCloser, error)
}

// apiFailure is an error answer of the API.
type apiFailure struct {
	status     int
	Code       string `json:"code"`
	Message    string `json:"message"`
	Field      string `json:"field"`
	Candidates []struct {
		ID      string  `json:"id"`
		Name    string  `json:"name"`
		Company string  `json:"company"`
		Score   float64 `json:"score"`
	} `json:"candidates"`
}

func (e *apiFailure) Error() string {
	text := fmt.Sprintf("%s (%s", e.Message, e.Code)
	if e.Field != "" {
		text += ", field " + e.Field
	}
	text += ")"
	for _, c := range e.Candidates {
		text += fmt.Sprintf("\n  %s %s %s %.3f", c.ID, c.Name, c.Company, c.Score)
	}
	return text
}

// do sends a request and gives a successful answer, whose body the caller closes. It goes on trying while the server is away, busy or
// limits the rate; a POST carries an Idempotency-Key, so that trying again makes nothing twice.
func (c *client) do(ctx context.Context, r call) (*http.Response, error) {
	idempotency := uuid.NewString()
	deadline := time.Now().Add(c.retry)
	for {
		resp, err := c.once(ctx, r, idempotency)
		if err == nil {
			return resp, nil
		}
		pause, again := retryAfter(err)
		if !again || time.Now().Add(pause).After(deadline) {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// busy is a failure after which the server asks to be tried again.
type busy struct {
	error
	after time.Duration
}

func (b *busy) Unwrap() error { return b.error }

func retryAfter(err error) (time.Duration, bool) {
	var b *busy
	if errors.As(err, &b) {
		return b.after, true
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
		return nil, fmt.Errorf("ask %s: %w", c.server, err)
	}
	if resp.StatusCode < http.StatusMultipleChoices {
		return resp, nil
	}
	defer resp.Body.Close()
	return nil, failure(resp)
}

// failure reads an error answer.
func failure(resp *http.Response) error {
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	var answer struct {
		Error *apiFailure `json:"error"`
	}
	if json.Unmarshal(text, &answer) != nil || answer.Error == nil {
		answer.Error = &apiFailure{Code: resp.Status, Message: strings.TrimSpace(string(text))}
	}
	answer.Error.status = resp.StatusCode
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable || answer.Error.Code == "request_in_progress" {
		pause := retryPause
		if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			pause = time.Duration(seconds) * time.Second
		}
		return &busy{error: answer.Error, after: pause}
	}
	return answer.Error
}

// get reads a JSON answer.
func (c *client) get(ctx context.Context, path string, query url.Values) (json.RawMessage, error) {
	resp, err := c.do(ctx, call{method: http.MethodGet, path: path, query: query})
	if err != nil {
		return nil, err
	}
	return readBody(resp)
}

func readBody(resp *http.Response) (json.RawMessage, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return body, nil
}
