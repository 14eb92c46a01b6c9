package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"taskport/importer"
)

// job is an import job as the API shows it; raw is the whole answer.
type job struct {
	raw              json.RawMessage
	JobID            string                          `json:"job_id,omitempty"`
	Kind             string                          `json:"kind"`
	Status           string                          `json:"status"`
	DryRun           bool                            `json:"dry_run"`
	Plan             string                          `json:"plan,omitempty"`
	FileName         string                          `json:"file_name"`
	File             *importer.Reading               `json:"file,omitempty"`
	Total            int                             `json:"total_count"`
	Processed        int                             `json:"processed_count"`
	Created          int                             `json:"created_count"`
	Updated          int                             `json:"updated_count"`
	Skipped          int                             `json:"skipped_count"`
	Rejected         int                             `json:"rejected_count"`
	Dismissed        int                             `json:"dismissed_count,omitempty"` // of the rejected rows
	Parked           int                             `json:"parked_count,omitempty"`
	EmptyRows        int                             `json:"empty_rows"`
	RejectedByReason map[string]int                  `json:"rejected_by_reason"`
	Adjusted         map[string]map[importer.How]int `json:"adjusted"`
	Implausible      map[string]int                  `json:"implausible,omitempty"`
	NotImported      []importer.LeftColumnReading    `json:"not_imported"`
	Errors           []rowError                      `json:"errors"`
	SkippedRows      []importer.SkippedRow           `json:"skipped_rows,omitempty"`
	SameFile         *importer.SameFile              `json:"same_file,omitempty"`
	DuplicateRows    *importer.RepeatedRows          `json:"duplicate_rows,omitempty"`
	Mirror           *mirrored                       `json:"mirror,omitempty"`
	Message          string                          `json:"message,omitempty"`
	Receiving        bool                            `json:"receiving,omitempty"` // these two only of a stream
	EndedEarly       bool                            `json:"ended_early,omitempty"`
	Undone           int                             `json:"undone_count,omitempty"`
	Kept             int                             `json:"kept_count,omitempty"`
	KeptIDs          []string                        `json:"kept_ids,omitempty"`
	Corrected        *corrected                      `json:"mended,omitempty"`          // after a correction
	Retried          *corrected                      `json:"retried_rejects,omitempty"` // of a load with --retry-rejects
	DecisionID       string                          `json:"decision_id,omitempty"`
	CreatedAt        time.Time                       `json:"created_at,omitzero"`
}

// mirrored is what a load with --mirror has made inactive.
type mirrored struct {
	State    string `json:"state"`
	Inactive int    `json:"inactive_count"`
	Active   int    `json:"active_count"`
	Most     int    `json:"mirror_most"`
}

// rowError is a dead letter in short.
type rowError struct {
	Row    int    `json:"row_number"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
	Field  string `json:"field,omitempty"`
	worded
}

// state returns the status as a list shows it, with a dry run named, since its counts look like
// those of an import, and with a stream that is not whole.
func (j job) state() string {
	switch {
	case j.DryRun:
		return j.Status + ", dry run"
	case j.Receiving:
		return j.Status + ", receiving"
	case j.EndedEarly:
		return j.Status + ", ended early"
	}
	return j.Status
}

func (j job) ended() bool { return j.Status != "queued" && j.Status != "processing" }

// open returns how many rejected rows nobody has dismissed.
func (j job) open() int { return j.Rejected - j.Dismissed }

// exit returns the exit code of an import as an error; nil for 0.
func (j job) exit() error {
	switch {
	case j.Status != "completed":
		text := "the import is " + j.Status
		if j.Message != "" {
			text += ": " + j.Message
		}
		return &exitError{code: exitFailed, cause: errors.New(text)}
	case j.open() > 0:
		return &exitError{code: exitRejected}
	}
	return nil
}

// reword puts the messages of a job into the words of the command line.
func reword(j *job) {
	if j.File != nil {
		*j.File = j.File.In(words)
	}
	for i, c := range j.NotImported {
		j.NotImported[i].How = words(c.Remedy())
	}
	for i := range j.Errors {
		j.Errors[i].Message = j.Errors[i].text()
	}
}

func readJob(raw json.RawMessage) (job, error) {
	var answer struct {
		Data job `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return job{}, fmt.Errorf("the answer is not a job; check --server: %w", err)
	}
	if answer.Data.JobID == "" || answer.Data.Status == "" {
		return job{}, errors.New("the answer is not a job; check --server")
	}
	answer.Data.raw = raw
	reword(&answer.Data)
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

// follow shows the progress of a job until it has ended. The import continues on the server
// whatever happens here; the errors name the command that shows it.
func (c *client) follow(ctx context.Context, j job, p progress) (job, error) {
	defer p.done()
	for pause := firstPoll; !j.settled(); pause = min(pause*3/2, longestPoll) {
		p.rows(j.Processed, j.Total)
		select {
		case <-ctx.Done():
			return j, j.goesOn()
		case <-time.After(pause):
		}
		next, err := c.job(ctx, j.JobID)
		if ctx.Err() != nil && err != nil {
			return j, j.goesOn()
		}
		if err != nil {
			return j, fmt.Errorf("lost sight of the import, which goes on at the server; follow it with "+
				"`taskport jobs %s`: %w", j.JobID, err)
		}
		j = next
	}
	p.rows(j.Processed, j.Total)
	return j, nil
}

// settled reports whether the job has ended, and the rejected rows that it retries have outcomes.
func (j job) settled() bool { return j.ended() && (j.Retried == nil || j.Retried.Pending == 0) }

func (j job) goesOn() error {
	return fmt.Errorf("%w; the import goes on at the server, follow it with `taskport jobs %s`", errInterrupted, j.JobID)
}
