package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// client talks to the API as it tells its clients to: what was refused for the moment is tried
// again, under the same Idempotency-Key.
type client struct {
	bases   []string
	key     string
	asked   int           // requests so far; each goes to the next server, as through a load balancer
	slowest *atomic.Int64 // the longest time until a 503
	blame   func(format string, args ...any)
}

// job is what the harness reads of a job.
type job struct {
	ID        string         `json:"job_id"`
	Status    string         `json:"status"`
	Total     int            `json:"total_count"`
	Processed int            `json:"processed_count"`
	Created   int            `json:"created_count"`
	Updated   int            `json:"updated_count"`
	Skipped   int            `json:"skipped_count"`
	Rejected  int            `json:"rejected_count"`
	ByReason  map[string]int `json:"rejected_by_reason"`
	Message   string         `json:"message"`
}

func (j job) final() bool { return j.Status != "queued" && j.Status != "processing" }

const (
	requestTimeout = 60 * time.Second
	// afterNoAnswer is how long a client waits that was told nothing.
	afterNoAnswer = 200 * time.Millisecond
)

var transport = &http.Client{Timeout: requestTimeout, Transport: &http.Transport{MaxIdleConnsPerHost: 64}}

// answer is what came back, whole.
type answer struct {
	status int
	code   string // of an error
	body   []byte
}

// ask sends a request until it is answered with something else than "not now", or ctx ends.
func (c *client) ask(ctx context.Context, method, path, contentType, body, idempotencyKey string) (answer, error) {
	for {
		a, again, err := c.once(ctx, method, path, contentType, body, idempotencyKey)
		if again == 0 {
			return a, err
		}
		select {
		case <-ctx.Done():
			return a, fmt.Errorf("%s %s: not answered in time (last: %d %s %w)", method, path, a.status, a.code, err)
		case <-time.After(again):
		}
	}
}

// once returns the time after which to try again; 0 for an answer that holds.
func (c *client) once(ctx context.Context, method, path, contentType, body, idempotencyKey string) (answer,
	time.Duration, error) {
	c.asked++
	r, err := http.NewRequestWithContext(ctx, method, c.bases[c.asked%len(c.bases)]+path, strings.NewReader(body))
	if err != nil {
		return answer{}, 0, err
	}
	r.Header.Set("Authorization", "Bearer "+c.key)
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
		r.Header.Set("Prefer", "respond-async")
	}
	begun := time.Now()
	resp, err := transport.Do(r)
	if err != nil {
		return answer{}, afterNoAnswer, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return a, afterNoAnswer, err
	}
	if a.status < http.StatusBadRequest {
		return a, 0, nil
	}
	var failure struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if err := json.NewDecoder(bytes.NewReader(a.body)).Decode(&failure); err != nil {
		return a, 0, fmt.Errorf("%s %s: %d without an error in it: %w", method, path, a.status, err)
	}
	a.code = failure.Error.Code
	return a, c.again(a, resp.Header, time.Since(begun)), nil
}

func (c *client) again(a answer, h http.Header, took time.Duration) time.Duration {
	switch {
	case a.status == http.StatusServiceUnavailable || a.status == http.StatusTooManyRequests:
		seconds, err := strconv.Atoi(h.Get("Retry-After"))
		if err != nil || seconds < 1 {
			c.blame("a %d has no Retry-After", a.status)
			seconds = 1
		}
		if a.status == http.StatusServiceUnavailable {
			c.slowest.Store(max(c.slowest.Load(), int64(took)))
		}
		return time.Duration(seconds) * time.Second
	case a.status >= http.StatusInternalServerError:
		return afterNoAnswer
	case a.code == "request_in_progress":
		return afterNoAnswer
	}
	return 0
}

// job reads the job of an answer.
func (a answer) job() (job, error) {
	var data struct {
		Data job `json:"data"`
	}
	if a.status == http.StatusNotFound {
		return data.Data, errGone
	}
	if a.status >= http.StatusBadRequest {
		return data.Data, fmt.Errorf("%d %s: %s", a.status, a.code, a.body)
	}
	err := json.Unmarshal(a.body, &data)
	return data.Data, err
}

// follow asks for a job until it is final.
func (c *client) follow(ctx context.Context, id string) (job, error) {
	for {
		a, err := c.ask(ctx, http.MethodGet, "/v1/import/jobs/"+id, "", "", "")
		if err != nil {
			return job{}, err
		}
		j, err := a.job()
		if err != nil || j.final() {
			return j, err
		}
		select {
		case <-ctx.Done():
			return j, ctx.Err()
		case <-time.After(afterNoAnswer):
		}
	}
}
