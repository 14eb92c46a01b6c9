package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"taskport/importer"
)

func newCommitCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	cmd := &cobra.Command{Use: "commit JOB", Short: "Carry out a dry run as it was shown",
		Long: "Carry out a dry run of tasks as it was shown, and follow the import to its end.\n" +
			"If the directory has changed so that rows would have another outcome, nothing is inserted, and these rows\n" +
			"are shown.\n\n" + jobHelp + exitCodes("all rows are in", "some rows were rejected, and are in the report",
			"the plan is outdated, or the import failed"),
		Example: "  taskport import tasks.csv --dry-run\n  taskport commit @last",
		Args:    oneJob,
		RunE:    func(cmd *cobra.Command, args []string) error { return f.commit(cmd.Context(), env, args[0]) }}
	f.client.add(cmd, env)
	f.addOutput(cmd)
	return cmd
}

func (f *uploadFlags) commit(ctx context.Context, env *environment, name string) error {
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	id, err := c.jobNamed(ctx, name)
	if err != nil {
		return err
	}
	j, err := c.transition(ctx, id, "commit")
	if err != nil {
		return err
	}
	if j, err = c.follow(ctx, j, f.progress(env)); err != nil {
		return err
	}
	return f.conclude(ctx, env, c, j, j.FileName)
}

// differenceText returns what has changed since a dry run.
func differenceText(d *importer.Difference) string {
	if d == nil {
		return ""
	}
	text := fmt.Sprintf("\n  was: %s\n  now: %s", endingsText(d.Was), endingsText(d.Now))
	for _, c := range d.Examples {
		text += fmt.Sprintf("\n  row %d was %s, would be %s", c.Row, placeText(c.Was), placeText(c.Now))
	}
	if more := d.Rows - len(d.Examples); more > 0 {
		text += fmt.Sprintf("\n  and %s more", grouped(more))
	}
	return text
}

func endingsText(e importer.OutcomeCounts) string {
	return fmt.Sprintf("%s created, %s updated, %s skipped, %s rejected", grouped(e.Created), grouped(e.Updated),
		grouped(e.Skipped), grouped(e.Rejected))
}

func placeText(p importer.Place) string {
	text := oneLine(string(p.Outcome))
	if p.Reason != "" {
		text += " (" + oneLine(string(p.Reason)) + ")"
	}
	if p.ContactID != nil {
		text += " for contact " + p.ContactID.String()
	}
	if p.CompanyID != nil {
		text += " for company " + p.CompanyID.String()
	}
	return text
}
