package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
			c, err := flags.client()
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
	raw, err := c.get(ctx, "/v1/import/jobs", url.Values{"page": {strconv.Itoa(page)}, "per_page": {strconv.Itoa(perPage)}})
	if err != nil {
		return err
	}
	if asJSON {
		_, err := env.out.Write(raw)
		return err
	}
	var answer struct {
		Data []job `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of jobs: %w", err)
	}
	rows := [][]string{{"ID", "KIND", "STATUS", "FILE", "TOTAL", "CREATED", "REJECTED", "STARTED"}}
	for _, j := range answer.Data {
		rows = append(rows, []string{j.JobID, j.Kind, j.Status, j.FileName, grouped(j.Total), grouped(j.Created), grouped(j.Rejected), j.CreatedAt.Local().Format(time.DateTime)})
	}
	return writeTable(env.out, rows)
}

func newRejectsCommand(env *environment) *cobra.Command {
	var flags clientFlags
	var format, output string
	cmd := &cobra.Command{Use: "rejects ID", Short: "Show the dead letters of an import", Args: cobra.ExactArgs(1),
		Long: "Show the dead letters of an import: the whole report as CSV, a page as JSON, or a table of the first hundred.",
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := flags.client()
			if err != nil {
				return err
			}
			if output != "" {
				return c.writeReport(cmd.Context(), args[0], output)
			}
			if format == "" {
				format = map[bool]string{true: "table", false: "csv"}[env.outIsTerminal]
			}
			return printRejects(cmd.Context(), env, c, args[0], format)
		}}
	flags.add(cmd, env)
	cmd.Flags().StringVar(&format, "format", "", "csv, json or table (default: table on a terminal, csv elsewhere)")
	cmd.Flags().StringVar(&output, "output", "", "write the report to this file instead")
	return cmd
}

func printRejects(ctx context.Context, env *environment, c *client, id, format string) error {
	path := "/v1/import/jobs/" + url.PathEscape(id) + "/rejects"
	switch format {
	case "csv", "json":
		resp, err := c.do(ctx, call{method: "GET", path: path, query: url.Values{"format": {format}, "per_page": {"100"}}})
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if _, err := io.Copy(env.out, resp.Body); err != nil {
			return fmt.Errorf("read the report: %w", err)
		}
		return nil
	case "table":
	default:
		return fmt.Errorf("--format must be csv, json or table, not %q", format)
	}
	raw, err := c.get(ctx, path, url.Values{"per_page": {"100"}})
	if err != nil {
		return err
	}
	var answer struct {
		Data []struct {
			rowError
			Field string `json:"field"`
		} `json:"data"`
		Meta struct{ Total int } `json:"meta"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of dead letters: %w", err)
	}
	rows := [][]string{{"ROW", "REASON", "FIELD", "MESSAGE"}}
	for _, d := range answer.Data {
		rows = append(rows, []string{strconv.Itoa(d.Row), d.Reason, d.Field, d.Message})
	}
	if more := answer.Meta.Total - len(answer.Data); more > 0 {
		env.note("%s more; --format csv has all of them", grouped(more))
	}
	return writeTable(env.out, rows)
}
