package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// usageError is a command that is called wrongly: the program has asked nobody and changed nothing.
type usageError struct{ cause error }

func (e *usageError) Error() string { return e.cause.Error() }
func (e *usageError) Unwrap() error { return e.cause }

// misuse marks an error of the flags or arguments; nil stays nil.
func misuse(err error) error {
	if err == nil {
		return nil
	}
	return &usageError{err}
}

func misusef(format string, args ...any) error { return misuse(fmt.Errorf(format, args...)) }

// exitCodes is the part of a command's help about its exit code. done and rejected describe codes 0
// and 2, failed describes code 1.
func exitCodes(done, rejected, failed string) string {
	return fmt.Sprintf("\n\nExit codes:\n  %d   %s\n  %d   %s\n  %d   %s\n  %d  the command is called wrongly; "+
		"nothing was done",
		exitDone, done, exitRejected, rejected, exitFailed, failed, exitUsage)
}

// Groups of commands in the help.
const (
	groupStart    = "start"
	groupImport   = "import"
	groupOperate  = "operate"
	groupServe    = "serve"
	groupOffline  = "offline"
	groupAdmin    = "admin"
	groupTerminal = "terminal"
)

func commandGroups() []*cobra.Group {
	return []*cobra.Group{{ID: groupStart, Title: "Try it:"}, {ID: groupImport, Title: "Import files:"},
		{ID: groupOperate, Title: "Work on imports and rejected rows:"}, {ID: groupOffline, Title: "Offline:"},
		{ID: groupServe, Title: "Run servers and workers:"},
		{ID: groupAdmin, Title: "Administer, directly in the database:"}, {ID: groupTerminal, Title: "Others:"}}
}

// inGroup puts commands into a group of the help.
func inGroup(group string, commands ...*cobra.Command) []*cobra.Command {
	for _, c := range commands {
		c.GroupID = group
	}
	return commands
}

// flagGroups are the groups of flags in the help; flags of none of them are listed first. A group
// belongs to the commands with the flag in sign: others may use its words for something else.
var flagGroups = []struct {
	title string
	sign  string
	names []string
}{
	{"Which rows", "reason", []string{"row", "reason", "field", "name", "company", "search", "dismissed", "skipped"}},
	{"Lists", "page", []string{"all", "kind", "status", "singles", "page", "per-page", "watch"}},
	{"Mapping", "map", []string{"map", "mapping", "value", "set", "compose", "date-order", "timezone", "preset",
		"map-file", "mapping-name", "keep-columns"}},
	{"Reading the file", "", []string{"no-header", "delimiter", "encoding", "sheet", "skip-lines", "keep-placeholders"}},
	{"Directory", "", []string{"contacts", "companies", "users", "deals", "events"}},
	{"Output", "", []string{"format", "json", "output", "report", "quiet"}},
	{"Server", "", []string{"server", "api-key", "retry-for"}},
	{"Services", "", []string{"database-url", "redis-url", "queue", "data-dir", "install"}},
	{"Listeners", "", []string{"listen", "admin-listen", "tls-cert", "tls-key", "trusted-proxies", "log-level"}},
	{"Limits", "", []string{"rate-limit", "max-connections", "max-waiting", "upload-conns", "uploads-per-key",
		"upload-time", "upload-space", "upload-dir", "chunk-rows", "database-conns", "window", "webhook-window",
		"workspace-window", "retain-singles", "retain-rejects", "retain-imports", "retain-audit", "concurrency", "attempts"}},
	{"General", "", []string{"help", "version"}},
}

// describe adds to every command what all of them have: errors of usage, and help with groups.
func describe(env *environment, root *cobra.Command) {
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return misuse(err) })
	root.SetUsageFunc(func(c *cobra.Command) error { return writeUsage(c, cmp.Or(env.width, widestHelp)) })
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	var each func(*cobra.Command)
	each = func(c *cobra.Command) {
		args := c.Args
		if args == nil { // the help command, which takes the words of a command
			args = func(_ *cobra.Command, words []string) error {
				at, rest, err := root.Find(words)
				return cmp.Or(err, noSubcommand(at, rest))
			}
		}
		if c.HasSubCommands() {
			args = noSubcommand
			c.DisableFlagsInUseLine = true
			c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
		}
		c.Args = func(c *cobra.Command, given []string) error { return misuse(args(c, given)) }
		for _, sub := range c.Commands() {
			each(sub)
		}
	}
	each(root)
}

// noSubcommand returns an error for a word that is not a command, with the ones that look like it.
func noSubcommand(c *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("%q is not a command of %s", args[0], c.CommandPath())
	if c.SuggestionsMinimumDistance = 2; len(c.SuggestionsFor(args[0])) > 0 {
		text += "; did you mean " + strings.Join(c.SuggestionsFor(args[0]), " or ") + "?"
	}
	return errors.New(text)
}

// widestHelp is the width of the help without a terminal, in characters.
const widestHelp = 100

// writeUsage writes how a command is called: its line, examples, commands and flags.
func writeUsage(c *cobra.Command, width int) error {
	w := c.OutOrStderr()
	fmt.Fprintf(w, "Usage:\n  %s\n", c.UseLine())
	if c.HasExample() {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	if c.HasAvailableSubCommands() {
		if groups := c.Groups(); len(groups) > 0 {
			for _, g := range groups {
				writeCommands(w, c, g.ID, g.Title)
			}
		} else {
			writeCommands(w, c, "", "Commands:")
		}
	}
	writeFlags(w, c, width)
	if c.HasAvailableSubCommands() {
		fmt.Fprintf(w, "\n`%s COMMAND --help` describes a command.\n", c.CommandPath())
	}
	return nil
}

func writeCommands(w io.Writer, c *cobra.Command, group, title string) {
	fmt.Fprintf(w, "\n%s\n", title)
	for _, sub := range c.Commands() {
		if sub.IsAvailableCommand() && sub.GroupID == group {
			fmt.Fprintf(w, "  %-*s  %s\n", sub.NamePadding(), sub.Name(), sub.Short)
		}
	}
}

func writeFlags(w io.Writer, c *cobra.Command, width int) {
	sets := make([]*pflag.FlagSet, 1+len(flagGroups)) // the first is of the flags without a group
	for n := range sets {
		sets[n] = pflag.NewFlagSet("", pflag.ContinueOnError)
	}
	c.Flags().VisitAll(func(f *pflag.Flag) { sets[1+flagGroup(c, f.Name)].AddFlag(f) })
	for n, set := range sets {
		title := "Options"
		if n > 0 {
			title = flagGroups[n-1].title
		}
		if set.HasAvailableFlags() {
			fmt.Fprintf(w, "\n%s:\n%s", title, set.FlagUsagesWrapped(width))
		}
	}
}

// flagGroup returns the number of a flag's group; -1 for none.
func flagGroup(c *cobra.Command, name string) int {
	for n, g := range flagGroups {
		if slices.Contains(g.names, name) && (g.sign == "" || c.Flags().Lookup(g.sign) != nil) {
			return n
		}
	}
	return -1
}
