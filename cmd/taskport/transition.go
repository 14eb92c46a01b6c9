package main

import (
	"context"
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
	return newTransitionCommand(env, "cancel", "Stop an import; rows that are in stay", func(j job) error {
		return j.print(env, false)
	})
}

func newUndoCommand(env *environment) *cobra.Command {
	return newTransitionCommand(env, "undo", "Delete the tasks of an import, except those that were changed since",
		func(j job) error { j.undone(env); return nil })
}

// newTransitionCommand returns a command for a transition; show prints the job for a person.
func newTransitionCommand(env *environment, step, short string, show func(job) error) *cobra.Command {
	var flags clientFlags
	var asJSON bool
	cmd := &cobra.Command{Use: step + " ID", Short: short, Args: cobra.ExactArgs(1),
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

func (f *clientFlags) transition(ctx context.Context, env *environment, id, step string) (job, error) {
	c, err := f.client(env)
	if err != nil {
		return job{}, err
	}
	return c.transition(ctx, id, step)
}

func newRetryCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	cmd := &cobra.Command{Use: "retry ID",
		Short: "Retry the parked and the rejected rows of an import",
		Long: "Retry the parked and the rejected rows of an import that has ended, for instance after the directory was\n" +
			"corrected, and follow the import to its end.\n\n" +
			"Exit code 0: all rows are in; 2: some are still rejected and are in the report; 1: the import failed.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.retry(cmd.Context(), env, args[0]) }}
	f.client.add(cmd, env)
	f.addOutput(cmd)
	return cmd
}

func (f *uploadFlags) retry(ctx context.Context, env *environment, id string) error {
	c, err := f.client.client(env)
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
