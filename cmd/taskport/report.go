package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
)

// rejectsCall asks for the dead letters of a job.
func rejectsCall(id string, query url.Values) call {
	return call{method: http.MethodGet, path: "/v1/import/jobs/" + url.PathEscape(id) + "/rejects", query: query}
}

// writeReport saves a job's dead-letter report; the file appears whole or not at all.
func (c *client) writeReport(ctx context.Context, id, path string) error {
	return c.save(ctx, rejectsCall(id, url.Values{"format": {"csv"}}), path)
}

// save writes an answer to a file.
func (c *client) save(ctx context.Context, r call, path string) error {
	resp, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return replaceFile(path, func(w io.Writer) error {
		if _, err := io.Copy(w, resp.Body); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		return nil
	})
}

// replaceFile writes a file by way of another beside it: what stood there stays until all of the new has come.
func replaceFile(path string, write func(w io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	writeErr := write(f)
	if err := cmp.Or(writeErr, f.Close()); err != nil {
		return err
	}
	const readable = 0o644
	if err := os.Chmod(f.Name(), readable); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
