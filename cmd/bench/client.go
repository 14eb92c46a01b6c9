package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

// job is what the measurement needs of an import.
type job struct {
	ID         string     `json:"job_id"`
	Status     string     `json:"status"`
	Total      int        `json:"total_count"`
	Created    int        `json:"created_count"`
	Rejected   int        `json:"rejected_count"`
	FinishedAt *time.Time `json:"finished_at"`
}

// An import is asked for as the taskport command does: a client that asks twenty times a second
// takes some 5 % of both cores.
const (
	firstPoll   = 100 * time.Millisecond
	longestPoll = time.Second
)

// importFile uploads a file and follows its import. took is from before the first byte was sent to
// finished_at, which the job carries: server and client have the same clock. uploaded is when the
// answer was there.
func importFile(ctx context.Context, url, key, kind, path string, options ...string) (j job, uploaded,
	took time.Duration, err error) {
	f, err := os.Open(path)
	if err != nil {
		return j, 0, 0, err
	}
	defer f.Close()
	return importStream(ctx, url, key, kind, f, options...)
}

func importStream(ctx context.Context, url, key, kind string, file io.Reader, options ...string) (j job, uploaded,
	took time.Duration, err error) {
	began := time.Now()
	if j, err = upload(ctx, url, key, kind, file, options...); err != nil {
		return j, 0, 0, err
	}
	uploaded = time.Since(began)
	if err := await(ctx, url, key, &j); err != nil {
		return j, 0, 0, err
	}
	return j, uploaded, j.FinishedAt.Sub(began), nil
}

// await follows an import to its end.
func await(ctx context.Context, url, key string, j *job) error {
	for wait := firstPoll; j.FinishedAt == nil; wait = min(wait*3/2, longestPoll) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		if err := call(ctx, http.MethodGet, url+"/v1/import/jobs/"+j.ID, key, nil, j); err != nil {
			return err
		}
	}
	if j.Status != "completed" {
		return fmt.Errorf("import %s ended as %s", j.ID, j.Status)
	}
	return nil
}

func upload(ctx context.Context, url, key, kind string, file io.Reader, options ...string) (j job, err error) {
	query := "?" + strings.Join(append(options, "on_same_file=all"), "&")
	// Not as *os.File: its length need not be known, as with any stream.
	return j, call(ctx, http.MethodPost, url+"/v1/import/"+kind+query, key, struct{ io.Reader }{file}, &j)
}

func call(ctx context.Context, method, url, key string, body io.Reader, into *job) error {
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+key)
	if body != nil {
		req.Header.Set("Content-Type", "text/csv")
		req.Header.Set("Prefer", "respond-async")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, url, resp.Status, text)
	}
	answer := struct{ Data *job }{into}
	return json.Unmarshal(text, &answer)
}

// loadDirectory imports companies and contacts.
func (b *bench) loadDirectory(ctx context.Context, url, key string, f files) error {
	for _, part := range []struct{ kind, path string }{{"companies", f.companies}, {"contacts", f.contacts}} {
		j, _, took, err := importFile(ctx, url, key, part.kind, part.path)
		if err != nil {
			return fmt.Errorf("load %s: %w", part.kind, err)
		}
		b.note("%s %s %s loaded in %s", b.elapsed(), count(float64(j.Total-j.Rejected)), part.kind,
			took.Round(time.Millisecond))
	}
	return nil
}
