package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
)

// jobsFlags select jobs.
type jobsFlags struct {
	client        clientFlags
	kind, status  string
	singles       bool
	watch         bool
	asJSON        bool
	page, perPage int
}

func newJobsCommand(env *environment) *cobra.Command {
	f := &jobsFlags{}
	cmd := &cobra.Command{Use: "jobs [JOB]", Short: "List import jobs, or show one",
		Long: "List import jobs, the newest first, or show one.\n\n" + jobHelp + "\n\n" +
			"--watch shows the list again whenever it changes, until Ctrl-C. With JOB it follows the job to its end, " +
			"and ends\nwith the exit code of an import.",
		Example: "  taskport jobs\n  taskport jobs @last\n  taskport jobs 0198c0de --json\n" +
			"  taskport jobs --status processing --watch\n  taskport jobs --singles --status failed",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("name one job, or none for the list; %d were named", len(args))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.client.client(env)
			if err != nil {
				return err
			}
			if len(args) == 1 {
				return f.one(cmd, env, c, args[0])
			}
			return f.list(cmd.Context(), env, c)
		}}
	f.client.add(cmd, env)
	cmd.Flags().StringVar(&f.kind, "kind", "", "only jobs of this kind: "+choices(kindNames()))
	cmd.Flags().StringVar(&f.status, "status", "", "only jobs in this state: "+choices(statusNames()))
	cmd.Flags().BoolVar(&f.singles, "singles", false,
		"jobs of single tasks that were sent with Prefer: respond-async, instead of files")
	cmd.Flags().BoolVar(&f.watch, "watch", false, "show the list whenever it changes, or follow the job to its end")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the answer of the API")
	cmd.Flags().IntVar(&f.page, "page", 1, "page of the list")
	cmd.Flags().IntVar(&f.perPage, "per-page", 25, "jobs on a page, at most 100")
	return cmd
}

// listFlags are the flags of jobs that belong to the list alone.
var listFlags = []string{"kind", "status", "singles", "page", "per-page"}

// one shows a job, or follows it.
func (f *jobsFlags) one(cmd *cobra.Command, env *environment, c *client, name string) error {
	for _, flag := range listFlags {
		if cmd.Flags().Changed(flag) {
			return misusef("--%s is for the list of jobs; leave it out, or the job", flag)
		}
	}
	ctx := cmd.Context()
	id, err := c.jobNamed(ctx, name)
	if err != nil {
		return err
	}
	j, err := c.job(ctx, id)
	if err != nil {
		return err
	}
	if f.watch {
		if j, err = c.follow(ctx, j, env.newProgress()); err != nil {
			return err
		}
	}
	switch {
	case f.asJSON:
		_, err = env.out.Write(j.raw)
	case j.ended():
		j.summary(env.out, shownDeadLetters, env.outWidth)
	default:
		fmt.Fprintf(env.out, "%s: %s of %s rows\n", j.state(), grouped(j.Processed), grouped(j.Total))
	}
	if err == nil && f.watch {
		return j.exit()
	}
	return err
}

func (f *jobsFlags) list(ctx context.Context, env *environment, c *client) error {
	if err := errors.Join(among("--kind", f.kind, kindNames()), among("--status", f.status, statusNames())); err != nil {
		return misuse(err)
	}
	query := url.Values{"page": {strconv.Itoa(f.page)}, "per_page": {strconv.Itoa(f.perPage)}}
	for name, value := range map[string]string{"kind": f.kind, "status": f.status} {
		if value != "" {
			query.Set(name, value)
		}
	}
	if f.singles {
		query.Set("singles", "true")
	}
	total := 0
	show := func() (string, error) {
		jobs, raw, err := c.jobs(ctx, query)
		if err != nil || f.asJSON {
			return string(raw), err
		}
		total = totalOf(raw)
		return jobsTable(env, jobs)
	}
	if f.watch {
		return watch(ctx, env, show)
	}
	text, err := show()
	if err != nil {
		return err
	}
	if pages := (total + f.perPage - 1) / max(f.perPage, 1); pages > 1 {
		env.note("page %d of %d; --page shows another", f.page, pages)
	}
	_, err = fmt.Fprint(env.out, text)
	return err
}

// totalOf returns how many entries a list has in all; 0 where the answer does not say.
func totalOf(raw json.RawMessage) int {
	var answer struct {
		Meta struct {
			Total int `json:"total"`
		} `json:"meta"`
	}
	if json.Unmarshal(raw, &answer) != nil {
		return 0
	}
	return answer.Meta.Total
}

func jobsTable(env *environment, jobs []job) (string, error) {
	ids := make([]string, len(jobs))
	for n, j := range jobs {
		ids[n] = oneLine(j.JobID)
	}
	env.shorten(ids)
	rows := [][]string{{"ID", "KIND", "STATUS", "FILE", "TOTAL", "CREATED", "UPDATED", "SKIPPED", "REJECTED", "STARTED"}}
	for n, j := range jobs {
		rows = append(rows, []string{ids[n], j.Kind, j.state(), oneLine(j.FileName), grouped(j.Total),
			grouped(j.Created), grouped(j.Updated), grouped(j.Skipped), grouped(j.Rejected),
			j.CreatedAt.Local().Format(time.DateTime)})
	}
	var b bytes.Buffer
	err := writeTable(&b, rows)
	return b.String(), err
}

// watch prints a text whenever it has changed, until ctx ends. A terminal shows only the latest.
func watch(ctx context.Context, env *environment, show func() (string, error)) error {
	shown := ""
	for {
		text, err := show()
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the person has seen enough
		}
		if err != nil {
			return err
		}
		if text != shown {
			if lines := linesOn(shown, env.outWidth); lines > 0 && env.outIsTerminal {
				fmt.Fprintf(bare(env.out), "\x1b[%dA\x1b[J", lines)
			} else if lines > 0 {
				fmt.Fprintln(env.out)
			}
			if _, err := fmt.Fprint(env.out, text); err != nil {
				return err
			}
			shown = text
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(longestPoll):
		}
	}
}

// linesOn returns how many lines of a terminal a text takes; a width of 0 breaks no lines.
func linesOn(text string, width int) (lines int) {
	for line := range strings.Lines(text) {
		lines++
		if width > 0 {
			lines += max(utf8.RuneCountInString(strings.TrimSuffix(line, "\n"))-1, 0) / width
		}
	}
	return lines
}
