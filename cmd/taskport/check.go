package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"text/tabwriter"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"taskport/importer"
	"taskport/importer/check"
)

// checkFlags are the flags of check.
type checkFlags struct {
	directory   directoryFlags
	reading     readingFlags
	onDuplicate string
	onMismatch  string
	onSeveral   string
	onRepeat    string
	report      string
	whatIf      bool
	asJSON      bool
}

func newCheckCommand(env *environment) *cobra.Command {
	f := &checkFlags{}
	cmd := &cobra.Command{Use: "check FILE",
		Short: "Show offline what an import of a file of tasks would do",
		Long: "Run a file of tasks through the pipeline offline, without a server or a database. Nothing is inserted.\n" +
			"The directory comes from files, as `taskport load` takes them.\n\n" +
			"The report of --report is written each time, also when no row is rejected." +
			exitCodes("all rows would go in", "some rows would be rejected", "the file cannot be read"),
		Example: "  taskport check tasks.csv --contacts contacts.csv --companies companies.csv --report rejects.csv",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), env, args[0]) }}
	f.directory.add(cmd)
	f.directory.addItems(cmd)
	f.reading.add(cmd)
	cmd.Flags().StringVar(&f.onDuplicate, "on-duplicate", "skip",
		importer.OptionTerm("on_duplicate")+", here in an earlier row: skip, update or reject")
	cmd.Flags().StringVar(&f.onMismatch, "on-company-mismatch", "reject",
		importer.OptionTerm("on_company_mismatch")+": reject or link")
	cmd.Flags().StringVar(&f.onSeveral, "on-several", "reject", severalHelp())
	cmd.Flags().StringVar(&f.onRepeat, "on-duplicate-row", "keep",
		importer.OptionTerm("on_duplicate_row")+", without an external_id: keep or reject")
	cmd.Flags().StringVar(&f.report, "report", "",
		"write the report of rejected rows to this file; an Excel workbook if its name ends in .xlsx")
	cmd.Flags().BoolVar(&f.whatIf, "what-if", false, "show the outcomes of the names at other thresholds")
	cmd.Flags().BoolVar(&f.asJSON, "json", false, "print the outcome as JSON")
	return cmd
}

func (f *checkFlags) run(ctx context.Context, env *environment, path string) error {
	if f.directory == (directoryFlags{}) {
		return misusef("check needs a directory to resolve names against; add --contacts FILE, --companies FILE, or both")
	}
	options := importer.Options{OnDuplicate: importer.OnDuplicate(f.onDuplicate),
		OnCompanyMismatch: importer.OnCompanyMismatch(f.onMismatch), OnDuplicateRow: importer.OnDuplicateRow(f.onRepeat),
		OnSeveral: importer.OnSeveral(f.onSeveral)}
	if err := options.Validate(); err != nil {
		return misuse(err)
	}
	if f.report != "" && sameFile(f.report, path) {
		return misusef("--report %s would replace the file that is checked; choose another path", f.report)
	}
	file, err := localFile(importer.Tasks, path, f.reading)
	if err != nil {
		return err
	}
	file.OnSeveral = options.OnSeveral
	file.OnDuplicateRow = options.OnDuplicateRow
	directory, err := f.directory.load(env)
	if err != nil {
		return err
	}
	file.Directory, options.Mapping = directory, file.Mapping
	c := &checked{names: directory.Snapshot(), job: job{Kind: string(importer.Tasks), Status: "completed", DryRun: true,
		FileName: filepath.Base(path), Errors: []rowError{}}}
	c.check = check.NewRun(directory, c.names, options)
	if f.whatIf {
		c.whatIf = check.NewWhatIf()
	}
	if err := c.read(ctx, file, f.report); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	c.conclude()
	if err := c.print(env, f.asJSON); err != nil {
		return err
	}
	switch {
	case f.report == "":
	case c.job.Rejected == 0:
		env.note("no row would be rejected; %s has no rows", f.report)
	default:
		env.warn("the rows that would be rejected are in %s", f.report)
	}
	return c.job.exit()
}

// sameFile reports whether two paths lead to one file.
func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// checked is a file on its way through the pipeline.
type checked struct {
	names  *importer.Snapshot
	check  *check.Run
	whatIf *check.WhatIf // nil when nobody asked
	job    job
}

// read runs the file through the pipeline, and writes the dead letters to a report at path, if any.
func (c *checked) read(ctx context.Context, file check.File, path string) error {
	if path == "" {
		return c.through(ctx, file, io.Discard, importer.NewReport)
	}
	begin := importer.NewReport
	if isWorkbook(path) {
		begin = importer.NewWorkbookReport
	}
	return replaceFile(path, func(w io.Writer) error { return c.through(ctx, file, w, begin) })
}

