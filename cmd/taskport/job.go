package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// job is an import job as the API shows it; raw is the whole answer.
type job struct {
	raw              json.RawMessage
	JobID            string         `json:"job_id"`
	Kind             string         `json:"kind"`
	Status           string         `json:"status"`
	DryRun           bool           `json:"dry_run"`
	FileName         string         `json:"file_name"`
	Total            int            `json:"total_count"`
	Processed        int            `json:"processed_count"`
	Created          int            `json:"created_count"`
	Updated          int            `json:"updated_count"`
	Skipped          int            `json:"skipped_count"`
	Rejected         int            `json:"rejected_count"`
	RejectedByReason map[string]int `json:"rejected_by_reason"`
	Errors           []rowError     `json:"errors"`
	Message          string         `json:"message"`
	CreatedAt        time.Time      `json:"created_at"`
}

// rowError is a dead letter in short.
type rowError struct {
	Row     int    `json:"row_number"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
}

func (j job) ended() bool { return j.Status != "queued" && j.Status != "processing" }

func readJob(raw json.RawMessage) (job, error) {
	var answer struct {
		Data job `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return job{}, fmt.Errorf("the answer is not a job: %w", err)
	}
	answer.Data.raw = raw
	return answer.Data, nil
}

func (c *client) job(ctx context.Context, id string) (job, error) {
	raw, err := c.get(ctx, "/v1/import/jobs/"+url.PathEscape(id), nil)
	if err != nil {
		return job{}, err
	}
	return readJob(raw)
}

// Following a job.
const (
	firstPoll   = 100 * time.Millisecond
	longestPoll = time.Second
)

// follow shows the progress of a job until it has ended.
func (c *client) follow(ctx context.Context, j job, p progress) (job, error) {
	id := j.JobID
	for pause := firstPoll; !j.ended(); pause = min(pause*3/2, longestPoll) {
		p.rows(j.Processed, j.Total)
		select {
		case <-ctx.Done():
			p.done()
			return j, fmt.Errorf("interrupted; the import goes on at the server, follow it with `taskport jobs %s`", id)
		case <-time.After(pause):
		}
		var err error
		if j, err = c.job(ctx, id); err != nil && ctx.Err() == nil {
			p.done()
			return j, err
		}
	}
	p.rows(j.Processed, j.Total)
	p.done()
	return j, nil
}

// summary writes what became of the rows.
func (j job) summary(w io.Writer, deadLetters int) {
	head := "import"
	if j.DryRun {
		head = "dry run"
	}
	if j.FileName != "" {
		head += " of " + j.FileName
	}
	fmt.Fprintf(w, "%s: %s, %s rows\n", head, j.Status, grouped(j.Total))
	if j.Message != "" {
		fmt.Fprintf(w, "  %s\n", j.Message)
	}
	for _, line := range []struct {
		what string
		n    int
	}{{"created", j.Created}, {"updated", j.Updated}, {"skipped", j.Skipped}, {"rejected", j.Rejected}} {
		fmt.Fprintf(w, "  %-9s %9s\n", line.what, grouped(line.n))
	}
	for _, reason := range sortedByCount(j.RejectedByReason) {
		fmt.Fprintf(w, "    %-21s %7s\n", reason, grouped(j.RejectedByReason[reason]))
	}
	for i, e := range j.Errors {
		if i == deadLetters {
			break
		}
		fmt.Fprintf(w, "  row %d: %s: %s\n", e.Row, e.Reason, e.Message)
	}
}

func sortedByCount(counts map[string]int) []string {
	var names []string
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b)) })
	return names
}

// grouped writes a number with its thousands apart.
func grouped(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// writeReport saves a job's dead-letter report; the file appears whole or not at all.
func (c *client) writeReport(ctx context.Context, id, path string) (err error) {
	resp, err := c.do(ctx, call{method: "GET", path: "/v1/import/jobs/" + url.PathEscape(id) + "/rejects", query: url.Values{"format": {"csv"}}})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	_, copyErr := io.Copy(f, resp.Body)
	closeErr := f.Close()
	if err := cmp.Or(copyErr, closeErr); err != nil {
		return fmt.Errorf("write the report: %w", err)
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

// reportPath is where the report of a file goes unless told otherwise.
func reportPath(file string) string {
	base := filepath.Base(file)
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".rejects.csv"
}
