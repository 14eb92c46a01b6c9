package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"taskport/importer"
)

// uploadFlags are the flags of the commands that send a file.
type uploadFlags struct {
	client      clientFlags
	reading     readingFlags
	onDuplicate string
	onMismatch  string
	onSeveral   string
	onRepeat    string
	dryRun      bool
	onSameFile  string
	remember    bool
	report      string
	asJSON      bool
	quiet       bool
	mappingName string
	mirror      bool
	mirrorMost  int
	retries     bool
	answered    *importer.Mapping // the mapping of the flags and of the answers at the terminal
}

func (f *uploadFlags) add(cmd *cobra.Command, env *environment) {
	f.client.add(cmd, env)
	f.reading.add(cmd)
	cmd.Flags().StringVar(&f.onDuplicate, "on-duplicate", "skip",
		importer.OptionTerm("on_duplicate")+": skip, update or reject")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "show what would happen and "+importer.OptionTerm("dry_run"))
	cmd.Flags().StringVar(&f.mappingName, "mapping-name", "",
		importer.OptionTerm("mapping_name")+" of the workspace; flags override it")
	cmd.Flags().BoolVar(&f.remember, "remember-mapping", false,
		"remember the mapping for "+importer.OptionTerm("remember_mapping")+"; answers at a terminal always are")
	f.addOutput(cmd)
}

// addOutput adds the flags for the progress, the outcome and the report of an import.
func (f *uploadFlags) addOutput(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.report, "report", "",
		"where to write the report of rejected rows (default: the file's name with .rejects.csv); an Excel workbook "+
			"if its name ends in .xlsx")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the job as JSON")
	cmd.Flags().BoolVar(&f.quiet, "quiet", false, "show no progress")
}

// query returns the flags as the API takes them.
func (f *uploadFlags) query(kind, file string) (url.Values, error) {
	q := url.Values{"file_name": {filepath.Base(file)}, "on_duplicate": {f.onDuplicate}}
	if f.reading.noHeader {
		q.Set("has_header", "false")
	}
	if f.reading.delimiter != "" {
		q.Set("delimiter", f.reading.delimiter)
	}
	for name, value := range map[string]string{"encoding": f.reading.encoding, "sheet": f.reading.sheet,
		"skip_lines": f.reading.skipLines} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if f.reading.keep {
		q.Set("keep_placeholders", "true")
	}
	if f.onMismatch != "" {
		q.Set("on_company_mismatch", f.onMismatch)
	}
	if f.onSeveral != "" {
		q.Set("on_several", f.onSeveral)
	}
	if f.onRepeat != "" {
		q.Set("on_duplicate_row", f.onRepeat)
	}
	if f.onSameFile != "" {
		q.Set("on_same_file", f.onSameFile)
	}
	if f.remember {
		q.Set("remember_mapping", "true")
	}
	if f.dryRun {
		q.Set("dry_run", strconv.FormatBool(f.dryRun))
	}
	if f.mappingName != "" {
		q.Set("mapping_name", f.mappingName)
	}
	if f.mirror {
		q.Set("mirror", "true")
		q.Set("mirror_most", strconv.Itoa(f.mirrorMost))
	}
	if f.retries {
		q.Set("retry_rejects", "true")
	}
	if f.answered != nil {
		return q, addMapping(q, *f.answered)
	}
	mapping, err := f.reading.mapping.read(importer.Kind(kind))
	if err != nil {
		return nil, err
	}
	if err := mapping.Check(importer.Kind(kind)); err != nil {
		return nil, misuse(err)
	}
	return q, addMapping(q, mapping)
}

// run sends a file from disk, prints the outcome, and writes the report when rows were rejected.
func (f *uploadFlags) run(ctx context.Context, env *environment, kind, file string) error {
	options := importer.Options{OnDuplicate: importer.OnDuplicate(f.onDuplicate),
		OnCompanyMismatch: importer.OnCompanyMismatch(f.onMismatch), OnDuplicateRow: importer.OnDuplicateRow(f.onRepeat),
		OnSeveral: importer.OnSeveral(f.onSeveral), OnSameFile: importer.OnSameFile(f.onSameFile)}
	if err := options.Validate(); err != nil {
		return misuse(err)
	}
	c, err := f.client.client(env)
	if err != nil {
		return err
	}
	if err := f.ask(ctx, env, c, kind, file); err != nil {
		return err
	}
	send := func() (job, error) {
		return f.send(ctx, c, kind, file, func() (io.ReadCloser, int64, error) { return openFile(file) }, f.progress(env))
	}
	j, err := send()
	again, askErr := f.sendAgain(ctx, env, err)
	if askErr != nil {
		return askErr
	}
	if again != "" {
		f.onSameFile = again
		j, err = send()
	}
	if err != nil {
		return err
	}
	return f.conclude(ctx, env, c, j, file)
}

