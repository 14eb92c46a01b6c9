package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

// transition asks the API for a transition of a job, and returns the job after it.
func (c *client) transition(ctx context.Context, id, step string) (job, error) {
	resp, err := c.do(ctx, call{method: http.MethodPost, path: "/v1/import/jobs/" + url.PathEscape(id) + "/" + step})
	if err != nil {
		return job{}, err
	}
	raw, err := readBody(resp)
	if err != nil {
		return job{}, err
	}
	return readJob(raw)
}

func newCancelCommand(env *environment) *cobra.Command {
	return newTransitionCommand(env, "cancel", "Stop an import; rows that are in stay",
		"Stop an import that is queued or processing. The rows that are in stay; `taskport undo` takes them back.",
		func(j job) error { return j.print(env, false) })
}

func newUndoCommand(env *environment) *cobra.Command {
	var flags clientFlags
	var asJSON bool
	var decision string
	cmd := &cobra.Command{Use: "undo JOB|--decision ID",
		Short: "Delete the tasks of an import, or take a decision about rejected rows back",
		Long: "Delete the tasks that an import has created, except those that were changed since, and list these.\n" +
			"With --decision, take back what was decided about rejected rows: they are as they were, and the tasks that\n" +
			"they became are deleted. That is refused once a row was changed.\n\n" + jobHelp,
		Example: "  taskport undo @last\n  taskport undo 0198c0de --json\n" +
			"  taskport undo --decision 0198c5a1-7b3e-7000-8000-000000000001",
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case decision != "" && len(args) > 0:
				return errors.New("name a job, or --decision, not both")
			case decision != "":
				return nil
			}
			return oneJob(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if decision != "" {
				return flags.undoDecision(cmd.Context(), env, decision, asJSON)
			}
			j, err := flags.transition(cmd.Context(), env, args[0], "undo")
			if err != nil {
				return err
			}
			if asJSON {
				return j.print(env, true)
			}
			j.undone(env)
			return nil
		}}
	flags.add(cmd, env)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as JSON")
	cmd.Flags().StringVar(&decision, "decision", "",
		"id of a decision, as correct and dismiss print it, instead of JOB")
	return cmd
}

// undoDecision takes back a decision, and prints what has come of it.
func (f *clientFlags) undoDecision(ctx context.Context, env *environment, decision string, asJSON bool) error {
	c, err := f.client(env)
	if err != nil {
		return err
	}
	resp, err := c.do(ctx, call{method: http.MethodPost,
		path: "/v1/rejects/decisions/" + url.PathEscape(decision) + "/undo"})
	if err != nil {
		return err
	}
	raw, err := readBody(resp)
	if err != nil {
		return err
	}
	if asJSON {
		_, err = env.out.Write(raw)
		return err
	}
	var answer struct {
		Data struct {
			Rows  int      `json:"row_count"`
			Tasks int      `json:"task_count"`
			Kept  []string `json:"kept"`
		} `json:"data"`
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return fmt.Errorf("the answer is not that of an undo; check --server: %w", err)
	}
	fmt.Fprintf(env.out, "undone: %s as before, %s tasks deleted\n", rowsText(answer.Data.Rows),
		grouped(answer.Data.Tasks))
	for _, name := range answer.Data.Kept {
		env.note("%s stays in the directory, because others refer to it", oneLine(name))
	}
	return nil
}

// noteDecision writes a note with the command that takes a decision back.
func noteDecision(env *environment, decision string) {
	if decision != "" {
		env.note("`taskport undo --decision %s` takes it back", oneLine(decision))
	}
}

// newTransitionCommand returns a command for a transition; show prints the job for a person.
func newTransitionCommand(env *environment, step, short, long string, show func(job) error) *cobra.Command {
	var flags clientFlags
	var asJSON bool
	cmd := &cobra.Command{Use: step + " JOB", Short: short, Args: oneJob, Long: long + "\n\n" + jobHelp,
		Example: "  taskport " + step + " @last\n  taskport " + step + " 0198c0de --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := flags.transition(cmd.Context(), env, args[0], step)
			if err != nil {
				return err
			}
			if asJSON {
				return j.print(env, true)
			}
			return show(j)
		}}
	flags.add(cmd, env)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the job as JSON")
	return cmd
}

