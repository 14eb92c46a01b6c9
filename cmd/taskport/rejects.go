package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"
)

// rejectsFlags select dead letters and their format.
type rejectsFlags struct {
	client        clientFlags
	format        string
	asJSON        bool
	output        string
	page, perPage int
}

var rejectsFormats = []string{"csv", "xlsx", "json", "table"}

const rejectsPerPage = 100 // the most that the API returns

func newRejectsCommand(env *environment) *cobra.Command {
	var f rejectsFlags
	cmd := &cobra.Command{Use: "rejects ID", Short: "Show the rejected rows of an import", Args: cobra.ExactArgs(1),
		Long: "Show the rejected rows of an import: the whole report as CSV or as an Excel workbook, or a page of them " +
			"as a table or as JSON.",
		Example: "  taskport rejects ID\n  taskport rejects ID --output rejects.xlsx",
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0]) }}
	f.client.add(cmd, env)
	cmd.Flags().StringVar(&f.format, "format", "",
		"csv, xlsx, json or table (default: table on a terminal, csv elsewhere)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "short for --format json")
	cmd.MarkFlagsMutuallyExclusive("format", "json")
	cmd.Flags().StringVar(&f.output, "output", "",
		"write to this file, as csv unless --format is xlsx or json or the name ends in .xlsx")
	cmd.Flags().IntVar(&f.page, "page", 1, "page of the table or the JSON")
	cmd.Flags().IntVar(&f.perPage, "per-page", rejectsPerPage, "rejected rows on a page, at most 100")
	return cmd
}

func (f *rejectsFlags) run(ctx context.Context, env *environment, id string) error {
	format, err := f.chosen(env)
	if err != nil {
		return err
	}
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	query := url.Values{"page": {strconv.Itoa(f.page)}, "per_page": {strconv.Itoa(f.perPage)}}
	switch format {
	case "table":
		return f.table(ctx, env, c, rejectsCall(id, query))
	case "json":
		query.Set("format", format)
	default:
		query = url.Values{"format": {format}}
	}
	if f.output != "" {
		return c.save(ctx, rejectsCall(id, query), f.output)
	}
	return passThrough(ctx, env, c, rejectsCall(id, query))
}

// chosen returns the format: that of the flags, or the one that fits the output.
func (f *rejectsFlags) chosen(env *environment) (string, error) {
	switch {
	case f.asJSON:
		return "json", nil
	case f.format == "table" && f.output != "":
		return "", errors.New("--output takes csv, xlsx or json; leave out --format table")
	case f.format == "xlsx" && env.outIsTerminal && f.output == "":
		return "", errors.New("a workbook cannot be shown on a terminal; name a file with --output")
	case slices.Contains(rejectsFormats, f.format):
		return f.format, nil
	case f.format != "":
		return "", fmt.Errorf("--format must be csv, xlsx, json or table, not %q", f.format)
	case isWorkbook(f.output):
		return "xlsx", nil
	case env.outIsTerminal && f.output == "":
		return "table", nil
	}
	return "csv", nil
}

// passThrough copies an answer of any length to standard output.
func passThrough(ctx context.Context, env *environment, c *client, r call) error {
	resp, err := c.do(ctx, r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(env.out, resp.Body); err != nil {
		return fmt.Errorf("pass on the report: %w", err)
	}
	return nil
}

func (f *rejectsFlags) table(ctx context.Context, env *environment, c *client, r call) error {
	raw, err := c.get(ctx, r.path, r.query)
	if err != nil {
		return err
	}
	var answer struct {
		Data []struct {
			rowError
			Field string `json:"field"`
		} `json:"data"`
		Meta struct {
			Total int `json:"total"`
		} `json:"meta"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of dead letters; check --server: %w", err)
	}
	rows := [][]string{{"ROW", "REASON", "FIELD", "MESSAGE"}}
	for _, d := range answer.Data {
		rows = append(rows, []string{strconv.Itoa(d.Row), d.Reason, d.Field, oneLine(d.text())})
	}
	if more := answer.Meta.Total - (f.page-1)*f.perPage - len(answer.Data); more > 0 {
		env.note("%s more; --page %d shows the next, --format csv all of them", grouped(more), f.page+1)
	}
	return writeTable(env.out, rows)
}