// beginReport begins a report in one of its formats.
type beginReport func(w io.Writer, p *importer.RowReader, of uuid.UUID, corrected []string) (*importer.Report, error)

// through runs the file through the pipeline and writes the dead letters to out.
func (c *checked) through(ctx context.Context, file check.File, out io.Writer, begin beginReport) error {
	var report *importer.Report
	err := file.Read(now(), func(p *importer.RowReader) (err error) {
		reading := p.Layout.Reading(words)
		c.job.File, c.job.DuplicateRows = &reading, p.Layout.Repeated
		c.job.EmptyRows = p.Layout.EmptyRows
		c.job.NotImported = p.Layout.ColumnsNotImported(words)
		report, err = begin(out, p, uuid.Nil, nil)
		return err
	}, func(b *importer.Batch) error { return c.take(ctx, b, report) })
	if err != nil {
		return err
	}
	return report.Close()
}

// maxErrors is how many dead letters a job's document lists.
const maxErrors = 100

func (c *checked) take(ctx context.Context, b *importer.Batch, report *importer.Report) error {
	if c.whatIf != nil {
		c.whatIf.Collect(b)
	}
	dead, err := c.check.Take(ctx, b)
	if err != nil {
		return err
	}
	for _, d := range dead {
		if len(c.job.Errors) < maxErrors {
			c.job.Errors = append(c.job.Errors, rowError{Row: d.Row, Code: string(d.Code()), Reason: string(d.Reason),
				Field: d.Field, worded: saying(d.Fault)})
		}
		if err := report.Write(d); err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
	}
	return nil
}

// conclude fills in the counts.
func (c *checked) conclude() {
	o := c.check.Outcome
	c.job.Total, c.job.Processed, c.job.Created, c.job.Updated, c.job.Skipped, c.job.Rejected = o.Total, o.Total,
		o.Created, o.Updated, o.Skipped, o.Rejected
	c.job.Adjusted, c.job.Implausible = o.Adjusted.Counts(), o.Adjusted.Implausible()
	for _, n := range o.Adjusted.Notes() {
		c.job.File.Notes, c.job.File.Remarks = append(c.job.File.Notes, n.In(words)), append(c.job.File.Remarks, n)
	}
	if note, ok := o.Different.Note(); ok {
		c.job.File.Notes, c.job.File.Remarks = append(c.job.File.Notes, note.In(words)), append(c.job.File.Remarks, note)
	}
	c.job.SkippedRows = o.SkippedRows
	c.job.RejectedByReason = map[string]int{}
	for reason, n := range o.ByReason {
		c.job.RejectedByReason[string(reason)] = n
	}
}

// whatIfJSON is a what-if as it is printed.
type whatIfJSON struct {
	Contacts  []check.Prospect `json:"contacts"`
	Companies []check.Prospect `json:"companies"`
}

func (c *checked) print(env *environment, asJSON bool) error {
	var prospects *whatIfJSON
	if c.whatIf != nil {
		prospects = &whatIfJSON{Contacts: c.whatIf.Contacts(c.names), Companies: c.whatIf.Companies(c.names)}
	}
	if asJSON {
		return writeJSON(env.out, struct {
			job
			WhatIf *whatIfJSON `json:"what_if,omitempty"`
		}{c.job, prospects})
	}
	c.job.summary(env.out, shownDeadLetters, env.outWidth)
	if prospects != nil {
		printProspects(env.out, "contact names", prospects.Contacts)
		printProspects(env.out, "company names", prospects.Companies)
	}
	return nil
}

func printProspects(w io.Writer, what string, all []check.Prospect) {
	fmt.Fprintf(w, "\n%s at other thresholds (rows in brackets)\n", what)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "threshold\tlinked\tambiguous\tunresolved\tother company\t")
	for _, p := range all {
		mark := ""
		if p.InForce {
			mark = "  in force"
		}
		fmt.Fprintf(t, "%.2f\t%s\t%s\t%s\t%s\t%s\n", p.Threshold, both(p.Linked, p.Rows.Linked), both(p.Ambiguous,
			p.Rows.Ambiguous),
			both(p.Unresolved, p.Rows.Unresolved), both(p.CompanyMismatch, p.Rows.CompanyMismatch), mark)
	}
	_ = t.Flush() // a failed print to the terminal cannot be reported
}

func both(names, rows int) string { return fmt.Sprintf("%s (%s)", grouped(names), grouped(rows)) }