func (f *clientFlags) transition(ctx context.Context, env *environment, name, step string) (job, error) {
	c, err := f.client(env)
	if err != nil {
		return job{}, err
	}
	id, err := c.jobNamed(ctx, name)
	if err != nil {
		return job{}, err
	}
	return c.transition(ctx, id, step)
}

func newRetryCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	all := false
	cmd := &cobra.Command{Use: "retry JOB|--all",
		Short: "Retry the parked and the rejected rows of an import, or of all",
		Long: "Retry the parked and the rejected rows of an import that has ended, for instance after the directory was\n" +
			"corrected, and follow the import to its end. --all retries every import that has such rows, one after the\n" +
			"other, and writes no reports.\n\n" + jobHelp +
			exitCodes("all rows are in", "some rows are still rejected, and are in the report", "an import failed"),
		Example: "  taskport retry @last\n  taskport retry 0198c0de --report left.xlsx\n  taskport retry --all",
		Args:    jobOrAll(&all),
		RunE: func(cmd *cobra.Command, args []string) error {
			if all {
				return f.retryAll(cmd.Context(), env)
			}
			return f.retry(cmd.Context(), env, args[0])
		}}
	f.client.add(cmd, env)
	f.addOutput(cmd)
	cmd.Flags().BoolVar(&all, "all", false, "retry every import that has parked or rejected rows")
	return cmd
}

func (f *uploadFlags) retry(ctx context.Context, env *environment, name string) error {
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	id, err := c.jobNamed(ctx, name)
	if err != nil {
		return err
	}
	j, err := c.transition(ctx, id, "retry")
	if err != nil {
		return err
	}
	if j.ended() {
		env.note("nothing to retry: the import has no parked row and no rejected row that can be retried")
	}
	if j, err = c.follow(ctx, j, f.progress(env)); err != nil {
		return err
	}
	return f.conclude(ctx, env, c, j, j.FileName)
}

// retryAll retries every import that has rows to retry, one after the other. An import that the
// server refuses to retry is passed over with a note, and makes the command fail.
func (f *uploadFlags) retryAll(ctx context.Context, env *environment) error {
	if f.report != "" {
		return misusef("--report belongs to one job; leave it out, or --all")
	}
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	var jobs, retried []job
	if err := c.eachJob(ctx, url.Values{}, func(j job) bool {
		if (j.Status == "completed" || j.Status == "failed") && !j.DryRun && j.open()+j.Parked > 0 {
			jobs = append(jobs, j)
		}
		return true
	}); err != nil {
		return err
	}
	code := exitDone
	for _, j := range jobs {
		after, err := c.transition(ctx, j.JobID, "retry")
		if err == nil {
			after, err = c.follow(ctx, after, f.progress(env))
		}
		var refused *apiFailure
		if errors.As(err, &refused) {
			env.warn("job %s%s is passed over: %s", j.JobID, j.ofFile(), refused)
			code = exitFailed
			continue
		}
		if err != nil {
			return err
		}
		retried = append(retried, after)
		var exit *exitError
		if errors.As(after.exit(), &exit) && code != exitFailed {
			code = exit.code
		}
	}
	if err := printRetried(env, retried, f.asJSON); err != nil {
		return err
	}
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

func printRetried(env *environment, retried []job, asJSON bool) error {
	if asJSON {
		all := []any{}
		for _, j := range retried {
			var answer struct {
				Data any `json:"data"`
			}
			if err := json.Unmarshal(j.raw, &answer); err != nil {
				return fmt.Errorf("the answer is not a job; check --server: %w", err)
			}
			all = append(all, answer.Data)
		}
		return writeJSON(env.out, all)
	}
	if len(retried) == 0 {
		env.note("no import has parked or rejected rows that can be retried")
		return nil
	}
	text, err := jobsTable(env, retried)
	if err != nil {
		return err
	}
	_, err = fmt.Fprint(env.out, text)
	return err
}

// undone prints how many tasks an undo deleted, and lists those that it kept.
func (j job) undone(env *environment) {
	fmt.Fprintf(env.out, "undone: %s tasks taken back, %s kept because they were changed since\n", grouped(j.Undone),
		grouped(j.Kept))
	for _, id := range j.KeptIDs {
		fmt.Fprintf(env.out, "  %s\n", oneLine(id))
	}
	if more := j.Kept - len(j.KeptIDs); more > 0 {
		env.note("%s more were kept; GET /v1/import/jobs/%s/results lists them all", grouped(more), j.JobID)
	}
}
