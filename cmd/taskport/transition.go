package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/spf13/cobra"
)

// step asks the API to take a job a step further, and returns the job as it then stands.
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
	return newTransitionCommand(env, "cancel", "Stop an import; what is in stays", func(j job) error {
		return j.print(env,
			false)
	})
}

func newUndoCommand(env *environment) *cobra.Command {
	return newTransitionCommand(env, "undo", "Take back the tasks of an import that nobody has changed since",
		func(j job) error { j.undone(env); return nil })
}

// newTransitionCommand returns a command that is over with its answer, which show writes out for a
// person.
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
		Short: "Go on with an import that has ended: parked rows, and every dead letter once more",
		Long: "Go on with an import that has ended, and follow it to the end: rows that were parked are processed, and " +
			"every dead letter is put through once more, for instance after the\n" +
			"directory was corrected.\n\nExit code 0: all rows are in; 2: some are still rejected and stand in the report; " +
			"1: the import failed.",
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
		env.note("there is nothing to retry: no row is parked, and no dead letter can be put through again")
	}
	if j, err = c.follow(ctx, j, f.progress(env)); err != nil {
		return err
	}
	return f.conclude(ctx, env, c, j, j.FileName)
}

// undone says what an undo took back, and lists what it kept.
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
