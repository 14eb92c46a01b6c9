package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// rejectsFlags select dead letters and their format.
type rejectsFlags struct {
	client        clientFlags
	which         selectionFlags
	search        string
	dismissed     bool
	skipped       bool
	all           bool
	format        string
	asJSON        bool
	output        string
	page, perPage int
}

var rejectsFormats = []string{"csv", "xlsx", "json", "table"}

const rejectsPerPage = 100 // the most that the API returns

func newRejectsCommand(env *environment) *cobra.Command {
	var f rejectsFlags
	cmd := &cobra.Command{Use: "rejects JOB|--all", Short: "Show the rejected rows of an import, or of all",
		Args: jobOrAll(&f.all),
		Long: "Show the rejected rows of an import: the whole report as CSV or as an Excel workbook, or a page of them\n" +
			"as a table or as JSON. --all shows the rows of all imports that wait for a decision, as a table or as JSON.\n" +
			"`taskport correct` and `taskport dismiss` decide about them.\n\n" + jobHelp,
		Example: "  taskport rejects @last\n  taskport rejects 0198c0de --output rejects.xlsx\n" +
			"  taskport rejects @last --reason orphan --format table\n  taskport rejects --all --name 'H. Müller'",
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, env, args) }}
	f.client.add(cmd, env)
	f.which.add(cmd)
	cmd.Flags().StringVar(&f.search, "search", "", "only rows with this text in a cell or the message")
	cmd.Flags().BoolVar(&f.dismissed, "dismissed", false, "the dismissed rows, instead of the open ones")
	cmd.Flags().BoolVar(&f.skipped, "skipped", false,
		"also the rows that were skipped; as JSON those alone (csv, xlsx or json)")
	cmd.Flags().BoolVar(&f.all, "all", false, "the open rows of all imports")
	cmd.Flags().StringVar(&f.format, "format", "",
		"csv, xlsx, json or table (default: table on a terminal, csv elsewhere)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "short for --format json")
	cmd.Flags().StringVar(&f.output, "output", "",
		"write to this file, as csv unless --format is xlsx or json or the name ends in .xlsx")
	cmd.Flags().IntVar(&f.page, "page", 1, "page of the table or the JSON")
	cmd.Flags().IntVar(&f.perPage, "per-page", rejectsPerPage, "rejected rows on a page, at most 100")
	return cmd
}

func (f *rejectsFlags) run(cmd *cobra.Command, env *environment, args []string) error {
	format, err := f.chosen(env)
	if err != nil {
		return misuse(err)
	}
	query, err := f.which.query(cmd)
	if err != nil {
		return err
	}
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	if f.search != "" {
		query.Set("search", f.search)
	}
	if f.dismissed {
		query.Set("dismissed", "true")
	}
	if f.skipped {
		query.Set("skipped", "true")
	}
	if format == "table" || format == "json" {
		query.Set("page", strconv.Itoa(f.page))
		query.Set("per_page", strconv.Itoa(f.perPage))
	}
	ctx := cmd.Context()
	what := call{method: http.MethodGet, path: "/v1/rejects", query: query}
	if !f.all {
		id, err := c.jobNamed(ctx, args[0])
		if err != nil {
			return err
		}
		what = rejectsCall(id, query)
		if format != "table" {
			query.Set("format", format)
		}
	}
	switch {
	case format == "table":
		return f.table(ctx, env, c, what)
	case f.output != "":
		return c.save(ctx, what, f.output)
	}
	return passThrough(ctx, env, c, what)
}

// chosen returns the format: that of the flags, or the one that fits the output.
func (f *rejectsFlags) chosen(env *environment) (string, error) {
	switch {
	case f.asJSON && f.format != "" && f.format != "json":
		return "", fmt.Errorf("--json is short for --format json; leave out --format %s", f.format)
	case f.skipped && (f.all || f.format == "table"):
		return "", errors.New("--skipped takes one job, and --format csv, xlsx or json")
	case f.skipped && f.format == "" && !f.asJSON && !isWorkbook(f.output):
		return "csv", nil
	case f.all && f.dismissed:
		return "", errors.New("--all shows the open rows; leave out --dismissed, or name a job")
	case f.all && !f.asJSON && !slices.Contains([]string{"", "json", "table"}, f.format):
		return "", errors.New("--all takes --format table or json; a report in csv or xlsx belongs to one job")
	case f.asJSON || f.all && f.format == "" && f.output != "":
		return "json", nil
	case f.all && f.format == "":
		return "table", nil
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
			JobID    string `json:"job_id"`
			FileName string `json:"file_name"`
			rowError
			Field string `json:"field"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not a list of rejected rows; check --server: %w", err)
	}
	rows := [][]string{{"ROW", "REASON", "FIELD", "MESSAGE"}}
	if f.all {
		rows[0] = append([]string{"JOB", "FILE"}, rows[0]...)
	}
	ids := make([]string, len(answer.Data))
	for n, d := range answer.Data {
		ids[n] = oneLine(d.JobID)
	}
	env.shorten(ids)
	for n, d := range answer.Data {
		row := []string{strconv.Itoa(d.Row), d.Reason, d.Field, oneLine(d.text())}
		if f.all {
			row = append([]string{ids[n], oneLine(d.FileName)}, row...)
		}
		rows = append(rows, row)
	}
	if more := totalOf(raw) - (f.page-1)*f.perPage - len(answer.Data); more > 0 {
		text := "%s more; --page %d shows the next"
		if !f.all {
			text += ", --format csv all of them"
		}
		env.note(text, grouped(more), f.page+1)
	}
	return writeTable(env.out, foldLast(rows, env.outWidth))
}

// foldLast wraps the last column of a table so that its lines are at most width characters long,
// unless the other columns leave too little for it; 0 wraps nothing.
func foldLast(rows [][]string, width int) [][]string {
	const gap, least = 2, 30
	last := len(rows[0]) - 1
	for n := range last {
		widest := 0
		for _, row := range rows {
			widest = max(widest, utf8.RuneCountInString(row[n]))
		}
		width -= widest + gap
	}
	if width < least {
		return rows
	}
	var folded [][]string
	for _, row := range rows {
		for n, line := range strings.Split(fold(row[last], width, ""), "\n") {
			cells := make([]string, last+1)
			if n == 0 {
				copy(cells, row)
			}
			cells[last] = line
			folded = append(folded, cells)
		}
	}
	return folded
}