func (f *uploadFlags) progress(env *environment) progress {
	if f.quiet {
		return silent{}
	}
	return env.newProgress()
}

// conclude prints the outcome of an import, writes its report if rows were rejected, and returns
// the exit code.
func (f *uploadFlags) conclude(ctx context.Context, env *environment, c *client, j job, file string) error {
	if err := j.print(env, f.asJSON); err != nil {
		return err
	}
	if err := f.keepReport(ctx, env, c, j, file); err != nil {
		return err
	}
	return j.exit()
}

// keepReport writes the report if rows were rejected.
func (f *uploadFlags) keepReport(ctx context.Context, env *environment, c *client, j job, file string) error {
	if j.open() == 0 {
		return nil
	}
	path := f.report
	if path == "" {
		path = importer.ReportName(file, j.JobID, "rejects.csv")
	}
	if err := c.writeReport(ctx, j.JobID, path); err != nil {
		return fmt.Errorf("the import has ended as shown, but its report was not written; "+
			"fetch it with `taskport rejects %s --output PATH`: %w", j.JobID, err)
	}
	if j.DryRun {
		env.warn("the rows that would be rejected are in %s", path)
		return nil
	}
	again := "import"
	if j.Kind != string(importer.Tasks) {
		again = "load"
	}
	env.warn("the rejected rows are in %s; correct them there and %s that file", path, again)
	return nil
}

const shownDeadLetters = 5

// print writes a summary of a job, or the answer of the API.
func (j job) print(env *environment, asJSON bool) error {
	if asJSON {
		_, err := env.out.Write(j.raw)
		return err
	}
	j.summary(env.out, shownDeadLetters, env.outWidth)
	return nil
}

func newImportCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	cmd := &cobra.Command{Use: "import FILE", Short: "Import a file of tasks and follow it to the end",
		Long: "Import a file of tasks and follow it to the end.\n\n" +
			"At a terminal it asks what the file leaves open, and shows the flags that answer the same questions.\n" +
			"`taskport check` does the same offline and inserts nothing." +
			exitCodes("all rows are in", "some rows were rejected, and are in the report", "the import failed"),
		Example: "  taskport import tasks.csv\n" +
			"  taskport import tasks.csv --dry-run\n" +
			"  taskport import tasks.csv --report rejects.xlsx\n" +
			"  taskport import export.csv --map 'Activity Subject=title' --date-order dmy --set task_type=call\n" +
			"  taskport import export.csv --value 'status:Not Started=open' --json",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, "tasks", args[0]) }}
	f.add(cmd, env)
	cmd.Flags().StringVar(&f.onMismatch, "on-company-mismatch", "reject",
		importer.OptionTerm("on_company_mismatch")+": reject or link")
	cmd.Flags().StringVar(&f.onSeveral, "on-several", "reject", severalHelp())
	cmd.Flags().StringVar(&f.onRepeat, "on-duplicate-row", "",
		importer.OptionTerm("on_duplicate_row")+", without an external_id: keep (default) or reject")
	cmd.Flags().StringVar(&f.onSameFile, "on-same-file", "",
		importer.OptionTerm("on_same_file")+": refuse (default), new (import the new rows alone) or all")
	return cmd
}

// severalHelp describes --on-several.
func severalHelp() string {
	return importer.OptionTerm("on_several") + ", such as 551;552: reject or first"
}

func newLoadCommand(env *environment) *cobra.Command {
	f := &uploadFlags{}
	kinds := []string{"contacts", "companies", "deals", "events", "users"}
	cmd := &cobra.Command{Use: "load contacts|companies|deals|events|users FILE",
		Short: "Load the directory that names are resolved against",
		Long: "Load records of the directory that names are resolved against, and follow the import to its end." +
			exitCodes("all rows are in", "some rows were rejected, and are in the report", "the import failed"),
		Example: "  taskport load companies companies.csv\n  taskport load contacts contacts.csv --on-duplicate update\n" +
			"  taskport load contacts new.csv --retry-rejects\n" +
			"  taskport load contacts contacts.csv --mirror --dry-run",
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) == 0 {
				return kinds, cobra.ShellCompDirectiveNoFileComp
			}
			return nil, cobra.ShellCompDirectiveDefault
		},
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 2 || !slices.Contains(kinds, args[0]) {
				return fmt.Errorf("load takes one of %s, and a file", strings.Join(kinds, ", "))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0], args[1]) }}
	f.add(cmd, env)
	cmd.Flags().BoolVar(&f.mirror, "mirror", false,
		importer.OptionTerm("mirror")+": it stays in lists, and no task is linked to it any more")
	cmd.Flags().BoolVar(&f.retries, "retry-rejects", false,
		importer.OptionTerm("retry_rejects")+" of tasks that the records resolve, and say how many went in")
	cmd.Flags().IntVar(&f.mirrorMost, "mirror-most", 20,
		importer.OptionTerm("mirror_most")+", that --mirror may make inactive")
	return cmd
}
