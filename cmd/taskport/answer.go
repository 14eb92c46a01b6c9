package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"taskport/importer"
)

// apiFailure is an error answer of the API.
type apiFailure struct {
	Code string `json:"code"`
	worded
	Field      string      `json:"field"`
	Line       int         `json:"line"`
	Candidates []candidate `json:"candidates"`
	// SameFile counts the rows that were imported before, where that is why a file was refused.
	SameFile *importer.SameFile `json:"same_file"`
	// Difference is why a plan is outdated.
	Difference *importer.Difference `json:"difference"`
}

// candidate is a record that a name may mean.
type candidate struct {
	ID      string  `json:"id"`
	Name    string  `json:"name"`
	Company string  `json:"company"`
	Score   float64 `json:"score"`
}

func (e *apiFailure) Error() string {
	text := e.text() + " (" + e.Code
	if e.Field != "" {
		text += ", field " + e.Field
	}
	if e.Line > 0 {
		text += fmt.Sprintf(", line %d", e.Line)
	}
	text += ")"
	for _, c := range e.Candidates {
		name := c.Name
		if c.Company != "" {
			name += ", " + c.Company
		}
		text += fmt.Sprintf("\n  %s %s (%.3f)", oneLine(c.ID), oneLine(name), c.Score)
	}
	return text + differenceText(e.Difference)
}

// busy is a failure after which the request should be sent again.
type busy struct {
	error
	after time.Duration
}

func (b *busy) Unwrap() error { return b.error }

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
		// A proxy's page says nothing to the person at the terminal; its status does.
		answer.Error = &apiFailure{Code: resp.Status, worded: worded{Message: "the answer does not come from taskport"}}
		return wait(resp, fmt.Errorf("%w; check --server", answer.Error))
	}
	if answer.Error.Code == "request_in_progress" {
		return &busy{error: answer.Error, after: pauseAskedFor(resp)}
	}
	return wait(resp, answer.Error)
}

// wait marks a failure that will pass.
func wait(resp *http.Response, err error) error {
	if resp.StatusCode == http.StatusTooManyRequests || resp.StatusCode == http.StatusServiceUnavailable {
		return &busy{error: err, after: pauseAskedFor(resp)}
	}
	return err
}

func pauseAskedFor(resp *http.Response) time.Duration {
	if seconds, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
		return time.Duration(seconds) * time.Second
	}
	return retryPause
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
