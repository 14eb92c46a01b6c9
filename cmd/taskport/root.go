package main

import (
	"fmt"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/spf13/cobra"
)

// newRootCommand lists all commands.
func newRootCommand(env *environment) *cobra.Command {
	root := &cobra.Command{
		Use:   "taskport COMMAND",
		Short: "Import CRM tasks in bulk",
		Long: `taskport imports files of CRM tasks that refer to contacts and companies by name. It resolves every name
against the workspace's directory, inserts the rows with a certain match, and rejects the others into a report.
Correct the report and import it again.

A flag can be set by the environment variable that its help names; the flag overrides the variable.
Results go to standard output; progress, notes and errors go to standard error, in colour on a terminal unless
NO_COLOR is set.` + exitCodes("done", "some rows were rejected", "failed"),
		Example:       "  taskport demo\n  taskport up\n  taskport import tasks.csv",
		SilenceErrors: true,
		SilenceUsage:  true,
		Version:       version(),
	}
	root.SetOut(env.out)
	root.SetErr(env.err)
	root.AddGroup(commandGroups()...)
	root.AddCommand(inGroup(groupStart, newDemoCommand(env), newUpCommand(env))...)
	root.AddCommand(inGroup(groupImport, newImportCommand(env), newLoadCommand(env), newMappingCommand(env))...)
	root.AddCommand(inGroup(groupOperate, newJobsCommand(env), newRejectsCommand(env), newCorrectCommand(env),
		newDismissCommand(env), newRetryCommand(env), newCommitCommand(env), newCancelCommand(env), newUndoCommand(env))...)
	root.AddCommand(inGroup(groupOffline, newCheckCommand(env), newEvaluateCommand(env))...)
	root.AddCommand(inGroup(groupServe, newServeCommand(env), newWorkCommand(env), newMigrateCommand(env))...)
	root.AddCommand(inGroup(groupAdmin, newWorkspaceCommand(env), newKeyCommand(env), newEraseCommand(env))...)
	root.AddCommand(inGroup(groupTerminal, newVersionCommand(env))...)
	root.SetHelpCommandGroupID(groupTerminal)
	root.SetCompletionCommandGroupID(groupTerminal)
	describe(env, root)
	complete(env, root)
	return root
}

// stringFlag adds a flag that an environment variable can set too.
func (e *environment) stringFlag(cmd *cobra.Command, into *string, name, variable, absent, usage string) {
	if v := e.getenv(variable); v != "" {
		absent = v
	}
	cmd.Flags().StringVar(into, name, absent, usage+" ($"+variable+")")
	hideDefault(cmd, name, variable)
}

// intFlag adds a flag that an environment variable can set too. It ignores a variable that is not a
// number, with a note.
func (e *environment) intFlag(cmd *cobra.Command, into *int, name, variable string, absent int, usage string) {
	if v := e.getenv(variable); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			e.note("taskport: %s is not a number: %q; using %d", variable, v, absent)
		} else {
			absent = n
		}
	}
	cmd.Flags().IntVar(into, name, absent, usage+" ($"+variable+")")
}

// durationFlag adds a flag that an environment variable can set too, like intFlag.
func (e *environment) durationFlag(cmd *cobra.Command, into *time.Duration, name, variable string,
	absent time.Duration, usage string) {
	if v := e.getenv(variable); v != "" {
		d, err := time.ParseDuration(v)
		if err != nil {
			e.note("taskport: %s is not a duration like 90m: %q; using %s", variable, v, absent)
		} else {
			absent = d
		}
	}
	cmd.Flags().DurationVar(into, name, absent, usage+" ($"+variable+")")
}

// hideDefault keeps secrets that came from the environment out of --help.
func hideDefault(cmd *cobra.Command, name, variable string) {
	switch variable {
	case "DATABASE_URL", "REDIS_URL", "TASKPORT_API_KEY":
		cmd.Flags().Lookup(name).DefValue = ""
	}
}

// now is the clock of the administration commands.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func newVersionCommand(env *environment) *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Example: "  taskport version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(env.out, "taskport version %s\n", version())
			return err
		}}
}

// version returns the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "unknown"
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && info.Main.Version == "(devel)" {
			return s.Value
		}
	}
	return info.Main.Version
}
