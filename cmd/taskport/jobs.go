package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

func newJobsCommand(env *environment) *cobra.Command {
	var flags clientFlags
	var asJSON bool
	var page, perPage int
	cmd := &cobra.Command{Use: "jobs [ID]", Short: "List import jobs, or show one", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.client(env)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return showJob(cmd.Context(), env, c, args[0], asJSON)
			}
			return listJobs(cmd.Context(), env, c, page, perPage, asJSON)
		}}
	flags.add(cmd, env)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer of the API")
	cmd.Flags().IntVar(&page, "page", 1, "page of the list")
	cmd.Flags().IntVar(&perPage, "per-page", 25, "jobs on a page, at most 100")
	return cmd
}

func showJob(ctx context.Context, env *environment, c *client, id string, asJSON bool) error {
	j, err := c.job(ctx, id)
	if err != nil {
		return err
	}
	if asJSON {
		_, err := env.out.Write(j.raw)
		return err
	}
	if !j.ended() {
		fmt.Fprintf(env.out, "%s: %s of %s rows\n", j.Status, grouped(j.Processed), grouped(j.Total))
		return nil
	}
	j.summary(env.out, shownDeadLetters)
	return nil
}

func listJobs(ctx context.Context, env *environment, c *client, page, perPage int, asJSON bool) error {
	raw, err := c.get(ctx, "/v1/import/jobs", url.Values{"page": {strconv.Itoa(page)},
		"per_page": {strconv.Itoa(perPage)}})
	if err != nil {
		return err
	}
	if asJSON {
		_, err := env.out.Write(raw)
		return err
	}
	var answer struct {
		Data []job `json:"data"`
		Meta struct {
			Total int `json:"total"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of jobs: %w", err)
	}
	rows := [][]string{{"ID", "KIND", "STATUS", "FILE", "TOTAL", "CREATED", "UPDATED", "SKIPPED", "REJECTED", "STARTED"}}
	for _, j := range answer.Data {
		rows = append(rows, []string{j.JobID, j.Kind, j.state(), oneLine(j.FileName), grouped(j.Total), grouped(j.Created),
			grouped(j.Updated), grouped(j.Skipped), grouped(j.Rejected),
			j.CreatedAt.Local().Format(time.DateTime)})
	}
	if pages := (answer.Meta.Total + perPage - 1) / max(perPage, 1); pages > 1 {
		env.note("page %d of %d; --page shows another", page, pages)
	}
	return writeTable(env.out, rows)
}
