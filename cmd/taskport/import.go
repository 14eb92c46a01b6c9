package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
)

// uploadFlags are the flags of the commands that send a file.
type uploadFlags struct {
	client      clientFlags
	mapping     []string
	noHeader    bool
	delimiter   string
	onDuplicate string
	onMismatch  string
	dryRun      bool
	report      string
	asJSON      bool
	quiet       bool
}

func (f *uploadFlags) add(cmd *cobra.Command, env *environment) {
	f.client.add(cmd, env)
	cmd.Flags().StringArrayVar(&f.mapping, "map", nil, "what a column feeds, as COLUMN=field, repeated; an empty field ignores the column")
	cmd.Flags().BoolVar(&f.noHeader, "no-header", false, "the first line is a row; columns are called column_1, column_2, …")
	cmd.Flags().StringVar(&f.delimiter, "delimiter", "", "comma, semicolon, tab or | (default: found out)")
	cmd.Flags().StringVar(&f.onDuplicate, "on-duplicate", "skip", "what to do with a row whose external_id is there already: skip, update or reject")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "report what would happen, insert nothing")
	cmd.Flags().StringVar(&f.report, "report", "", "where to write the dead-letter report (default: FILE's name with .rejects.csv)")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the job as JSON")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "show no progress")
}

// query gives the flags as the API takes them.
func (f *uploadFlags) query(file string) (url.Values, error) {
	q := url.Values{"file_name": {filepath.Base(file)}, "on_duplicate": {f.onDuplicate}}
	if f.noHeader {
		q.Set("has_header", "false")
	}
	if f.delimiter != "" {
		q.Set("delimiter", f.delimiter)
	}
	if f.onMismatch != "" {
		q.Set("on_company_mismatch", f.onMismatch)
	}
	if f.dryRun {
		q.Set("dry_run", strconv.FormatBool(f.dryRun))
	}
	if len(f.mapping) == 0 {
		return q, nil
	}
	mapping := map[string]string{}
	for _, m := range f.mapping {
		at := strings.LastIndexByte(m, '=')
		if at < 1 {
			return nil, fmt.Errorf("--map takes COLUMN=field, not %q", m)
		}
		mapping[m[:at]] = m[at+1:]
	}
	text, err := json.Marshal(mapping)
	if err != nil {
		return nil, fmt.Errorf("encode the mapping: %w", err)
	}
	q.Set("mapping", string(text))
	return q, nil
}

// mediaTypes are the types of files by their endings.
var mediaTypes = map[string]string{".csv": "text/csv", ".txt": "text/csv", ".tsv": "text/tab-separated-values", ".ndjson": "application/x-ndjson", ".jsonl": "application/x-ndjson", ".json": "application/json"}

// send uploads a file and follows its import to the end.
func (f *uploadFlags) send(ctx context.Context, c *client, kind, file string, open func() (io.ReadCloser, int64, error), p progress) (job, error) {
	mediaType, ok := mediaTypes[strings.ToLower(filepath.Ext(file))]
	if !ok {
		return job{}, fmt.Errorf("%s: the ending must be one of .csv, .tsv, .txt, .ndjson, .jsonl and .json", file)
	}
	q, err := f.query(file)
	if err != nil {
		return job{}, err
	}
	resp, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/import/" + kind, query: q,
		header: map[string]string{"Content-Type": mediaType, "Prefer": "respond-async"},
		body: func() (io.ReadCloser, error) {
			r, size, err := open()
			if err != nil {
				return nil, err
			}
			return &countedBody{ReadCloser: r, size: size, progress: p}, nil
		}})
	if err != nil {
		p.done()
		return job{}, err
	}
	raw, err := readBody(resp)
	if err != nil {
		return job{}, err
	}
	j, err := readJob(raw)
	if err != nil {
		return j, err
	}
	return c.follow(ctx, j, p)
}

// countedBody tells how much of a file has gone up.
type countedBody struct {
	io.ReadCloser
	sent, size int64
	progress   progress
}

func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.sent += int64(n)
	b.progress.upload(b.sent, b.size)
	return n, err
}

// run sends a file from disk, prints the outcome, and writes the report when rows were rejected.
func (f *uploadFlags) run(ctx context.Context, env *environment, kind, file string) error {
	c, err := f.client.client()
	if err != nil {
		return err
	}
	p := env.newProgress()
	if f.quiet {
		p = silent{}
	}
	j, err := f.send(ctx, c, kind, file, func() (io.ReadCloser, int64, error) { return openFile(file) }, p)
	if err != nil {
		return err
	}
	if j.Rejected > 0 {
		if f.report == "" {
			f.report = reportPath(file)
		}
		if err := c.writeReport(ctx, j.JobID, f.report); err != nil {
			return err
		}
		env.note("the rejected rows are in %s; mend them there and import the file again", f.report)
	}
	if err := f.print(env, j); err != nil {
		return err
	}
	return j.exit()
}

func openFile(file string) (io.ReadCloser, int64, error) {
	r, err := os.Open(file)
	if err != nil {
		return nil, 0, fmt.Errorf("open the file: %w", err)
	}
	info, err := r.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("look at the file: %w", err), r.Close())
	}
	return r, info.Size(), nil
}

const shownDeadLetters = 5

func (f *uploadFlags) print(env *environment, j job) error {
	if f.asJSON {
		_, err := env.out.Write(j.raw)
		return err
	}
	j.summary(env.out, shownDeadLetters)
	return nil
}

// exit gives the exit code that an import ends with.
func (j job) exit() error {
	switch {
	case j.Status != "completed":
		return &exitError{code: exitFailed, cause: fmt.Errorf("the import is %s; %s", j.Status, j.Message)}
	case j.Rejected > 0:
		return &exitError{code: exitRejected}
	}
	return nil
}

func newImportCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	cmd := &cobra.Command{Use: "import FILE", Short: "Import a file of tasks and follow it to the end",
		Long: "Import a file of tasks and follow it to the end.\n\nExit code 0: all rows are in; 2: some were rejected and stand in the report; 1: the import failed.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, "tasks", args[0]) }}
	f.add(cmd, env)
	cmd.Flags().StringVar(&f.onMismatch, "on-company-mismatch", "reject", "what to do with a contact who belongs to another company than the row names: reject or link")
	return cmd
}

func newLoadCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	kinds := []string{"contacts", "companies", "deals", "events"}
	cmd := &cobra.Command{Use: "load contacts|companies|deals|events FILE", Short: "Load the directory that names are resolved against", ValidArgs: kinds,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 || !strings.Contains(" "+strings.Join(kinds, " ")+" ", " "+args[0]+" ") {
				return fmt.Errorf("load takes one of %s, and a file", strings.Join(kinds, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0], args[1]) }}
	f.add(cmd, env)
	return cmd
}
