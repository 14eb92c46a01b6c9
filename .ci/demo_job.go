// Command demo_job reads the output of `taskport demo --json`, and fails unless it is one JSON
// document that holds a completed job whose four counts add up.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := check(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(r io.Reader) error {
	var answer struct {
		Data struct {
			Status    string `json:"status"`
			Total     int    `json:"total_count"`
			Processed int    `json:"processed_count"`
			Created   int    `json:"created_count"`
			Updated   int    `json:"updated_count"`
			Skipped   int    `json:"skipped_count"`
			Rejected  int    `json:"rejected_count"`
		} `json:"data"`
	}
	dec := json.NewDecoder(r)
	if err := dec.Decode(&answer); err != nil {
		return fmt.Errorf("stdout does not begin with a JSON document: %w", err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("stdout has more than one JSON document")
	}
	job := answer.Data
	sum := job.Created + job.Updated + job.Skipped + job.Rejected
	if job.Total == 0 || sum != job.Total || job.Processed != job.Total {
		return fmt.Errorf("the counts do not add up: %+v", job)
	}
	if job.Status != "completed" {
		return fmt.Errorf("the job is %s, not completed", job.Status)
	}
	fmt.Printf("%+v\n", job)
	return nil
}
