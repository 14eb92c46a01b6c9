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
	"strings"
)

// rejectsCall returns the request for the dead letters of a job.
func rejectsCall(id string, query url.Values) call {
	return call{method: http.MethodGet, path: "/v1/import/jobs/" + url.PathEscape(id) + "/rejects", query: query}
}

// writeReport saves a job's dead-letter report, as a workbook if path ends in .xlsx. The file
// appears whole or not at all.
func (c *client) writeReport(ctx context.Context, id, path string) error {
	format := "csv"
	if isWorkbook(path) {
		format = "xlsx"
	}
	return c.save(ctx, rejectsCall(id, url.Values{"format": {format}}), path)
}

// isWorkbook reports whether the name of a file ends in .xlsx.
func isWorkbook(path string) bool { return strings.EqualFold(filepath.Ext(path), ".xlsx") }

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

// replaceFile writes a file through a temporary one beside it: the earlier content stays until the
// new one is complete.
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
